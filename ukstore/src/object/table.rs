//! The objects of one class: by slot, by name, and which of them are folded. Every call takes a bounded number of
//! steps and neither allocates nor frees, so it may be one critical section. Not for locking: that is the class's.

use alloc::boxed::Box;
use alloc::sync::Arc;

use super::batch::{Batch, END};
use super::columns::FieldRead;
use super::fold::{HistogramSum, Kept};
use super::index::{self, Index};
use super::name::Name;
use super::slots::{BLOCK, Block, Record, Room, Slot, Slots};
use crate::{Column, Value};

/// How many blocks one look for the next object goes through.
const LOOK: u32 = 64;

/// Where an object is: its slot, and its number in order of birth, which is never given twice.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub slot: u32,
    pub born: u64,
}

/// Which objects a reader wants.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// Those that are in expositions on their own: not the folded ones.
    WithSeries,
}

/// Why an object was not inserted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// Another has its name.
    Name,
    Room(Room),
    /// It would be the first folded one of its block.
    Kept,
}

/// What one look for the next object found.
#[derive(Debug)]
pub(super) enum Look<'a, T> {
    Object(Key, &'a Record<T>),
    /// None yet: look again from this slot.
    Further(u32),
    End,
}

#[derive(Debug)]
pub(super) struct Table<T> {
    pub(super) slots: Slots<T>,
    index: Index,
    used: u32,
    shown: u32,
    births: u64,
    folded: u64,
}

impl<T> Table<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Slots::new(), index: Index::new(), used: 0, shown: 0, births: 0, folded: 0 }
    }

    /// How many objects are alive.
    pub(super) const fn len(&self) -> u32 {
        self.used
    }

    /// How many objects there ever were.
    pub(super) const fn births(&self) -> u64 {
        self.births
    }

    /// How many objects were ever folded.
    pub(super) const fn folded(&self) -> u64 {
        self.folded
    }

    /// Puts an object into a slot; gives it series of its own if fewer than `series` objects have such, else folds it.
    pub(super) fn insert(&mut self, record: &Arc<Record<T>>, series: Option<u32>) -> Result<u32, Lack> {
        let name = &record.name;
        let place = self.index.place(&self.slots, name, index::priority(self.births)).ok_or(Lack::Name)?;
        let block = self.slots.vacant().map_err(Lack::Room)?;
        let shown = series.is_some_and(|series| self.shown < series);
        let folded = series.is_some() && !shown;
        if folded && block.kept.is_none() {
            return Err(Lack::Kept);
        }
        let slot = self.slots.insert(Arc::clone(record), self.births, shown).map_err(Lack::Room)?;
        self.index.insert(&mut self.slots, place, slot, name);
        self.used += 1;
        self.shown += u32::from(shown);
        self.births += 1;
        self.folded += u64::from(folded);
        Ok(slot)
    }

    /// Takes what lacked, unless another thread brought it meanwhile.
    pub(super) fn give_kept(&mut self, kept: &mut Option<Box<Kept>>) {
        if let Ok(Block { kept: place @ None, .. }) = self.slots.vacant() {
            *place = kept.take();
        }
    }

    /// Keeps what an object counted if it is folded. To be called once, in the critical section in which it is removed.
    pub(super) fn keep(&self, slot: u32, fields: &[FieldRead<T>]) {
        let Some(block) = self.slots.block(slot / BLOCK) else { return };
        if let Some(kept) = &block.kept {
            let folded = block.used & !block.shown & (1 << (slot % BLOCK));
            block.records(folded).for_each(|record| kept.keep(fields, &record.value));
        }
    }

    /// Takes the object of this name out of its slot, to be dropped outside the critical section.
    pub(super) fn remove(&mut self, slot: u32, name: &Name) -> Option<Arc<Record<T>>> {
        self.slots.get(slot).filter(|slot| slot.record.name == *name)?;
        self.index.remove(&mut self.slots, slot, name);
        let (record, was_shown) = self.slots.remove(slot)?;
        self.used -= 1;
        self.shown -= u32::from(was_shown);
        Some(record)
    }

    /// Looks for the first object at `slot` or after it.
    pub(super) fn look(&self, slot: u32, which: Which) -> Look<'_, T> {
        let mut slot = slot;
        for _ in 0..LOOK {
            let mask = |block: &Block<T>| if which == Which::All { block.used } else { block.shown };
            slot = match self.slots.next(slot, mask) {
                Some(Ok((slot, Slot { record, born, .. }))) => return Look::Object(Key { slot, born: *born }, record),
                Some(Err(next)) => next,
                None => return Look::End,
            };
        }
        Look::Further(slot)
    }

    /// Adds objects that have series and were born before `births` to the batch, with what `value` gives of each, until
    /// it is full; at most the blocks of one critical section.
    pub(super) fn read(&self, births: u64, batch: &mut Batch, value: impl Fn(&T) -> Value) {
        for _ in 0..LOOK {
            let Some(block) = self.slots.block(batch.next() / BLOCK) else { return batch.go_on_at(END) };
            let first = batch.next() - batch.next() % BLOCK;
            let mut here = block.shown & (u64::MAX << (batch.next() % BLOCK));
            while here != 0 {
                let slot = first + here.trailing_zeros();
                here &= here - 1;
                if let Some(Slot { record, born, .. }) = block.slot(slot)
                    && *born < births
                    && !batch.push(slot, &record.name, value(&record.value))
                {
                    return batch.go_on_at(slot + 1);
                }
            }
            batch.go_on_at(first.saturating_add(BLOCK));
        }
    }

    /// The object at this key, if it still lives.
    pub(super) fn get(&self, key: Key) -> Option<&Record<T>> {
        self.slots.get(key.slot).filter(|slot| slot.born == key.born).map(|slot| &*slot.record)
    }

    /// The live object of this name.
    pub(super) fn find(&self, name: &str) -> Option<Key> {
        let slot = self.index.find(&self.slots, &Name::exactly(name)?)?;
        Some(Key { slot, born: self.slots.get(slot)?.born })
    }

    /// A block's sum of a column over its folded objects, dead or alive. `None` after the last block.
    pub(super) fn folded_value(&self, block: u32, fields: &[FieldRead<T>], column: Column) -> Option<Value> {
        let block = self.slots.block(block)?;
        let Some(kept) = &block.kept else { return Some(Value::Absent) };
        Some(kept.value(fields, folded(block), column))
    }

    /// Adds a block's histograms of a field to `into`, of its folded objects dead or alive. `None` after the last block.
    pub(super) fn folded_histogram(
        &self,
        block: u32,
        fields: &[FieldRead<T>],
        field: u8,
        into: &mut HistogramSum,
    ) -> Option<()> {
        let block = self.slots.block(block)?;
        if let Some(kept) = &block.kept {
            kept.histogram(fields, folded(block), field, into);
        }
        Some(())
    }
}

