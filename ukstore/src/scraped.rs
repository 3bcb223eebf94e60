//! How each source fared when it was last told by an exporter. Not for measuring it: exporters do, and report here.
#![allow(unsafe_code, reason = "placing records in sections; other crates do it through the macros")]

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::gate::{MAX_SOURCES, Source};
use crate::source::List;
use crate::{Family, Value};

/// How long each took, in nanoseconds.
static DURATIONS: [AtomicU64; MAX_SOURCES] = [const { AtomicU64::new(0) }; MAX_SOURCES];
/// A bit for each that was told yet, and for each of which nothing was missing.
static TOLD: AtomicU64 = AtomicU64::new(0);
static WHOLE: AtomicU64 = AtomicU64::new(0);

impl Source {
    /// Reports that this source was told: how long that took, and whether it gave all it has.
    pub fn scraped(self, duration_ns: u64, whole: bool) {
        let Some(duration) = DURATIONS.get(self.index()) else { return };
        duration.store(duration_ns, Relaxed);
        TOLD.fetch_or(self.bit(), Relaxed);
        if whole {
            WHOLE.fetch_or(self.bit(), Relaxed);
        } else {
            WHOLE.fetch_and(!self.bit(), Relaxed);
        }
    }
}

/// The next source that was told, at the position or after it.
fn told(position: &mut u32) -> Option<Source> {
    let told = TOLD.load(Relaxed).checked_shr(*position)?;
    *position = position.checked_add(told.trailing_zeros()).filter(|_| told != 0)?;
    Source::at(*position as usize)
}

static DURATION: List = List {
    label: "source",
    at: |position| {
        let source = told(position)?;
        Some((source.name(), Value::Nanos(DURATIONS.get(source.index())?.load(Relaxed))))
    },
};

static SUCCESS: List = List {
    label: "source",
    at: |position| {
        let source = told(position)?;
        Some((source.name(), Value::U64(u64::from(WHOLE.load(Relaxed) & source.bit() != 0))))
    },
};

const _: () = {
    crate::__place!(family "uk_scrape_source_duration_seconds", "/ukstore/source_duration_seconds", ["source"],
    Family::list(
        const {
            crate::__head!(Gauge, "/ukstore/source_duration_seconds", "uk_scrape_source_duration_seconds", [Seconds],
                ["Time the last scrape of each source took, without waiting for samples and for the client."])
        },
        &DURATION,
    ));
    crate::__place!(entry "/ukstore/source_duration_seconds",
        crate::Entry::family("/ukstore/source_duration_seconds", &__UKSTORE_FAMILY));
};

const _: () = {
    crate::__place!(family "uk_scrape_source_success", "/ukstore/source_success", ["source"],
    Family::list(
        const {
            crate::__head!(Gauge, "/ukstore/source_success", "uk_scrape_source_success", [],
                ["Whether each source gave all it has at its last scrape, or a function of the program was late."])
        },
        &SUCCESS,
    ));
    crate::__place!(entry "/ukstore/source_success",
        crate::Entry::family("/ukstore/source_success", &__UKSTORE_FAMILY));
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_a_result_once_it_was_told() {
        let source = crate::source("ukstore").expect("its own entries are there");
        let results = || {
            let mut position = 0;
            let duration = DURATION.next(&mut position);
            (duration, SUCCESS.next(&mut position), DURATION.next(&mut (position + 1)))
        };
        assert_eq!(results(), (None, None, None));
        source.scraped(1_500, false);
        assert_eq!(results(), (Some(("ukstore", Value::Nanos(1_500))), Some(("ukstore", Value::U64(0))), None));
        source.scraped(3, true);
        assert_eq!(results(), (Some(("ukstore", Value::Nanos(3))), Some(("ukstore", Value::U64(1))), None));
    }
}
