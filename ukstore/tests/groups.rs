//! What belongs together is read together: groups and objects that change while they are listed, however long it takes.
#![forbid(unsafe_code)]

use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use proptest::prelude::*;
use ukstore::{Child, Content, Directory, Listing, Node, Value, lookup};

ukstore::buckets! {
    /// Sizes.
    struct Sizes = Bytes, [1, 1_000];
}
ukstore::group! {
    /// All of its cells stand at the same number, but where somebody saw half a change.
    static GROUP: struct Cells = "/g/cells" {
        /// First.
        counter first = "first_total", "grouped_first_total";
        /// In the middle.
        gauge middle = "middle" { side = ["left", "right"] };
        /// Counted as often as the others moved.
        histogram sizes: Sizes = "sizes_bytes", "grouped_sizes_bytes", Bytes;
        /// Last.
        gauge last = "last", "grouped_last";
    }
}
ukstore::class! {
    /// The same in objects.
    static OBJECTS: Class<struct Parts> = "/g/objects", label object, series 4 {
        /// First.
        counter first = "first_total", "grouped_object_first_total";
        /// In the middle.
        gauge middle = "middle" { side = ["left", "right"] };
        /// Counted as often as the others moved.
        histogram sizes: Sizes = "sizes_bytes", Bytes;
        /// Last.
        gauge last = "last";
    }
}

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One more in every cell.
fn step_group() {
    GROUP.update(|group| {
        group.first.inc();
        group.middle[0].add(1);
        group.middle[1].add(1);
        group.sizes.observe(7);
        group.last.add(1);
    });
}

fn step_object(object: &Parts) {
    critical_section::with(|_| {
        object.first.inc();
        object.middle[0].add(1);
        object.middle[1].add(1);
        object.sizes.observe(7);
        object.last.add(1);
    });
}

fn directory(path: &str) -> Directory {
    match lookup(path) {
        Ok(Node::Directory(directory)) => directory,
        other => panic!("{path}: {other:?}"),
    }
}

/// The five numbers of a group, as one listing gives them in pieces; `between` is called after each piece.
fn numbers(directory: Directory, pieces: &[usize], mut between: impl FnMut(usize)) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut listing = Listing::new();
    for (index, &piece) in pieces.iter().chain([&usize::MAX]).enumerate() {
        let mut left = piece;
        let flow = directory.children(&mut listing, |child| {
            if left == 0 {
                return Break(());
            }
            left -= 1;
            let Child::Leaf { content: Ok(content), .. } = child else { panic!("{child:?}") };
            numbers.push(match content {
                Content::Value(Value::U64(number)) => number,
                Content::Value(Value::I64(number)) => number.cast_unsigned(),
                Content::Histogram(snapshot) => {
                    assert_eq!(snapshot.sum(), 7 * snapshot.count());
                    snapshot.count()
                }
                other => panic!("{other:?}"),
            });
            Continue(())
        });
        if flow.is_continue() {
            break;
        }
        between(index);
    }
    numbers
}

fn are_of_one_instant(numbers: &[u64]) -> bool {
    numbers.len() == 5 && numbers.iter().all(|number| *number == numbers[0])
}

proptest! {
    /// The group moves, and the object moves and is dropped, while the listing rests.
    #[test]
    fn a_listing_is_of_the_instant_in_which_it_began(
        pieces in prop::collection::vec(0..3_usize, 0..10),
        dropped_at in 0..10_usize,
    ) {
        let _alone = alone();
        let before = GROUP.first.get();
        let listed = numbers(directory("/g/cells"), &pieces, |_| step_group());
        prop_assert_eq!(listed, vec![before; 5]);
        let mut object = Some(OBJECTS.add("object", Parts::new()));
        step_object(object.as_ref().unwrap());
        let listed = numbers(directory("/g/objects/object"), &pieces, |rest| {
            if rest == dropped_at {
                drop(object.take());
            }
            if let Some(object) = &object {
                step_object(object);
            }
        });
        prop_assert_eq!(listed, vec![1; 5]);
    }
}

/// Of a field with a label of its own, too: the copy is of the whole group.
#[test]
fn a_fields_own_values_are_of_one_instant() {
    let _alone = alone();
    let before = GROUP.first.get();
    assert_eq!(numbers(directory("/g/cells/middle"), &[1, 1], |_| step_group()), [before; 2]);
}

/// A second listing of the same group is of its own instant.
#[test]
fn each_listing_is_of_its_own_instant() {
    let _alone = alone();
    let before = GROUP.first.get();
    let first = numbers(directory("/g/cells"), &[2], |_| {
        step_group();
        assert_eq!(numbers(directory("/g/cells"), &[], |_| ()), [before + 1; 5]);
    });
    assert_eq!(first, [before; 5]);
}

/// One thread moves the group and the object, another lists both.
#[test]
fn nobody_sees_half_an_update() {
    let _alone = alone();
    let object = OBJECTS.add("hammered", Parts::new());
    let done = AtomicBool::new(false);
    let listings = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut listings = 0;
            while !done.load(Relaxed) || listings == 0 {
                for path in ["/g/cells", "/g/objects/hammered"] {
                    let numbers = numbers(directory(path), &[], |_| ());
                    assert!(are_of_one_instant(&numbers), "{path}: {numbers:?}");
                }
                listings += 1;
            }
            listings
        });
        for _ in 0..50_000 {
            step_group();
            step_object(&object);
        }
        done.store(true, Relaxed);
        reader.join().expect("what it saw was right")
    });
    assert!(listings > 0);
    assert_eq!(numbers(directory("/g/objects/hammered"), &[], |_| ()), [50_000; 5]);
}
