//! A class as its readers see it, whatever its objects are. Not for adding and dropping them: see `class.rs`.

use core::fmt;

use super::batch::Batch;
use super::class::Class;
use super::columns::{Columns, Row, value_of};
use super::fold::{HistogramSum, sum};
use super::name::Name;
use super::slots::Record;
use super::table::{Key, Look, Which};
use crate::{Column, Value};

/// The objects of a class. What `take` is given lasts as long as the critical section that it is called in: it may
/// copy and must neither add nor drop objects of the class.
pub trait Objects: Sync + fmt::Debug {
    /// Gives the first object at the slot or after it. Only the critical section that finds it calls `take`; going
    /// over empty slots takes one for each 4,096 of them.
    #[doc(hidden)]
    fn visit(&self, slot: u32, which: Which, take: &mut dyn FnMut(Key, &Name, &dyn Columns)) -> bool;
    /// Copies the next few objects that have series, from where the batch goes on, and one column of each; those born at
    /// `births` or later are left out. In one critical section.
    #[doc(hidden)]
    fn read(&self, births: u64, column: Column, batch: &mut Batch);
    /// Gives the object at the key, if it still lives.
    #[doc(hidden)]
    fn visit_key(&self, key: Key, take: &mut dyn FnMut(&Name, &dyn Columns)) -> bool;
    /// The live object of this name.
    #[doc(hidden)]
    fn find(&self, name: &str) -> Option<Key>;
    /// One more than the youngest object's birth number.
    #[doc(hidden)]
    fn births(&self) -> u64;
    /// How many objects were ever folded.
    #[doc(hidden)]
    fn folded(&self) -> u64;
    /// One more than the youngest object's birth number, and whether objects were ever folded, of one instant.
    #[doc(hidden)]
    fn extent(&self) -> (u64, bool);
    /// The sum of a column over the folded objects; of a counter, over those that were dropped too. `None` if none was
    /// ever folded.
    ///
    /// Block by block, each in a critical section. An object that is dropped or added meanwhile counts in its block,
    /// before its own critical section as after it: a counter's sum never falls.
    #[doc(hidden)]
    fn folded_sum(&self, column: Column) -> Option<Value>;
    /// Adds up the same of a histogram: nothing if no object with this histogram was ever folded.
    #[doc(hidden)]
    fn folded_histogram(&self, field: u8, into: &mut HistogramSum);
}

impl<T: Send + Sync> Class<T> {
    fn row<'a>(&self, record: &'a Record<T>) -> Row<'a, T> {
        Row { fields: self.fields, value: &record.value }
    }
}

impl<T: Send + Sync> Objects for Class<T> {
    fn visit(&self, slot: u32, which: Which, take: &mut dyn FnMut(Key, &Name, &dyn Columns)) -> bool {
        let mut slot = slot;
        loop {
            let found = critical_section::with(|cs| match self.table.borrow_ref(cs).look(slot, which) {
                Look::Object(key, record) => {
                    take(key, &record.name, &self.row(record));
                    Some(true)
                }
                Look::Further(next) => {
                    slot = next;
                    None
                }
                Look::End => Some(false),
            });
            if let Some(found) = found {
                return found;
            }
        }
    }

    fn read(&self, births: u64, column: Column, batch: &mut Batch) {
        batch.clear();
        let value = |object: &T| value_of(self.fields, object, column);
        critical_section::with(|cs| self.table.borrow_ref(cs).read(births, batch, value));
    }

    fn visit_key(&self, key: Key, take: &mut dyn FnMut(&Name, &dyn Columns)) -> bool {
        critical_section::with(|cs| {
            let table = self.table.borrow_ref(cs);
            table.get(key).map(|record| take(&record.name, &self.row(record))).is_some()
        })
    }

    fn find(&self, name: &str) -> Option<Key> {
        critical_section::with(|cs| self.table.borrow_ref(cs).find(name))
    }

    fn births(&self) -> u64 {
        critical_section::with(|cs| self.table.borrow_ref(cs).births())
    }

    fn folded(&self) -> u64 {
        critical_section::with(|cs| self.table.borrow_ref(cs).folded())
    }

    fn extent(&self) -> (u64, bool) {
        critical_section::with(|cs| {
            let table = self.table.borrow_ref(cs);
            (table.births(), table.folded() > 0)
        })
    }

    fn folded_sum(&self, column: Column) -> Option<Value> {
        if self.folded() == 0 {
            return None;
        }
        let block =
            |block| critical_section::with(|cs| self.table.borrow_ref(cs).folded_value(block, self.fields, column));
        Some((0..).map_while(block).fold(Value::Absent, sum))
    }

    fn folded_histogram(&self, field: u8, into: &mut HistogramSum) {
        let mut add = |block| {
            critical_section::with(|cs| self.table.borrow_ref(cs).folded_histogram(block, self.fields, field, into))
        };
        let mut block = 0;
        while add(block).is_some() {
            block += 1;
        }
    }
}
