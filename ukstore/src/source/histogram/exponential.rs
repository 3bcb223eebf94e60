//! Buckets whose bounds grow by a constant factor, as Prometheus' native histograms have them
//! (<https://prometheus.io/docs/specs/native_histograms/>, "Schema"). Positive observations only.
//!
//! Of schema s, the bucket of index i counts what is above 2^((i-1)/2^s) units and at most 2^(i/2^s). Every power of
//! two is a bound, so the classic view, which has those only, is exact.

use super::MAX_BOUNDS;
use super::mantissa::Mantissas;
use super::scale::steps_per_unit;
use crate::Unit;

/// The most buckets an exponential histogram may have, without those for zero and for what is above its range.
pub const MAX_BUCKETS: usize = 320;

/// Exponential buckets over a range. All sizes are in steps: billionths of seconds and ratios, else whole units.
///
/// The range is rounded outwards to powers of two of the unit. What is at or below it counts as zero; what is above it
/// has a bucket of its own, which both views call `+Inf`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Exponential {
    mantissas: Mantissas,
    unit: Unit,
    schema: u32,
    /// The powers of two, in units, where the range begins and ends.
    from: i32,
    to: i32,
    /// The same in steps, rounded down: an observation is a whole number, so this changes nothing.
    zero: u64,
    top: u64,
    /// Taken from an observation's position among all octaves, this leaves its bucket. Wraps below zero.
    skipped: u32,
}

impl Exponential {
    /// For the macros: buckets that tell apart what is between `from` and `to`, both included.
    #[must_use]
    pub const fn new(unit: Unit, schema: u32, from: u64, to: u64) -> Self {
        assert!(0 < from && from < to, "ukstore: an exponential histogram's range begins above 0 and grows");
        let mantissas = Mantissas::new(unit, schema);
        let mut first = -64;
        while is_below(unit, first + 1, from) {
            first += 1;
        }
        let mut last = first + 1;
        while is_below(unit, last, to) {
            last += 1;
        }
        let octaves = (last - first) as usize;
        assert!(octaves < MAX_BOUNDS, "ukstore: an exponential histogram spans at most 61 octaves");
        assert!(octaves << schema <= MAX_BUCKETS, "ukstore: an exponential histogram has at most 320 buckets");
        let skipped = mantissas.offset + (first << schema);
        Self {
            mantissas,
            unit,
            schema,
            from: first,
            to: last,
            zero: floor_of_power(unit, first),
            top: floor_of_power(unit, last),
            skipped: skipped.cast_unsigned(),
        }
    }

    /// How many buckets there are between zero's and the one above the range.
    #[must_use]
    pub const fn buckets(&self) -> usize {
        (self.to - self.from) as usize * self.buckets_per_octave()
    }

    /// How many bounds the classic view has.
    #[must_use]
    pub const fn bounds_len(&self) -> usize {
        (self.to - self.from) as usize + 1
    }

    /// The classic view's bounds: every power of two of the range. `N` is `bounds_len`.
    #[must_use]
    pub const fn bounds<const N: usize>(&self) -> [u64; N] {
        let mut bounds = [0; N];
        let mut index = 0;
        while index < N {
            bounds[index] = floor_of_power(self.unit, self.from + index as i32);
            index += 1;
        }
        bounds
    }

    pub(super) const fn buckets_per_octave(&self) -> usize {
        1 << self.schema
    }

    pub(super) const fn schema(&self) -> u32 {
        self.schema
    }

    /// Prometheus' index of the first bucket above zero's.
    pub(super) const fn first_index(&self) -> i32 {
        (self.from << self.schema) + 1
    }

    /// The power of two, in units, up to which observations count as zero.
    pub(super) const fn zero_exponent(&self) -> i32 {
        self.from
    }

    /// An observation's bucket: 0 is zero's, the last is for what is above the range.
    #[inline]
    pub(super) fn bucket(&self, observation: u64) -> usize {
        if observation <= self.zero {
            return 0;
        }
        if observation > self.top {
            return self.buckets() + 1;
        }
        // Above `zero`, so it has a highest bit.
        let octave = 63 - observation.leading_zeros();
        let below = self.mantissas.below(observation << (63 - octave));
        ((octave << self.schema) + below).wrapping_sub(self.skipped) as usize
    }
}

/// Whether two to the `power` units are less than `steps`.
const fn is_below(unit: Unit, power: i32, steps: u64) -> bool {
    let one = steps_per_unit(unit) as u128;
    if power < 0 { one < (steps as u128) << -power } else { one << power < steps as u128 }
}

/// Two to the `power` units in steps.
const fn floor_of_power(unit: Unit, power: i32) -> u64 {
    let one = steps_per_unit(unit) as u128;
    let steps = if power < 0 { one >> -power } else { one << power };
    assert!(steps <= u64::MAX as u128, "ukstore: an exponential histogram's range ends below 2^64");
    steps as u64
}
