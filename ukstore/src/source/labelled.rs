//! Counters and gauges that share one family and differ in one label's value, known when the program is built.
//! Not for label values that come and go: those are objects of a class.

use core::ops::Index;

use super::{Counter, Gauge};

/// Counters of one family, one for each value of its label, in the order they were declared.
pub type Counters = Labelled<Counter>;

/// Gauges of one family, one for each value of its label, in the order they were declared.
pub type Gauges = Labelled<Gauge>;

/// Cells of one family. The record itself is constant; only the cells it points at change.
#[derive(Debug)]
#[repr(C)]
pub struct Labelled<C: 'static> {
    prefixes: &'static [&'static str],
    cells: &'static [C],
}

impl<C> Labelled<C> {
    /// For the macros: `prefixes` are the joined `name{label="value"}` of the cells, in the same order.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(prefixes: &'static [&'static str], cells: &'static [C]) -> Self {
        assert!(prefixes.len() == cells.len(), "ukstore: one cell for each label value");
        Self { prefixes, cells }
    }

    /// The cell of the label value at `index`, for indexes that come from outside.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'static C> {
        self.cells.get(index)
    }

    /// How many label values there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no label value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    pub(crate) fn prefixes(&self) -> &'static [&'static str] {
        self.prefixes
    }
}

impl<C> Index<usize> for Labelled<C> {
    type Output = C;

    #[inline]
    fn index(&self, index: usize) -> &C {
        &self.cells[index]
    }
}
