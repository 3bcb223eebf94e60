//! Everything ukstore holds, or what was selected of it, in any of the formats. What only one format has is in that
//! format's file; which format is asked for is negotiated in `http`.

use ukstore::{Family, Walk};

use super::openmetrics::{self, OpenMetrics};
use super::{Format, Selection, lines, protobuf};
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
    /// With `created_unix_ns`, the time of the machine's start, OpenMetrics and protobuf tell since when the counters
    /// and histograms are counted that exist from then on. The births of objects are not known, so theirs are not told.
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
            let admits = is_all || selection.admits(family);
            if admits {
                tell(family);
            }
            admits
        };
        match self.format {
            Format::Text | Format::Text1 => lines::write(&lines::Text, walk, admit, window, limit, series),
            Format::OpenMetrics => {
                let dialect = OpenMetrics { created_unix_ns: self.created_unix_ns };
                let step = lines::write(&dialect, walk, admit, window, limit, series);
                if step == Step::End { self.end(openmetrics::EOF, window) } else { step }
            }
            Format::Protobuf => protobuf::write(walk, admit, self.created_unix_ns, window, limit, series),
        }
    }

    /// Passes over the next item, because it is too long for any window.
    pub fn skip(&mut self) {
        self.walk.next_where(|family| self.selection.admits(family), |_| ());
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

#[cfg(test)]
mod tests {
    extern crate std;

    use std::cell::Cell;
    use std::thread_local;
    use std::vec;

    use super::*;

    ukstore::info! {
        /// Longer than any line may be.
        "/passed_over/long", "passed_over_long_info", { text => prompt long };
    }

    ukstore::computed! {
        /// Of a source that is not asked for.
        gauge "/passed_by/depth", "passed_over_next" => prompt || {
            CALLS.set(CALLS.get() + 1);
            ukstore::Value::U64(7)
        };
    }

    thread_local! {
        static CALLS: Cell<u32> = const { Cell::new(0) };
    }

    fn long() -> &'static str {
        const LONG: &[u8] = &[b'x'; crate::MAX_LINE];
        core::str::from_utf8(LONG).unwrap_or_default()
    }

    #[test]
    fn passing_over_reads_nothing_that_was_not_selected() {
        let mut selection = Selection::ALL;
        selection.collect(ukstore::source("passed_over").expect("it is declared above"));
        for format in Format::ALL {
            let mut encoder = Encoder::new(format, selection, None);
            let mut room = vec![0; 2 * crate::MAX_LINE];
            let mut window = Window::new(&mut room);
            assert_eq!(encoder.write(&mut window, usize::MAX), Step::Full);
            encoder.skip();
            assert_eq!(encoder.write(&mut window, usize::MAX), Step::End);
        }
        assert_eq!(CALLS.get(), 0);
        let mut room = vec![0; 1 << 16];
        let mut all = Encoder::new(Format::Text, Selection::ALL, None);
        while all.write(&mut Window::new(&mut room), usize::MAX) == Step::Full {
            all.skip();
        }
        assert!(CALLS.get() > 0, "it is a function that can be called");
    }
}
