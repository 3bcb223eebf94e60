//! A copy of all numbers of a group or an object, taken in one critical section. Not for single numbers.

use crate::Value;
use crate::object::Columns;
use crate::record::{Column, Field, MAX_GROUP, MAX_GROUP_HISTOGRAMS};
use crate::source::Snapshot;

/// The numbers, in the order of the fields and of their labels' values.
#[derive(Clone, Debug)]
pub(super) struct GroupCopy {
    values: [Value; MAX_GROUP],
    histograms: [Snapshot; MAX_GROUP_HISTOGRAMS],
}

impl GroupCopy {
    pub(super) const EMPTY: Self =
        Self { values: [Value::Absent; MAX_GROUP], histograms: [Snapshot::EMPTY; MAX_GROUP_HISTOGRAMS] };

    /// Copies everything. For use in a critical section: at most `MAX_GROUP` loads and two histograms.
    pub(super) fn take(&mut self, fields: &[Field], cells: &dyn Columns) {
        let mut values = self.values.iter_mut();
        let mut histograms = self.histograms.iter_mut();
        for (index, field) in fields.iter().enumerate() {
            let index = index as u8;
            if let Some(buckets) = cells.histogram(index) {
                if let Some(histogram) = histograms.next() {
                    buckets.snapshot_into(histogram);
                }
                continue;
            }
            for (value, place) in (0..field.series()).zip(values.by_ref()) {
                *place = cells.value(Column { field: index, value: value as u8 });
            }
        }
    }

    /// The number of a column.
    pub(super) fn value(&self, fields: &[Field], column: Column) -> Value {
        let before = fields.iter().take(usize::from(column.field)).filter(|field| !field.is_histogram());
        let at: usize = before.map(Field::series).sum::<usize>() + usize::from(column.value);
        self.values.get(at).copied().unwrap_or(Value::Absent)
    }

    /// The histogram of a field, if it is one.
    pub(super) fn histogram(&self, fields: &[Field], field: u8) -> Option<&Snapshot> {
        self.histograms.get(place(fields, field)?)
    }

    /// The same, to be written.
    pub(super) fn histogram_mut(&mut self, fields: &[Field], field: u8) -> Option<&mut Snapshot> {
        self.histograms.get_mut(place(fields, field)?)
    }
}

/// Which histogram a field is, if it is one.
fn place(fields: &[Field], field: u8) -> Option<usize> {
    let at = usize::from(field);
    fields.get(at).filter(|field| field.is_histogram())?;
    Some(fields.iter().take(at).filter(|field| field.is_histogram()).count())
}
