//! A static group: numbers that belong together, moved and read as one. Not for things that come and go: those are
//! objects of a class.

use core::fmt;
use core::ops::Deref;

use super::Buckets;
use crate::Value;
use crate::object::{Columns, FieldRead, histogram_of, value_of};
use crate::record::Column;

/// A struct of cells in the tree, declared with [`group!`](crate::group!). Dereferences to the struct.
pub struct Group<T: 'static> {
    cells: T,
    fields: &'static [FieldRead<T>],
}

impl<T> Group<T> {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(cells: T, fields: &'static [FieldRead<T>]) -> Self {
        Self { cells, fields }
    }

    /// Moves several cells as one: nobody who reads the group sees some of them moved and others not. A critical section
    /// for as long as `update` runs, so let it do nothing else.
    #[inline]
    pub fn update<R>(&self, update: impl FnOnce(&T) -> R) -> R {
        critical_section::with(|_| update(&self.cells))
    }
}

impl<T> Deref for Group<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.cells
    }
}

impl<T> fmt::Debug for Group<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Group").field("fields", &self.fields).finish_non_exhaustive()
    }
}

impl<T> Columns for Group<T> {
    fn value(&self, column: Column) -> Value {
        value_of(self.fields, &self.cells, column)
    }

    fn histogram(&self, field: u8) -> Option<&dyn Buckets> {
        histogram_of(self.fields, &self.cells, field)
    }
}