/// The folded objects of a block that are alive.
fn folded<T>(block: &Block<T>) -> impl Iterator<Item = &T> {
    block.records(block.used & !block.shown).map(|record| &record.value)
}

/// Adding and dropping as the class does it.
#[cfg(test)]
pub(super) mod testing {
    use alloc::vec::Vec;

    use super::*;

    /// Where the object is, and the name it got: the wanted one, or that with the smallest free number.
    pub(in crate::object) fn add<T>(
        table: &mut Table<T>,
        name: &str,
        value: T,
        series: Option<u32>,
        fields: &[FieldRead<T>],
    ) -> (Key, Name) {
        let wanted = Name::clean(name);
        let mut record = Arc::new(Record { name: wanted, value });
        let mut number = 1;
        loop {
            match table.insert(&record, series) {
                Ok(slot) => return (Key { slot, born: table.births() - 1 }, record.name),
                Err(Lack::Name) => {
                    number += 1;
                    Arc::get_mut(&mut record).unwrap().name = wanted.numbered(number);
                }
                Err(Lack::Room(Room::Segment(blocks))) => table.slots.give_segment(&mut Vec::with_capacity(blocks)),
                Err(Lack::Room(Room::Block)) => table.slots.give_block(&mut Some(Block::new())),
                Err(Lack::Kept) => table.give_kept(&mut Some(Box::new(Kept::new(fields, &record.value)))),
            }
        }
    }

