//! The copy of a histogram that a reader holds: its classic view. Not for native buckets: see `native.rs`.

use super::MAX_BOUNDS;
use crate::Counter;

/// A histogram's numbers at one instant. 528 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    bounds: &'static [u64],
    /// Not cumulative; the one after the last bound's counts what is above them all.
    buckets: [u64; MAX_BOUNDS + 1],
    sum: u64,
}

const _: () = assert!(size_of::<Snapshot>() == 528);

impl Snapshot {
    /// Of a histogram without bounds that saw nothing. Others can be added to it.
    pub const EMPTY: Self = Self { bounds: &[], buckets: [0; MAX_BOUNDS + 1], sum: 0 };

    /// With these bounds, of a histogram that saw nothing.
    pub(super) const fn of_none(bounds: &'static [u64]) -> Self {
        Self { bounds, ..Self::EMPTY }
    }

    /// Copies cells into a snapshot of none: one bucket up to the first bound, `width` up to each further one, one above,
    /// the sum. Only inside a critical section, so it is short: a few instructions for each cell.
    pub(super) fn copy(&mut self, cells: &[Counter], width: usize) {
        let [up_to_first, between @ .., above, sum] = cells else { return };
        let [first, further @ ..] = &mut self.buckets;
        *first = up_to_first.get();
        for (bucket, cells) in further.iter_mut().zip(between.chunks_exact(width)) {
            *bucket = cells.iter().fold(0, |total, cell| total.wrapping_add(cell.get()));
        }
        if let Some(last) = self.buckets.get_mut(self.bounds.len()) {
            *last = above.get();
        }
        self.sum = sum.get();
    }

    /// Adds another histogram's numbers, bucket by bucket. Both must have the same bounds, unless this one is empty.
    pub fn add(&mut self, other: &Self) {
        debug_assert!(self.bounds.is_empty() || self.bounds == other.bounds, "buckets of different bounds");
        self.bounds = other.bounds;
        for (bucket, more) in self.buckets.iter_mut().zip(other.buckets) {
            *bucket = bucket.wrapping_add(more);
        }
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// The upper bounds, growing, without `+Inf`.
    #[must_use]
    pub const fn bounds(&self) -> &'static [u64] {
        self.bounds
    }

    /// How many observations were at most the bound at `index`; the index after the last bound's is `+Inf`.
    #[must_use]
    pub fn at_most(&self, index: usize) -> u64 {
        self.buckets.iter().take(index.saturating_add(1)).fold(0, |total, &bucket| total.wrapping_add(bucket))
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
