//! How the fields of an object are read. Not for what they are called: see `record.rs`.

use core::fmt;

use crate::source::Buckets;
use crate::{Column, Value};

/// Where a field's numbers are found in an object.
#[doc(hidden)]
pub enum Read<T> {
    /// A value, with the index of the field's own label value. Called in critical sections.
    Value(fn(&T, usize) -> Value),
    /// A histogram, always the same one.
    Histogram(fn(&T) -> &dyn Buckets),
}

/// A field of a class's objects, as its macro describes it.
#[doc(hidden)]
pub struct FieldRead<T> {
    pub read: Read<T>,
    /// How many values its own label has; 1 without a label.
    pub values: u8,
    /// Whether it is a counter or a histogram: what folded objects counted is kept when they are dropped.
    pub counts: bool,
}

impl<T> fmt::Debug for FieldRead<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { values, counts, .. } = self;
        out.debug_struct("FieldRead").field("values", values).field("counts", counts).finish_non_exhaustive()
    }
}

impl Column {
    /// For who reads objects from outside the crate, as its tests do.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(field: u8, value: u8) -> Self {
        Self { field, value }
    }
}

/// An object's numbers, for as long as a critical section lasts.
#[doc(hidden)]
pub trait Columns: fmt::Debug {
    /// [`Value::Absent`] if there is no such column or it is a histogram.
    fn value(&self, column: Column) -> Value;
    /// The field's histogram, if it is one.
    fn histogram(&self, field: u8) -> Option<&dyn Buckets>;
}

/// A value beside its class's fields.
pub(super) struct Row<'a, T> {
    pub(super) fields: &'a [FieldRead<T>],
    pub(super) value: &'a T,
}

impl<T> fmt::Debug for Row<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Row").field("fields", &self.fields).finish_non_exhaustive()
    }
}

impl<T> Columns for Row<'_, T> {
    fn value(&self, column: Column) -> Value {
        match self.fields.get(usize::from(column.field)) {
            Some(FieldRead { read: Read::Value(read), values, .. }) if column.value < *values => {
                read(self.value, usize::from(column.value))
            }
            _ => Value::Absent,
        }
    }

    fn histogram(&self, field: u8) -> Option<&dyn Buckets> {
        match self.fields.get(usize::from(field))?.read {
            Read::Histogram(read) => Some(read(self.value)),
            Read::Value(_) => None,
        }
    }
}
