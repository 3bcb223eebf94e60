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

#[cfg(test)]
mod tests {
    use super::*;

    const RANGES: [(Unit, u64, u64); 6] = [
        (Unit::Seconds, 1, 100),
        (Unit::Seconds, 1_000, 1_000_000_000),
        (Unit::Seconds, 1 << 46, u64::MAX >> 2),
        (Unit::None, 1, 1 << 19),
        (Unit::Bytes, 1_000, 1_000_001),
        (Unit::Bytes, 1 << 44, 1 << 63),
    ];

    #[test]
    fn bounds_are_where_floats_have_them() {
        for (unit, from, to) in RANGES {
            for schema in 0..=4 {
                let buckets = Exponential::new(unit, schema, from, to);
                for bucket in 0..=buckets.buckets() {
                    // The bound that ends this bucket; the library's powers of two are exact, its others nearly.
                    let index = buckets.first_index() - 1 + bucket as i32;
                    let power = f64::from(index) / f64::from(1 << schema);
                    let bound = steps_per_unit(unit) as f64 * power.exp2();
                    let error = if power.fract() == 0.0 { 0.0 } else { bound * 1e-14 };
                    let (within, beyond) = ((bound - error).floor() as u64, (bound + error).floor() as u64 + 1);
                    assert!(buckets.bucket(within) <= bucket, "{unit:?} {schema} {index}: {within}");
                    assert!(buckets.bucket(beyond) > bucket, "{unit:?} {schema} {index}: {beyond}");
                }
            }
        }
    }

    #[test]
    fn buckets_grow_without_gap_and_the_ends_hold_the_rest() {
        for (unit, from, to) in RANGES {
            for schema in 0..=4 {
                let buckets = Exponential::new(unit, schema, from, to);
                assert!(buckets.zero < from && buckets.top >= to);
                assert_eq!(buckets.bucket(0), 0);
                assert_eq!(buckets.bucket(buckets.zero), 0);
                assert!(buckets.bucket(buckets.zero + 1) > 0);
                assert_eq!(buckets.bucket(buckets.top), buckets.buckets());
                assert_eq!(buckets.bucket(buckets.top + 1), buckets.buckets() + 1);
                assert_eq!(buckets.bucket(u64::MAX), buckets.buckets() + 1);
            }
        }
    }

    #[test]
    fn powers_of_two_end_a_bucket() {
        let buckets = Exponential::new(Unit::Bytes, 4, 1, 1 << 19);
        for power in 0..=19_u32 {
            let bucket = 16 * (power as usize + 1);
            assert_eq!(buckets.bucket(1 << power), bucket);
            assert_eq!(buckets.bucket((1 << power) + 1).min(bucket + 1), bucket + 1);
        }
        assert_eq!((buckets.first_index(), buckets.zero_exponent(), buckets.buckets()), (-15, -1, 320));
    }

    #[test]
    #[should_panic(expected = "at most 320 buckets")]
    fn a_range_too_long_for_its_schema() {
        let _ = Exponential::new(Unit::Bytes, 4, 1, (1 << 19) + 1);
    }

    #[test]
    #[should_panic(expected = "ends below 2^64")]
    fn a_range_beyond_what_is_counted() {
        let _ = Exponential::new(Unit::Bytes, 0, 1 << 40, u64::MAX);
    }

    #[test]
    #[should_panic(expected = "begins above 0 and grows")]
    fn an_empty_range() {
        let _ = Exponential::new(Unit::Bytes, 0, 5, 5);
    }

    #[test]
    #[should_panic(expected = "at most 61 octaves")]
    fn a_range_of_everything() {
        let _ = Exponential::new(Unit::None, 0, 1, 1 << 63);
    }
}
