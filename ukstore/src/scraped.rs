//! How each source fared when it was last told by an exporter. Not for measuring it: exporters do, and report here.
#![allow(unsafe_code, reason = "placing records in sections; other crates do it through the macros")]

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::Value;
use crate::gate::{MAX_SOURCES, Source};

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

crate::listed! {
    /// Time the last scrape of each source took, without waiting for samples and for the client.
    gauge "/ukstore/source_duration_seconds", "node_scrape_collector_duration_seconds", Seconds, { collector } => prompt
        |position| {
            let source = told(position)?;
            Some(([source.name()], Value::Nanos(DURATIONS.get(source.index())?.load(Relaxed))))
        };
    /// Whether each source gave all it has at its last scrape, or a function of the program was late.
    gauge "/ukstore/source_success", "node_scrape_collector_success", { collector } => prompt |position| {
        let source = told(position)?;
        Some(([source.name()], Value::U64(u64::from(WHOLE.load(Relaxed) & source.bit() != 0))))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_a_result_once_it_was_told() {
        let source = crate::source("ukstore").expect("its own entries are there");
        // Read by position, as the lists do: other tests of this process may have told other sources.
        let result = || {
            let mut position = source.index() as u32;
            let told = told(&mut position).filter(|told| told.index() == source.index())?;
            let index = told.index();
            Some((DURATIONS[index].load(Relaxed), WHOLE.load(Relaxed) & told.bit() != 0))
        };
        assert_eq!(result(), None);
        source.scraped(1_500, false);
        assert_eq!(result(), Some((1_500, false)));
        source.scraped(3, true);
        assert_eq!(result(), Some((3, true)));
    }
}
