//! Reading single series, for the walk and the tree alike.

use super::sample::Part;
use crate::object::{ClassRecord, Column};
use crate::record::Source;
use crate::source::{Histogram, Info, MAX_LABELS, Snapshot};
use crate::{Family, Name, Unit, Value};

/// Prefix and value of the fixed series at `index`, for families that have such.
#[inline]
pub(super) fn fixed(family: &'static Family, index: u32) -> Option<(&'static str, Value)> {
    let at = index as usize;
    let value = match family.source() {
        Source::Counter(_, cell) if at == 0 => of_counter(family, cell.get()),
        Source::Gauge(_, cell) if at == 0 => of_gauge(family, cell.get()),
        Source::Computed(_, function) if at == 0 => function(),
        Source::Counters(_, cells) => {
            return Some((cells.prefixes().get(at)?, of_counter(family, cells.get(at)?.get())));
        }
        Source::Gauges(_, cells) => return Some((cells.prefixes().get(at)?, of_gauge(family, cells.get(at)?.get()))),
        Source::Info(_, info) if at == 0 => return Some((info.prefix()?, Value::U64(1))),
        _ => return None,
    };
    Some((family.name(), value))
}

/// Counters of seconds count nanoseconds.
#[inline]
pub(super) fn of_counter(family: &Family, count: u64) -> Value {
    match family.unit() {
        Unit::Seconds => Value::Nanos(count),
        _ => Value::U64(count),
    }
}

/// Gauges of seconds hold nanoseconds.
#[inline]
pub(super) fn of_gauge(family: &Family, number: i64) -> Value {
    match (family.unit(), u64::try_from(number)) {
        (Unit::Seconds, Ok(nanos)) => Value::Nanos(nanos),
        // Exact durations have no sign; a negative one is rare enough for soft floats.
        (Unit::Seconds, Err(_)) => Value::F64(number as f64 / 1e9),
        _ => Value::I64(number),
    }
}

/// The labels of an object's series: its name, and the field's own label if it has one.
pub(super) fn with_object_labels<R>(
    class: &ClassRecord,
    column: Column,
    name: &Name,
    then: impl FnOnce(&[(&'static str, &str)]) -> R,
) -> R {
    let object = (class.label(), name.as_str());
    let own = class.field(column).and_then(|field| field.series().get(usize::from(column.value)));
    match own {
        Some(&own) => then(&[object, own]),
        None => then(&[object]),
    }
}

/// A line of a histogram: the buckets, then the sum, then the count.
pub(super) fn line(
    family: &Family,
    histogram: &Histogram,
    snapshot: &Snapshot,
    index: u32,
) -> Option<(&'static str, Part, Value)> {
    let at = index as usize;
    let prefix = *histogram.prefixes().get(at)?;
    let bounds = snapshot.bounds();
    let (part, value) = if at <= bounds.len() {
        (Part::Bucket(bounds.get(at).copied()), Value::U64(snapshot.at_most(at)))
    } else if at == bounds.len() + 1 {
        (Part::Sum, of_counter(family, snapshot.sum()))
    } else {
        (Part::Count, Value::U64(snapshot.count()))
    };
    Some((prefix, part, value))
}

/// Reads an info's labels.
pub(super) fn with_labels<R>(info: &Info, then: impl FnOnce(&[(&'static str, &str)]) -> R) -> R {
    let mut labels = [("", ""); MAX_LABELS];
    let count = info.labels().len();
    for (label, (name, value)) in labels.iter_mut().zip(info.labels()) {
        *label = (name, value.read());
    }
    then(&labels[..count])
}
