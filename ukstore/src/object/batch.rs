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
    objects: [(Name, Value); BATCH],
    slots: [u32; BATCH],
    count: usize,
    /// Where the next batch begins, or [`END`].
    next: u32,
}

impl Batch {
    /// An empty one, before one that begins at this slot.
    pub(crate) const fn before(slot: u32) -> Self {
        Self { objects: [(Name::EMPTY, Value::Absent); BATCH], slots: [END; BATCH], count: 0, next: slot }
    }

    /// The objects that have a value.
    pub(crate) fn objects(&self) -> &[(Name, Value)] {
        self.objects.get(..self.count).unwrap_or_default()
    }

    /// The slot of one of them.
    pub(crate) fn slot(&self, index: usize) -> u32 {
        self.slots.get(index).copied().unwrap_or(END)
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

    /// Adds an object, if it has a value. Whether there is room for another.
    pub(super) fn push(&mut self, slot: u32, name: &Name, value: Value) -> bool {
        if let (Some(object), Some(its_slot)) = (self.objects.get_mut(self.count), self.slots.get_mut(self.count))
            && !matches!(value, Value::Absent)
        {
            *object = (*name, value);
            *its_slot = slot;
            self.count += 1;
        }
        self.count < BATCH
    }
}
