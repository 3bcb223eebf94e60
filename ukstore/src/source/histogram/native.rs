//! The copy of an exponential histogram's own buckets. Not for the classic view: see `snapshot.rs`.

use super::{Exponential, MAX_BUCKETS};
use crate::Counter;

/// The numbers of a Prometheus native histogram at one instant; it has no negative buckets.
#[derive(Clone, Copy, Debug)]
pub struct Native<'a> {
    /// Buckets grow by 2^(2^-schema).
    pub schema: u32,
    /// Up to this observations count as zero, in the metric's unit. A power of two.
    pub zero_threshold: f64,
    /// How many did.
    pub zero_count: u64,
    /// The index of the first bucket. The bucket of index i ends at 2^(i·2^-schema), in the metric's unit.
    pub first_index: i32,
    /// The buckets' counts, not cumulative, from `first_index` on.
    pub buckets: &'a [u64],
    /// How many were above all buckets. The format's place for them is the overflow bucket, which ends at +Inf.
    pub above: u64,
    /// The sum of the observations: billionths if the unit is seconds or ratio, else whole units.
    pub sum: u64,
}

impl<'a> Native<'a> {
    pub(super) fn copy(exponential: &Exponential, cells: &[Counter], room: &'a mut [u64; MAX_BUCKETS]) -> Option<Self> {
        let [zero, buckets @ .., above, sum] = cells else { return None };
        let room = room.get_mut(..buckets.len())?;
        let (zero_count, above, sum) = critical_section::with(|_| {
            for (copy, bucket) in room.iter_mut().zip(buckets) {
                *copy = bucket.get();
            }
            (zero.get(), above.get(), sum.get())
        });
        // A double's exponent field; the power is far from both its ends.
        let exponent = u64::from((exponential.zero_exponent() + 1023).cast_unsigned());
        Some(Self {
            schema: exponential.schema(),
            zero_threshold: f64::from_bits(exponent << 52),
            zero_count,
            first_index: exponential.first_index(),
            buckets: room,
            above,
            sum,
        })
    }

    /// The index of the bucket that ends at +Inf: the one after that of the largest double.
    #[must_use]
    pub const fn overflow_index(&self) -> i32 {
        (1024 << self.schema) + 1
    }

    /// How many observations there were: the sum of all buckets, so the two cannot disagree.
    #[must_use]
    pub fn count(&self) -> u64 {
        let ends = self.zero_count.wrapping_add(self.above);
        self.buckets.iter().fold(ends, |total, &bucket| total.wrapping_add(bucket))
    }
}
