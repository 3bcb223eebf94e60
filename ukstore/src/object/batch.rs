//! Objects of a class read a few at a time, so that a walk through many takes one critical section for several. Not for
//! objects whose numbers are read together: see `objects.rs`.

use heapless::Vec;

use super::name::Name;
use crate::Value;

/// Objects in a batch: so many are read in one critical section.
const BATCH: usize = 4;

/// The end of a class's slots.
pub(crate) const END: u32 = u32::MAX;

/// Names of objects and one value of each, copied.
#[derive(Debug)]
pub struct Batch {
    objects: Vec<(Name, Value), BATCH>,
    /// Where each is: as many as there are objects.
    slots: Vec<u32, BATCH>,
    /// Where the next batch begins, or [`END`].
    next: u32,
}

impl Batch {
    /// An empty one, before one that begins at this slot.
    #[inline]
    pub(crate) fn before(slot: u32) -> Self {
        Self { objects: Vec::new(), slots: Vec::new(), next: slot }
    }

    /// The objects that have a value.
    pub(crate) fn objects(&self) -> &[(Name, Value)] {
        &self.objects
    }

    /// The slot of one of them.
    pub(crate) fn slot(&self, index: usize) -> u32 {
        debug_assert_eq!(self.slots.len(), self.objects.len());
        self.slots.get(index).copied().unwrap_or(END)
    }

    /// Where the next batch begins, or [`END`].
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    /// Forgets the objects.
    pub(super) fn clear(&mut self) {
        self.objects.clear();
        self.slots.clear();
    }

    /// Passes over everything before this slot.
    pub(super) fn go_on_at(&mut self, slot: u32) {
        self.next = slot;
    }

    /// Adds an object, if it has a value. Whether there is room for another.
    #[inline]
    pub(super) fn push(&mut self, slot: u32, name: &Name, value: Value) -> bool {
        if !matches!(value, Value::Absent) {
            // Both have the same room, and who reads on was told that there is some.
            let _ = self.objects.push((*name, value));
            let _ = self.slots.push(slot);
        }
        !self.objects.is_full()
    }
}
