//! Captures: every sample that a scrape tells, with its value, as many requests as it takes.

use std::collections::BTreeMap;

use exporter::exposition::Format;
use exporter::push::remote_write::Version;

use crate::agreement::understands_two;
use crate::encode::whole_text;
use crate::machine::{Machine, NOW_MS, Road, SECOND, series};
use crate::schema::{MetricType, Told};
use crate::tree::{SHELVES, Shelf, WORKERS, Work, hold};

type Samples = BTreeMap<Vec<(String, String)>, u64>;

/// The samples of a text exposition, by their labels.
fn scraped() -> Samples {
    let text = whole_text(Format::Text, None);
    let lines = text.lines().filter(|line| !line.starts_with('#') && !is_own(line));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let (name, mut rest) = series.split_once('{').unwrap_or((series, "}"));
            let mut labels = vec![("__name__".to_owned(), name.to_owned())];
            while let Some((name, after)) = rest.split_once("=\"") {
                let (mut value, mut chars) = (String::new(), after.char_indices());
                rest = loop {
                    match chars.next().expect("the value ends") {
                        (at, '"') => break &after[at + 1..],
                        (_, '\\') => match chars.next() {
                            Some((_, 'n')) => value.push('\n'),
                            Some((_, escaped)) => value.push(escaped),
                            None => panic!("{line}"),
                        },
                        (_, plain) => value.push(plain),
                    }
                };
                labels.push((name.trim_start_matches(',').to_owned(), value));
            }
            labels.sort();
            let value: f64 = value.parse().expect("a number");
            (labels, if value.is_nan() { 0x7ff8_0000_0000_0001 } else { value.to_bits() })
        })
        .collect()
}

/// What sinks tell of themselves moves while they work.
fn is_own(line: &str) -> bool {
    line.starts_with("uk_sink_")
}

/// The same of what was pushed, without what says whose it is. What no line has room for, it has.
fn pushed(told: &[Told]) -> Samples {
    let mut samples = Samples::new();
    for series in told {
        let name = series.label("__name__").expect("a name");
        if name == "up" || is_own(name) || name == "test_long_info" {
            continue;
        }
        let labels = series.labels.iter().filter(|(name, _)| name != "instance" && name != "job");
        let before = samples.insert(labels.cloned().collect(), series.value);
        assert_eq!(before, None, "{series:?} twice");
    }
    samples
}

#[test]
fn every_sample_of_a_scrape_in_both_versions() {
    let _tree = hold();
    let _objects = (WORKERS.add("a \"b\"", Work::default()), SHELVES.add("low", Shelf::new()));
    let machine = Machine::new();
    let mut road = Road::new("captures", Version::Two, 1 << 20);
    let mut frames = road.capture(0, &machine);
    let question = frames.remove(0);
    let one = series(&frames);
    assert_eq!(pushed(&one), scraped());
    assert_eq!(frames.iter().map(|frame| frame.items as usize).sum::<usize>(), one.len());
    let up = one.iter().find(|series| series.label("__name__") == Some("up")).expect("up");
    assert_eq!((f64::from_bits(up.value), up.stamp_ms as u64), (1.0, NOW_MS));
    assert!(one.iter().any(|series| series.label("__name__") == Some("test_long_info")));

    understands_two(&mut road, &question);
    let frames = road.capture(SECOND, &machine);
    assert!(frames.iter().all(|frame| frame.prelude == [2]));
    let two = series(&frames);
    assert_eq!(pushed(&two), pushed(&one));
    let about = |name: &str| {
        let series = two.iter().find(|series| series.label("__name__") == Some(name)).expect("it is told");
        series.about.clone()
    };
    assert_eq!(about("up"), None);
    assert_eq!(about("test_plain_total"), Some((MetricType::Counter, "".to_owned())));
    assert_eq!(about("test_latency_seconds_sum"), Some((MetricType::Histogram, "seconds".to_owned())));
    assert_eq!(about("test_odd"), Some((MetricType::Unspecified, "".to_owned())));
    assert_eq!(about("test_door"), Some((MetricType::StateSet, "".to_owned())));
    assert_eq!(about("test_machine_info"), Some((MetricType::Info, "".to_owned())));
}

