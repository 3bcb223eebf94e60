//! One family whose series are told apart by a label's values and given by a function that returns at once. Not for what
//! is moved: see `labelled.rs`.

use core::mem::offset_of;

use crate::Value;

/// The series, as readers see them. Labels that are the same in each stand in the prefixes alone.
#[doc(hidden)]
#[derive(Debug)]
#[repr(C)]
pub struct Prompts {
    /// The joined `name{constant="…",label="value"}` of each. First, because the build's check reads it there.
    prefixes: &'static [&'static str],
    values: &'static [&'static str],
    label: &'static str,
    read: fn(usize) -> Value,
}

const _: () = assert!(offset_of!(Prompts, prefixes) == 0);

impl Prompts {
    /// For the macros: one prefix for each value, and what gives the number at a value's place.
    #[must_use]
    pub const fn new(
        label: &'static str,
        values: &'static [&'static str],
        prefixes: &'static [&'static str],
        read: fn(usize) -> Value,
    ) -> Self {
        assert!(prefixes.len() == values.len(), "ukstore: one series for each label value");
        Self { prefixes, values, label, read }
    }

    /// The name of the label that varies.
    pub(crate) const fn label(&self) -> &'static str {
        self.label
    }

    /// How each series begins, labels included.
    pub(crate) const fn prefixes(&self) -> &'static [&'static str] {
        self.prefixes
    }

    /// The label's values.
    pub(crate) const fn values(&self) -> &'static [&'static str] {
        self.values
    }

    /// Prefix and value of the series at an index.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> Option<(&'static str, Value)> {
        Some((*self.prefixes.get(index)?, (self.read)(index)))
    }
}
