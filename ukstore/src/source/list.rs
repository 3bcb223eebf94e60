//! A family whose series are found when read, one at a time: few, and with labels that no object of a class has. Not for
//! what has its series fixed when the program is built.

use crate::Value;
use crate::names::{self, demand};
use crate::object::sum;
use crate::source::MAX_LABELS;

/// The labels' values of one series, as many of them as there are labels.
#[doc(hidden)]
pub type Words = [&'static str; MAX_LABELS];

/// Series that are produced one after the other.
#[doc(hidden)]
#[derive(Debug)]
pub struct List {
    /// The labels' names.
    labels: &'static [&'static str],
    /// What stands before each label's value: `name{label="`, `",label="`.
    texts: &'static [&'static str],
    /// Gives the series at or after the position, and moves the position to it. `None` after the last.
    at: fn(&mut u32, &mut Words) -> Option<Value>,
}

/// A series of a list.
#[derive(Debug)]
pub(crate) struct Found {
    labels: &'static [&'static str],
    words: Words,
    pub(crate) value: Value,
}

impl Found {
    /// The labels' values.
    pub(crate) fn words(&self) -> &[&'static str] {
        self.words.get(..self.labels.len()).unwrap_or_default()
    }

    /// The labels and their values.
    pub(crate) fn with_labels<R>(&self, then: impl FnOnce(&[(&'static str, &'static str)]) -> R) -> R {
        let mut labels = [("", ""); MAX_LABELS];
        for (label, (name, word)) in labels.iter_mut().zip(self.labels.iter().zip(self.words)) {
            *label = (name, word);
        }
        then(labels.get(..self.labels.len()).unwrap_or_default())
    }
}

impl List {
    /// For the macros.
    #[must_use]
    pub const fn new(
        labels: &'static [&'static str],
        texts: &'static [&'static str],
        at: fn(&mut u32, &mut Words) -> Option<Value>,
    ) -> Self {
        assert!(!labels.is_empty() && labels.len() <= MAX_LABELS, "ukstore: a list has 1 to 8 labels");
        assert!(texts.len() == labels.len(), "ukstore: one text before each label's value");
        names::demand_different(labels);
        let mut index = 0;
        while index < labels.len() {
            demand(labels[index], names::label(labels[index]));
            index += 1;
        }
        Self { labels, texts, at }
    }

    /// The labels' names.
    pub(crate) const fn labels(&self) -> &'static [&'static str] {
        self.labels
    }

    /// What stands before each label's value in a line.
    pub(crate) const fn texts(&self) -> &'static [&'static str] {
        self.texts
    }

    /// The series at or after a position, which moves to it. `None` after the last.
    pub(crate) fn next(&self, position: &mut u32) -> Option<Found> {
        let mut words = [""; MAX_LABELS];
        let value = (self.at)(position, &mut words)?;
        Some(Found { labels: self.labels, words, value })
    }

    /// All of them together: in the tree the family is one number.
    pub(crate) fn sum(&self) -> Value {
        let mut position = 0;
        let mut total = Value::Absent;
        while let Some(found) = self.next(&mut position) {
            total = sum(total, found.value);
            position += 1;
        }
        // Of nothing, too, there is a sum.
        if matches!(total, Value::Absent) { Value::U64(0) } else { total }
    }
}
