//! The messages `MetricFamily` and `Metric`, but for the histogram in it: see `histogram.rs`. Names of fields are those
//! of the schema.

use ukstore::{Family, Kind, Sample, Series, WholeHistogram};

use super::histogram::put_histogram;
use crate::exposition::double;
use crate::exposition::sample::is_as_old_as_the_machine;
use crate::protobuf::{Field, Message};

/// Fields of a `MetricFamily`.
mod family {
    use super::Field;

    pub(super) const NAME: Field = 1;
    pub(super) const HELP: Field = 2;
    pub(super) const TYPE: Field = 3;
    pub(super) const METRIC: Field = 4;
}

/// Fields of a `Metric`.
mod metric {
    use super::Field;

    pub(super) const LABEL: Field = 1;
    pub(super) const GAUGE: Field = 2;
    pub(super) const COUNTER: Field = 3;
    pub(super) const UNTYPED: Field = 5;
    pub(super) const HISTOGRAM: Field = 7;
}

/// Fields of a `LabelPair`.
mod label {
    use super::Field;

    pub(super) const NAME: Field = 1;
    pub(super) const VALUE: Field = 2;
}

/// The field of the one value that a `Gauge`, a `Counter` and an `Untyped` have.
const VALUE: Field = 1;
/// The field of a `Counter`.
const CREATED_TIMESTAMP: Field = 3;

/// Fields of a `google.protobuf.Timestamp`.
mod timestamp {
    use super::Field;

    pub(super) const SECONDS: Field = 1;
    pub(super) const NANOS: Field = 2;
}

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Begins a family: what all its messages have.
pub(super) fn put_family(family: &Family, message: &mut Message) {
    message.text(family::NAME, family.name());
    message.text(family::HELP, family.help());
    message.unsigned(
        family::TYPE,
        // The schema's `MetricType`.
        match family.kind() {
            Kind::Counter => 0,
            Kind::Gauge | Kind::Info | Kind::StateSet => 1,
            Kind::Text | Kind::Setting | Kind::Untyped => 3,
            Kind::Histogram => 4,
        },
    );
}

/// Adds a metric with one value.
pub(super) fn put_sample(sample: &Sample<'_>, created_unix_ns: Option<u64>, message: &mut Message) {
    let kind = sample.family.kind();
    let field = match kind {
        Kind::Counter => metric::COUNTER,
        Kind::Gauge | Kind::Info | Kind::StateSet => metric::GAUGE,
        Kind::Text | Kind::Setting | Kind::Untyped | Kind::Histogram => metric::UNTYPED,
    };
    let created_unix_ns = created_unix_ns.filter(|_| kind == Kind::Counter && is_as_old_as_the_machine(sample));
    message.nested(family::METRIC, |message| {
        match sample.series {
            Series::Labels(labels) | Series::Names(labels) => put_labels(labels.iter().copied(), message),
            Series::Fixed(prefix) if prefix.len() == sample.family.name().len() => {}
            Series::Fixed(_) => put_labels(sample.series.labels(), message),
        }
        message.nested(field, |message| {
            message.double(VALUE, double::of_value(sample.value));
            if let Some(created_unix_ns) = created_unix_ns {
                put_timestamp(CREATED_TIMESTAMP, created_unix_ns, message);
            }
        });
    });
}

/// Adds a histogram; without its `classic` buckets it has only the native ones, if it has any.
pub(super) fn put_whole_histogram(
    histogram: &WholeHistogram<'_>,
    classic: bool,
    created_unix_ns: Option<u64>,
    message: &mut Message,
) {
    let created_unix_ns = created_unix_ns.filter(|_| histogram.family.is_static());
    message.nested(family::METRIC, |message| {
        put_labels(histogram.labels.iter().copied(), message);
        message.nested(metric::HISTOGRAM, |message| {
            put_histogram(histogram.buckets, histogram.family.unit(), classic, message);
            if let Some(created_unix_ns) = created_unix_ns {
                put_timestamp(super::histogram::CREATED_TIMESTAMP, created_unix_ns, message);
            }
        });
    });
}

fn put_labels<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>, message: &mut Message) {
    for (name, value) in labels {
        message.nested(metric::LABEL, |message| {
            message.text(label::NAME, name);
            message.text(label::VALUE, value);
        });
    }
}

fn put_timestamp(field: Field, unix_ns: u64, message: &mut Message) {
    message.nested(field, |message| {
        message.unsigned(timestamp::SECONDS, unix_ns / NANOS_PER_SECOND);
        message.unsigned(timestamp::NANOS, unix_ns % NANOS_PER_SECOND);
    });
}
