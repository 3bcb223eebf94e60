//! Everything ukstore holds, or what was selected of it, in any of the formats. What only one format has is in that
//! format's file; which format is asked for is negotiated in `http`.

use core::ops::ControlFlow::{self, Break, Continue};

use ukstore::{Family, Item, Source, Walk};

use super::sample::SampleLines;
use super::{Format, Selection, openmetrics, protobuf};
use crate::{Step, Window};

/// One pass over everything selected, resumable at any line of a text and at any message of the protobuf format.
#[derive(Clone, Debug)]
pub struct Encoder {
    format: Format,
    selection: Selection,
    created_unix_ns: Option<u64>,
    walk: Walk,
    series: u64,
    /// Whether what a format writes behind the last family was written.
    ended: bool,
}

impl Encoder {
    /// An encoder at the first family.
    ///
    /// With `created_unix_ns`, the time of the machine's start, OpenMetrics and protobuf tell since when the counters and
    /// histograms are counted that exist from then on. The births of objects are not known, so theirs are not told.
    #[must_use]
    pub const fn new(format: Format, selection: Selection, created_unix_ns: Option<u64>) -> Self {
        let walk = if matches!(format, Format::Protobuf) { Walk::whole() } else { Walk::new() };
        Self { format, selection, created_unix_ns, walk, series: 0, ended: false }
    }

    /// The format it writes.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Writes up to `limit` items: samples, one line each, and families, whose lines about them come together. Of the
    /// protobuf format a message is never cut, so there may be more by what one message holds.
    pub fn write(&mut self, window: &mut Window<'_>, limit: usize) -> Step {
        self.write_telling(window, limit, |_| ())
    }

    /// Does the same, and tells each family before it is read, and the one in which writing goes on.
    pub fn write_telling(
        &mut self,
        window: &mut Window<'_>,
        limit: usize,
        mut tell: impl FnMut(&'static Family),
    ) -> Step {
        let Self { selection, walk, series, .. } = self;
        let is_all = selection.is_all();
        let admit = |family| {
            let admits = is_all || selection.admits(family, Source::of(family));
            if admits {
                tell(family);
            }
            admits
        };
        match self.format {
            Format::Text | Format::Text1 => {
                lines(walk, admit, window, limit, series, |item, samples, window| match item {
                    Item::Family(family) => window.put(family.header().as_bytes()),
                    Item::Sample(sample) => samples.put(sample, window),
                    Item::Histogram(_) => {}
                })
            }
            Format::OpenMetrics => {
                let created_unix_ns = self.created_unix_ns;
                let step = lines(walk, admit, window, limit, series, |item, samples, window| match item {
                    Item::Family(family) => openmetrics::put_family(family, window),
                    Item::Sample(sample) => {
                        samples.put(sample, window);
                        if let Some(created_unix_ns) = created_unix_ns {
                            openmetrics::put_created(sample, created_unix_ns, window);
                        }
                    }
                    Item::Histogram(_) => {}
                });
                if step == Step::End { self.end(openmetrics::EOF, window) } else { step }
            }
            Format::Protobuf => protobuf::write(walk, admit, self.created_unix_ns, window, limit, series),
        }
    }

    /// Passes over the next item, because it is too long for any window.
    pub fn skip(&mut self) {
        self.walk.next(|_| ());
    }

    /// A bit for each source of which a sample was missing, because a function of the program did not return in time.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.walk.late()
    }

    /// Series written so far: as many as the text format has samples, whatever the format.
    #[must_use]
    pub const fn series(&self) -> u64 {
        self.series
    }

    /// Writes the last line, once.
    fn end(&mut self, line: &[u8], window: &mut Window<'_>) -> Step {
        if !self.ended {
            let mark = window.len();
            window.put(line);
            if !window.end_line(mark) {
                return Step::Full;
            }
            self.ended = true;
        }
        Step::End
    }
}

/// Writes the items of a walk that gives lines.
#[inline]
fn lines(
    walk: &mut Walk,
    admit: impl FnMut(&'static Family) -> bool,
    window: &mut Window<'_>,
    mut limit: usize,
    series: &mut u64,
    put: impl Fn(&Item<'_>, &mut SampleLines, &mut Window<'_>),
) -> Step {
    let mut samples = SampleLines::new();
    let flow: ControlFlow<Step> = walk.each_where(admit, |item| {
        if limit == 0 {
            return Break(Step::More);
        }
        let mark = window.len();
        put(&item, &mut samples, window);
        if !window.end_line(mark) {
            return Break(Step::Full);
        }
        limit -= 1;
        *series += u64::from(matches!(item, Item::Sample(_)));
        Continue(())
    });
    match flow {
        Break(step) => step,
        Continue(()) => Step::End,
    }
}
