//! What ukstore tells about itself. Being there also keeps the tables from ever being empty.
#![allow(unsafe_code, reason = "placing records in sections; other crates do it through the macros")]

use crate::gate::{self, SOURCES_PATH};
use crate::record::What;
use crate::tag::TAGS_PATH;
use crate::{Value, entries};

crate::listed! {
    /// Objects told together as `other`, because their class had as many series as it may have.
    counter "/ukstore/series_folded_total", "uk_series_folded_total", { class } => prompt |position| folded(position);
}

/// The class with series at or after the entry at the position.
fn folded(position: &mut u32) -> Option<([&'static str; 1], Value)> {
    loop {
        let entry = entries().get(*position as usize)?;
        match entry.what() {
            What::Class(class) if !class.label().is_empty() => {
                return Some(([class.path()], Value::U64(class.objects().folded())));
            }
            _ => *position += 1,
        }
    }
}

const _: () = {
    crate::__place!(entry "/ukstore/sources", crate::Entry::sources(SOURCES_PATH));
};

const _: () = {
    crate::__place!(entry "/ukstore/tags", crate::Entry::tags(TAGS_PATH));
};

crate::counter! {
    /// Samples left out because the program's function had not given one lately.
    pub(crate) static LATE = "/ukstore/samples_late_total", "uk_store_samples_late_total";
    /// Observations that histograms refused: negative, infinite, not a number, or too large.
    pub(crate) static BAD_OBSERVATIONS = "/ukstore/bad_observations_total", "uk_store_bad_observations_total";
    /// Events that a subscriber was too slow for.
    pub(crate) static MISSED = "/ukstore/events_missed_total", "uk_store_events_missed_total";
}

crate::computed! {
    /// Paths in the tree that were declared when the program was built.
    gauge "/ukstore/entries", "uk_store_entries" => prompt || Value::U64(entries().len() as u64);
    /// Metric families that were declared when the program was built.
    gauge "/ukstore/families", "uk_store_families" => prompt || Value::U64(crate::families().len() as u64);
    /// Sources that are switched off.
    gauge "/ukstore/sources_off", "uk_store_sources_off" => prompt || {
        Value::U64(gate::sources().filter(|source| !source.is_on()).count() as u64)
    };
}
