//! Histograms given whole, for formats that have one message for each. Not for those that have lines: see `walk.rs`.

use core::ops::ControlFlow::{self, Continue};

use super::sample::{Item, Take, WholeHistogram};
use super::walk::{FOLDED, Walk};
use crate::object::{ClassRecord, HistogramSum, OTHER, Which};
use crate::{Buckets, Family};

impl Walk {
    /// A histogram that is always there.
    pub(super) fn whole_histogram<B>(
        &mut self,
        family: &'static Family,
        histogram: &dyn Buckets,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        let mut copy = HistogramSum::new();
        critical_section::with(|_| copy.add(histogram));
        self.give_whole(family, &[], &copy, take)
    }

    /// The histograms of a class's objects, and what was folded.
    pub(super) fn whole_histograms<B>(
        &mut self,
        family: &'static Family,
        index: u8,
        class: &'static ClassRecord,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        while self.at.position != FOLDED {
            let mut copy = HistogramSum::new();
            let mut found = None;
            class.objects().visit(self.at.position, Which::WithSeries, &mut |key, name, cells| {
                cells.histogram(index).inspect(|buckets| copy.add(*buckets));
                found = Some((key, *name));
            });
            let Some((key, name)) = found else {
                self.at.position = FOLDED;
                break;
            };
            self.at.position = key.slot;
            if key.born < self.births {
                self.give_whole(family, &[(class.label(), name.as_str())], &copy, take)?;
            }
            self.at.position += 1;
        }
        let mut folded = HistogramSum::new();
        class.objects().folded_histogram(index, &mut folded);
        self.give_whole(family, &[(class.label(), OTHER)], &folded, take)
    }

    fn give_whole<B>(
        &mut self,
        family: &'static Family,
        labels: &[(&'static str, &str)],
        copy: &HistogramSum,
        take: &mut impl Take<B>,
    ) -> ControlFlow<B> {
        let given = copy.with(|buckets| {
            self.begin(family, take)?;
            take.item(Item::Histogram(WholeHistogram { family, labels, buckets }))
        });
        given.unwrap_or(Continue(()))
    }
}
