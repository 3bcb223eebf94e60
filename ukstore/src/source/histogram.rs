//! Histograms: observations counted by upper bound, with their sum. Not for quantiles: the server computes those.

use super::Counter;

/// The most upper bounds one histogram may have, so that a snapshot has a fixed size.
pub const MAX_BOUNDS: usize = 32;

/// Observations by size. Bounds and observations are nanoseconds if the unit is seconds, else whole units.
///
/// An observation and a snapshot are critical sections of a few instructions, so a reader never sees an
/// observation counted in its bucket but missing from the sum.
#[derive(Debug)]
#[repr(C)]
pub struct Histogram {
    /// One line's prefix for each bound, then those of `+Inf`, the sum and the count.
    prefixes: &'static [&'static str],
    bounds: &'static [u64],
    /// One for each bound, one for what is above them all, and the sum.
    cells: &'static [Counter],
}

/// A histogram's numbers at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    bounds: &'static [u64],
    /// Not cumulative; the one after the last bound's counts what is above them all.
    buckets: [u64; MAX_BOUNDS + 1],
    sum: u64,
}

impl Histogram {
    /// For the macros. `prefixes` has three more than `bounds`, `cells` two more.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(prefixes: &'static [&'static str], bounds: &'static [u64], cells: &'static [Counter]) -> Self {
        assert!(bounds.len() <= MAX_BOUNDS, "ukstore: a histogram has at most 32 bounds");
        assert!(prefixes.len() == bounds.len() + 3 && cells.len() == bounds.len() + 2);
        let mut index = 1;
        while index < bounds.len() {
            assert!(bounds[index - 1] < bounds[index], "ukstore: a histogram's bounds must grow");
            index += 1;
        }
        Self { prefixes, bounds, cells }
    }

    /// Counts one observation.
    #[inline]
    pub fn observe(&self, observation: u64) {
        let bucket = self.bounds.iter().position(|&bound| observation <= bound).unwrap_or(self.bounds.len());
        let (bucket, sum) = (&self.cells[bucket], &self.cells[self.bounds.len() + 1]);
        critical_section::with(|_| {
            bucket.store(bucket.get().wrapping_add(1));
            sum.store(sum.get().wrapping_add(observation));
        });
    }

    /// How many observations there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.snapshot().count()
    }

    /// The sum of the observations, in the unit of the bounds.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.cells[self.bounds.len() + 1].get()
    }

    /// All its numbers at one instant.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot { bounds: self.bounds, ..Snapshot::EMPTY };
        critical_section::with(|_| {
            for (copy, cell) in snapshot.buckets.iter_mut().zip(&self.cells[..=self.bounds.len()]) {
                *copy = cell.get();
            }
            snapshot.sum = self.sum();
        });
        snapshot
    }

    pub(crate) fn prefixes(&self) -> &'static [&'static str] {
        self.prefixes
    }
}

impl Snapshot {
    /// Of a histogram without bounds that saw nothing.
    pub(crate) const EMPTY: Self = Self { bounds: &[], buckets: [0; MAX_BOUNDS + 1], sum: 0 };

    /// The upper bounds, growing, without `+Inf`.
    #[must_use]
    pub const fn bounds(&self) -> &'static [u64] {
        self.bounds
    }

    /// How many observations were at most the bound at `index`; the index after the last bound's is `+Inf`.
    #[must_use]
    pub fn at_most(&self, index: usize) -> u64 {
        self.buckets.iter().take(index + 1).sum()
    }

    /// How many observations there were: the sum of the buckets, so the two cannot disagree.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.at_most(self.bounds.len())
    }

    /// The sum of the observations, in the unit of the bounds.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }
}
