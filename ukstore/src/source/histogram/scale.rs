//! Where a histogram's buckets lie, and counting an observation in the right one. Constant; the cells are elsewhere.

use critical_section::CriticalSection;

use super::{Exponential, MAX_BUCKETS, Native, Snapshot, Tree, fixed_point};
use crate::COUNTS;
use crate::own::BAD_OBSERVATIONS;
use crate::{Counter, Unit};

/// Where the buckets lie. The macros make them.
#[derive(Debug)]
pub struct Scale {
    buckets: Placement,
    bounds: &'static [u64],
    steps_per_unit: u64,
}

#[derive(Clone, Copy, Debug)]
enum Placement {
    Written(&'static Tree),
    Exponential(&'static Exponential),
}

/// How finely a unit is counted: durations and shares in billionths.
pub(super) const fn steps_per_unit(unit: Unit) -> u64 {
    match unit {
        Unit::Seconds | Unit::Ratio => 1_000_000_000,
        _ => 1,
    }
}

/// A double tells all numbers of so many digits apart, so a bound's text is the one that Prometheus makes of it.
const DIGITS: u32 = 15;

const fn demand_spellable(bounds: &[u64]) {
    let mut index = 0;
    while index < bounds.len() {
        let mut digits = bounds[index];
        while digits > 0 && digits.is_multiple_of(10) {
            digits /= 10;
        }
        assert!(digits < 10_u64.pow(DIGITS), "ukstore: a bucket's bound has at most 15 digits that matter");
        index += 1;
    }
}

impl Scale {
    /// For the macros: `tree` is made of the bounds.
    #[doc(hidden)]
    #[must_use]
    pub const fn written(unit: Unit, bounds: &'static [u64], tree: &'static Tree) -> Self {
        demand_spellable(bounds);
        Self { buckets: Placement::Written(tree), bounds, steps_per_unit: steps_per_unit(unit) }
    }

    /// For the macros: `bounds` are the scale's own.
    #[doc(hidden)]
    #[must_use]
    pub const fn exponential(unit: Unit, bounds: &'static [u64], exponential: &'static Exponential) -> Self {
        demand_spellable(bounds);
        Self { buckets: Placement::Exponential(exponential), bounds, steps_per_unit: steps_per_unit(unit) }
    }

    /// The upper bounds of the classic view, growing, without `+Inf`.
    #[must_use]
    pub const fn bounds(&self) -> &'static [u64] {
        self.bounds
    }

    /// How many cells a histogram needs: its buckets and the sum.
    #[must_use]
    pub const fn cells(&self) -> usize {
        match self.buckets {
            Placement::Written(_) => self.bounds.len() + 2,
            Placement::Exponential(exponential) => exponential.buckets() + 3,
        }
    }

    /// Counts one observation in a histogram's cells.
    // At almost every call the scale is a constant, and all that depends on it folds away.
    #[doc(hidden)]
    #[inline(always)]
    pub fn observe(&self, cells: &[Counter], observation: u64) {
        if COUNTS {
            critical_section::with(|cs| self.observe_in(cs, cells, observation));
        }
    }

    /// The same in a critical section that there is.
    #[doc(hidden)]
    #[inline(always)]
    pub fn observe_in(&self, _: CriticalSection<'_>, cells: &[Counter], observation: u64) {
        if !COUNTS {
            return;
        }
        let bucket = match self.buckets {
            Placement::Written(tree) => tree.below(observation),
            Placement::Exponential(exponential) => exponential.bucket(observation),
        };
        let (bucket, sum) = (&cells[bucket], &cells[cells.len() - 1]);
        bucket.store(bucket.get().wrapping_add(1));
        sum.store(sum.get().wrapping_add(observation));
    }

    /// Counts one observation in units, rounded to what the cells count in.
    #[doc(hidden)]
    #[inline]
    pub fn observe_f64(&self, cells: &[Counter], observation: f64) {
        match fixed_point::steps(observation, self.steps_per_unit) {
            Some(steps) => self.observe(cells, steps),
            None => BAD_OBSERVATIONS.inc(),
        }
    }

    pub(super) fn snapshot_into(&self, cells: &[Counter], snapshot: &mut Snapshot) {
        // The buckets between two bounds of the classic view; below the first bound there is one.
        let width = match self.buckets {
            Placement::Written(_) => 1,
            Placement::Exponential(exponential) => exponential.buckets_per_octave(),
        };
        *snapshot = Snapshot::of_none(self.bounds);
        critical_section::with(|_| snapshot.copy(cells, width));
    }

    pub(super) fn native<'a>(&self, cells: &[Counter], room: &'a mut [u64; MAX_BUCKETS]) -> Option<Native<'a>> {
        match self.buckets {
            Placement::Written(_) => None,
            Placement::Exponential(exponential) => Native::copy(exponential, cells, room),
        }
    }
}
