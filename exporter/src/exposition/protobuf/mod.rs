//! Prometheus' protobuf format: `io.prometheus.client.MetricFamily` messages, each behind its length. It is the only
//! format that has native histograms.
//!
//! Schema: <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>. Infos and state
//! sets are gauges, as the schema has neither; a counter keeps the `_total` of its name, as `client_golang` has it.
//!
//! A message is to this format what a line is to the others: at most [`MAX_LINE`](crate::MAX_LINE) bytes long, and
//! never cut. So a large family is told in several messages, each with the family's name, help and type, and scrapers
//! put them together again. Where one message ends and the next begins depends on what they hold alone, not on the
//! window.

mod histogram;
mod messages;
#[cfg(test)]
mod tests;

use core::ops::ControlFlow::{self, Break, Continue};

use ukstore::{Family, Item, Walk};

use crate::protobuf::Message;
use crate::{Step, Window};
use messages::{put_family, put_sample, put_whole_histogram};

/// The most metrics in one message: so many values are told again if the message does not fit into the window.
const MAX_METRICS: u32 = 32;

/// Writes messages as long as they fit and fewer metrics than `limit` were written. The walk must give histograms
/// whole. `series` grows by the lines the text format has for what was written.
pub(super) fn write(
    walk: &mut Walk,
    mut admit: impl FnMut(&'static Family) -> bool,
    created_unix_ns: Option<u64>,
    window: &mut Window<'_>,
    limit: usize,
    series: &mut u64,
) -> Step {
    let mut batch = Batch { message: Message::new(), metrics: 0, series: 0, created_unix_ns };
    let mut metrics = 0;
    while metrics < limit {
        let mark = walk.mark();
        batch.clear();
        if walk.each_where(&mut admit, |item| batch.take(item)) == Break(Cut::TooLong) {
            return Step::Full;
        }
        if batch.metrics == 0 {
            return Step::End;
        }
        let start = window.len();
        window.put(batch.message.delimited());
        if window.overflowed() {
            window.rewind(start);
            walk.rewind(mark);
            return Step::Full;
        }
        metrics += batch.metrics as usize;
        *series += batch.series;
    }
    Step::More
}

/// Why a message ends before an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The item belongs into another.
    Whole,
    /// The item is too long for any. The walk rests at it, and it can be passed over.
    TooLong,
}

/// A message with up to [`MAX_METRICS`] of one family.
struct Batch {
    message: Message,
    metrics: u32,
    /// The lines that the text format would have for them.
    series: u64,
    created_unix_ns: Option<u64>,
}

impl Batch {
    fn clear(&mut self) {
        self.message.clear();
        (self.metrics, self.series) = (0, 0);
    }

    fn take(&mut self, item: Item<'_>) -> ControlFlow<Cut> {
        let created_unix_ns = self.created_unix_ns;
        match item {
            // Written with the family's first metric: in every message, and in none without metrics.
            Item::Family(_) if self.metrics == 0 => Continue(()),
            Item::Family(_) => Break(Cut::Whole),
            Item::Sample(sample) => self.add(sample.family, 1, |message, _| {
                put_sample(&sample, created_unix_ns, message);
            }),
            Item::Histogram(histogram) => {
                let lines = histogram.buckets.bounds().len() + 3;
                self.add(histogram.family, lines as u64, |message, classic| {
                    put_whole_histogram(&histogram, classic, created_unix_ns, message);
                })
            }
        }
    }

    /// Adds a metric. `put` is asked for as little as can be told of it, with `false`, if all of it is too long for a
    /// message of its own.
    fn add(&mut self, family: &Family, series: u64, put: impl Fn(&mut Message, bool)) -> ControlFlow<Cut> {
        if self.metrics == MAX_METRICS {
            return Break(Cut::Whole);
        }
        if self.metrics == 0 {
            put_family(family, &mut self.message);
        }
        let mark = self.message.mark();
        put(&mut self.message, true);
        if self.message.overflowed() && self.metrics == 0 {
            self.message.rewind(mark);
            put(&mut self.message, false);
        }
        if self.message.overflowed() {
            self.message.rewind(mark);
            return Break(if self.metrics == 0 { Cut::TooLong } else { Cut::Whole });
        }
        self.metrics += 1;
        self.series += series;
        Continue(())
    }
}
