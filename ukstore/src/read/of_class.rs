//! The samples of a class's objects, which come and go while a walk rests. Not for histograms given whole: see `whole.rs`.

use core::ops::ControlFlow::{self, Continue};

use heapless::Vec;

use super::sample::{Part, Series, Take};
use super::series;
use super::walk::{FOLDED, Walk};
use crate::object::{Batch, ClassRecord, END, HistogramSum, OTHER, Which};
use crate::record::{Column, Field, MAX_GROUP};
use crate::{Family, Kind, Name, Value};

impl Walk {
    /// All samples of one of a class's fields.
    pub(super) fn class<B>(
        &mut self,
        family: &'static Family,
        index: u8,
        class: &'static ClassRecord,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        let Some(field) = class.fields().get(usize::from(index)) else { return Continue(()) };
        if !self.at.begun {
            (self.births, self.has_folded) = class.objects().extent();
        }
        match field.kind() {
            Kind::Histogram if self.is_whole => return self.whole_histograms(family, index, class, take),
            Kind::Histogram => return self.histograms(family, index, class, take),
            _ => {}
        }
        if field.own_label(0).is_none() {
            self.objects(family, Column { field: index, value: 0 }, class, take)?;
        } else {
            self.objects_by_label(family, index, class, field, take)?;
        }
        while self.has_folded && usize::from(self.at.value) < field.series() {
            let column = Column { field: index, value: self.at.value };
            if let Some(value) = class.objects().folded_sum(column) {
                series::with_object_labels(class, field, column, OTHER, |labels| {
                    self.give(family, Series::Names(labels), Part::Whole, value, take)
                })?;
            }
            self.at.value += 1;
        }
        Continue(())
    }

    /// The series of each object of a class that are told apart by the field's own label.
    fn objects_by_label<B>(
        &mut self,
        family: &'static Family,
        index: u8,
        class: &'static ClassRecord,
        field: &'static Field,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        while self.at.position != FOLDED {
            let mut values = Vec::<Value, MAX_GROUP>::new();
            let mut found = None;
            class.objects().visit(self.at.position, Which::WithSeries, &mut |key, name, cells| {
                // A field has no more series than there is room for (`demand_fields`).
                values
                    .extend((0..field.series()).map(|value| cells.value(Column { field: index, value: value as u8 })));
                found = Some((key, *name));
            });
            let Some((key, name)) = found else {
                (self.at.position, self.at.value) = (FOLDED, 0);
                break;
            };
            if key.slot != self.at.position {
                // The object it rested in is gone; another one begins with its first series.
                (self.at.position, self.at.value) = (key.slot, 0);
            }
            while key.born < self.births
                && let Some(&value) = values.get(usize::from(self.at.value))
            {
                let next = (self.at.value..).map_while(|at| Some((field.ending(at)?, *values.get(usize::from(at))?)));
                let taken = take.fields(self.opened(family), &name, next);
                if self.took(taken) == 0 {
                    let column = Column { field: index, value: self.at.value };
                    series::with_object_labels(class, field, column, name.as_str(), |labels| {
                        self.give(family, Series::Names(labels), Part::Whole, value, take)
                    })?;
                }
                self.at.value += taken.max(1) as u8;
            }
            (self.at.position, self.at.value) = (key.slot + 1, 0);
        }
        Continue(())
    }

    /// One series of each object of a class, a few objects at a time.
    fn objects<B>(
        &mut self,
        family: &'static Family,
        column: Column,
        class: &'static ClassRecord,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        let mut batch = Batch::before(self.at.position);
        while batch.next() != END {
            class.objects().read(self.births, column, &mut batch);
            let mut done = 0;
            while let Some([(name, value), ..]) = batch.objects().get(done..) {
                self.at.position = batch.slot(done);
                let taken = take.objects(self.opened(family), batch.objects().get(done..).unwrap_or_default());
                let taken = self.took(taken);
                // What could not be taken at once comes by itself.
                if taken == 0 {
                    let labels = [(class.label(), name.as_str())];
                    self.give(family, Series::Names(&labels), Part::Whole, *value, take)?;
                }
                done += taken.max(1);
            }
            self.at.position = batch.next();
        }
        Continue(())
    }

    /// The histograms of a class's objects. One that was begun is told to its end, from the copy, whatever becomes of the
    /// object.
    fn histograms<B>(
        &mut self,
        family: &'static Family,
        index: u8,
        class: &'static ClassRecord,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        loop {
            if self.at.value == 0 {
                let mut found = None;
                let (name, histogram) = (&mut self.name, &mut self.histogram);
                if self.at.position != FOLDED {
                    class.objects().visit(self.at.position, Which::WithSeries, &mut |key, object, cells| {
                        *name = *object;
                        cells.histogram(index).inspect(|buckets| buckets.snapshot_into(histogram));
                        found = Some(key);
                    });
                }
                match found {
                    Some(key) if key.born >= self.births => {
                        self.at.position = key.slot + 1;
                        continue;
                    }
                    Some(key) => self.at.position = key.slot,
                    None => {
                        let mut folded = HistogramSum::new();
                        class.objects().folded_histogram(index, &mut folded);
                        if !folded.snapshot_into(&mut self.histogram) {
                            return Continue(());
                        }
                        self.at.position = FOLDED;
                        self.name = Name::clean(OTHER);
                    }
                }
            }
            let name = self.name;
            let labels = [(class.label(), name.as_str())];
            while let Some((part, value)) = series::line(family, &self.histogram, usize::from(self.at.value)) {
                self.give(family, Series::Names(&labels), part, value, take)?;
                self.at.value += 1;
            }
            if self.at.position == FOLDED {
                return Continue(());
            }
            self.at.position += 1;
            self.at.value = 0;
        }
    }
}
