//! The walk by sources gives what the walk by families gives, in an order that makes long lines, and of one instant what
//! belongs together.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::{Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;
use ukstore::{Item, Part, Points, Sample, Value, Walk, Writer};

ukstore::counter! {
    /// Declared between labelled ones.
    static STEPS = "/p/b_steps_total", "p_steps_total";
    /// The last of its source.
    static LAST = "/p/z_last_total", "p_last_total";
}
ukstore::counters! {
    /// With a label.
    static IN = "/p/a_in_total", "p_in_total", side = ["left", "right"];
    /// With the same label.
    static OUT = "/p/c_out_total", "p_out_total", side = ["left", "right"];
}
ukstore::gauges! {
    /// With more values.
    static DEPTH = "/p/d_depth", "p_depth", place = ["first", "second", "third"];
}
ukstore::computed! {
    /// Given by functions.
    gauge "/p/e_given", "p_given", { cpu = "0", side = ["left", "right"] } => prompt |index| match index {
        0 => Value::F64(0.5),
        _ => Value::Absent,
    };
    /// Never there.
    gauge "/p/absent", "p_absent" => prompt || Value::Absent;
}
ukstore::listed! {
    /// Found when read.
    counter "/p/listed_total", "p_listed_total", { word } => prompt |position| {
        let words = ["one", "two"];
        words.get(*position as usize).map(|&word| ([word], Value::U64(u64::from(*position))))
    };
}
ukstore::histogram! {
    /// A histogram.
    static LATENCY = "/p/latency_seconds", "p_latency_seconds", Seconds, [1_000_000, 2_500_000_000];
}
ukstore::info! {
    /// Built.
    "/p/build", "p_build_info", { version = "1.0", machine => prompt || "q35" };
}
ukstore::labels! {
    /// Phases.
    enum Phase { Starting = "starting", Running = "running" }
}
ukstore::states! {
    /// The phase.
    static PHASE: Phase = "/p/phase", "p_phase";
}
ukstore::setting! {
    /// A setting that is a number.
    static LIMIT: u64 = 64, in 1..=1000, "/p/limit", "p_limit";
}
ukstore::text! {
    /// Told in the tree only.
    "/p/words" => prompt |out| out.write_str("hello");
}
ukstore::buckets! {
    /// Sizes.
    struct Sizes = Bytes, [1, 10];
}
ukstore::group! {
    /// All of its cells stand at the same number, but where somebody saw half a change.
    static GROUP: struct Cells = "/p/group" {
        /// First.
        counter first = "first_total", "p_group_first_total";
        /// In the middle.
        gauge middle = "middle", "p_group_middle" { side = ["left", "right"] };
        /// Counted as often.
        histogram sizes: Sizes = "sizes_bytes", "p_group_sizes_bytes", Bytes;
        /// Not a metric.
        gauge private = "private";
        /// Last.
        gauge last = "last", "p_group_last";
    }
}
ukstore::class! {
    /// The same in objects.
    static OBJECTS: Class<struct Parts> = "/p/objects", label object, series 3 {
        /// First.
        counter first = "first_total", "p_object_first_total";
        /// In the middle.
        counter middle = "middle_total", "p_object_middle_total" { side = ["left", "right"] };
        /// Counted as often.
        histogram sizes: Sizes = "sizes_bytes", "p_object_sizes_bytes", Bytes;
        /// Apart from the other by what has no label.
        gauge again = "again", "p_object_again" { side = ["left", "right"] };
        /// Last.
        gauge last = "last", "p_object_last";
    }
    /// Without series.
    static PEERS: Class<struct Peer> = "/p/peers" {
        /// Steps done.
        counter steps = "steps_total";
    }
}
ukstore::counter! {
    /// Of a source behind it.
    static NEXT = "/q/next_total", "q_next_total";
}

/// The tests share the objects, and the switches.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
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

fn step(object: &Parts) {
    critical_section::with(|_| {
        object.first.inc();
        object.middle[0].inc();
        object.middle[1].inc();
        object.sizes.observe(7);
        object.again[0].add(1);
        object.again[1].add(1);
        object.last.add(1);
    });
}

