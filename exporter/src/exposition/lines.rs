//! The formats that are lines: families and samples, one after the other, as many as fit. Not for how a sample is
//! spelled: see `sample`; nor for what only one of the formats has.
//!
//! The text format 0.0.4 is this and nothing else
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>):
//!
//! ```text
//! # HELP uk_log_lines_total Log lines written, by level.
//! # TYPE uk_log_lines_total counter
//! uk_log_lines_total{level="error"} 0
//! ```
//!
//! HELP and TYPE lines, metric names and fixed labels come from ukstore as text that was joined, checked and, if need
//! be, escaped when the program was built; what is left to do here is to copy it, to escape label values that only the
//! running machine knows, and to print numbers. One HELP and TYPE a family, samples contiguous and no series twice are
//! properties of ukstore's walk.

use core::ops::ControlFlow::{self, Break, Continue};

use ukstore::{Family, Item, Name, Opened, Sample, Take, Value, Walk};

use super::sample::{put_cells, put_fields, put_listed, put_objects, put_sample, put_value_at_end};
use crate::{Step, Window};

/// What a format of lines has of its own.
pub(super) trait Dialect {
    /// Writes the lines about a family.
    fn put_family(&self, family: &Family, window: &mut Window<'_>);

    /// Writes the lines about a family, and how its first series begins.
    fn put_beginning(&self, family: &Family, window: &mut Window<'_>);

    /// Writes what belongs behind a sample, if this format has something.
    fn put_after(&self, sample: &Sample<'_>, window: &mut Window<'_>);

    /// Whether nothing is ever written behind a sample, so that many can be written at once.
    fn has_samples_alone(&self) -> bool;
}

/// The text formats 0.0.4 and 1.0.0.
pub(super) struct Text;

impl Dialect for Text {
    fn put_family(&self, family: &Family, window: &mut Window<'_>) {
        window.put(family.header().as_bytes());
    }

    fn put_beginning(&self, family: &Family, window: &mut Window<'_>) {
        window.put(family.beginning().as_bytes());
    }

    fn put_after(&self, _: &Sample<'_>, _: &mut Window<'_>) {}

    fn has_samples_alone(&self) -> bool {
        true
    }
}

/// Writes up to `limit` items of a walk that gives lines, and counts the samples in `series`.
#[inline]
pub(super) fn write(
    dialect: &impl Dialect,
    walk: &mut Walk,
    admit: impl FnMut(&'static Family) -> bool,
    window: &mut Window<'_>,
    limit: usize,
    series: &mut u64,
) -> Step {
    match walk.give_all(admit, Lines { dialect, window, left: limit, series }) {
        Break(step) => step,
        Continue(()) => Step::End,
    }
}

struct Lines<'l, 'w, D> {
    dialect: &'l D,
    window: &'l mut Window<'w>,
    /// Items that may still be written.
    left: usize,
    series: &'l mut u64,
}

impl<D: Dialect> Lines<'_, '_, D> {
    /// Writes the lines about a family, unless that was done, and as many samples as `put` says.
    #[inline]
    fn at_once(&mut self, family: Opened, put: impl FnOnce(&mut Window<'_>, usize) -> usize) -> usize {
        self.whole(usize::from(!family.is_begun), |dialect, window, limit| {
            if !family.is_begun {
                dialect.put_family(family.family, window);
            }
            put(window, limit)
        })
    }

    /// Writes so many items and as many samples behind them as `put` says, of those that may be written. Nothing at all
    /// without a sample.
    #[inline]
    fn whole(&mut self, items_before: usize, put: impl FnOnce(&D, &mut Window<'_>, usize) -> usize) -> usize {
        if self.left <= items_before || !self.dialect.has_samples_alone() {
            return 0;
        }
        let mark = self.window.len();
        let samples = put(self.dialect, self.window, self.left - items_before);
        if samples == 0 {
            self.window.rewind(mark);
            return 0;
        }
        self.left -= items_before + samples;
        *self.series += samples as u64;
        samples
    }
}

impl<D: Dialect> Take<Step> for Lines<'_, '_, D> {
    fn item(&mut self, item: Item<'_>) -> ControlFlow<Step> {
        if self.left == 0 {
            return Break(Step::More);
        }
        let mark = self.window.len();
        let samples = match item {
            Item::Family(family) => {
                self.dialect.put_family(family, self.window);
                0
            }
            Item::Sample(sample) => {
                put_sample(&sample, self.window);
                self.dialect.put_after(&sample, self.window);
                1
            }
            // This walk gives them line by line.
            Item::Histogram(_) => 0,
        };
        if !self.window.end_line(mark) {
            return Break(Step::Full);
        }
        self.left -= 1;
        *self.series += samples;
        Continue(())
    }

    #[inline]
    fn cells(&mut self, family: Opened, series: impl Iterator<Item = (&'static str, Value)>) -> usize {
        self.at_once(family, |window, limit| put_cells(series, window, limit))
    }

    #[inline]
    fn only(&mut self, family: &'static Family, value: Value) -> bool {
        let samples = self.whole(1, |dialect, window, _| {
            dialect.put_beginning(family, window);
            usize::from(put_value_at_end(b" ", value, window))
        });
        samples > 0
    }

    fn objects(&mut self, family: Opened, objects: &[(Name, Value)]) -> usize {
        self.at_once(family, |window, limit| put_objects(family.family.opening(), objects, window, limit))
    }

    fn fields(&mut self, family: Opened, name: &Name, series: impl Iterator<Item = (&'static str, Value)>) -> usize {
        self.at_once(family, |window, limit| put_fields(family.family.opening(), name, series, window, limit))
    }

    fn listed(&mut self, family: Opened, texts: &[&'static str], words: &[&'static str], value: Value) -> usize {
        self.at_once(family, |window, _| put_listed(texts, words, value, window))
    }
}
