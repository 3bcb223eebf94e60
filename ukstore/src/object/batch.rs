//! Objects of a class read a few at a time, so that a walk through many takes one critical section for several. Not for
//! objects whose numbers are read together: see `objects.rs`.

use super::name::Name;
use crate::Value;

/// Objects in a batch: so many are read in one critical section.
const BATCH: usize = 8;

/// The end of a class's slots.
pub(crate) const END: u32 = u32::MAX;

/// Names of objects and one value of each, copied.
#[derive(Debug)]
pub struct Batch {
    objects: [(u32, Name, Value); BATCH],
    count: usize,
    /// Where the next batch begins, or [`END`].
    next: u32,
}

impl Batch {
    /// One that begins at this slot.
    pub(crate) const fn at(slot: u32) -> Self {
        Self { objects: [(END, Name::EMPTY, Value::Absent); BATCH], count: 0, next: slot }
    }

    /// The objects, each with its slot.
    pub(crate) fn objects(&self) -> &[(u32, Name, Value)] {
        self.objects.get(..self.count).unwrap_or_default()
    }

    /// Where the next batch begins, or [`END`].
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    /// Forgets the objects.
    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    /// Passes over everything before this slot.
    pub(super) fn go_on_at(&mut self, slot: u32) {
        self.next = slot;
    }

    /// Adds an object. Whether there is room for another.
    pub(super) fn push(&mut self, slot: u32, name: &Name, value: Value) -> bool {
        if let Some(object) = self.objects.get_mut(self.count) {
            *object = (slot, *name, value);
            self.count += 1;
        }
        self.count < BATCH
    }
}
