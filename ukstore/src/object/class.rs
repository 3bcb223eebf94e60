//! A class of objects and the handle that keeps one of them in the tree. Not for storage: see `table.rs`. Not for
//! reading: see `objects.rs`.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;
use core::ops::Deref;

use critical_section::Mutex;

use super::columns::FieldRead;
use super::fold::Kept;
use super::name::Name;
use super::objects::Objects;
use super::record::OTHER;
use super::slots::{Block, Record, Room};
use super::table::{Lack, Table};
use crate::event::{self, Change};
use crate::machine;

/// The numbers looked through for the smallest free one.
const SMALL_NUMBERS: u64 = 64;

/// Objects that come and go, declared with [`class!`](crate::class!).
pub struct Class<T: 'static> {
    /// How many objects may have series of their own at a time; without a bound none has.
    series: Option<u32>,
    /// For events.
    path: &'static str,
    pub(super) fields: &'static [FieldRead<T>],
    pub(super) table: Mutex<RefCell<Table<T>>>,
}

impl<T: Send + Sync> Class<T> {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(path: &'static str, series: Option<u32>, fields: &'static [FieldRead<T>]) -> Self {
        Self { series, path, fields, table: Mutex::new(RefCell::new(Table::new())) }
    }

    /// Puts an object into the tree, where it stays until the handle is dropped. If a live object has this name, the
    /// smallest free number is appended: `worker`, `worker_2`, up to 64, then one that has to do with how many
    /// objects there were. Characters that paths or labels cannot hold become `_`, and what is longer than
    /// [`MAX_NAME`](crate::MAX_NAME) is cut.
    ///
    /// If as many objects as the class's bound have series of their own, this one never has: expositions have it in
    /// the sum over all such objects, and `uk_series_folded_total` counts it.
    ///
    /// Allocates. Takes a critical section for each name that it tries, of a number of steps that grows with the
    /// logarithm of the objects.
    ///
    /// # Panics
    /// If the class has 2³² − 64 objects already.
    pub fn add(&'static self, name: &str, value: T) -> Object<T> {
        let wanted = Name::clean(name);
        // In an exposition that name stands for all that have no series of their own.
        let is_reserved = self.series.is_some() && wanted.as_str() == OTHER;
        let mut number = if is_reserved { 2 } else { 1 };
        let mut record = Arc::new(Record { name: if is_reserved { wanted.numbered(number) } else { wanted }, value });
        let slot = loop {
            let inserted = critical_section::with(|cs| {
                let inserted = self.table.borrow_ref_mut(cs).insert(&record, self.series);
                if inserted.is_ok() {
                    event::raise(Change::Created, self.path, Some(record.name));
                }
                inserted
            });
            match inserted {
                Ok(slot) => break slot,
                Err(Lack::Name) => {
                    number = if number == SMALL_NUMBERS { self.births().max(number) + 1 } else { number + 1 };
                    let record = Arc::get_mut(&mut record).expect("nobody else has it before it is inserted");
                    record.name = wanted.numbered(number);
                }
                Err(Lack::Room(room)) => self.make_room(room),
                Err(Lack::Kept) => {
                    let mut kept = Some(Box::new(Kept::new(self.fields, &record.value)));
                    critical_section::with(|cs| self.table.borrow_ref_mut(cs).give_kept(&mut kept));
                }
            }
        };
        machine::wake();
        Object { class: self, slot, record }
    }

    /// How many objects are alive.
    #[must_use]
    pub fn len(&self) -> usize {
        critical_section::with(|cs| self.table.borrow_ref(cs).len()) as usize
    }

    /// Whether no object is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives every live object to `look`, up to 64 of them in one critical section: for numbers that are sums over a class of
    /// few. It must return at once, and neither add to the class nor drop from it.
    ///
    /// ```
    /// ukstore::class! {
    ///     /// Links.
    ///     static LINKS: Class<struct Link> = "/doc/links" {
    ///         /// Frames lost.
    ///         counter lost = "lost_total";
    ///     }
    /// }
    /// let links: Vec<_> = (0..100).map(|number| LINKS.add(&format!("link-{number}"), Link::new())).collect();
    /// links.iter().step_by(2).for_each(|link| link.lost.add(3));
    /// let mut lost = 0;
    /// LINKS.each(|link| lost += link.lost.get());
    /// assert_eq!(lost, 150);
    /// ```
    pub fn each(&self, mut look: impl FnMut(&T)) {
        let mut look_at = |index| {
            critical_section::with(|cs| {
                let slots = &self.table.borrow_ref(cs).slots;
                let block = slots.block(index)?;
                block.records(block.used).for_each(|record| look(&record.value));
                // Most classes that are summed up have one block, and so one critical section.
                slots.block(index + 1).map(|_| ())
            })
        };
        let _ = (0..).try_for_each(&mut look_at);
    }

