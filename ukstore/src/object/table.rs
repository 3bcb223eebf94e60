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
    /// How much of the record's name is its base.
    base_len: u8,
    number: u32,
    born: u64,
    record: Arc<Record<T>>,
}

impl<T> Slot<T> {
    fn base(&self) -> &str {
        self.record.name.as_str().get(..usize::from(self.base_len)).unwrap_or_default()
    }
}

/// The slots are on their own, so that a longer list of blocks is soon copied, and the masks beside each other.
#[derive(Debug)]
pub(super) struct Block<T> {
    slots: Box<[Option<Slot<T>>; BLOCK]>,
    used: u64,
    /// Those of `used` that are in the exposition.
    shown: u64,
}

impl<T> Block<T> {
    pub(super) fn new() -> Self {
        Self { slots: Box::new([const { None }; BLOCK]), used: 0, shown: 0 }
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
    blocks: Vec<Block<T>>,
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

    /// How long a list must be that has room for one more block.
    pub(super) fn list_len(&self) -> usize {
        if self.blocks.len() == self.blocks.capacity() { self.blocks.len() * 2 + 1 } else { 1 }
    }

    /// Takes one block out of `list`, and all of `list` in place of its own if that has more room. Never allocates;
    /// what is left in `list` is to be freed outside the critical section. Takes nothing if others grew the table
    /// meanwhile and `list` came too short.
    pub(super) fn grow(&mut self, list: &mut Vec<Block<T>>) {
        let Some(block) = list.pop() else { return };
        if list.capacity() > self.blocks.capacity() {
            list.append(&mut self.blocks);
            core::mem::swap(list, &mut self.blocks);
        }
        if self.blocks.len() < self.blocks.capacity() {
            self.blocks.push(block);
        } else {
            list.push(block);
        }
    }

    /// The name with the number it gets: the wanted one if free, else the smallest free one of the first 64, else
    /// one more than the largest. One pass, unless somebody named an object after the largest number there is.
    pub(super) fn free_name(&self, wanted: &Numbered) -> Numbered {
        let numbers = || {
            let slots = self.blocks.iter().flat_map(|block| block.slots.iter().flatten());
            slots.filter(|slot| slot.base() == wanted.base.as_str()).map(|slot| slot.number)
        };
        let mut first = 1;
        loop {
            let mut taken: u64 = 0;
            let mut largest = 0;
            let mut wanted_is_taken = false;
            for number in numbers() {
                wanted_is_taken |= number == wanted.number;
                largest = largest.max(number);
                taken |= number.checked_sub(first).and_then(|bit| 1_u64.checked_shl(bit)).unwrap_or(0);
            }
            if !wanted_is_taken {
                return *wanted;
            }
            if taken != u64::MAX {
                return Numbered { base: wanted.base, number: first + taken.trailing_ones() };
            }
            match largest.checked_add(1) {
                Some(number) => return Numbered { base: wanted.base, number },
                None => first += 64,
            }
        }
    }

    /// Puts an object into a free slot, and into the exposition if fewer than `bound` are. `None` without a slot.
    pub(super) fn insert(&mut self, numbered: &Numbered, record: Arc<Record<T>>, bound: u32) -> Option<(Key, bool)> {
        let index = self.blocks.iter().position(|block| block.used != u64::MAX)?;
        let block = &mut self.blocks[index];
        let bit = block.used.trailing_ones() as usize;
        let key = Key { slot: (index * BLOCK + bit) as u32, born: self.births };
        let base_len = numbered.base.as_str().len() as u8;
        block.slots[bit] = Some(Slot { base_len, number: numbered.number, born: key.born, record });
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

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn add(table: &mut Table<u64>, name: &str, value: u64, bound: u32) -> (Key, Name, bool) {
        if table.is_full() {
            let mut list = Vec::with_capacity(table.list_len());
            list.push(Block::new());
            table.grow(&mut list);
        }
        let numbered = table.free_name(&Numbered::parse(name));
        let name = numbered.whole();
        let (key, shown) = table.insert(&numbered, Arc::new(Record { name, value }), bound).unwrap();
        (key, name, shown)
    }

    fn all(table: &Table<u64>, everything: bool) -> Vec<(Key, u64)> {
        let mut found = Vec::new();
        let mut slot = 0;
        while let Some((key, record)) = table.at_or_after(slot, everything) {
            found.push((key, record.value));
            slot = key.slot + 1;
        }
        found
    }

    #[test]
    fn equal_names_get_the_smallest_free_number() {
        let mut table = Table::new();
        let names: Vec<_> = (0..70).map(|n| add(&mut table, "w", n, 9).1.as_str().to_string()).collect();
        assert_eq!((names[0].as_str(), names[1].as_str(), names[69].as_str()), ("w", "w_2", "w_70"));
        table.remove(table.find("w_3").unwrap().slot);
        assert_eq!(add(&mut table, "w_5", 0, 9).1.as_str(), "w_3");
        assert_eq!(add(&mut table, "w_4294967295", 0, 9).1.as_str(), "w_4294967295");
        assert_eq!(add(&mut table, "w", 0, 9).1.as_str(), "w_71");
    }

    #[test]
    fn a_list_that_came_too_short_is_not_taken() {
        let mut table: Table<u64> = Table::new();
        for _ in 0..3 {
            let mut list = Vec::with_capacity(table.list_len());
            list.push(Block::new());
            table.grow(&mut list);
        }
        assert_eq!((table.blocks.len(), table.blocks.capacity()), (3, 3));
        let mut list = Vec::with_capacity(1);
        list.push(Block::new());
        table.grow(&mut list);
        assert_eq!((table.blocks.len(), list.len()), (3, 1));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Add(String),
        Remove(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            5 => "[ab](_[0-9])?".prop_map(Step::Add),
            2 => any::<usize>().prop_map(Step::Remove),
        ];
        prop::collection::vec(step, 0..200)
    }

    proptest! {
        #[test]
        fn it_holds_what_was_added_and_not_removed(steps in steps(), bound in 0_u32..100) {
            let mut table = Table::new();
            let mut model: BTreeMap<u64, (Key, String)> = BTreeMap::new();
            for (value, step) in (0..).zip(steps) {
                match step {
                    Step::Add(name) => {
                        let before = table.shown;
                        let (key, name, shown) = add(&mut table, &name, value, bound);
                        prop_assert!(model.values().all(|(_, other)| other != name.as_str()), "{name:?} twice");
                        prop_assert_eq!(shown, before < bound as usize);
                        model.insert(value, (key, name.as_str().to_string()));
                    }
                    Step::Remove(nth) if !model.is_empty() => {
                        let value = *model.keys().nth(nth % model.len()).unwrap();
                        let (key, _) = model.remove(&value).unwrap();
                        prop_assert_eq!(table.remove(key.slot).unwrap().value, value);
                        prop_assert!(table.get(key).is_none());
                    }
                    Step::Remove(_) => {}
                }
                let mut found = all(&table, true);
                found.sort_by_key(|&(_, value)| value);
                let expected: Vec<_> = model.iter().map(|(&value, &(key, _))| (key, value)).collect();
                prop_assert_eq!(&found, &expected);
                prop_assert_eq!(table.len(), model.len());
                // As many as may be are in the exposition, also after one of them went.
                prop_assert_eq!(all(&table, false).len(), model.len().min(bound as usize));
            }
            for (key, name) in model.values() {
                prop_assert_eq!(table.find(name), Some(*key));
            }
        }
    }
}
