//! The walk through all samples, source by source, for formats whose lines have many numbers. Not for encoding.

use core::ops::ControlFlow::{self, Continue};

use super::rows::{Owner, Rows};
use super::sample::{Item, Part, Sample, Series};
use super::series;
use super::walk::{FOLDED, Walk};
use crate::gate::Gate;
use crate::object::{ClassRecord, OTHER, Which};
use crate::record::{Entry, GroupRecord, Source, What};
use crate::{Family, Name, Value, entries, names, own};

/// A place among the points: a point is what a source tells of one set of labels. The samples are those of a [`Walk`], each
/// once. They come in an order in which those of a point mostly follow each other, so that who writes lines goes on with
/// the line while source and labels are the same.
///
/// All numbers of an object are of one instant, and so are those of a group. As a walk, it holds a key and a copy, never a
/// reference to an object and never a lock. Objects that are added while it is in their class are left to the next.
/// Sources that are off are passed over, but for what was begun.
#[derive(Clone, Debug)]
pub struct Points {
    source: Stretch,
    pass: Pass,
    /// Index into the entries.
    entry: usize,
    /// A place in what the entry tells.
    walk: Walk,
    /// What is told of a group or an object.
    rows: Rows,
    /// The object's name.
    name: Name,
}

/// The entries of one source.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    first: usize,
    end: usize,
    /// How many values there are of the label that has the most, of those known when the program was built.
    values: usize,
}

/// A source's entries are gone through several times.
#[derive(Clone, Copy, Debug)]
enum Pass {
    /// For what has no label.
    Plain,
    /// For what labels' values at this place have, of labels that were known when the program was built.
    Value(usize),
    /// For everything else.
    Rest,
}

impl Default for Points {
    fn default() -> Self {
        Self::new()
    }
}

impl Points {
    /// At the beginning.
    #[must_use]
    pub const fn new() -> Self {
        // At the end of a source that has nothing.
        let source = Stretch { first: 0, end: 0, values: 0 };
        Self { source, pass: Pass::Rest, entry: 0, walk: Walk::new(), rows: Rows::EMPTY, name: Name::EMPTY }
    }

    /// Gives one sample after the other to `take`, until it breaks or there is none left. A sample `take` broke at counts
    /// as not taken: the next call begins with it.
    pub fn each<B>(&mut self, mut take: impl FnMut(Sample<'_>) -> ControlFlow<B>) -> ControlFlow<B> {
        // Asked anew after each rest, which may have been a long one.
        let mut gate = Gate::now();
        while let Some(entry) = self.next_entry() {
            let is_on = gate.admits(names::source(entry.path()));
            self.tell(entry.what(), is_on, &mut take)?;
            self.walk.begin_family();
            self.entry += 1;
        }
        own::LATE.add(self.walk.take_late());
        Continue(())
    }

    /// The entry that is told or is next; `None` behind the last pass of the last source.
    fn next_entry(&mut self) -> Option<&'static Entry> {
        if self.entry == self.source.end {
            self.pass = match self.pass {
                Pass::Plain if self.source.values > 0 => Pass::Value(0),
                Pass::Value(value) if value + 1 < self.source.values => Pass::Value(value + 1),
                Pass::Plain | Pass::Value(_) => Pass::Rest,
                Pass::Rest => {
                    self.source = Stretch::at(self.source.end);
                    Pass::Plain
                }
            };
            self.entry = self.source.first;
        }
        entries().get(self.entry)
    }