    /// Brings what lacks for one more object. Whatever another thread brought first is freed outside the critical
    /// section.
    fn make_room(&self, lacking: Room) {
        match lacking {
            Room::Segment(blocks) => {
                let mut list = Vec::with_capacity(blocks);
                critical_section::with(|cs| self.table.borrow_ref_mut(cs).slots.give_segment(&mut list));
            }
            Room::Block => {
                let mut block = Some(Block::new());
                critical_section::with(|cs| self.table.borrow_ref_mut(cs).slots.give_block(&mut block));
            }
        }
    }
}

impl<T> fmt::Debug for Class<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Class").field("series", &self.series).finish_non_exhaustive()
    }
}

/// An object in the tree. Dropping it takes it out. Dereferences to the value whose fields are read.
pub struct Object<T: Send + Sync + 'static> {
    class: &'static Class<T>,
    slot: u32,
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
        let class = self.class;
        // The handle has the record too: nothing is freed before the handle's own is dropped.
        critical_section::with(|cs| {
            // Only read while it is read from, so that a field may read the class.
            class.table.borrow_ref(cs).keep(self.slot, class.fields);
            class.table.borrow_ref_mut(cs).remove(self.slot, &self.record.name);
            event::raise(Change::Released, class.path, Some(self.record.name));
        });
        machine::wake();
    }
}

impl<T: Send + Sync + fmt::Debug> fmt::Debug for Object<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Object").field("name", &self.name()).field("value", &self.record.value).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use super::*;
    use crate::object::{Objects, Which};
    use crate::{Column, Counter, Value};

    const FIELDS: &[FieldRead<Counter>] =
        &[FieldRead::Value { values: 1, counts: true, read: |counter, _| Value::U64(counter.get()) }];

    const COUNT: Column = Column { field: 0, value: 0 };

    #[test]
    fn equal_names_get_the_smallest_free_number_up_to_64() {
        static NAMED: Class<Counter> = Class::new("/objects", None, FIELDS);
        let mut objects: Vec<_> = (0..70).map(|_| NAMED.add("w", Counter::new())).collect();
        let names: Vec<_> = objects.iter().map(Object::name).collect();
        assert_eq!((names[0], names[1], names[63]), ("w", "w_2", "w_64"));
        // Beyond, the number says that 64 objects were before.
        assert_eq!((names[64], names[69]), ("w_65", "w_70"));
        drop(objects.remove(2));
        assert_eq!(NAMED.add("w_5", Counter::new()).name(), "w_5_2");
        assert_eq!(NAMED.add("w", Counter::new()).name(), "w_3");
        // Somebody has the number that would be next.
        let taken = NAMED.add(&format!("w_{}", NAMED.births() + 3), Counter::new());
        objects.extend((0..2).map(|_| NAMED.add("w", Counter::new())));
        assert!(objects.iter().all(|object| object.name() != taken.name()));
        assert_eq!(NAMED.len(), objects.len() + 1);
    }

    #[test]
    fn without_a_bound_nothing_has_series_and_nothing_is_folded() {
        static PLAIN: Class<Counter> = Class::new("/objects", None, FIELDS);
        let object = PLAIN.add("a", Counter::new());
        object.inc();
        let key = PLAIN.find("a").expect("it lives");
        let mut read = Value::Absent;
        assert!(PLAIN.visit_key(key, &mut |_, columns| read = columns.value(COUNT)));
        assert_eq!(read, Value::U64(1));
        assert!(!PLAIN.visit(0, Which::WithSeries, &mut |_, _, _| {}));
        drop(object);
        assert!(!PLAIN.visit_key(key, &mut |_, _| {}));
        assert_eq!((PLAIN.folded(), PLAIN.folded_sum(COUNT)), (0, None));
    }

    #[test]
    fn an_object_gets_series_or_is_folded_for_life() {
        static BOUND: Class<Counter> = Class::new("/objects", Some(1), FIELDS);
        let with_series = || {
            let mut names = Vec::new();
            let mut slot = 0;
            while BOUND.visit(slot, Which::WithSeries, &mut |key, name, _| {
                names.push(name.as_str().to_string());
                slot = key.slot + 1;
            }) {}
            names
        };
        let (first, second) = (BOUND.add("first", Counter::new()), BOUND.add("second", Counter::new()));
        second.add(5);
        assert_eq!((with_series(), BOUND.folded_sum(COUNT)), (Vec::from(["first".into()]), Some(Value::U64(5))));
        drop(first);
        assert!(with_series().is_empty(), "a folded object keeps to its sum");
        let third = BOUND.add("third", Counter::new());
        drop(second);
        assert_eq!((with_series(), BOUND.folded_sum(COUNT)), (Vec::from(["third".into()]), Some(Value::U64(5))));
        assert_eq!((BOUND.folded(), third.get()), (1, 0));
    }

    #[test]
    fn a_field_may_read_its_class_while_its_object_goes() {
        static NESTED: Class<Counter> = Class::new(
            "/objects",
            Some(0),
            &[FieldRead::Value { values: 1, counts: true, read: |_, _| Value::U64(NESTED.len() as u64) }],
        );
        drop(NESTED.add("a", Counter::new()));
        assert_eq!(NESTED.folded_sum(COUNT), Some(Value::U64(1)));
    }
}
