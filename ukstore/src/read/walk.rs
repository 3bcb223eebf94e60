//! The walk through all samples, family by family, that every encoder takes. Not for encoding.

use core::ops::ControlFlow::{self, Continue};
use core::sync::atomic::Ordering::Relaxed;

use super::sample::{Item, Opened, Part, Sample, Series, Take};
use super::series;
use crate::gate;
use crate::object::END;
use crate::record::{Column, Field, Source};
use crate::source::{Buckets, Cells, Info, List, Prompts, Snapshot, States};
use crate::{Family, Kind, Name, Value, families, own, tables};

/// A place in the exposition. It holds a key and, inside a histogram, a copy of its numbers; never a reference to an
/// object and never a lock. However long it rests, nothing waits for it.
///
/// Within a family only objects are given that were alive when the family began, so no series comes twice, even if
/// an object goes and another takes its name meanwhile. Families of a source that is off are passed over, but for a
/// histogram that was begun.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Index into the families.
    family: usize,
    pub(super) at: At,
    /// Objects this young or younger are left to the next walk.
    pub(super) births: u64,
    /// Whether objects were folded when the family began.
    pub(super) has_folded: bool,
    /// Whether histograms are given whole, not line by line.
    pub(super) is_whole: bool,
    /// A bit for each source that a sample was late of.
    late: u64,
    /// How many samples were late, until the walk ends: what is read again after going back counts once.
    late_samples: u64,
    /// Whose histogram this is, while the walk is in that of an object.
    pub(super) name: Name,
    pub(super) histogram: Snapshot,
}

/// A place in a walk, to which it can go back.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    family: usize,
    at: At,
    births: u64,
    has_folded: bool,
    late_samples: u64,
}

/// A place in a family. Of a family with one sample that is always the beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    /// Which sample of the family is next: an index, a slot, or a line of a histogram.
    pub(super) position: u32,
    /// Which series of an object's field, or which line of its histogram, is next.
    pub(super) value: u8,
    /// Whether the family's header was taken.
    pub(super) begun: bool,
}

impl At {
    const BEGINNING: Self = Self { position: 0, value: 0, begun: false };
}

/// The position behind the objects of a class, where what was folded is told.
pub(super) const FOLDED: u32 = END;

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

