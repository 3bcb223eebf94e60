//! The messages of 1.0: `prometheus.WriteRequest` and what is in it
//! (<https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto>, `types.proto` beside it). Names of fields are
//! those of the schema.

use super::batch::Series;
use crate::protobuf::{Field, Message};

/// The field of a `WriteRequest`.
const TIMESERIES: Field = 1;

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
