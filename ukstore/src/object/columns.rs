//! How the fields of an object are read. Not for what they are called: see `record.rs`.

use core::fmt;

use crate::source::Buckets;
use crate::{Column, Value};

/// How a field of a class's objects, or of a group, is read, as the macro describes it. 16 bytes.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum FieldRead<T> {
    /// Values. Read in critical sections.
    Value {
        /// How many values its own label has; 1 without a label.
        values: u8,
        /// Whether it is a counter: what folded objects counted is kept when they are dropped.
        counts: bool,
        /// Gives a value, with the index of the field's own label value.
        read: fn(&T, usize) -> Value,
    },
    /// A histogram, always the same one.
    Histogram(fn(&T) -> &dyn Buckets),
}

const _: () = assert!(size_of::<FieldRead<()>>() == 16);

impl<T> fmt::Debug for FieldRead<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { values, counts, .. } => {
                out.debug_struct("Value").field("values", values).field("counts", counts).finish_non_exhaustive()
            }
            Self::Histogram(_) => out.debug_struct("Histogram").finish_non_exhaustive(),
        }
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
        value_of(self.fields, self.value, column)
    }

    fn histogram(&self, field: u8) -> Option<&dyn Buckets> {
        histogram_of(self.fields, self.value, field)
    }
}

/// The value of a column; [`Value::Absent`] if there is no such column or it is a histogram.
pub(crate) fn value_of<T>(fields: &[FieldRead<T>], object: &T, column: Column) -> Value {
    match fields.get(usize::from(column.field)) {
        Some(FieldRead::Value { values, read, .. }) if column.value < *values => {
            read(object, usize::from(column.value))
        }
        _ => Value::Absent,
    }
}

/// The histogram of a field, if it is one.
pub(crate) fn histogram_of<'a, T>(fields: &[FieldRead<T>], object: &'a T, field: u8) -> Option<&'a dyn Buckets> {
    match fields.get(usize::from(field))? {
        FieldRead::Histogram(read) => Some(read(object)),
        FieldRead::Value { .. } => None,
    }
}
