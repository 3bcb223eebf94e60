//! Which families a scrape asks for (`?name[]=`, `?collect[]=`). Not for reading the query: see `http`.

use ukstore::{Family, Kind, Source, families};

use super::source_index;

/// The most names that can be asked for.
pub const MAX_NAMED: usize = 32;

/// What is to be told of all there is. What is named in both ways must be in both.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// What each name that was given stands for: nothing, if there is no such family.
    families: [Option<&'static Family>; MAX_NAMED],
    /// How many names were given.
    names: usize,
    /// A bit for each source that is told, if any was named.
    sources: Option<u64>,
}

/// More than [`MAX_NAMED`] names were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyNames;

impl Selection {
    /// Everything.
    pub const ALL: Self = Self { families: [None; MAX_NAMED], names: 0, sources: None };

    /// Selects the family a name stands for, besides those named before. It is the family's own name, or that of its
    /// samples, or what OpenMetrics calls it: `jobs_total` is also `jobs`, and `wait_seconds` is also
    /// `wait_seconds_bucket`. Where there is none of that name nothing is added, and nothing told.
    ///
    /// # Errors
    /// [`TooManyNames`].
    pub fn name(&mut self, name: &str) -> Result<(), TooManyNames> {
        *self.families.get_mut(self.names).ok_or(TooManyNames)? = find(name);
        self.names += 1;
        Ok(())
    }

    /// Selects a source, besides those selected before.
    pub fn collect(&mut self, source: Source) {
        self.sources = Some(self.sources.unwrap_or(0) | source.bit());
    }

    /// Whether this is everything, so that no family needs to be looked at.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.names == 0 && self.sources.is_none()
    }

    /// Whether this family is to be told.
    #[must_use]
    pub fn admits(&self, family: &'static Family) -> bool {
        let is_source =
            |sources| Source::at(source_index::of(family)).is_some_and(|source| sources & source.bit() != 0);
        self.sources.is_none_or(is_source) && (self.names == 0 || self.is_named(family))
    }

    fn is_named(&self, family: &'static Family) -> bool {
        self.families.iter().take(self.names).flatten().any(|named| core::ptr::eq(*named, family))
    }
}

/// The family that is called so.
fn find(name: &str) -> Option<&'static Family> {
    let of_kind = |name: &str, suffix, kind| called(name, suffix).filter(|family| family.kind() == kind);
    let whole = |suffix| name.strip_suffix(suffix);
    called(name, "")
        .or_else(|| of_kind(name, "_total", Kind::Counter))
        .or_else(|| of_kind(name, "_info", Kind::Info))
        .or_else(|| of_kind(whole("_created")?, "_total", Kind::Counter))
        .or_else(|| {
            let whole = ["_bucket", "_sum", "_count", "_created"].into_iter().find_map(whole);
            of_kind(whole?, "", Kind::Histogram)
        })
}

/// The family whose name is `name` and `suffix` together.
fn called(name: &str, suffix: &str) -> Option<&'static Family> {
    let families = families();
    let index = families.binary_search_by(|family| family.name().bytes().cmp(name.bytes().chain(suffix.bytes())));
    families.get(index.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    ukstore::counter! {
        /// A counter.
        static JOBS = "/selection/jobs_total", "selection_jobs_total";
    }

    ukstore::gauge! {
        /// A gauge.
        static DEPTH = "/selection/depth", "selection_depth";
    }

    ukstore::info! {
        /// An info.
        "/selection/build", "selection_build_info", { version = "1" };
    }

    ukstore::histogram! {
        /// A histogram.
        static WAIT = "/selection/wait_seconds", "selection_wait_seconds", Seconds, [1_000_000];
    }

    #[test]
    fn names_families_have() {
        for (name, family) in [
            ("selection_jobs_total", "selection_jobs_total"),
            ("selection_jobs", "selection_jobs_total"),
            ("selection_jobs_created", "selection_jobs_total"),
            ("selection_depth", "selection_depth"),
            ("selection_build_info", "selection_build_info"),
            ("selection_build", "selection_build_info"),
            ("selection_wait_seconds", "selection_wait_seconds"),
            ("selection_wait_seconds_bucket", "selection_wait_seconds"),
            ("selection_wait_seconds_sum", "selection_wait_seconds"),
            ("selection_wait_seconds_count", "selection_wait_seconds"),
            ("selection_wait_seconds_created", "selection_wait_seconds"),
        ] {
            assert_eq!(find(name).map(Family::name), Some(family), "{name}");
        }
        for name in [
            "",
            "_total",
            "_created",
            "selection_jobs_",
            "selection_jobs_total_total",
            "selection_jobs_total_created",
            "selection_jobs_count",
            "selection_depth_created",
            "selection_depth_sum",
            "selection_build_created",
            "selection_wait_seconds_total",
            "selection_wait",
            "SELECTION_DEPTH",
        ] {
            assert!(find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn no_more_than_there_is_room_for() {
        let mut selection = Selection::ALL;
        for index in 0..MAX_NAMED {
            let name = if index == MAX_NAMED - 1 { "selection_depth" } else { "nothing" };
            assert_eq!(selection.name(name), Ok(()));
        }
        assert_eq!(selection.name("selection_jobs"), Err(TooManyNames));
        let is_told = |name| find(name).is_some_and(|family| selection.admits(family));
        assert!(is_told("selection_depth") && !is_told("selection_jobs"));
    }

    #[test]
    fn everything_unless_something_is_named() {
        assert!(Selection::ALL.is_all());
        let (mut named, mut collected) = (Selection::ALL, Selection::ALL);
        assert_eq!(named.name("nothing"), Ok(()));
        collected.collect(ukstore::source("selection").expect("it is declared above"));
        assert!(!named.is_all() && !collected.is_all());
    }
}
