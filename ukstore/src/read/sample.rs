//! What readers are given. Not for encoding it.

use core::fmt;
use core::ops::ControlFlow;

use crate::{Buckets, Family, Name, Value};

/// One step of a walk through the families.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A family begins that had a sample a moment ago; its samples follow before the next family.
    Family(&'static Family),
    /// A sample of the family that began last.
    Sample(Sample<'a>),
    /// A histogram of the family that began last, in a walk that gives them whole.
    Histogram(WholeHistogram<'a>),
}

/// What a walk gives its items to. A closure that takes items is one.
pub trait Take<B> {
    /// Takes an item, or breaks at it: then it counts as not taken.
    fn item(&mut self, item: Item<'_>) -> ControlFlow<B>;

    /// Takes as many as it likes of the next series of a family, each its prefix and its value, and returns how many. With
    /// the first it takes the family, unless that was given before. What is left comes as items. For what can take many at
    /// once faster than each by itself.
    #[inline]
    fn cells(&mut self, family: Opened, series: impl Iterator<Item = (&'static str, Value)>) -> usize {
        let _ = (family, series);
        0
    }

    /// The same of the one series of a family that has no label, and was not given before; whether it was taken.
    #[inline]
    fn only(&mut self, family: &'static Family, value: Value) -> bool {
        let _ = (family, value);
        false
    }

    /// The same of series that are told apart by the name of an object alone: see [`Family::opening`].
    #[inline]
    fn objects(&mut self, family: Opened, objects: &[(Name, Value)]) -> usize {
        let _ = (family, objects);
        0
    }

    /// The same of one object's series, each what ends its labels, joined when the program was built, and its value.
    #[inline]
    fn fields(&mut self, family: Opened, name: &Name, series: impl Iterator<Item = (&'static str, Value)>) -> usize {
        let _ = (family, name, series);
        0
    }

    /// The same of one series whose labels' values were found just now: before each of them stands one of the texts, which
    /// were joined when the program was built.
    #[inline]
    fn listed(&mut self, family: Opened, texts: &[&'static str], words: &[&'static str], value: Value) -> usize {
        let _ = (family, texts, words, value);
        0
    }
}

/// A family of which samples are given, and whether it was given itself.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// The family.
    pub family: &'static Family,
    /// Whether it was given before.
    pub is_begun: bool,
}

impl<B, F: FnMut(Item<'_>) -> ControlFlow<B>> Take<B> for F {
    #[inline]
    fn item(&mut self, item: Item<'_>) -> ControlFlow<B> {
        self(item)
    }
}

/// All numbers of one histogram, of one instant.
#[derive(Clone, Copy)]
pub struct WholeHistogram<'a> {
    /// The family it is of.
    pub family: &'static Family,
    /// The labels of its series and their values, unescaped.
    pub labels: &'a [(&'static str, &'a str)],
    /// A copy: whatever is read of it, it stands still.
    pub buckets: &'a dyn Buckets,
}

impl fmt::Debug for WholeHistogram<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WholeHistogram")
            .field("family", self.family)
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}

/// One value and what it belongs to. A histogram gives several, all of one instant.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The family it is of.
    pub family: &'static Family,
    /// Which series of the family.
    pub series: Series<'a>,
    /// Which part of the series' metric.
    pub part: Part,
    /// The value, never [`Value::Absent`].
    pub value: Value,
}

/// How a series is told apart.
#[derive(Clone, Copy, Debug)]
pub enum Series<'a> {
    /// Everything an exposition writes before the value, joined when the program was built:
    /// `name`, `name{label="value"}` or `name_bucket{le="0.1"}`.
    Fixed(&'static str),
    /// Labels and their values as they are, unescaped; the metric name is the family's.
    Labels(&'a [(&'static str, &'a str)]),
    /// The same, of values that need no escaping: names of objects, and words that were checked when the program was built.
    Names(&'a [(&'static str, &'a str)]),
}

/// Which number of a metric a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The only one.
    Whole,
    /// A histogram's cumulative count up to a bound; `None` is `+Inf`. In billionths if the unit is seconds or ratio.
    Bucket(Option<u64>),
    /// A histogram's sum.
    Sum,
    /// A histogram's count.
    Count,
}

impl Part {
    /// What stands behind the family's name in that of a series.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Bucket(_) => "_bucket",
            Self::Sum => "_sum",
            Self::Count => "_count",
        }
    }
}

impl<'a> Series<'a> {
    /// The labels and their values, of either form, without a histogram's `le`.
    pub fn labels(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let (fixed, given) = match self {
            Self::Fixed(prefix) => (prefix.split_once('{').map_or("", |(_, labels)| labels), &[][..]),
            Self::Labels(labels) | Self::Names(labels) => ("", labels),
        };
        // Fixed values hold no quotes or backslashes (`names::label_value`), so every second piece between quotes is one.
        let mut pieces = fixed.split('"');
        let fixed = core::iter::from_fn(move || {
            let name = pieces.next()?.trim_start_matches(',').strip_suffix('=')?;
            Some((name, pieces.next()?))
        });
        fixed.filter(|&(name, _)| name != "le").chain(given.iter().copied())
    }
}
