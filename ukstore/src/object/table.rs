//! The objects of one class, in slots. A reader that stopped at a slot goes on there, however many objects came
//! and went meanwhile. Not for locking: the class holds this behind a critical section.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::name::{Name, Numbered};

/// Slots of a block: one bit each in a word.
const BLOCK: usize = 64;

/// Something that is alive, with its name.
#[derive(Debug)]
pub(super) struct Record<T> {
    pub(super) name: Name,
    pub(super) value: T,
}

#[derive(Debug)]
struct Slot<T> {
    numbered: Numbered,
    born: u64,
    record: Arc<Record<T>>,
}

#[derive(Debug)]
pub(super) struct Block<T> {
    slots: [Option<Slot<T>>; BLOCK],
    used: u64,
    /// Those of `used` that are in the exposition.
    shown: u64,
}

impl<T> Block<T> {
    pub(super) fn new() -> Box<Self> {
        Box::new(Self { slots: [const { None }; BLOCK], used: 0, shown: 0 })
    }
}

/// Where an object is: its slot, and its number in order of birth, which is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) slot: u32,
    pub(crate) born: u64,
}

#[derive(Debug)]
pub(super) struct Table<T> {
    blocks: Vec<Box<Block<T>>>,
    used: usize,
    shown: usize,
    births: u64,
}

impl<T> Table<T> {
    pub(super) const fn new() -> Self {
        Self { blocks: Vec::new(), used: 0, shown: 0, births: 0 }
    }

    pub(super) const fn births(&self) -> u64 {
        self.births
    }

    pub(super) const fn len(&self) -> usize {
        self.used
    }

    pub(super) fn is_full(&self) -> bool {
        self.used == self.blocks.len() * BLOCK
    }

    /// How many blocks there are room for without allocating.
    pub(super) fn block_capacity(&self) -> usize {
        self.blocks.capacity()
    }

    pub(super) fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// Takes a block, and a longer list of blocks if `list` is one; gives back what is left over, to be freed
    /// outside the critical section.
    pub(super) fn grow(&mut self, block: Box<Block<T>>, mut list: Vec<Box<Block<T>>>) -> Vec<Box<Block<T>>> {
        if self.blocks.len() == self.blocks.capacity() {
            list.append(&mut self.blocks);
            core::mem::swap(&mut list, &mut self.blocks);
        }
        self.blocks.push(block);
        list
    }

    /// The name with the number it gets: the wanted one if free, else the smallest free one of the first 64, else
    /// one more than the largest. One pass.
    pub(super) fn free_name(&self, wanted: Numbered) -> Numbered {
        let mut taken: u64 = 0;
        let mut largest = 0;
        let mut wanted_is_taken = false;
        for slot in self.blocks.iter().flat_map(|block| block.slots.iter().flatten()) {
            if slot.numbered.base.as_str() == wanted.base.as_str() {
                let number = slot.numbered.number;
                wanted_is_taken |= number == wanted.number;
                largest = largest.max(number);
                taken |= if number <= 64 { 1 << (number - 1) } else { 0 };
            }
        }
        if !wanted_is_taken {
            return wanted;
        }
        let number = if taken == u64::MAX { largest.saturating_add(1) } else { taken.trailing_ones() + 1 };
        Numbered { base: wanted.base, number }
    }

    /// Puts an object into a free slot, and into the exposition if fewer than `bound` are. `None` without a slot.
    pub(super) fn insert(&mut self, numbered: Numbered, record: Arc<Record<T>>, bound: u32) -> Option<(Key, bool)> {
        let index = self.blocks.iter().position(|block| block.used != u64::MAX)?;
        let block = &mut self.blocks[index];
        let bit = block.used.trailing_ones() as usize;
        let key = Key { slot: (index * BLOCK + bit) as u32, born: self.births };
        block.slots[bit] = Some(Slot { numbered, born: key.born, record });
        block.used |= 1 << bit;
        self.births += 1;
        self.used += 1;
        let shown = self.shown < bound as usize;
        if shown {
            block.shown |= 1 << bit;
            self.shown += 1;
        }
        Some((key, shown))
    }

    /// Takes an object out, to be dropped outside the critical section. One that had to stay out of the exposition
    /// takes its place there.
    pub(super) fn remove(&mut self, slot: u32) -> Option<Arc<Record<T>>> {
        let (index, bit) = (slot as usize / BLOCK, slot as usize % BLOCK);
        let block = self.blocks.get_mut(index)?;
        let taken = block.slots[bit].take()?;
        let was_shown = block.shown & (1 << bit) != 0;
        block.used &= !(1 << bit);
        block.shown &= !(1 << bit);
        self.used -= 1;
        if was_shown {
            self.shown -= 1;
            if let Some(block) = self.blocks.iter_mut().find(|block| block.used != block.shown) {
                block.shown |= 1 << (block.used & !block.shown).trailing_zeros();
                self.shown += 1;
            }
        }
        Some(taken.record)
    }

    /// The first object at `slot` or after it, of all or of those in the exposition.
    pub(super) fn at_or_after(&self, slot: u32, all: bool) -> Option<(Key, &Record<T>)> {
        let (first, bit) = (slot as usize / BLOCK, slot as usize % BLOCK);
        let mut mask = u64::MAX << bit;
        for (index, block) in self.blocks.iter().enumerate().skip(first) {
            let here = if all { block.used } else { block.shown } & mask;
            mask = u64::MAX;
            if here != 0 {
                let bit = here.trailing_zeros() as usize;
                let slot = block.slots[bit].as_ref()?;
                return Some((Key { slot: (index * BLOCK + bit) as u32, born: slot.born }, &slot.record));
            }
        }
        None
    }

    /// The object at this key, if it still lives.
    pub(super) fn get(&self, key: Key) -> Option<&Record<T>> {
        let block = self.blocks.get(key.slot as usize / BLOCK)?;
        let slot = block.slots[key.slot as usize % BLOCK].as_ref()?;
        (slot.born == key.born).then_some(&*slot.record)
    }

    /// The live object of this name.
    pub(super) fn find(&self, name: &str) -> Option<Key> {
        let slots = self.blocks.iter().flat_map(|block| block.slots.iter());
        slots.enumerate().find_map(|(index, slot)| {
            let slot = slot.as_ref().filter(|slot| slot.record.name.as_str() == name)?;
            Some(Key { slot: index as u32, born: slot.born })
        })
    }
}
