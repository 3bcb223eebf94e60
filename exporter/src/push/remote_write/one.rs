//! The messages of 1.0: `prometheus.WriteRequest` and what is in it
//! (<https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto>, `types.proto` beside it). Names of fields are
//! those of the schema.

use core::ops::Range;

use super::batch::Series;
use crate::protobuf::{Field, Message};

/// The field of a `WriteRequest`.
pub(super) const TIMESERIES: Field = 1;

/// Fields of a `TimeSeries`.
mod timeseries {
    use super::Field;

    pub(super) const LABELS: Field = 1;
    pub(super) const SAMPLES: Field = 2;
}

/// Fields of a `Label`.
mod label {
    use super::Field;

    pub(super) const NAME: Field = 1;
    pub(super) const VALUE: Field = 2;
}

/// Fields of a `Sample`.
mod sample {
    use super::Field;

    pub(super) const VALUE: Field = 1;
    pub(super) const TIMESTAMP: Field = 2;
}

/// Adds a series.
pub(super) fn put<B: AsRef<[u8]> + AsMut<[u8]>>(series: &Series<'_>, message: &mut Message<B>) {
    message.nested(TIMESERIES, |message| {
        for label in series.labels.iter() {
            message.nested(timeseries::LABELS, |message| {
                message.nested(label::NAME, |message| label.name().for_each(|piece| message.put(piece.as_bytes())));
                message.text(label::VALUE, label.value());
            });
        }
        put_sample(timeseries::SAMPLES, series, message);
    });
}

/// The sample, which 2.0 has alike.
pub(super) fn put_sample<B: AsRef<[u8]> + AsMut<[u8]>>(field: Field, series: &Series<'_>, message: &mut Message<B>) {
    message.nested(field, |message| {
        message.double_bits(sample::VALUE, series.value);
        message.unsigned(sample::TIMESTAMP, series.stamp_ms);
    });
}

/// The times that take six bytes: from 1971 to 2109.
pub(super) const USUAL_STAMPS: Range<u64> = 1 << 35..1 << 42;
const STAMP_BYTES: usize = 6;

/// Gives the sample of each series, which are the message's fields `timeseries`, another time. Both must be
/// [usual](USUAL_STAMPS).
pub(super) fn restamp(message: &mut [u8], timeseries: Field, stamp_ms: u64) {
    let stamp: [u8; STAMP_BYTES] = core::array::from_fn(|index| {
        let more = if index + 1 < STAMP_BYTES { 0x80 } else { 0 };
        (stamp_ms >> (7 * index)) as u8 & 0x7f | more
    });
    let mut rest = message;
    // A field is behind its tag and one or two bytes of its length; a series' last bytes are its sample's time.
    while let [tag, low, ..] = *rest {
        let (start, len) = match low {
            0..0x80 => (2, usize::from(low)),
            _ => (3, usize::from(low & 0x7f) | rest.get(2).map_or(0, |&high| usize::from(high) << 7)),
        };
        let Some((field, after)) = rest.split_at_mut_checked(start + len) else { return };
        if tag >> 3 == timeseries
            && let Some(place) = field.last_chunk_mut()
        {
            *place = stamp;
        }
        rest = after;
    }
}
