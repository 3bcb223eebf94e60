//! Objects that come and go on two threads while two others walk through them: nobody misses an object that stays,
//! nothing is read torn, the folded ones' sum never falls, and all memory comes back. One test, because it counts
//! what the whole process allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed};
use std::thread;

use ukstore::{Class, Column, Counter, FieldRead, Key, Object, Objects, Value, Which};

struct Counting;

static ALLOCATED: AtomicIsize = AtomicIsize::new(0);

// SAFETY: all is left to the system's allocator; the count beside it is never looked at by it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size().cast_signed(), Relaxed);
        // SAFETY: the caller's promises are the callee's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size().cast_signed(), Relaxed);
        // SAFETY: the caller's promises are the callee's.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Two counters that always move together.
#[derive(Default)]
struct Pair {
    one: Counter,
    other: Counter,
    _alive: Arc<()>,
}

impl Pair {
    fn inc(&self) {
        critical_section::with(|_| {
            self.one.inc();
            self.other.inc();
        });
    }
}

const SERIES: u32 = 32;
const STAYING: usize = 500;
const COMING: usize = 5_000;
/// Of each thread. Fewer than what goes before: the blocks of slots are all there from the beginning.
const ALIVE: usize = 200;

static PAIRS: Class<Pair> = Class::new(
    "/pairs",
    Some(SERIES),
    &[
        FieldRead::Value { values: 1, counts: true, read: |pair, _| Value::U64(pair.one.get()) },
        FieldRead::Value { values: 1, counts: true, read: |pair, _| Value::U64(pair.other.get()) },
    ],
);

fn column(field: u8) -> Column {
    Column::new(field, 0)
}

/// All objects a walker finds; those that are younger than its walk are not its business.
fn walk() -> Vec<String> {
    let births = PAIRS.births();
    let mut names = Vec::new();
    let mut slot = 0;
    while PAIRS.visit(slot, Which::All, &mut |key, name, columns| {
        assert_eq!(columns.value(column(0)), columns.value(column(1)), "{name:?} is torn");
        if key.born < births {
            names.push(name.as_str().to_string());
        }
        slot = key.slot + 1;
    }) {}
    names
}

fn walker(done: &AtomicBool, staying: &[String]) -> usize {
    let (mut walks, mut folded) = (0, 0);
    while !done.load(Relaxed) {
        let names = walk();
        for name in staying {
            assert_eq!(names.iter().filter(|found| *found == name).count(), 1, "{name}");
        }
        let Some(Value::U64(sum)) = PAIRS.folded_sum(column(0)) else { panic!("some are folded") };
        assert!(folded <= sum, "fell from {folded} to {sum}");
        folded = sum;
        walks += 1;
    }
    walks
}

/// Objects that live for as long as `ALIVE` younger ones need to come.
fn churn(alive: &Arc<()>) {
    let mut objects = Vec::with_capacity(ALIVE);
    for number in 0..COMING {
        let pair = PAIRS.add(&format!("coming_{number}"), Pair { _alive: Arc::clone(alive), ..Pair::default() });
        pair.inc();
        if objects.len() == ALIVE {
            objects.swap_remove(number % ALIVE);
        }
        objects.push(pair);
    }
}

fn run() {
    let alive = Arc::new(());
    // Those that stay are among those that come and go, in every block.
    let (staying, going): (Vec<_>, Vec<_>) = (0..2 * STAYING)
        .map(|number| PAIRS.add(&format!("staying_{number}"), Pair { _alive: Arc::clone(&alive), ..Pair::default() }))
        .enumerate()
        .partition(|(number, _)| number % 2 == 0);
    drop(going);
    let names: Vec<_> = staying.iter().map(|(_, object): &(usize, Object<Pair>)| object.name().to_string()).collect();
    let done = AtomicBool::new(false);
    let walks: usize = thread::scope(|scope| {
        let walkers: Vec<_> = (0..2).map(|_| scope.spawn(|| walker(&done, &names))).collect();
        let churners: Vec<_> = (0..2).map(|_| scope.spawn(|| churn(&alive))).collect();
        churners.into_iter().for_each(|churner| churner.join().expect("it only adds and drops"));
        done.store(true, Relaxed);
        walkers.into_iter().map(|walker| walker.join().expect("what it saw was right")).sum()
    });
    assert!(walks > 0);
    assert_eq!(PAIRS.len(), STAYING);
    assert_eq!(Arc::strong_count(&alive), STAYING + 1);
    drop(staying);
    assert!(PAIRS.is_empty());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn objects_come_and_go_under_two_walkers() {
    // The first run leaves the blocks of slots, which a class keeps, and what the threads of the test need once.
    run();
    let counted = PAIRS.folded_sum(column(0));
    let before = ALLOCATED.load(Relaxed);
    run();
    assert_eq!(ALLOCATED.load(Relaxed), before);
    let (Some(Value::U64(first)), Some(Value::U64(second))) = (counted, PAIRS.folded_sum(column(0))) else {
        panic!("what was counted is kept");
    };
    // In both runs all that came was counted once, and almost all of it folded.
    assert!(first > 9_000 && second > first + 9_000, "{first}, {second}");
    let mut unknown: Option<Key> = None;
    assert!(!PAIRS.visit(0, Which::All, &mut |key, _, _| unknown = Some(key)));
}