    /// What an entry tells in a pass, from where it rests.
    fn tell<B>(
        &mut self,
        what: What,
        is_on: bool,
        take: &mut impl FnMut(Sample<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        match (self.pass, what) {
            (Pass::Rest, What::Group(group)) => return self.group(group, is_on, take),
            (Pass::Rest, What::Class(class)) => return self.class(class, is_on, take),
            _ => {}
        }
        let Some(family) = family_at(what).filter(|family| is_on || self.walk.is_half_told(family)) else {
            return Continue(());
        };
        match (self.pass, is_plain(family), family.label()) {
            (Pass::Plain, true, _) | (Pass::Rest, false, None) => self.family(family, take),
            (Pass::Value(value), _, Some(_)) => match series::fixed(family, value as u32) {
                Some((_, Value::Absent)) | None => Continue(()),
                Some((prefix, value)) => {
                    take(Sample { family, series: Series::Fixed(prefix), part: Part::Whole, value })
                }
            },
            _ => Continue(()),
        }
    }

    fn family<B>(
        &mut self,
        family: &'static Family,
        take: &mut impl FnMut(Sample<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.walk.family(family, &mut |item: Item<'_>| match item {
            Item::Sample(sample) => take(sample),
            // The samples say whose they are.
            Item::Family(_) | Item::Histogram(_) => Continue(()),
        })
    }

    fn group<B>(
        &mut self,
        group: &'static GroupRecord,
        is_on: bool,
        take: &mut impl FnMut(Sample<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if !self.rows.is_begun() {
            if !is_on {
                return Continue(());
            }
            critical_section::with(|_| self.rows.copy(group.fields(), group.cells()));
        }
        self.rows.give(group.fields(), Owner::Group, take)
    }

    fn class<B>(
        &mut self,
        class: &'static ClassRecord,
        is_on: bool,
        take: &mut impl FnMut(Sample<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let walk = &mut self.walk;
        if !walk.at.begun {
            (walk.births, walk.has_folded) = class.objects().extent();
            walk.at.begun = true;
        }
        loop {
            let is_there = self.rows.is_begun() || (is_on && self.next_object(class));
            if !is_there {
                return Continue(());
            }
            let is_folded = self.walk.at.position == FOLDED;
            let owner = if is_folded { Owner::Folded } else { Owner::Object };
            self.rows.give(class.fields(), owner(class, self.name.as_str()), take)?;
            if is_folded {
                self.walk.has_folded = false;
            } else {
                self.walk.at.position += 1;
            }
        }
    }

    /// Copies the next object of a class, and behind the last what was folded; whether there was something.
    fn next_object(&mut self, class: &'static ClassRecord) -> bool {
        let Self { walk, rows, name, .. } = self;
        let mut is_found = false;
        while !is_found && walk.at.position != FOLDED {
            let births = walk.births;
            let mut found = None;
            class.objects().visit(walk.at.position, Which::WithSeries, &mut |key, object, cells| {
                found = Some(key.slot);
                if key.born < births {
                    rows.copy(class.fields(), cells);
                    *name = *object;
                    is_found = true;
                }
            });
            // Of one that is too young, the slot behind it.
            walk.at.position = found.map_or(FOLDED, |slot| slot + u32::from(!is_found));
        }
        if !is_found && walk.has_folded {
            rows.fold(class);
            *name = Name::clean(OTHER);
            is_found = true;
        }
        is_found
    }
}

/// The family that an entry is the path of.
const fn family_at(what: What) -> Option<&'static Family> {
    match what {
        What::Family(family) => Some(family),
        What::Setting(setting) => setting.family(),
        What::Text(_) | What::Class(_) | What::Group(_) | What::Sources | What::Tags => None,
    }
}

/// Whether a family has one series, and no label.
const fn is_plain(family: &Family) -> bool {
    matches!(family.source(), Source::Counter(..) | Source::Gauge(..) | Source::Computed(..) | Source::Sampled(..))
}

impl Stretch {
    /// The source whose first entry this is.
    fn at(first: usize) -> Self {
        let rest = entries().get(first..).unwrap_or_default();
        let source = rest.first().map(|entry| names::source(entry.path()));
        let len = rest.iter().take_while(|entry| Some(names::source(entry.path())) == source).count();
        let labels = rest.iter().take(len).filter_map(|entry| family_at(entry.what())?.label());
        Self { first, end: first + len, values: labels.map(|(_, values)| values.len()).max().unwrap_or(0) }
    }
}
