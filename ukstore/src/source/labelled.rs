//! Counters and gauges that share one family and differ in one label's value, known when the program is built.
//! Not for label values that come and go: those are objects of a class.

use core::marker::PhantomData;
use core::ops::Index;

use super::{Counter, Gauge};

/// What chooses among a label's values: a plain index, or an enum made by [`labels!`](crate::labels!).
pub trait Label: Copy {
    /// Its place among the values, less than their number: to index with another panics.
    fn index(self) -> usize;
}

/// An enum whose variants are the values of a label, at most 255. Made by [`labels!`](crate::labels!); who implements it
/// otherwise sees to it that `index` and `at` agree with `VALUES`.
pub trait Labels: Label + 'static {
    /// The values, in the order of the variants.
    const VALUES: &'static [&'static str];

    /// The first variant.
    const FIRST: Self;

    /// The variant at a place: each below the number of values has one.
    fn at(index: usize) -> Option<Self>;
}

impl Label for usize {
    #[inline]
    fn index(self) -> usize {
        self
    }
}

/// Counters of one family, one for each value of its label.
pub type Counters<L = usize> = Labelled<Counter, L>;

/// Gauges of one family, one for each value of its label.
pub type Gauges<L = usize> = Labelled<Gauge, L>;

/// The constant part of labelled cells, as readers see it.
#[doc(hidden)]
#[derive(Debug)]
#[repr(C)]
pub struct Cells<C: 'static> {
    /// The joined `name{label="value"}` of each cell. First, because the build's check reads it there.
    prefixes: &'static [&'static str],
    values: &'static [&'static str],
    cells: &'static [C],
    label: &'static str,
}

impl<C> Cells<C> {
    /// For the macros: one prefix and one cell for each value.
    #[must_use]
    pub const fn new(
        label: &'static str,
        values: &'static [&'static str],
        prefixes: &'static [&'static str],
        cells: &'static [C],
    ) -> Self {
        assert!(prefixes.len() == cells.len() && values.len() == cells.len(), "ukstore: one cell for each label value");
        Self { prefixes, values, cells, label }
    }

    /// The label's name.
    pub(crate) const fn label(&self) -> &'static str {
        self.label
    }

    /// The label's values.
    pub(crate) const fn values(&self) -> &'static [&'static str] {
        self.values
    }

    /// Prefixes and cells from an index on.
    #[inline]
    pub(crate) fn from(&self, index: usize) -> impl Iterator<Item = (&'static str, &'static C)> {
        let prefixes = self.prefixes.get(index..).unwrap_or_default();
        prefixes.iter().copied().zip(self.cells.get(index..).unwrap_or_default())
    }

    /// Prefix and cell at an index.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> Option<(&'static str, &'static C)> {
        Some((*self.prefixes.get(index)?, self.cells.get(index)?))
    }
}

/// Cells of one family, indexed by `L`. Constant itself; only the cells change.
#[derive(Debug)]
pub struct Labelled<C: 'static, L = usize> {
    cells: &'static [C],
    label: PhantomData<fn(L)>,
}

impl<C, L: Label> Labelled<C, L> {
    /// For the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(cells: &'static Cells<C>) -> Self {
        Self { cells: cells.cells, label: PhantomData }
    }

    /// The cell of a label value, for indexes that come from outside.
    #[must_use]
    pub fn get(&self, label: L) -> Option<&'static C> {
        self.cells.get(label.index())
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
}

impl<C, L: Label> Index<L> for Labelled<C, L> {
    type Output = C;

    #[inline]
    fn index(&self, label: L) -> &C {
        &self.cells[label.index()]
    }
}