#[test]
fn as_many_requests_as_it_takes() {
    let _tree = hold();
    let _shelves: Vec<_> = (0..128).map(|number| SHELVES.add(&format!("shelf-{number}"), Shelf::new())).collect();
    let machine = Machine::new();
    let mut road = Road::new("requests", Version::Two, 1 << 20);
    let mut calls = road.produce(0, &machine);
    let frames = road.take(&machine);
    let lens: Vec<_> = frames.iter().map(|frame| frame.message().len()).collect();
    assert!(lens.len() > 4, "{lens:?}");
    assert!(lens[1..lens.len() - 1].iter().all(|&len| len > 60_000), "{lens:?}");
    let one = series(&frames[1..]);
    assert_eq!(pushed(&one), scraped());
    assert!(calls > one.len() / 32, "each call is a bounded piece of work");

    understands_two(&mut road, &frames[0]);
    calls = road.produce(SECOND, &machine);
    let two = road.take(&machine);
    assert!(two.len() > 1 && two.len() < frames.len(), "texts are told once: {calls} calls");
    assert_eq!(pushed(&series(&two)), pushed(&one));
}

#[test]
fn whose_it_is() {
    let _tree = hold();
    let mut machine = Machine::new();
    machine.tags = vec![("zone", "z1"), ("side", "north"), ("job", "not this"), ("empty", "")];
    let mut road = Road::new("origin", Version::One, 1 << 20);
    let told = series(&road.capture(0, &machine));
    assert!(told.iter().all(|series| series.label("zone") == Some("z1") && series.label("empty").is_none()));
    let doors: Vec<_> = told.iter().filter(|series| series.label("__name__") == Some("test_by_side_total")).collect();
    assert_eq!(doors.len(), 2);
    for (series, side) in doors.iter().zip(["left", "right"]) {
        assert_eq!((series.label("side"), series.label("exported_side")), (Some("north"), Some(side)));
    }
}

#[test]
fn samples_are_in_time_order_where_the_clock_goes_back_a_little() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("order", Version::One, 1 << 20);
    let mut stamps = Vec::new();
    for (second, unix_ms) in [(0, NOW_MS), (1, NOW_MS), (2, NOW_MS - 9_000), (3, NOW_MS + 3_000)] {
        machine.unix_ms.set(Some(unix_ms));
        let told = series(&road.capture(second * SECOND, &machine));
        assert!(told.iter().all(|series| series.stamp_ms == told[0].stamp_ms), "one time for all");
        stamps.push(told[0].stamp_ms as u64);
    }
    assert_eq!(stamps, [NOW_MS, NOW_MS + 1, NOW_MS + 2, NOW_MS + 3_000]);
    assert!(road.capture(3 * SECOND, &machine).is_empty(), "once an interval");
}

/// An RTC in another zone's time, put right after the first captures: until it has caught up no sample would be right.
#[test]
fn a_clock_that_was_far_ahead_is_believed_when_it_is_put_right() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("ahead", Version::One, 1 << 20);
    let mut stamps = Vec::new();
    for (second, unix_ms) in [(0, NOW_MS + 7_200_000), (1, NOW_MS), (2, NOW_MS + 1_000)] {
        machine.unix_ms.set(Some(unix_ms));
        stamps.push(series(&road.capture(second * SECOND, &machine))[0].stamp_ms as u64);
    }
    assert_eq!(stamps, [NOW_MS + 7_200_000, NOW_MS, NOW_MS + 1_000]);
}

/// It may be put right any time.
#[test]
fn the_first_capture_waits_for_the_date() {
    let _tree = hold();
    let machine = Machine::new();
    machine.awaits_date.set(true);
    let mut road = Road::new("patient-of-date", Version::One, 1 << 20);
    assert!(road.capture(0, &machine).is_empty());
    assert_eq!(road.sink.deadline_ns(), Some(10 * SECOND));
    machine.unix_ms.set(Some(NOW_MS - 7_200_000));
    machine.awaits_date.set(false);
    let told = series(&road.capture(7 * SECOND, &machine));
    assert_eq!((told[0].stamp_ms as u64, road.told("dropped_total/no_clock")), (NOW_MS - 7_200_000, 0));
}

#[test]
fn nothing_is_told_without_a_time() {
    let _tree = hold();
    let machine = Machine::new();
    machine.unix_ms.set(None);
    let mut road = Road::new("no-clock", Version::Two, 1 << 20);
    assert!(road.capture(0, &machine).is_empty());
    let lost = road.told("dropped_total/no_clock");
    machine.unix_ms.set(Some(NOW_MS));
    let frames = road.capture(SECOND, &machine);
    // As many as there are.
    assert_eq!(series(&frames[1..]).len() as u64, lost);
    assert_eq!(road.told("items_total"), 2 * lost);
}
