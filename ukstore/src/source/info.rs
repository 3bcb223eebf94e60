//! Facts told as labels of a metric that is always 1. Not for numbers.

use core::mem::offset_of;

use crate::names::{self, demand};
use crate::record::layout;

/// The most labels one info may have, so that a sample's labels fit a fixed array.
pub const MAX_LABELS: usize = 8;

/// Where a label's value comes from.
#[derive(Clone, Copy, Debug)]
pub enum LabelValue {
    /// Known when the program is built.
    Fixed(&'static str),
    /// Known once the machine runs; called at each read, must not block. May need escaping.
    Computed(fn() -> &'static str),
}

impl LabelValue {
    /// The value now.
    #[must_use]
    pub fn read(self) -> &'static str {
        match self {
            Self::Fixed(text) => text,
            Self::Computed(function) => function(),
        }
    }
}

/// An info's labels. `prefix` is the joined `name{…}`, empty if a value is only known when read.
#[derive(Debug)]
#[repr(C)]
pub struct Info {
    prefix: &'static str,
    labels: &'static [(&'static str, LabelValue)],
}

const _: () = assert!(offset_of!(Info, labels) == layout::INFO_LABELS);

impl Info {
    /// For the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(prefix: &'static str, labels: &'static [(&'static str, LabelValue)]) -> Self {
        assert!(!labels.is_empty() && labels.len() <= MAX_LABELS, "ukstore: an info has 1 to 8 labels");
        let mut told = [""; MAX_LABELS];
        let mut index = 0;
        while index < labels.len() {
            told[index] = labels[index].0;
            demand(labels[index].0, names::label(labels[index].0));
            if let LabelValue::Fixed(value) = labels[index].1 {
                demand(labels[index].0, names::label_value(value));
            }
            index += 1;
        }
        names::demand_different(told.split_at(labels.len()).0);
        Self { prefix, labels }
    }

    /// The labels, in the order they were declared.
    #[must_use]
    pub const fn labels(&self) -> &'static [(&'static str, LabelValue)] {
        self.labels
    }

    pub(crate) fn prefix(&self) -> Option<&'static str> {
        (!self.prefix.is_empty()).then_some(self.prefix)
    }
}
