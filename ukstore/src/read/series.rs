//! Reading single series, for the walk and the tree alike.

use super::sample::Part;
use crate::object::ClassRecord;
use crate::record::{Column, Field, Source};
use crate::source::{Info, MAX_LABELS, Snapshot, signed, unsigned};
use crate::{Family, Unit, Value};

/// Prefix and value of the fixed series at `index`, for families whose labels were known when the program was built.
#[inline]
pub(super) fn fixed(family: &'static Family, index: u32) -> Option<(&'static str, Value)> {
    let at = index as usize;
    match family.source() {
        Source::Counters(_, cells) => cells.at(at).map(|(prefix, cell)| (prefix, of_counter(family, cell.get()))),
        Source::Gauges(_, cells) => cells.at(at).map(|(prefix, cell)| (prefix, of_gauge(family, cell.get()))),
        Source::Prompts(_, prompts) => prompts.at(at),
        Source::Info(_, info) if at == 0 => Some((info.prefix()?, Value::U64(1))),
        _ => None,
    }
}

/// Counters of seconds count nanoseconds.
#[inline]
pub(super) fn of_counter(family: &Family, count: u64) -> Value {
    unsigned(count, family.unit())
}

/// Gauges of seconds hold nanoseconds.
#[inline]
pub(super) fn of_gauge(family: &Family, number: i64) -> Value {
    signed(number, family.unit())
}

/// The labels of an object's series: its name, and the field's own label if it has one.
pub(super) fn with_object_labels<R>(
    class: &ClassRecord,
    field: &Field,
    column: Column,
    name: &str,
    then: impl FnOnce(&[(&'static str, &str)]) -> R,
) -> R {
    let object = (class.label(), name);
    match field.own_label(column.value) {
        Some(own) => then(&[object, own]),
        None => then(&[object]),
    }
}

/// A line of a histogram: the buckets, then the sum, then the count.
pub(super) fn line(family: &Family, snapshot: &Snapshot, at: usize) -> Option<(Part, Value)> {
    let bounds = snapshot.bounds();
    Some(match at.checked_sub(bounds.len()) {
        None => (Part::Bucket(bounds.get(at).copied()), Value::U64(snapshot.at_most(at))),
        Some(0) => (Part::Bucket(None), Value::U64(snapshot.count())),
        Some(1) => (Part::Sum, of_sum(family.unit(), snapshot.sum())),
        Some(2) => (Part::Count, Value::U64(snapshot.count())),
        Some(_) => return None,
    })
}

/// A histogram's sum: of seconds and ratios, billionths.
fn of_sum(unit: Unit, sum: u64) -> Value {
    match unit {
        Unit::Seconds | Unit::Ratio => Value::Nanos(sum),
        Unit::None | Unit::Bytes => Value::U64(sum),
    }
}

/// Reads an info's labels.
pub(super) fn with_labels<R>(info: &Info, then: impl FnOnce(&[(&'static str, &'static str)]) -> R) -> R {
    let mut labels = [("", ""); MAX_LABELS];
    let count = info.labels().len();
    for (label, (name, value)) in labels.iter_mut().zip(info.labels()) {
        *label = (name, value.read());
    }
    then(&labels[..count])
}
