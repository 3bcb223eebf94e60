//! A class of objects and the handle that keeps one of them in the tree. Not for storage: see `table.rs`.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;
use core::ops::Deref;

use critical_section::Mutex;

use super::name::{Name, Numbered};
use super::record::Column;
use super::table::{Block, Key, Record, Table};
use crate::{Counter, Value};

/// Objects that come and go, declared with [`class!`](crate::class!).
pub struct Class<T: 'static> {
    /// How many objects may be in the exposition at a time.
    bound: u32,
    reads: &'static [fn(&T, usize) -> Value],
    table: Mutex<RefCell<Table<T>>>,
    folded: Counter,
}

impl<T: Send + Sync> Class<T> {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(bound: u32, reads: &'static [fn(&T, usize) -> Value]) -> Self {
        Self { bound, reads, table: Mutex::new(RefCell::new(Table::new())), folded: Counter::new() }
    }

    /// Puts an object into the tree, where it stays until the handle is dropped. If a live object has this name, a
    /// number is appended: `worker`, `worker_2`. Characters that paths or labels cannot hold become `_`, and what
    /// is longer than [`MAX_NAME`](crate::MAX_NAME) is cut.
    ///
    /// Beyond the class's series bound the object is in the tree but not in the exposition, which
    /// `uk_series_folded_total` counts, until one that is there goes.
    ///
    /// Allocates; takes a critical section of a few instructions for each live object of the class.
    pub fn add(&'static self, name: &str, value: T) -> Object<T> {
        let wanted = Numbered::parse(name);
        let mut record = Arc::new(Record { name: Name::EMPTY, value });
        loop {
            self.make_room();
            let added = critical_section::with(|cs| {
                let mut table = self.table.borrow_ref_mut(cs);
                if table.is_full() {
                    return None;
                }
                let numbered = table.free_name(&wanted);
                Arc::get_mut(&mut record).expect("nobody else has it before it is inserted").name = numbered.whole();
                table.insert(&numbered, Arc::clone(&record), self.bound)
            });
            if let Some((key, shown)) = added {
                if !shown {
                    self.folded.inc();
                }
                return Object { class: self, key, record };
            }
        }
    }

    /// How many objects are alive.
    #[must_use]
    pub fn len(&self) -> usize {
        critical_section::with(|cs| self.table.borrow_ref(cs).len())
    }

    /// Whether no object is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sees to a free slot. What is allocated and freed is so outside the critical section.
    fn make_room(&self) {
        let list_len = critical_section::with(|cs| {
            let table = self.table.borrow_ref(cs);
            table.is_full().then(|| table.list_len())
        });
        if let Some(list_len) = list_len {
            let mut list = Vec::with_capacity(list_len);
            list.push(Block::new());
            critical_section::with(|cs| self.table.borrow_ref_mut(cs).grow(&mut list));
        }
    }
}

impl<T> fmt::Debug for Class<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Class").field("bound", &self.bound).finish_non_exhaustive()
    }
}

/// An object in the tree. Dropping it takes it out. Dereferences to the value whose fields are read.
pub struct Object<T: Send + Sync + 'static> {
    class: &'static Class<T>,
    key: Key,
    record: Arc<Record<T>>,
}

impl<T: Send + Sync> Object<T> {
    /// The name it has in the tree, which may have got a number.
    #[must_use]
    pub fn name(&self) -> &str {
        self.record.name.as_str()
    }
}

impl<T: Send + Sync> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record.value
    }
}

impl<T: Send + Sync> Drop for Object<T> {
    fn drop(&mut self) {
        let _freed_outside = critical_section::with(|cs| self.class.table.borrow_ref_mut(cs).remove(self.key.slot));
    }
}

impl<T: Send + Sync + fmt::Debug> fmt::Debug for Object<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Object").field("name", &self.name()).field("value", &self.record.value).finish()
    }
}

/// A class as readers see it, whatever its objects are. Every call is one bounded critical section, and values and
/// names are copied out of it.
pub trait Objects: Sync + fmt::Debug {
    /// The first object at the slot or after it, its name and a column's value; without a column, of all objects
    /// instead of those in the exposition.
    #[doc(hidden)]
    fn at_or_after(&self, slot: u32, column: Option<Column>) -> Option<Reading>;
    /// The object and a column's value, if it still lives.
    #[doc(hidden)]
    fn get(&self, slot: u32, born: u64, column: Option<Column>) -> Option<Reading>;
    /// Slot and birth number of the live object of this name.
    #[doc(hidden)]
    fn find(&self, name: &str) -> Option<(u32, u64)>;
    /// One more than the youngest object's birth number.
    #[doc(hidden)]
    fn births(&self) -> u64;
    /// How many objects had to stay out of the exposition when they were added.
    #[doc(hidden)]
    fn folded(&self) -> u64;
}

/// What one look at an object gave.
#[doc(hidden)]
#[derive(Debug)]
pub struct Reading {
    pub(crate) key: Key,
    pub(crate) name: Name,
    pub(crate) value: Value,
}

impl<T: Send + Sync> Class<T> {
    fn reading(&self, key: Key, record: &Record<T>, column: Option<Column>) -> Reading {
        let read = column.and_then(|column| Some((self.reads.get(usize::from(column.field))?, column.value)));
        let value = read.map_or(Value::Absent, |(read, value)| read(&record.value, usize::from(value)));
        Reading { key, name: record.name, value }
    }
}

impl<T: Send + Sync> Objects for Class<T> {
    fn at_or_after(&self, slot: u32, column: Option<Column>) -> Option<Reading> {
        critical_section::with(|cs| {
            let table = self.table.borrow_ref(cs);
            let (key, record) = table.at_or_after(slot, column.is_none())?;
            Some(self.reading(key, record, column))
        })
    }

    fn get(&self, slot: u32, born: u64, column: Option<Column>) -> Option<Reading> {
        let key = Key { slot, born };
        critical_section::with(|cs| Some(self.reading(key, self.table.borrow_ref(cs).get(key)?, column)))
    }

    fn find(&self, name: &str) -> Option<(u32, u64)> {
        critical_section::with(|cs| self.table.borrow_ref(cs).find(name)).map(|key| (key.slot, key.born))
    }

    fn births(&self) -> u64 {
        critical_section::with(|cs| self.table.borrow_ref(cs).births())
    }

    fn folded(&self) -> u64 {
        self.folded.get()
    }
}