/// A sample's source and labels, and its name and value.
type Told = (&'static str, Vec<(String, String)>, String, String);

fn told(sample: &Sample<'_>) -> Told {
    let mut labels: Vec<_> = sample.series.labels().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    if let Part::Bucket(bound) = sample.part {
        labels.push(("le".to_owned(), format!("{bound:?}")));
    }
    let part = match sample.part {
        Part::Whole => "",
        Part::Bucket(_) => "_bucket",
        Part::Sum => "_sum",
        Part::Count => "_count",
    };
    (sample.family.source_name(), labels, format!("{}{part}", sample.family.name()), sample.value.to_string())
}

fn by_family() -> Vec<Told> {
    let mut all = Vec::new();
    let _ = Walk::new().each(|item| -> std::ops::ControlFlow<()> {
        if let Item::Sample(sample) = item {
            all.push(told(&sample));
        }
        Continue(())
    });
    all
}

/// All points, resting after every so many samples, with `between` called while it rests.
fn points(samples: usize, mut between: impl FnMut()) -> Vec<Told> {
    let mut all = Vec::new();
    let mut points = Points::new();
    loop {
        let mut left = samples;
        let rests = points.each(|sample| {
            if left == 0 {
                return Break(());
            }
            left -= 1;
            all.push(told(&sample));
            Continue(())
        });
        if rests.is_continue() {
            return all;
        }
        between();
    }
}

fn sorted(mut all: Vec<Told>) -> Vec<Told> {
    all.sort();
    all
}

/// Three objects with series of their own, and one beyond the bound.
fn crowd() -> Vec<ukstore::Object<Parts>> {
    ["a", "b", "c", "d"].map(|name| OBJECTS.add(name, Parts::default())).into()
}

#[test]
fn both_walks_give_the_same_samples() {
    let _alone = alone();
    let mut objects = crowd();
    for (times, object) in objects.iter().enumerate() {
        (0..=times).for_each(|_| step(object));
    }
    drop(objects.pop());
    step_group();
    IN[1].add(3);
    LATENCY.observe(2_000_000);
    LIMIT.set(7).expect("it is in the range");
    let families = sorted(by_family());
    let all = sorted(points(usize::MAX, || ()));
    let (missing, added): (Vec<_>, Vec<_>) = (
        families.iter().filter(|told| !all.contains(told)).collect(),
        all.iter().filter(|told| !families.contains(told)).collect(),
    );
    assert_eq!((missing, added), (vec![], vec![]));
    assert_eq!(all.len(), families.len());
    assert!(families.windows(2).all(|pair| pair[0] != pair[1]), "each once");
    for name in ["p_steps_total", "p_given", "p_listed_total", "p_build_info", "p_phase", "p_limit", "q_next_total"] {
        assert!(families.iter().any(|told| told.2 == name), "{name}");
    }
    assert!(families.iter().any(|told| told.1 == [("object".to_owned(), "other".to_owned())]));
}

#[test]
fn what_has_the_same_labels_stands_together() {
    let _alone = alone();
    let _objects = crowd();
    let all = points(usize::MAX, || ());
    // How often source and labels change on the way, for each set of labels.
    let mut lines: BTreeMap<_, u32> = BTreeMap::new();
    let mut last = None;
    for (source, labels, ..) in &all {
        if last.replace((source, labels)) != Some((source, labels)) {
            *lines.entry((*source, labels)).or_default() += 1;
        }
    }
    let of = |labels: &[(&str, &str)]| {
        let labels: Vec<_> = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        lines.get(&("p", &labels)).copied()
    };
    assert_eq!(of(&[("object", "b")]), Some(1), "an object is one line");
    assert_eq!(of(&[("object", "b"), ("side", "left")]), Some(1));
    assert_eq!(of(&[]), Some(3), "single numbers, a histogram's sum and count, and a group");
    assert_eq!(of(&[("side", "right")]), Some(2), "two families, and a group");
    let plain: Vec<_> = all.iter().filter(|told| told.1.is_empty() && told.0 == "p").map(|told| &*told.2).collect();
    assert_eq!(plain[..3], ["p_steps_total", "p_limit", "p_last_total"]);
    assert_eq!(
        plain[3..7],
        ["p_group_first_total", "p_group_sizes_bytes_sum", "p_group_last", "p_group_sizes_bytes_count"]
    );
}

#[test]
fn groups_and_objects_are_of_one_instant() {
    let _alone = alone();
    let objects = crowd();
    let all = points(1, || {
        step_group();
        objects.iter().for_each(|object| step(object));
    });
    let mut numbers: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (_, labels, name, value) in &all {
        let object = labels.iter().find(|(label, _)| label == "object").map_or("", |(_, name)| name);
        let is_group = name.starts_with("p_group_");
        // The rest of the objects is added up one by one, the sum of sizes is seven times as much, and nothing is so small.
        let is_part = object != "other" && !name.ends_with("_sum");
        if (is_group || !object.is_empty()) && is_part && !labels.iter().any(|(_, le)| le == "Some(1)") {
            numbers.entry((is_group, object)).or_default().push(value);
        }
    }
    assert_eq!(numbers.len(), 1 + 3);
    for (of, numbers) in numbers {
        assert!(numbers.len() >= 7 && numbers.iter().all(|number| *number == numbers[0]), "{of:?}: {numbers:?}");
    }
}

#[test]
fn a_source_that_is_off_is_passed_over_but_for_what_was_begun() {
    let _alone = alone();
    let objects = crowd();
    let source = ukstore::source("p").expect("it is declared above");
    let mut points = Points::new();
    let mut all = Vec::new();
    let mut to = |points: &mut Points, end: &dyn Fn(&Told) -> bool| {
        let _ = points.each(|sample| {
            let told = told(&sample);
            let ends = end(&told);
            all.push(told);
            if ends { Break(()) } else { Continue(()) }
        });
        std::mem::take(&mut all)
    };
    // The sample it broke at comes again.
    let _ = to(&mut points, &|told| told.2 == "p_object_first_total");
    source.switch(false, Writer::Program);
    let rest = to(&mut points, &|_| false);
    source.switch(true, Writer::Program);
    let (of_p, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|told| told.0 == "p");
    assert_eq!(of_p.len(), 1 + 2 + 2 + 3 + 2 + 1, "the object to its end: {of_p:#?}");
    assert!(of_p.iter().all(|told| told.1[0] == ("object".to_owned(), objects[0].name().to_owned())));
    assert!(others.iter().any(|told| told.2 == "q_next_total"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However it is cut, and whoever comes and goes meanwhile.
    #[test]
    fn resting_changes_nothing(samples in 1_usize..20) {
        let _alone = alone();
        let _objects = crowd();
        prop_assert_eq!(points(samples, || ()), points(usize::MAX, || ()));
        let mut comers = Vec::new();
        let all = points(samples, || {
            comers.push(OBJECTS.add("comer", Parts::default()));
            if comers.len() > 2 {
                comers.remove(0);
            }
        });
        let objects = |name: &str| all.iter().filter(|told| told.1.first().is_some_and(|label| label.1 == name)).count();
        prop_assert_eq!([objects("a"), objects("c"), objects("comer")], [11, 11, 0]);
    }
}
