//! What ukstore tells about itself. Being there also keeps both tables from ever being empty.
#![allow(unsafe_code, reason = "placing records in sections; other crates do it through the macros")]

use crate::record::What;
use crate::source::List;
use crate::{Family, Value, entries};

static FOLDED: List = List { label: "class", at: folded };

/// The class at or after the entry at the position.
fn folded(position: &mut u32) -> Option<(&'static str, Value)> {
    loop {
        let entry = entries().get(*position as usize)?;
        if let What::Class(class) = entry.what() {
            return Some((class.path(), Value::U64(class.objects().folded())));
        }
        *position += 1;
    }
}

const _: () = {
    crate::__place!(family "uk_series_folded_total", Family::list(
        const {
            crate::__head!(Counter, "uk_series_folded_total", [],
                ["Objects left out of the exposition when added, because their class had reached its bound of series."])
        },
        &FOLDED,
    ));
    crate::__place!(entry "/ukstore/series_folded_total", "",
        crate::Entry::series("/ukstore/series_folded_total", &__UKSTORE_FAMILY, 0));
};

crate::computed! {
    /// Paths in the tree that were declared when the program was built.
    gauge "/ukstore/entries", "uk_store_entries", || Value::U64(entries().len() as u64);
    /// Metric families that were declared when the program was built.
    gauge "/ukstore/families", "uk_store_families", || Value::U64(crate::families().len() as u64);
}

crate::counter! {
    /// Observations that histograms refused: negative, infinite, not a number, or too large.
    pub(crate) static BAD_OBSERVATIONS = "/ukstore/bad_observations_total", "uk_store_bad_observations_total";
}