impl Walk {
    /// A walk at the beginning.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            family: 0,
            at: At::BEGINNING,
            births: 0,
            has_folded: false,
            is_whole: false,
            late: 0,
            late_samples: 0,
            name: Name::EMPTY,
            histogram: Snapshot::EMPTY,
        }
    }

    /// A walk that gives each histogram as one item. It never rests inside one, so it may go back to where it was.
    #[must_use]
    pub const fn whole() -> Self {
        Self { is_whole: true, ..Self::new() }
    }

    /// Where this walk is.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        let &Self { family, at, births, has_folded, late_samples, .. } = self;
        Mark { family, at, births, has_folded, late_samples }
    }

    /// Goes back to a place where this walk, which gives histograms whole, was. What is given again is read anew; the
    /// family that it was in is not given again.
    pub const fn rewind(&mut self, mark: Mark) {
        let Mark { family, at, births, has_folded, late_samples } = mark;
        (self.family, self.at, self.late_samples) = (family, at, late_samples);
        (self.births, self.has_folded) = (births, has_folded);
    }

    /// A bit for each source of which this walk missed a sample, because a function of the program did not return in time.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// Gives one item after the other to `take`, until it breaks or there is none left. An item `take` broke at
    /// counts as not taken: the next call begins with it, its value read anew.
    #[inline]
    pub fn each<B>(&mut self, take: impl FnMut(Item<'_>) -> ControlFlow<B>) -> ControlFlow<B> {
        self.each_where(|_| true, take)
    }

    /// The same of the families that `admit` admits. It is asked once for each family before that is read, and for the one
    /// that the walk rested in.
    #[inline]
    pub fn each_where<B>(
        &mut self,
        admit: impl FnMut(&'static Family) -> bool,
        take: impl FnMut(Item<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.give_all(admit, take)
    }

    /// The same for whoever can take many series at once.
    #[inline]
    pub fn give_all<B>(
        &mut self,
        mut admit: impl FnMut(&'static Family) -> bool,
        mut take: impl Take<B>,
    ) -> ControlFlow<B> {
        let families = families();
        // As long as the other table, so that one check of the bounds will do.
        let off = tables::families_off();
        while let Some(family) = families.get(self.family) {
            let is_off = off.get(self.family).is_some_and(|is_off| is_off.load(Relaxed));
            if (!is_off || self.is_half_told(family)) && admit(family) {
                self.family(family, &mut take)?;
            }
            self.family += 1;
            self.begin_family();
        }
        own::LATE.add(self.take_late());
        Continue(())
    }

    /// Goes to the beginning of the next family.
    pub(super) const fn begin_family(&mut self) {
        self.at = At::BEGINNING;
    }

    /// How many samples were late, once.
    pub(super) fn take_late(&mut self) -> u64 {
        core::mem::take(&mut self.late_samples)
    }

    /// Gives the next item to `take`. `None` after the last.
    ///
    /// The item counts as taken, whatever `take` returns.
    pub fn next<R>(&mut self, take: impl FnOnce(Item<'_>) -> R) -> Option<R> {
        self.next_where(|_| true, take)
    }

    /// The same of the families that `admit` admits.
    pub fn next_where<R>(
        &mut self,
        admit: impl FnMut(&'static Family) -> bool,
        take: impl FnOnce(Item<'_>) -> R,
    ) -> Option<R> {
        let mut take = Some(take);
        let mut result = None;
        // The second item is the one to break at: the first must count as taken.
        let _ = self.each_where(admit, |item| match take.take() {
            Some(take) => {
                result = Some(take(item));
                Continue(())
            }
            None => ControlFlow::Break(()),
        });
        result
    }

    /// Half a histogram tells something wrong, and none has a function that would have to be called.
    pub(super) fn is_half_told(&self, family: &Family) -> bool {
        self.at.begun && family.kind() == Kind::Histogram
    }

    /// Gives what is left of one family.
    #[inline]
    pub(super) fn family<B>(&mut self, family: &'static Family, take: &mut impl Take<B>) -> ControlFlow<B> {
        match family.source() {
            Source::Counter(_, cell) => self.single(family, series::of_counter(family, cell.get()), take),
            Source::Gauge(_, cell) => self.single(family, series::of_gauge(family, cell.get()), take),
            Source::Computed(_, function) => self.single(family, function(), take),
            Source::Sampled(_, sampled) => match sampled.read() {
                Some(value) => self.single(family, value, take),
                None => {
                    self.late |= gate::Source::of(family).bit();
                    self.late_samples += 1;
                    Continue(())
                }
            },
            source => self.several(family, source, take),
        }
    }

    /// The one sample of a family that has no label. Most samples are that: inlined into each way to read one, it need not ask
    /// what kind of value it was given.
    #[inline(always)]
    fn single<B>(&mut self, family: &'static Family, value: Value, take: &mut impl Take<B>) -> ControlFlow<B> {
        // Whoever takes it has nothing more to take of the family.
        if !self.at.begun && !matches!(value, Value::Absent) && take.only(family, value) {
            return Continue(());
        }
        self.give(family, Series::Fixed(family.name()), Part::Whole, value, take)
    }

    /// A family that has, or may have, several samples.
    fn several<B>(&mut self, family: &'static Family, source: Source, take: &mut impl Take<B>) -> ControlFlow<B> {
        match source {
            Source::Histogram(_, histogram) if self.is_whole => self.whole_histogram(family, histogram, take),
            Source::Histogram(_, histogram) => self.histogram(family, histogram, take),
            Source::States(_, states) => self.states(family, states, take),
            Source::Info(_, info) => match info.prefix() {
                Some(prefix) => self.give(family, Series::Fixed(prefix), Part::Whole, Value::U64(1), take),
                None => self.info(family, info, take),
            },
            Source::Group(field, _, group) => {
                self.group(family, field, &group.fields()[usize::from(field)], group.cells(), take)
            }
            Source::Class(field, _, class) => self.class(family, field, class, take),
            Source::List(_, list) => self.list(family, list, take),
            Source::Prompts(_, prompts) => self.prompts(family, prompts, take),
            Source::Counters(_, cells) => {
                self.cells(family, cells, |cell| series::of_counter(family, cell.get()), take)
            }
            Source::Gauges(_, cells) => self.cells(family, cells, |cell| series::of_gauge(family, cell.get()), take),
            // These have one sample; an untold one is in no table.
            Source::Counter(..)
            | Source::Gauge(..)
            | Source::Computed(..)
            | Source::Sampled(..)
            | Source::Untold(_) => Continue(()),
        }
    }

    /// The family, and whether it was given.
    #[inline]
    pub(super) fn opened(&self, family: &'static Family) -> Opened {
        Opened { family, is_begun: self.at.begun }
    }

    /// So many series were taken at once, and the family with the first.
    #[inline]
    pub(super) fn took(&mut self, series: usize) -> usize {
        self.at.begun |= series > 0;
        series
    }

    fn prompts<B>(
        &mut self,
        family: &'static Family,
        prompts: &'static Prompts,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        while let Some((prefix, value)) = prompts.at(self.at.position as usize) {
            let is_there = !matches!(value, Value::Absent);
            if is_there && self.took(take.cells(self.opened(family), core::iter::once((prefix, value)))) == 0 {
                self.give(family, Series::Fixed(prefix), Part::Whole, value, take)?;
            }
            self.at.position += 1;
        }
        Continue(())
    }

    fn cells<B, C>(
        &mut self,
        family: &'static Family,
        cells: &'static Cells<C>,
        value: impl Fn(&C) -> Value,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        while let Some((prefix, cell)) = cells.at(self.at.position as usize) {
            let next = cells.from(self.at.position as usize).map(|(prefix, cell)| (prefix, value(cell)));
            let taken = self.took(take.cells(self.opened(family), next));
            // What could not be taken at once comes by itself.
            if taken == 0 {
                self.give(family, Series::Fixed(prefix), Part::Whole, value(cell), take)?;
            }
            self.at.position += taken.max(1) as u32;
        }
        Continue(())
    }

    fn states<B>(
        &mut self,
        family: &'static Family,
        states: &'static States,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        if self.at.position == 0 {
            // All its samples are of one instant.
            self.at.value = states.current() as u8;
        }
        while let Some(prefix) = states.prefixes().get(self.at.position as usize) {
            let holds = Value::Bool(self.at.position == u32::from(self.at.value));
            self.give(family, Series::Fixed(prefix), Part::Whole, holds, take)?;
            self.at.position += 1;
        }
        Continue(())
    }

    fn info<B>(&mut self, family: &'static Family, info: &'static Info, take: &mut impl Take<B>) -> ControlFlow<B> {
        series::with_labels(info, |labels| self.give(family, Series::Labels(labels), Part::Whole, Value::U64(1), take))
    }

    fn list<B>(&mut self, family: &'static Family, list: &'static List, take: &mut impl Take<B>) -> ControlFlow<B> {
        while let Some(found) = list.next(&mut self.at.position) {
            let is_there = !matches!(found.value, Value::Absent);
            if is_there && self.took(take.listed(self.opened(family), list.texts(), found.words(), found.value)) == 0 {
                found
                    .with_labels(|labels| self.give(family, Series::Labels(labels), Part::Whole, found.value, take))?;
            }
            self.at.position += 1;
        }
        Continue(())
    }

    fn histogram<B>(
        &mut self,
        family: &'static Family,
        histogram: &'static crate::Histogram,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        if self.at.position == 0 {
            histogram.snapshot_into(&mut self.histogram);
        }
        let line = |snapshot: &Snapshot, at: usize| {
            let (part, value) = series::line(family, snapshot, at)?;
            Some((*histogram.prefixes().get(at)?, part, value))
        };
        while let Some((prefix, part, value)) = line(&self.histogram, self.at.position as usize) {
            let next = (self.at.position as usize..).map_while(|at| line(&self.histogram, at));
            let taken = take.cells(self.opened(family), next.map(|(prefix, _, value)| (prefix, value)));
            if self.took(taken) == 0 {
                self.give(family, Series::Fixed(prefix), part, value, take)?;
            }
            self.at.position += taken.max(1) as u32;
        }
        Continue(())
    }

    fn group<B>(
        &mut self,
        family: &'static Family,
        index: u8,
        field: &'static Field,
        cells: &dyn crate::object::Columns,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        if let Some(buckets) = cells.histogram(index) {
            if self.is_whole {
                return self.whole_histogram(family, buckets, take);
            }
            if self.at.position == 0 {
                buckets.snapshot_into(&mut self.histogram);
            }
            while let Some((part, value)) = series::line(family, &self.histogram, self.at.position as usize) {
                self.give(family, Series::Names(&[]), part, value, take)?;
                self.at.position += 1;
            }
            return Continue(());
        }
        while (self.at.position as usize) < field.series() {
            let column = Column { field: index, value: self.at.position as u8 };
            let value = cells.value(column);
            match field.own_label(column.value) {
                Some(own) => self.give(family, Series::Names(&[own]), Part::Whole, value, take)?,
                None => self.give(family, Series::Fixed(family.name()), Part::Whole, value, take)?,
            }
            self.at.position += 1;
        }
        Continue(())
    }

    /// Gives a sample that has a value, and before the first of a family the family.
    #[inline]
    pub(super) fn give<B>(
        &mut self,
        family: &'static Family,
        series: Series<'_>,
        part: Part,
        value: Value,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        if matches!(value, Value::Absent) {
            return Continue(());
        }
        self.begin(family, take)?;
        take.item(Item::Sample(Sample { family, series, part, value }))
    }

    /// Gives the family, if that was not done.
    #[inline]
    pub(super) fn begin<B>(&mut self, family: &'static Family, take: &mut impl Take<B>) -> ControlFlow<B> {
        if !self.at.begun {
            take.item(Item::Family(family))?;
            self.at.begun = true;
        }
        Continue(())
    }
}
