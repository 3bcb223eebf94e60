//! Groups and objects that are changed and listed in every order: nobody sees half a change. The cells are read and
//! written with a point between them, at which threads are switched if the critical section around them is missing.

use std::ops::ControlFlow::{Break, Continue};

use critical_section::point;
use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner, check_random, thread};
use ukstore_model::{
    Child, Content, Counter, Directory, Entry, Family, Field, FieldRead, Group, GroupRecord, Head, Kind, Listing, Node,
    Unit, Value, lookup,
};

/// A group by hand, because one that a macro declares has nothing but loads in its reads.
static GROUP: Group<[Counter; 2]> = Group::new([Counter::new(), Counter::new()], READS);

const READS: &[FieldRead<[Counter; 2]>] = &[
    FieldRead::Value { values: 1, counts: false, read: |cells, _| read(&cells[0]) },
    FieldRead::Value { values: 1, counts: false, read: |cells, _| read(&cells[1]) },
];

static FIELDS: &[Field] = &[Field::new("one", &FAMILY), Field::new("other", &FAMILY)];

static FAMILY: Family =
    Family::untold(Head::new("# HELP x X.\n# TYPE x counter\nm", "x", "X.", Kind::Counter, Unit::None));

static RECORD: GroupRecord = GroupRecord::new("Two that move together.", "/m/group", FIELDS, &GROUP);

const _: () = {
    ukstore_model::__place!(entry "/m/group", Entry::group("/m/group", &RECORD));
};

ukstore_model::class! {
    /// Objects with the same two cells.
    static OBJECTS: Class<[Counter; 2]> = "/m/objects", label object, series 2 {
        /// One.
        counter "one_total", "model_one_total" => prompt |cells| read(&cells[0]);
        /// The other.
        counter "other_total", "model_other_total" => prompt |cells| read(&cells[1]);
    }
}

fn read(cell: &Counter) -> Value {
    point();
    Value::U64(cell.get())
}

fn step(cells: &[Counter; 2]) {
    cells[0].inc();
    point();
    cells[1].inc();
}

/// The values below a directory, with a rest after each.
fn numbers(directory: Directory) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut listing = Listing::new();
    loop {
        let mut is_taken = false;
        let flow = directory.children(&mut listing, |child| {
            if is_taken {
                return Break(());
            }
            is_taken = true;
            match child {
                Child::Leaf { content: Ok(Content::Value(Value::U64(number))), .. } => numbers.push(number),
                other => panic!("{other:?}"),
            }
            Continue(())
        });
        if flow.is_continue() {
            return numbers;
        }
        point();
    }
}

fn directory(path: &str) -> Directory {
    match lookup(path) {
        Ok(Node::Directory(directory)) => directory,
        other => panic!("{path}: {other:?}"),
    }
}

const MOST_ORDERS: usize = 1_000_000;

/// Runs a model in every order that its threads can take turns in.
fn every_order(model: impl Fn() + Send + Sync + Copy + 'static) {
    // The first run brings the memory that a class keeps: from then on all runs take the same steps.
    check_random(model, 1);
    let orders = Runner::new(DfsScheduler::new(Some(MOST_ORDERS), false), Config::new()).run(model);
    println!("{orders} orders");
    assert!((2..MOST_ORDERS).contains(&orders));
}

#[test]
fn nobody_sees_half_an_update_of_a_group() {
    every_order(|| {
        let writers = [(); 2].map(|()| thread::spawn(|| GROUP.update(step)));
        let numbers = numbers(directory("/m/group"));
        assert_eq!(numbers.len(), 2);
        assert_eq!(numbers[0], numbers[1]);
        writers.into_iter().for_each(|writer| writer.join().expect("no assertion is in there"));
    });
}

#[test]
fn nobody_sees_half_a_change_of_an_object_nor_half_an_object() {
    every_order(|| {
        let object = OBJECTS.add("object", [Counter::new(), Counter::new()]);
        let found = directory("/m/objects/object");
        let writer = thread::spawn(move || {
            critical_section::with(|_| step(&object));
            drop(object);
        });
        let numbers = numbers(found);
        assert!(matches!(numbers[..], [] | [0, 0] | [1, 1]), "{numbers:?}");
        writer.join().expect("no assertion is in there");
    });
}
