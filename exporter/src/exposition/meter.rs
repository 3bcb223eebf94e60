//! How long each source takes to be told. Not for how long a scrape takes: that includes waiting, and is `http`'s.

use ukstore::{Family, MAX_SOURCES, Source, sources};

use super::source_index;

/// The time that writing spends in each source. It is fed one reading of the clock when writing begins, one whenever
/// the source changes and one when writing ends, so what passes between two calls counts for nobody.
#[derive(Clone, Debug)]
pub struct Meter {
    spent_ns: [u32; MAX_SOURCES],
    /// A bit for each source that was begun.
    begun: u64,
    /// The index of the source that is being told; [`NONE`] before the first.
    current: usize,
    since_ns: u64,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Meter {
    /// A meter that has measured nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { spent_ns: [0; MAX_SOURCES], begun: 0, current: NONE, since_ns: 0 }
    }

    /// Writing begins, or goes on where it stood.
    pub fn resume(&mut self, now_ns: u64) {
        self.since_ns = now_ns;
    }

    /// This family is to be read next. The clock is asked only if its source is another one.
    #[inline]
    pub fn enter(&mut self, family: &'static Family, clock: impl FnOnce() -> u64) {
        let source = source_index::of(family);
        if source != self.current {
            self.pause(clock());
            self.begun |= Source::at(source).map_or(0, Source::bit);
            self.current = source;
        }
    }

    /// Writing stops for now.
    pub fn pause(&mut self, now_ns: u64) {
        if let Some(spent_ns) = self.spent_ns.get_mut(self.current) {
            let more_ns = now_ns.saturating_sub(self.since_ns);
            *spent_ns = spent_ns.saturating_add(u32::try_from(more_ns).unwrap_or(u32::MAX));
        }
        self.since_ns = now_ns;
    }

    /// Tells ukstore what was measured, of the sources that were begun. Those in `late`, a bit for each, failed.
    pub fn publish(&self, late: u64) {
        for (source, &spent_ns) in sources().zip(&self.spent_ns) {
            if self.begun & source.bit() != 0 {
                source.scraped(u64::from(spent_ns), late & source.bit() == 0);
            }
        }
    }
}

/// No source has this index.
const NONE: usize = usize::MAX;

#[cfg(test)]
mod tests {
    extern crate std;

    use core::cell::Cell;
    use std::vec::Vec;

    use super::*;
    use crate::exposition::{Encoder, Format, Selection};
    use crate::{Step, Window};

    ukstore::counter! {
        /// Of one source.
        static FIRST = "/clocked_one/first_total", "clocked_one_first_total";
        /// Of the same.
        static SECOND = "/clocked_one/second_total", "clocked_one_second_total";
        /// Of another.
        static THIRD = "/clocked_two/third_total", "clocked_two_third_total";
        /// Of one that is not walked.
        static FOURTH = "/clocked_none/fourth_total", "clocked_none_fourth_total";
    }

    #[test]
    fn each_source_gets_its_own_time() {
        let families = ["clocked_one_first_total", "clocked_one_second_total", "clocked_two_third_total"]
            .map(|name| ukstore::families().iter().find(|family| family.name() == name).expect("it is declared above"));
        let (readings, now_ns) = (Cell::new(0), Cell::new(100));
        let clock = || {
            readings.set(readings.get() + 1);
            now_ns.get()
        };
        let mut meter = Meter::new();
        meter.resume(now_ns.get());
        // Before the first family nobody is charged.
        for (family, at_ns) in families.iter().zip([103, 110, 130]) {
            now_ns.set(at_ns);
            meter.enter(family, clock);
        }
        assert_eq!(readings.get(), 2, "once for each source");
        meter.pause(137);
        // What passes meanwhile counts for nobody, and writing goes on in the family it rested in.
        meter.resume(1_000);
        now_ns.set(1_001);
        meter.enter(families[2], clock);
        // Back in the first, and a clock that stands still or goes back takes nothing away.
        now_ns.set(1_005);
        meter.enter(families[0], clock);
        meter.pause(1_006);
        meter.resume(2_000);
        meter.pause(1_999);

        let index = |name| ukstore::source(name).expect("it is declared above").index();
        assert_eq!([meter.spent_ns[index("clocked_one")], meter.spent_ns[index("clocked_two")]], [27 + 1, 7 + 5]);

        meter.publish(ukstore::source("clocked_two").expect("it is declared above").bit());
        let mut bytes = [0; 4_096];
        let mut window = Window::new(&mut bytes);
        let mut selection = Selection::ALL;
        for name in ["node_scrape_collector_duration_seconds", "node_scrape_collector_success"] {
            assert_eq!(selection.name(name), Ok(()));
        }
        assert_eq!(Encoder::new(Format::Text, selection, None).write(&mut window, usize::MAX), Step::End);
        let told =
            core::str::from_utf8(window.written()).expect("UTF-8").lines().filter(|line| line.contains("clocked"));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "node_scrape_collector_duration_seconds{collector=\"clocked_one\"} 0.000000028",
                "node_scrape_collector_duration_seconds{collector=\"clocked_two\"} 0.000000012",
                "node_scrape_collector_success{collector=\"clocked_one\"} 1",
                "node_scrape_collector_success{collector=\"clocked_two\"} 0",
            ]
        );
    }

    #[test]
    fn hours_in_one_source_are_the_most_there_is() {
        let mut meter = Meter::new();
        let family = ukstore::families().first().expect("there are some");
        meter.enter(family, || 0);
        meter.resume(0);
        meter.pause(u64::MAX);
        meter.resume(0);
        meter.pause(u64::MAX);
        assert_eq!(meter.spent_ns[source_index::of(family)], u32::MAX);
    }
}
