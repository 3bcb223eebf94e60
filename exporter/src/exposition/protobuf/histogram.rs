//! The message `Histogram`: classic buckets, and the native ones of an exponential histogram besides. A scraper takes
//! those it wants.
//!
//! Native buckets are told without the empty ones: spans say which indexes there are, then come the counts, each as
//! the difference from the one before (<https://prometheus.io/docs/specs/native_histograms/>).

use core::ops::Range;

use ukstore::{Buckets, MAX_BUCKETS, Native, Snapshot, Unit};

use crate::exposition::double;
use crate::protobuf::{Field, Message};

const SAMPLE_COUNT: Field = 1;
const SAMPLE_SUM: Field = 2;
const BUCKET: Field = 3;
const SCHEMA: Field = 5;
const ZERO_THRESHOLD: Field = 6;
const ZERO_COUNT: Field = 7;
const POSITIVE_SPAN: Field = 12;
const POSITIVE_DELTA: Field = 13;
/// When the histogram began to count.
pub(super) const CREATED_TIMESTAMP: Field = 15;

/// Fields of a `Bucket`.
mod bucket {
    use super::Field;

    pub(super) const CUMULATIVE_COUNT: Field = 1;
    pub(super) const UPPER_BOUND: Field = 2;
}

/// Fields of a `BucketSpan`.
mod span {
    use super::Field;

    pub(super) const OFFSET: Field = 1;
    pub(super) const LENGTH: Field = 2;
}

/// Up to so many empty buckets are shorter as counts than a span is.
const MAX_GAP: i32 = 2;

/// Writes the content of a `Histogram`, with or without `classic` buckets.
pub(super) fn put_histogram(buckets: &dyn Buckets, unit: Unit, classic: bool, message: &mut Message) {
    let mut snapshot = Snapshot::EMPTY;
    buckets.snapshot_into(&mut snapshot);
    message.unsigned(SAMPLE_COUNT, snapshot.count());
    message.double(SAMPLE_SUM, double::of_amount(snapshot.sum(), unit));
    let mut room = [0; MAX_BUCKETS];
    let native = buckets.native(&mut room);
    if classic || native.is_none() {
        // The bucket up to +Inf is left out, as `client_golang` does: it is the count.
        for (index, &bound) in snapshot.bounds().iter().enumerate() {
            message.nested(BUCKET, |message| {
                message.unsigned(bucket::CUMULATIVE_COUNT, snapshot.at_most(index));
                message.double(bucket::UPPER_BOUND, double::of_amount(bound, unit));
            });
        }
    }
    if let Some(native) = native {
        put_native(&native, message);
    }
}

fn put_native(native: &Native<'_>, message: &mut Message) {
    message.signed(SCHEMA, i64::from(native.schema));
    message.double(ZERO_THRESHOLD, native.zero_threshold);
    message.unsigned(ZERO_COUNT, native.zero_count);
    let mut told_to = 0;
    let mut span: Option<Range<i32>> = None;
    for (index, _) in filled(native) {
        match &mut span {
            Some(span) if index - span.end <= MAX_GAP => span.end = index + 1,
            _ => {
                if let Some(before) = span.replace(index..index + 1) {
                    put_span(&before, told_to, message);
                    told_to = before.end;
                }
            }
        }
    }
    let Some(last) = span else { return };
    put_span(&last, told_to, message);
    message.nested(POSITIVE_DELTA, |message| put_deltas(native, message));
}

/// Writes a span behind one that ended at `told_to`.
fn put_span(indexes: &Range<i32>, told_to: i32, message: &mut Message) {
    message.nested(POSITIVE_SPAN, |message| {
        message.signed(span::OFFSET, i64::from(indexes.start - told_to));
        message.unsigned(span::LENGTH, indexes.len() as u64);
    });
}

/// Writes the counts of all spans' buckets, each less the one before it. Modulo 2^64, as the counts themselves are, so
/// a reader who adds them up gets these.
fn put_deltas(native: &Native<'_>, message: &mut Message) {
    let (mut next, mut before) = (None, 0_u64);
    for (index, count) in filled(native) {
        let gap = next.map_or(0, |next| index - next);
        if gap <= MAX_GAP {
            for _ in 0..gap {
                message.packed(0_u64.wrapping_sub(before).cast_signed());
                before = 0;
            }
        }
        message.packed(count.wrapping_sub(before).cast_signed());
        (next, before) = (Some(index + 1), count);
    }
}

/// The buckets that are not empty, by their indexes; at the end the one that ends at +Inf.
fn filled(native: &Native<'_>) -> impl Iterator<Item = (i32, u64)> {
    let all = (native.first_index..).zip(native.buckets.iter().copied());
    all.chain([(native.overflow_index(), native.above)]).filter(|&(_, count)| count != 0)
}