    pub(in crate::object) fn remove<T>(table: &mut Table<T>, key: Key, fields: &[FieldRead<T>]) {
        table.keep(key.slot, fields);
        let name = table.get(key).unwrap().name;
        assert!(table.remove(key.slot, &name).is_some());
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::testing::{add, remove};
    use super::*;

    fn all(table: &Table<u64>, which: Which) -> Vec<(Key, u64)> {
        let mut found = Vec::new();
        let mut slot = 0;
        loop {
            match table.look(slot, which) {
                Look::Object(key, record) => {
                    found.push((key, record.value));
                    slot = key.slot + 1;
                }
                Look::Further(next) => slot = next,
                Look::End => return found,
            }
        }
    }

    #[test]
    fn a_look_goes_through_a_bounded_number_of_slots() {
        let mut table = Table::new();
        let keys: Vec<_> = (0..10_000).map(|value| add(&mut table, &value.to_string(), value, None, &[]).0).collect();
        keys[1..9_999].iter().for_each(|&key| remove(&mut table, key, &[]));
        assert!(matches!(table.look(1, Which::All), Look::Further(4_096)));
        assert!(matches!(table.look(4_096, Which::All), Look::Further(8_192)));
        assert!(matches!(table.look(8_192, Which::All), Look::Object(Key { slot: 9_999, .. }, _)));
        assert!(matches!(table.look(u32::MAX, Which::All), Look::End));
        assert_eq!(all(&table, Which::WithSeries), []);
    }

    #[test]
    fn what_another_thread_brought_first_is_not_taken() {
        let mut table: Table<u64> = Table::new();
        let mut block = Some(Block::new());
        table.slots.give_block(&mut block);
        assert!(block.is_some(), "there is no segment for it yet");
        table.slots.give_segment(&mut Vec::with_capacity(1));
        table.slots.give_block(&mut block);
        assert!(block.is_none());
        let mut late = Some(Block::new());
        table.slots.give_block(&mut late);
        assert!(late.is_some());
        // The next segment is of two blocks; nobody asked for it yet, but its list does no harm.
        let mut late = Vec::with_capacity(1);
        table.slots.give_segment(&mut late);
        assert_eq!(late.capacity(), 1);
        let mut kept = Some(Box::new(Kept::new(&[], &0)));
        table.give_kept(&mut kept);
        assert!(kept.is_none());
        let mut late = Some(Box::new(Kept::new(&[], &0)));
        table.give_kept(&mut late);
        assert!(late.is_some());
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
        fn it_holds_what_was_added_and_not_removed(steps in steps(), series in prop::option::of(0_u32..100)) {
            let mut table = Table::new();
            // By birth: key, name, and whether it has series of its own.
            let mut model: BTreeMap<u64, (Key, String, bool)> = BTreeMap::new();
            let mut folded = 0;
            for (value, step) in (0..).zip(steps) {
                match step {
                    Step::Add(name) => {
                        let with_series = model.values().filter(|(.., shown)| *shown).count();
                        let shown = series.is_some_and(|series| with_series < series as usize);
                        let (key, name) = add(&mut table, &name, value, series, &[]);
                        prop_assert!(model.values().all(|(_, other, _)| other != name.as_str()), "{name:?} twice");
                        prop_assert!(model.values().all(|(other, ..)| other.slot != key.slot));
                        model.insert(value, (key, name.as_str().to_string(), shown));
                        folded += u64::from(series.is_some() && !shown);
                    }
                    Step::Remove(nth) if !model.is_empty() => {
                        let value = *model.keys().nth(nth % model.len()).unwrap();
                        let (key, name, _) = model.remove(&value).unwrap();
                        remove(&mut table, key, &[]);
                        prop_assert!(table.get(key).is_none() && table.find(&name).is_none());
                    }
                    Step::Remove(_) => {}
                }
                for which in [Which::All, Which::WithSeries] {
                    let mut found = all(&table, which);
                    prop_assert!(found.is_sorted_by_key(|(key, _)| key.slot));
                    found.sort_by_key(|&(_, value)| value);
                    let expected = model.iter().filter(|(_, (.., shown))| *shown || which == Which::All);
                    prop_assert_eq!(found, expected.map(|(&value, &(key, ..))| (key, value)).collect::<Vec<_>>());
                }
                prop_assert_eq!((table.len() as usize, table.folded()), (model.len(), folded));
            }
            for (key, name, _) in model.values() {
                prop_assert_eq!(table.find(name), Some(*key));
                prop_assert!(table.get(*key).is_some_and(|record| record.name.as_str() == name));
            }
        }
    }
}
