//! The end of the program: a last capture, and what says that there will be no more.

use exporter::push::Ending;
use exporter::push::remote_write::Version;

use crate::agreement::understands_two;
use crate::machine::{Machine, NOW_MS, Road, SECOND, series};
use crate::tree::{SHELVES, Shelf, hold};

const STALE: u64 = 0x7ff0_0000_0000_0002;

#[test]
fn every_series_ends() {
    let _tree = hold();
    let (_last, gone) = (SHELVES.add("last", Shelf::new()), SHELVES.add("gone", Shelf::new()));
    let mut machine = Machine::new();
    machine.tags = vec![("shelf", "all of them")];
    let mut road = Road::new("endings", Version::One, 1 << 20);
    let mut all = series(&road.capture(0, &machine));
    assert!(!road.sink.is_finished());
    // What the program had, and what came later.
    drop(gone);
    let _new = SHELVES.add("new", Shelf::new());
    machine.unix_ms.set(Some(NOW_MS + 100));
    road.sink.finish(SECOND / 10, Ending::Success);
    assert_eq!(road.sink.deadline_ns(), Some(SECOND / 10), "at once");
    road.produce(SECOND / 10, &machine);
    assert!(!road.sink.is_finished(), "the receiver has none of it yet");
    let told = series(&road.take(&machine));
    assert!(road.sink.is_finished());
    let (ends, values): (Vec<_>, Vec<_>) = told.into_iter().partition(|series| series.value == STALE);
    assert!(values.iter().all(|series| series.stamp_ms as u64 == NOW_MS + 100));
    assert!(ends.iter().all(|series| series.stamp_ms as u64 == NOW_MS + 101));
    all.extend(values);
    for shelf in ["last", "gone", "new"] {
        assert!(all.iter().any(|series| series.label("exported_shelf") == Some(shelf)));
    }
    for series in &all {
        assert!(ends.iter().any(|end| end.labels == series.labels), "{series:?} goes on");
    }
    assert!(ends.iter().all(|end| all.iter().any(|series| end.labels == series.labels)), "nothing else ends");
    assert!(road.capture(10 * SECOND, &machine).is_empty(), "that was all");
    assert_eq!(road.sink.deadline_ns(), None);
}

/// Where 2.0 is spoken nothing is told in 1.0, and the same ends.
#[test]
fn every_series_ends_in_2_0() {
    let _tree = hold();
    let gone: Vec<_> = (0..40).map(|number| SHELVES.add(&format!("gone-{number}"), Shelf::new())).collect();
    let machine = Machine::new();
    let mut road = Road::new("endings-two", Version::Two, 1 << 20);
    let question = road.capture(0, &machine).remove(0);
    understands_two(&mut road, &question);
    let all = series(&road.capture(SECOND, &machine));
    drop(gone);
    machine.unix_ms.set(Some(NOW_MS + 100));
    road.sink.finish(SECOND + 1, Ending::Success);
    let frames = road.capture(SECOND + 1, &machine);
    assert!(frames.iter().all(|frame| frame.prelude == [2]), "none in 1.0");
    let ends: Vec<_> = series(&frames).into_iter().filter(|series| series.value == STALE).collect();
    assert!(ends.iter().all(|series| series.stamp_ms as u64 == NOW_MS + 101));
    for series in &all {
        assert!(ends.iter().any(|end| end.labels == series.labels), "{series:?} goes on");
    }
}

#[test]
fn a_capture_that_was_begun_is_ended_first() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("interrupted", Version::One, 1 << 20);
    assert!(road.sink.tick(0, &machine));
    assert!(road.sink.tick(0, &machine));
    road.sink.finish(0, Ending::Failure);
    let told = series(&road.capture(0, &machine));
    let ups: Vec<_> = told.iter().filter(|series| series.label("__name__") == Some("up")).collect();
    let up = f64::to_bits(1.0);
    assert_eq!(ups.iter().map(|up| up.value).collect::<Vec<_>>(), [up, up, STALE]);
    assert!(ups.is_sorted_by(|one, other| one.stamp_ms < other.stamp_ms));
    assert!(road.sink.is_finished());
}

#[test]
fn a_machine_that_never_knew_the_time_just_ends() {
    let _tree = hold();
    let machine = Machine::new();
    machine.unix_ms.set(None);
    let mut road = Road::new("timeless", Version::One, 1 << 20);
    road.produce(0, &machine);
    road.sink.finish(1, Ending::Success);
    assert!(road.capture(1, &machine).is_empty());
    assert!(road.sink.is_finished());
}

/// A value of the program's is never taken for the end of a series.
#[test]
fn no_value_is_an_end() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("no-end", Version::One, 1 << 20);
    let told = series(&road.capture(0, &machine));
    let nan = told.iter().find(|series| series.label("__name__") == Some("test_nan")).expect("it is told");
    assert_eq!(nan.value, 0x7ff8_0000_0000_0001);
}
