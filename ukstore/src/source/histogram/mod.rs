//! Histograms: observations counted by size, with their sum. Not for quantiles: the server computes those.
//!
//! A *scale* says where the buckets lie and is known when the program is built: bounds that were written down, or
//! exponential ones as Prometheus' native histograms have them. A histogram is a scale and cells. Whatever the scale,
//! reading gives the classic view: how many observations were at most each of a few bounds.

mod bound_text;
mod bounds;
mod buckets;
mod exponential;
mod fixed_point;
mod mantissa;
mod native;
mod prefixes;
mod scale;
mod snapshot;

pub use bound_text::{MAX_BOUND_TEXT, bound_text};
pub use bounds::{MAX_BOUNDS, Tree};
pub use buckets::Buckets;
pub use exponential::{Exponential, MAX_BUCKETS};
pub use native::Native;
pub use prefixes::{prefixes, texts, texts_len};
pub use scale::Scale;
pub use snapshot::Snapshot;

use critical_section::CriticalSection;

use super::Counter;

/// Observations by size. Bounds and observations are billionths if the unit is seconds or ratio (nanoseconds, that is),
/// else whole units.
///
/// An observation and a snapshot are critical sections of a few instructions, so a reader never sees an observation
/// counted in its bucket but missing from the sum.
#[derive(Debug)]
#[repr(C)]
pub struct Histogram {
    /// One line's prefix for each bound of the classic view, then those of `+Inf`, the sum and the count.
    prefixes: &'static [&'static str],
    scale: &'static Scale,
    cells: &'static [Counter],
}

impl Histogram {
    /// For the macros. `prefixes` has three more than the scale has bounds.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(prefixes: &'static [&'static str], scale: &'static Scale, cells: &'static [Counter]) -> Self {
        assert!(prefixes.len() == scale.bounds().len() + 3 && cells.len() == scale.cells());
        Self { prefixes, scale, cells }
    }

    /// Counts one observation.
    #[inline]
    pub fn observe(&self, observation: u64) {
        self.scale.observe(self.cells, observation);
    }

    /// The same in a critical section that there is.
    #[inline]
    pub fn observe_in(&self, cs: CriticalSection<'_>, observation: u64) {
        self.scale.observe_in(cs, self.cells, observation);
    }

    /// Counts one observation in seconds, or in whatever else the unit is, to the nearest billionth (the nearest whole
    /// one if the unit is bytes or none).
    ///
    /// What is negative, infinite, not a number or beyond 2⁶⁴ billionths (whole ones) is not counted here but in
    /// `uk_store_bad_observations_total`.
    #[inline]
    pub fn observe_f64(&self, observation: f64) {
        self.scale.observe_f64(self.cells, observation);
    }

    /// How many observations there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.snapshot().count()
    }

    /// The sum of the observations, in the unit of the bounds.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.snapshot().sum()
    }

    /// All its numbers at one instant.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::EMPTY;
        self.snapshot_into(&mut snapshot);
        snapshot
    }

    pub(crate) fn prefixes(&self) -> &'static [&'static str] {
        self.prefixes
    }
}

impl Buckets for Histogram {
    fn scale(&self) -> &'static Scale {
        self.scale
    }

    fn cells(&self) -> &[Counter] {
        self.cells
    }
}
