//! Prometheus' text format 0.0.4.
//!
//! ```text
//! # HELP uk_log_lines_total Log lines written, by level.
//! # TYPE uk_log_lines_total counter
//! uk_log_lines_total{level="error"} 0
//! ```
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>. HELP and TYPE lines, metric
//! names and fixed labels come from ukstore as text that was joined, checked and, if need be, escaped when the program was
//! built; what is left to do here is to copy it, to escape label values that only the running machine knows, and to print
//! numbers. One HELP and TYPE a family, samples contiguous and no series twice are properties of ukstore's walk.

use core::ops::ControlFlow::{Break, Continue};

use ukstore::{Family, Item, Part, Sample, Series, Value, Walk};

use super::number::{put_bound, put_f64, put_i64, put_seconds, put_u64};
use super::put_label_value;
use crate::{Step, Window};

/// The exact `Content-Type` of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One pass over everything ukstore holds, resumable at any line.
#[derive(Clone, Debug)]
pub struct Encoder {
    walk: Walk,
    series: u64,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// An encoder at the first family.
    #[must_use]
    pub const fn new() -> Self {
        Self { walk: Walk::new(), series: 0 }
    }

    /// Writes up to `limit` items: samples, one line each, and families, whose HELP and TYPE lines come together.
    pub fn write(&mut self, window: &mut Window<'_>, mut limit: usize) -> Step {
        let series = &mut self.series;
        let flow = self.walk.each(|item| {
            if limit == 0 {
                return Break(Step::More);
            }
            let mark = window.len();
            let samples = match item {
                Item::Family(family) => {
                    window.put(family.header().as_bytes());
                    0
                }
                Item::Sample(sample) => {
                    put_sample(&sample, window);
                    1
                }
                // This walk gives them line by line.
                Item::Histogram(_) => 0,
            };
            if !window.end_line(mark) {
                return Break(Step::Full);
            }
            limit -= 1;
            *series += samples;
            Continue(())
        });
        match flow {
            Break(step) => step,
            Continue(()) => Step::End,
        }
    }

    /// Passes over the next item.
    pub fn skip(&mut self) {
        self.walk.next(|_| ());
    }

    /// Samples written so far.
    #[must_use]
    pub fn series(&self) -> u64 {
        self.series
    }
}

#[inline]
fn put_sample(sample: &Sample<'_>, window: &mut Window<'_>) {
    match sample.series {
        Series::Fixed(prefix) => window.put(prefix.as_bytes()),
        Series::Labels(labels) => put_series(sample.family, sample.part, labels, window),
    }
    window.put(b" ");
    put_value(sample.value, window);
    window.put(b"\n");
}

/// Writes `name_part{label="value",le="bound"}`.
fn put_series(family: &Family, part: Part, labels: &[(&str, &str)], window: &mut Window<'_>) {
    window.put(family.name().as_bytes());
    window.put(match part {
        Part::Whole => b"",
        Part::Bucket(_) => b"_bucket",
        Part::Sum => b"_sum",
        Part::Count => b"_count",
    });
    let mut separator = b"{";
    for (name, value) in labels {
        window.put(separator);
        window.put(name.as_bytes());
        window.put(b"=\"");
        put_label_value(value, window);
        window.put(b"\"");
        separator = b",";
    }
    if let Part::Bucket(bound) = part {
        window.put(separator);
        window.put(b"le=\"");
        match bound {
            None => window.put(b"+Inf"),
            Some(bound) => put_bound(bound, family.unit(), window),
        }
        window.put(b"\"");
        separator = b",";
    }
    if separator == b"," {
        window.put(b"}");
    }
}

#[inline]
fn put_value(value: Value, window: &mut Window<'_>) {
    match value {
        Value::U64(number) => put_u64(number, window),
        Value::I64(number) => put_i64(number, window),
        Value::F64(number) => put_f64(number, window),
        Value::Bool(yes) => window.put(if yes { b"1" } else { b"0" }),
        Value::Nanos(nanos) => put_seconds(nanos, window),
        // The walk gives no such sample; were there one, a value nobody can mistake for a measurement stands here.
        Value::Word(_) | Value::Absent => window.put(b"NaN"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    ukstore::counter! {
        /// Gives the samples below a family of seconds.
        static BUSY = "/test/busy_seconds_total", "test_busy_seconds_total", Seconds;
    }

    #[test]
    fn parts_of_a_labelled_histogram() {
        BUSY.inc();
        let family = ukstore::families().iter().find(|family| family.name() == "test_busy_seconds_total");
        let family = family.expect("it is declared above");
        let labels = &[("a", "b"), ("c", "\"")];
        for (part, labels, expected) in [
            (
                Part::Bucket(Some(2_500_000)),
                &labels[..],
                "test_busy_seconds_total_bucket{a=\"b\",c=\"\\\"\",le=\"0.0025\"} 7\n",
            ),
            (Part::Bucket(None), &[], "test_busy_seconds_total_bucket{le=\"+Inf\"} 7\n"),
            (Part::Sum, &labels[..1], "test_busy_seconds_total_sum{a=\"b\"} 7\n"),
            (Part::Count, &[], "test_busy_seconds_total_count 7\n"),
        ] {
            let mut bytes = [0; 128];
            let mut window = Window::new(&mut bytes);
            let series = Series::Labels(labels);
            put_sample(&Sample { family, series, part, value: Value::U64(7) }, &mut window);
            assert_eq!(core::str::from_utf8(window.written()), Ok(expected));
        }
    }
}
