//! What folded objects tell together: the sum of a column, and what those that were dropped had counted. Not for
//! deciding which objects are folded: see `table.rs`.

use alloc::boxed::Box;
use core::cell::Cell;

use super::columns::{Columns, FieldRead, Row};
use crate::source::histogram::{MAX_BUCKETS, Scale};
use crate::{Buckets, Column, Counter, Snapshot, Value};

/// What the dropped folded objects of a block of slots had counted. Written only in critical sections; in cells,
/// because a field that is read while its object goes may itself read the class.
#[derive(Debug)]
pub(super) struct Kept {
    fields: Box<[KeptField]>,
}

#[derive(Debug)]
enum KeptField {
    /// Of a gauge: it is gone with its object.
    Nothing,
    Values(Box<[Cell<Value>]>),
    Histogram(Total<Box<[Counter]>>),
}

/// The sum of histograms that have the same buckets. Its cells are written only in critical sections, or by their only
/// owner.
#[derive(Debug)]
struct Total<Cells> {
    scale: &'static Scale,
    cells: Cells,
}

/// A histogram's sum over the blocks of a class, while a reader makes it; or the copy of one histogram. 2.5 KiB.
#[derive(Debug)]
pub struct HistogramSum {
    /// Of the first one.
    scale: Option<&'static Scale>,
    cells: [Counter; MAX_CELLS],
}

/// A bucket for zeros, the exponential ones, one above them, and the sum.
const MAX_CELLS: usize = MAX_BUCKETS + 3;

impl Kept {
    /// Nothing yet, with room for what objects like this one count. Allocates.
    pub(super) fn new<T>(fields: &[FieldRead<T>], like: &T) -> Self {
        let room = |field: &FieldRead<T>| match field {
            FieldRead::Value { counts: false, .. } => KeptField::Nothing,
            FieldRead::Value { values, .. } => {
                KeptField::Values((0..*values).map(|_| Cell::new(Value::Absent)).collect())
            }
            FieldRead::Histogram(read) => {
                let histogram = read(like);
                let cells = histogram.cells().iter().map(|_| Counter::new()).collect();
                KeptField::Histogram(Total { scale: histogram.scale(), cells })
            }
        };
        Self { fields: fields.iter().map(room).collect() }
    }

    /// Keeps what an object counted. In the critical section in which it is taken out.
    pub(super) fn keep<T>(&self, fields: &[FieldRead<T>], value: &T) {
        for (kept, field) in self.fields.iter().zip(fields) {
            match (kept, field) {
                (KeptField::Values(kept), FieldRead::Value { read, .. }) => {
                    for (index, cell) in kept.iter().enumerate() {
                        cell.set(sum(cell.get(), read(value, index)));
                    }
                }
                (KeptField::Histogram(kept), FieldRead::Histogram(read)) => kept.add(read(value)),
                _ => {}
            }
        }
    }

    /// The sum of a column over what is kept and those that are alive.
    pub(super) fn value<'a, T: 'a>(
        &self,
        fields: &[FieldRead<T>],
        live: impl Iterator<Item = &'a T>,
        column: Column,
    ) -> Value {
        let kept = match self.fields.get(usize::from(column.field)) {
            Some(KeptField::Values(kept)) => kept.get(usize::from(column.value)).map_or(Value::Absent, Cell::get),
            _ => Value::Absent,
        };
        live.map(|value| Row { fields, value }.value(column)).fold(kept, sum)
    }

    /// Adds what is kept of a histogram and those of the living to `into`.
    pub(super) fn histogram<'a, T: 'a>(
        &self,
        fields: &[FieldRead<T>],
        live: impl Iterator<Item = &'a T>,
        field: u8,
        into: &mut HistogramSum,
    ) {
        if let Some(KeptField::Histogram(kept)) = self.fields.get(usize::from(field)) {
            into.add(kept);
            for value in live {
                if let Some(histogram) = (Row { fields, value }).histogram(field) {
                    into.add(histogram);
                }
            }
        }
    }
}

impl<Cells: AsRef<[Counter]>> Total<Cells> {
    /// What has other buckets cannot be added.
    fn add(&self, histogram: &dyn Buckets) {
        let same = core::ptr::eq(histogram.scale(), self.scale) || histogram.bounds() == self.bounds();
        if same && histogram.cells().len() == self.scale.cells() {
            for (total, cell) in self.cells().iter().zip(histogram.cells()) {
                total.store(total.get().wrapping_add(cell.get()));
            }
        }
    }
}

impl<Cells: AsRef<[Counter]>> Buckets for Total<Cells> {
    fn scale(&self) -> &'static Scale {
        self.scale
    }

    fn cells(&self) -> &[Counter] {
        let cells = self.cells.as_ref();
        cells.get(..self.scale.cells()).unwrap_or(cells)
    }
}

