//! Objects added, dropped and read in every order that critical sections can come in.

use std::sync::Arc;

use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner, check_random, thread};
use ukstore_model::{Class, Column, Counter, FieldRead, Object, Objects, Value, Which};

struct Work {
    done: Counter,
    _alive: Arc<()>,
}

const FIELDS: &[FieldRead<Work>] =
    &[FieldRead::Value { values: 1, counts: true, read: |work, _| Value::U64(work.done.get()) }];

const DONE: Column = Column::new(0, 0);

/// A class for one run of a model, which may leave it behind.
fn class(series: u32) -> &'static Class<Work> {
    Box::leak(Box::new(Class::new("/objects", Some(series), FIELDS)))
}

fn add(class: &'static Class<Work>, name: &str, done: u64, alive: &Arc<()>) -> Object<Work> {
    let work = Work { done: Counter::new(), _alive: Arc::clone(alive) };
    work.done.add(done);
    class.add(name, work)
}

fn names(class: &'static Class<Work>, which: Which) -> Vec<String> {
    let mut names = Vec::new();
    let mut slot = 0;
    while class.visit(slot, which, &mut |key, name, _| {
        names.push(name.as_str().to_string());
        slot = key.slot + 1;
    }) {}
    names
}

fn folded(class: &'static Class<Work>) -> u64 {
    match class.folded_sum(DONE) {
        Some(Value::U64(sum)) => sum,
        _ => 0,
    }
}

const MOST_ORDERS: usize = 1_000_000;

/// Runs a model in every order that its threads can take turns in.
fn every_order(model: impl Fn() + Send + Sync + 'static) {
    let orders = Runner::new(DfsScheduler::new(Some(MOST_ORDERS), false), Config::new()).run(model);
    println!("{orders} orders");
    assert!((2..MOST_ORDERS).contains(&orders));
}

#[test]
fn two_that_want_one_name_get_two() {
    every_order(|| {
        let (class, alive) = (class(1), Arc::new(()));
        let other = {
            let alive = Arc::clone(&alive);
            thread::spawn(move || add(class, "w", 0, &alive))
        };
        let mine = add(class, "w", 0, &alive);
        let other = other.join().unwrap();
        let mut both = [mine.name(), other.name()];
        both.sort_unstable();
        assert_eq!(both, ["w", "w_2"]);
        assert_eq!((class.folded(), names(class, Which::WithSeries).len()), (1, 1));
        drop((mine, other));
        assert!(class.is_empty());
        assert_eq!(Arc::strong_count(&alive), 1);
    });
}

#[test]
fn what_stays_is_seen_once_and_what_goes_at_most_once() {
    every_order(|| {
        let (class, alive) = (class(8), Arc::new(()));
        let goes = add(class, "goes", 0, &alive);
        let stays = add(class, "stays", 0, &alive);
        let changing = {
            let alive = Arc::clone(&alive);
            thread::spawn(move || {
                drop(goes);
                add(class, "comes", 0, &alive)
            })
        };
        let seen = names(class, Which::All);
        let count = |name: &str| seen.iter().filter(|seen| *seen == name).count();
        assert_eq!(count("stays"), 1);
        assert!(count("goes") + count("comes") <= 1, "they were never alive together: {seen:?}");
        assert_eq!(class.find("stays").is_some(), stays.name() == "stays");
        let comes = changing.join().unwrap();
        assert_eq!(names(class, Which::All), ["comes", "stays"]);
        drop((comes, stays));
        assert_eq!(Arc::strong_count(&alive), 1);
    });
}

#[test]
fn a_key_never_leads_to_another_object() {
    every_order(|| {
        let (class, alive) = (class(8), Arc::new(()));
        let goes = add(class, "goes", 1, &alive);
        let changing = thread::spawn(move || {
            drop(goes);
            add(class, "comes", 2, &alive)
        });
        if let Some(key) = class.find("goes") {
            class.visit_key(key, &mut |name, columns| {
                assert_eq!((name.as_str(), columns.value(DONE)), ("goes", Value::U64(1)));
            });
        }
        drop(changing.join().unwrap());
    });
}

/// Two blocks, so that a reader is between them while objects go and come.
fn two_blocks(alive: &Arc<()>) -> (&'static Class<Work>, Vec<Object<Work>>) {
    let class = class(1);
    let objects = (0..65).map(|number| add(class, &number.to_string(), 1, alive)).collect();
    (class, objects)
}

/// One thread drops folded objects of both blocks and adds one, another counts in one, a third reads twice.
fn folded_objects_change_while_they_are_read() {
    let alive = Arc::new(());
    let (class, mut objects) = two_blocks(&alive);
    let (last, counting, first) = (objects.remove(64), objects.remove(2), objects.remove(1));
    let changing = {
        let alive = Arc::clone(&alive);
        thread::spawn(move || {
            drop(first);
            let added = add(class, "added", 1, &alive);
            drop(last);
            added
        })
    };
    let counting = thread::spawn(move || {
        counting.done.inc();
        drop(counting);
    });
    let mut before = 64;
    for _ in 0..2 {
        let sum = folded(class);
        assert!(before <= sum, "fell from {before} to {sum}");
        before = sum;
    }
    let added = changing.join().expect("no assertion is in there");
    counting.join().expect("no assertion is in there");
    assert_eq!(folded(class), 66);
    drop((added, objects));
    assert_eq!(folded(class), 66);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn the_folded_ones_sum_never_falls() {
    check_random(folded_objects_change_while_they_are_read, 3_000);
}
