//! The numbers of a group or an object in rows, from a copy of one instant: what has no label of its own, then what has the
//! label's first value, then the second. Not for series that are declared each by itself: see `points.rs`.

use core::ops::ControlFlow::{self, Continue};

use super::group::GroupCopy;
use super::sample::{Part, Sample, Series};
use super::series;
use crate::object::{ClassRecord, Columns, HistogramSum};
use crate::record::{Column, Field};
use crate::source::Snapshot;
use crate::{Family, Value};

/// Whose numbers they are.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    Group,
    /// The object of this name.
    Object(&'static ClassRecord, &'a str),
    /// The objects that are told together, by this name: their values are not in the copy, but are added up one by one.
    Folded(&'static ClassRecord, &'a str),
}

/// A copy, and a place in it.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    copy: GroupCopy,
    is_begun: bool,
    row: u8,
    /// Which field of the row is next.
    field: u8,
}

/// The row of what has no label of its own. A histogram's sum and count have none either, and take a row each, next to
/// each other.
const PLAIN: u8 = 0;
const COUNTS: u8 = 1;
/// The row of labels' first values. Behind those of the last come the rows of the histograms' buckets.
const LABELLED: u8 = 2;

impl Rows {
    pub(super) const EMPTY: Self = Self { copy: GroupCopy::EMPTY, is_begun: false, row: PLAIN, field: 0 };

    /// Whether there is something left to tell of the copy.
    pub(super) const fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// Copies everything, and goes to the first row. For use in a critical section.
    pub(super) fn copy(&mut self, fields: &[Field], cells: &dyn Columns) {
        self.copy.take(fields, cells);
        (self.is_begun, self.row, self.field) = (true, PLAIN, 0);
    }

    /// The same of what is told together of a class: of the values, which are many, each is added up when it is told.
    pub(super) fn fold(&mut self, class: &ClassRecord) {
        for (index, _) in class.fields().iter().enumerate().filter(|(_, field)| field.is_histogram()) {
            let mut folded = HistogramSum::new();
            class.objects().folded_histogram(index as u8, &mut folded);
            if let Some(copy) = self.copy.histogram_mut(class.fields(), index as u8) {
                folded.snapshot_into(copy);
            }
        }
        (self.is_begun, self.row, self.field) = (true, PLAIN, 0);
    }

    /// Gives what is left of the rows.
    pub(super) fn give<B>(
        &mut self,
        fields: &'static [Field],
        owner: Owner<'_>,
        take: &mut impl FnMut(Sample<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let numbered = || fields.iter().zip(0_u8..);
        let values = fields.iter().map(|field| field.label().1.len()).max().unwrap_or(0);
        let buckets = numbered().filter_map(|(_, index)| self.copy.histogram(fields, index)).map(buckets_of).max();
        let first_bucket = usize::from(LABELLED) + values;
        let end = first_bucket + buckets.unwrap_or(0);
        while usize::from(self.row) < end {
            while let Some(field) = fields.get(usize::from(self.field)) {
                if let Some(family) = field.family() {
                    self.number(fields, field, family, first_bucket, owner, take)?;
                }
                self.field += 1;
            }
            (self.row, self.field) = (self.row + 1, 0);
        }
        self.is_begun = false;
        Continue(())
    }

    /// Gives what a field has in the row, if it has something.
    fn number<B>(
        &self,
        fields: &'static [Field],
        field: &'static Field,
        family: &'static Family,
        first_bucket: usize,
        owner: Owner<'_>,
        take: &mut impl FnMut(Sample<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let (label, values) = field.label();
        let series = self.row.checked_sub(LABELLED);
        let (part, value, own) = if let Some(histogram) = self.copy.histogram(fields, self.field) {
            let buckets = buckets_of(histogram);
            let line = match self.row {
                PLAIN => buckets,
                COUNTS => buckets + 1,
                row => match usize::from(row).checked_sub(first_bucket) {
                    Some(bucket) if bucket < buckets => bucket,
                    _ => return Continue(()),
                },
            };
            let Some((part, value)) = series::line(family, histogram, line) else { return Continue(()) };
            (part, value, None)
        } else {
            let own = series.and_then(|series| values.get(usize::from(series))).map(|&value| (label, value));
            if own.is_none() && (self.row != PLAIN || !label.is_empty()) {
                return Continue(());
            }
            let column = Column { field: self.field, value: series.unwrap_or(0) };
            let value = match owner {
                Owner::Folded(class, _) => class.objects().folded_sum(column).unwrap_or(Value::Absent),
                _ => self.copy.value(fields, column),
            };
            (Part::Whole, value, own)
        };
        if matches!(value, Value::Absent) {
            return Continue(());
        }
        let mut give = |labels: &[_]| take(Sample { family, series: Series::Names(labels), part, value });
        match (owner, own) {
            (Owner::Group, None) => give(&[]),
            (Owner::Group, Some(own)) => give(&[own]),
            (Owner::Object(class, name) | Owner::Folded(class, name), None) => give(&[(class.label(), name)]),
            (Owner::Object(class, name) | Owner::Folded(class, name), Some(own)) => give(&[(class.label(), name), own]),
        }
    }
}

/// How many buckets a histogram has, that of what is above all bounds included.
fn buckets_of(histogram: &Snapshot) -> usize {
    histogram.bounds().len() + 1
}