impl HistogramSum {
    pub(crate) const fn new() -> Self {
        Self { scale: None, cells: [const { Counter::new() }; MAX_CELLS] }
    }

    /// Adds a histogram as it is now; of a sum that shall be of one instant, in the critical section for all of it.
    pub(crate) fn add(&mut self, histogram: &dyn Buckets) {
        let scale = *self.scale.get_or_insert(histogram.scale());
        Total { scale, cells: &self.cells }.add(histogram);
    }

    /// Gives what was added, if there was a histogram.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&dyn Buckets) -> R) -> Option<R> {
        self.scale.map(|scale| f(&Total { scale, cells: &self.cells }))
    }

    /// Copies the classic view, if there was a histogram.
    pub(crate) fn snapshot_into(&self, snapshot: &mut Snapshot) -> bool {
        self.with(|total| total.snapshot_into(snapshot)).is_some()
    }
}

/// One value and another of its column. A gauge of seconds is a float while it is negative. What is no number adds
/// nothing.
pub(crate) fn sum(total: Value, value: Value) -> Value {
    use Value::{Absent, F64, I64, Nanos, U64};
    match (total, value) {
        (U64(a), U64(b)) => U64(a.wrapping_add(b)),
        (I64(a), I64(b)) => I64(a.wrapping_add(b)),
        (Nanos(a), Nanos(b)) => Nanos(a.wrapping_add(b)),
        (F64(a), F64(b)) => F64(a + b),
        (F64(a), Nanos(b)) | (Nanos(b), F64(a)) => F64(a + b as f64 / 1e9),
        (Absent, U64(_) | I64(_) | Nanos(_) | F64(_)) => value,
        _ => total,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::Unit;
    use crate::object::table::testing::{add, remove};
    use crate::object::table::{Key, Look, Table, Which};

    /// Something with a field of every sort.
    #[derive(Debug, Default)]
    struct Work {
        done: Counter,
        took: [Counter; 4],
        level: crate::Gauge,
    }

    static SCALE: Scale = Scale::written(Unit::Seconds, &[10, 20], &crate::histogram::Tree::new(&[10, 20]));

    impl Buckets for Work {
        fn scale(&self) -> &'static Scale {
            &SCALE
        }

        fn cells(&self) -> &[Counter] {
            &self.took
        }
    }

    const FIELDS: &[FieldRead<Work>] = &[
        FieldRead::Value { values: 1, counts: true, read: |work, _| Value::U64(work.done.get()) },
        FieldRead::Value { values: 1, counts: false, read: |work, _| Value::I64(work.level.get()) },
        FieldRead::Histogram(|work| work),
        FieldRead::Value { values: 2, counts: true, read: |work, half| Value::Nanos(work.done.get() * half as u64) },
    ];

    fn column(field: u8, value: u8) -> Column {
        Column { field, value }
    }

    fn total(table: &Table<Work>, column: Column) -> Value {
        (0..).map_while(|block| table.folded_value(block, FIELDS, column)).fold(Value::Absent, sum)
    }

    #[test]
    fn sums_of_every_sort() {
        use Value::{Absent, Bool, F64, I64, Nanos, U64};
        for (one, other, both) in [
            (Absent, U64(1), U64(1)),
            (U64(u64::MAX), U64(2), U64(1)),
            (I64(-3), I64(1), I64(-2)),
            (Nanos(1), Nanos(2), Nanos(3)),
            (F64(0.5), F64(0.25), F64(0.75)),
            (F64(-1.0), Nanos(1_500_000_000), F64(0.5)),
            (Nanos(1_500_000_000), F64(-1.0), F64(0.5)),
            (U64(1), Bool(true), U64(1)),
            (Absent, Bool(true), Absent),
            (Absent, Absent, Absent),
        ] {
            assert_eq!(sum(one, other), both);
        }
    }

    #[test]
    fn what_was_counted_stays_and_what_stood_goes() {
        let mut table = Table::new();
        let (first, _) = add(&mut table, "first", Work::default(), Some(0), FIELDS);
        let (second, _) = add(&mut table, "second", Work::default(), Some(0), FIELDS);
        for (key, count) in [(first, 3), (second, 4)] {
            let work = &table.get(key).unwrap().value;
            work.done.add(count);
            work.level.set(5);
            SCALE.observe(&work.took, 15);
        }
        let check = |table: &Table<Work>, done, level, halves| {
            assert_eq!(total(table, column(0, 0)), Value::U64(done));
            assert_eq!(total(table, column(1, 0)), level);
            assert_eq!((total(table, column(3, 0)), total(table, column(3, 1))), halves);
            let (mut total, mut snapshot) = (HistogramSum::new(), Snapshot::EMPTY);
            assert!(table.folded_histogram(0, FIELDS, 0, &mut total).is_some() && !total.snapshot_into(&mut snapshot));
            assert!(table.folded_histogram(0, FIELDS, 2, &mut total).is_some() && total.snapshot_into(&mut snapshot));
            assert!(table.folded_histogram(1, FIELDS, 2, &mut total).is_none());
            assert_eq!((snapshot.at_most(0), snapshot.at_most(1), snapshot.count(), snapshot.sum()), (0, 2, 2, 30));
        };
        let halves = (Value::Nanos(0), Value::Nanos(7));
        check(&table, 7, Value::I64(10), halves);
        remove(&mut table, first, FIELDS);
        check(&table, 7, Value::I64(5), halves);
        remove(&mut table, second, FIELDS);
        check(&table, 7, Value::Absent, halves);
    }

    #[test]
    fn a_histogram_of_other_bounds_adds_nothing() {
        struct Other(Work);
        static OTHER: Scale = Scale::written(Unit::Seconds, &[10, 30], &crate::histogram::Tree::new(&[10, 30]));
        impl Buckets for Other {
            fn scale(&self) -> &'static Scale {
                if self.0.level.get() == 0 { &SCALE } else { &OTHER }
            }

            fn cells(&self) -> &[Counter] {
                &self.0.took
            }
        }
        let fields: &[FieldRead<Other>] = &[FieldRead::Histogram(|other| other)];
        let (usual, other) = (Other(Work::default()), Other(Work::default()));
        other.0.level.set(1);
        SCALE.observe(&usual.0.took, 15);
        OTHER.observe(&other.0.took, 25);
        let kept = Kept::new(fields, &usual);
        kept.keep(fields, &other);
        kept.keep(fields, &usual);
        let (mut total, mut snapshot) = (HistogramSum::new(), Snapshot::EMPTY);
        kept.histogram(fields, [&usual, &other].into_iter(), 0, &mut total);
        assert!(total.snapshot_into(&mut snapshot));
        assert_eq!((snapshot.bounds(), snapshot.count(), snapshot.sum()), (&[10, 20][..], 2, 30));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Add,
        Remove(usize),
        Count(usize, u8),
        /// A reader sums the next block; after the last it compares with what it had before.
        Read,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => Just(Step::Add),
            3 => any::<usize>().prop_map(Step::Remove),
            3 => (any::<usize>(), any::<u8>()).prop_map(|(nth, count)| Step::Count(nth, count)),
            4 => Just(Step::Read),
        ];
        prop::collection::vec(step, 0..300)
    }

    proptest! {
        #[test]
        fn a_sum_read_block_by_block_never_falls(steps in steps(), series in 0_u32..4, before in 0..200) {
            let mut table = Table::new();
            let mut live = Vec::new();
            let new = |table: &mut Table<Work>| {
                let name = table.births().to_string();
                add(table, &name, Work::default(), Some(series), FIELDS).0
            };
            for _ in 0..before {
                live.push(new(&mut table));
            }
            // What folded objects counted; what had been counted when the reading began, and when the one before ended.
            let (mut counted, mut at_begin, mut last) = (0_u64, 0, 0);
            let (mut block, mut so_far, mut buckets) = (0, Value::U64(0), HistogramSum::new());
            for step in steps {
                match step {
                    Step::Add => live.push(new(&mut table)),
                    Step::Remove(nth) if !live.is_empty() => {
                        let key = live.swap_remove(nth % live.len());
                        remove(&mut table, key, FIELDS);
                    }
                    Step::Count(nth, count) if !live.is_empty() => {
                        let key: Key = live[nth % live.len()];
                        let work = &table.get(key).unwrap().value;
                        work.done.add(u64::from(count));
                        work.took[1].add(u64::from(count));
                        let shown = matches!(table.look(key.slot, Which::WithSeries), Look::Object(found, _) if found == key);
                        counted += if shown { 0 } else { u64::from(count) };
                    }
                    Step::Read => match table.folded_value(block, FIELDS, column(0, 0)) {
                        Some(value) => {
                            so_far = sum(so_far, value);
                            table.folded_histogram(block, FIELDS, 2, &mut buckets);
                            block += 1;
                        }
                        None => {
                            let Value::U64(read) = so_far else { return Err(TestCaseError::fail("not a number")) };
                            prop_assert!(last <= read && at_begin <= read && read <= counted);
                            let mut snapshot = Snapshot::EMPTY;
                            buckets.snapshot_into(&mut snapshot);
                            prop_assert_eq!(snapshot.count(), read);
                            (last, at_begin) = (read, counted);
                            (block, so_far, buckets) = (0, Value::U64(0), HistogramSum::new());
                        }
                    },
                    _ => {}
                }
            }
            live.into_iter().for_each(|key| remove(&mut table, key, FIELDS));
            prop_assert_eq!(sum(Value::U64(0), total(&table, column(0, 0))), Value::U64(counted));
        }
    }
}
