//! The walk through all samples, family by family, that every encoder takes. Not for encoding.

use core::ops::ControlFlow::{self, Continue};

use super::sample::{Item, Part, Sample, Series};
use super::series;
use crate::object::{ClassRecord, Column};
use crate::record::Source;
use crate::source::{Histogram, Info, List, Snapshot};
use crate::{Family, Value, families};

/// A place in the exposition. It holds a key and, inside a histogram, a copy of its numbers; never a reference to an
/// object and never a lock. However long it rests, nothing waits for it.
///
/// Within a family only objects are given that were alive when the family began, so no series comes twice, even if
/// an object goes and another takes its name meanwhile.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Index into the families.
    family: usize,
    /// Whether the family's header was taken.
    begun: bool,
    /// Which sample of the family is next: an index, a slot, or a line of a histogram.
    position: u32,
    /// Which series of an object's field is next.
    value: u8,
    /// Objects this young or younger are left to the next walk.
    births: u64,
    histogram: Snapshot,
}

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

impl Walk {
    /// A walk at the beginning.
    #[must_use]
    pub const fn new() -> Self {
        Self { family: 0, begun: false, position: 0, value: 0, births: 0, histogram: Snapshot::EMPTY }
    }

    /// Gives one item after the other to `take`, until it breaks or there is none left. An item `take` broke at
    /// counts as not taken: the next call begins with it, its value read anew.
    pub fn each<B>(&mut self, mut take: impl FnMut(Item<'_>) -> ControlFlow<B>) -> ControlFlow<B> {
        let families = families();
        while let Some(family) = families.get(self.family) {
            match family.source() {
                Source::Counter(_, cell) => self.single(family, series::of_counter(family, cell.get()), &mut take)?,
                Source::Gauge(_, cell) => self.single(family, series::of_gauge(family, cell.get()), &mut take)?,
                Source::Computed(_, function) => self.single(family, function(), &mut take)?,
                Source::Field(field, _, class) => self.objects(family, field, class, &mut take)?,
                Source::Histogram(_, histogram) => self.histogram(family, histogram, &mut take)?,
                Source::Info(_, info) if info.prefix().is_none() => self.info(family, info, &mut take)?,
                Source::List(_, list) => self.list(family, list, &mut take)?,
                _ => self.fixed(family, &mut take)?,
            }
            self.family += 1;
            self.begun = false;
            self.position = 0;
        }
        Continue(())
    }

    /// Gives the next item to `take`. `None` after the last.
    ///
    /// The item counts as taken, whatever `take` returns.
    pub fn next<R>(&mut self, take: impl FnOnce(Item<'_>) -> R) -> Option<R> {
        let mut take = Some(take);
        let mut result = None;
        // The second item is the one to break at: the first must count as taken.
        let _ = self.each(|item| match take.take() {
            Some(take) => {
                result = Some(take(item));
                Continue(())
            }
            None => ControlFlow::Break(()),
        });
        result
    }

    #[inline]
    fn single<B>(
        &mut self,
        family: &'static Family,
        value: Value,
        take: &mut impl FnMut(Item<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if self.position == 0 && value != Value::Absent {
            self.give(Sample { family, series: Series::Fixed(family.name()), part: Part::Whole, value }, take)?;
            self.position = 1;
        }
        Continue(())
    }

    fn fixed<B>(
        &mut self,
        family: &'static Family,
        take: &mut impl FnMut(Item<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        while let Some((prefix, value)) = series::fixed(family, self.position) {
            if value != Value::Absent {
                let sample = Sample { family, series: Series::Fixed(prefix), part: Part::Whole, value };
                self.give(sample, take)?;
            }
            self.position += 1;
        }
        Continue(())
    }

    fn histogram<B>(
        &mut self,
        family: &'static Family,
        histogram: &'static Histogram,
        take: &mut impl FnMut(Item<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if self.position == 0 {
            self.histogram = histogram.snapshot();
        }
        while let Some((prefix, part, value)) = series::line(family, histogram, &self.histogram, self.position) {
            self.give(Sample { family, series: Series::Fixed(prefix), part, value }, take)?;
            self.position += 1;
        }
        Continue(())
    }

    fn info<B>(
        &mut self,
        family: &'static Family,
        info: &'static Info,
        take: &mut impl FnMut(Item<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if self.position == 0 {
            series::with_labels(info, |labels| {
                let series = Series::Labels(labels);
                self.give(Sample { family, series, part: Part::Whole, value: Value::U64(1) }, take)
            })?;
            self.position = 1;
        }
        Continue(())
    }

    fn objects<B>(
        &mut self,
        family: &'static Family,
        field: u8,
        class: &'static ClassRecord,
        take: &mut impl FnMut(Item<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if !self.begun {
            self.births = class.objects().births();
        }
        let series_of_each = class.field(Column { field, value: 0 }).map_or(0, |field| field.series().len());
        loop {
            let column = Column { field, value: self.value };
            let Some(reading) = class.objects().at_or_after(self.position, Some(column)) else { break };
            let is_known = reading.key.born < self.births;
            if reading.key.slot != self.position && self.value != 0 {
                // The object it rested in is gone; another one begins with its first series.
                self.position = reading.key.slot;
                self.value = 0;
                continue;
            }
            self.position = reading.key.slot;
            if is_known && reading.value != Value::Absent {
                series::with_object_labels(class, column, &reading.name, |labels| {
                    let series = Series::Labels(labels);
                    self.give(Sample { family, series, part: Part::Whole, value: reading.value }, take)
                })?;
            }
            self.value += 1;
            if !is_known || usize::from(self.value) >= series_of_each {
                self.position += 1;
                self.value = 0;
            }
        }
        Continue(())
    }

    fn list<B>(
        &mut self,
        family: &'static Family,
        list: &'static List,
        take: &mut impl FnMut(Item<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        while let Some((label, value)) = (list.at)(&mut self.position) {
            let labels = [(list.label, label)];
            self.give(Sample { family, series: Series::Labels(&labels), part: Part::Whole, value }, take)?;
            self.position += 1;
        }
        Continue(())
    }

    /// Gives a sample, and before the first of a family the family.
    #[inline]
    fn give<B>(&mut self, sample: Sample<'_>, take: &mut impl FnMut(Item<'_>) -> ControlFlow<B>) -> ControlFlow<B> {
        if !self.begun {
            take(Item::Family(sample.family))?;
            self.begun = true;
        }
        take(Item::Sample(sample))
    }
}
