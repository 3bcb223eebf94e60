//! What functions give: families with labels fixed when built, families listed when read, and what is zero by nature.

use std::ops::ControlFlow;

use ukstore::{Item, Kind, Node, Value, Walk};

ukstore::labels! {
    /// Where a fan blows.
    enum Side { Front = "front", Rear = "rear" }
}

ukstore::computed! {
    /// Time each fan ran.
    counter "/fn/fan_seconds_total", "fn_fan_seconds_total", Seconds, { rack = "7", row = "b", side: Side } => prompt |side| {
        match side {
            Side::Front => Value::Nanos(1_500_000_000),
            Side::Rear => Value::Absent,
        }
    };
    /// Turns of each wheel.
    gauge "/fn/turns", "fn_turns", { wheel = ["left", "right"] } => prompt |wheel| Value::U64(10 + wheel as u64);
    /// What nobody says the sort of.
    untyped "/fn/Odd", "fn_odd" => prompt || Value::U64(3);
}

const WIRES: [([&str; 2], u64); 2] = [(["a\"b", "1"], 5), (["", "2"], 6)];

ukstore::listed! {
    /// Signals on each wire; the first place is empty.
    counter "/fn/signals_total", "fn_signals_total", { wire, pin } => prompt |position| {
        *position = (*position).max(1);
        let (words, count) = WIRES.get(*position as usize - 1)?;
        Some((*words, Value::U64(*count)))
    };
}

ukstore::zero! {
    /// Time lost: none.
    counter "/fn/lost_seconds_total", "fn_lost_seconds_total", Seconds;
    /// Errors: none.
    untyped "/fn/errors", "fn_errors", { bus = "0", lane: Side };
}

struct Disk;

ukstore::class! {
    /// Disks.
    static DISKS: Class<Disk> = "/fn/disks", label disk, series 2 {
        /// Seeks: there is no head.
        counter "seeks_total", "fn_disk_seeks_total" => zero;
    }
}

/// The samples of the family, as `labels value`.
fn samples(name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let _ = Walk::new().each_where(
        |family| family.name() == name,
        |item| {
            if let Item::Sample(sample) = item {
                let labels: Vec<String> =
                    sample.series.labels().map(|(name, value)| format!("{name}={value}")).collect();
                lines.push(format!("{} {}", labels.join(","), sample.value).trim().to_owned());
            }
            ControlFlow::<()>::Continue(())
        },
    );
    lines
}

#[test]
fn constant_labels_come_before_the_one_that_varies() {
    assert_eq!(samples("fn_fan_seconds_total"), ["rack=7,row=b,side=front 1.5"], "what is absent is left out");
    assert_eq!(samples("fn_turns"), ["wheel=left 10", "wheel=right 11"]);
}

#[test]
fn the_tree_has_them_by_the_label_that_varies() {
    assert_eq!(ukstore::read("/fn/fan_seconds_total/front"), Ok(Value::Nanos(1_500_000_000)));
    assert_eq!(ukstore::read("/fn/fan_seconds_total/rear"), Err(ukstore::Error::Absent));
    assert!(ukstore::lookup("/fn/fan_seconds_total/7").is_err(), "a constant label is no directory");
    let Ok(Node::Leaf(leaf)) = ukstore::lookup("/fn/fan_seconds_total/front") else { panic!("it is there") };
    let mut labels = Vec::new();
    leaf.labels(|name, value| labels.push(format!("{name}={value}")));
    assert_eq!(labels, ["rack=7", "row=b", "side=front"]);
}

#[test]
fn a_list_gives_what_it_finds() {
    assert_eq!(samples("fn_signals_total"), ["wire=a\"b,pin=1 5", "wire=,pin=2 6"]);
    assert_eq!(ukstore::read("/fn/signals_total"), Ok(Value::U64(11)));
}

#[test]
fn a_list_goes_on_where_it_stopped() {
    let mut walk = Walk::new();
    let mut seen = Vec::new();
    // Breaks at each sample the first time it comes, and takes it the second time.
    let mut refused = 0;
    loop {
        let step = walk.each_where(
            |family| family.name() == "fn_signals_total",
            |item| {
                let Item::Sample(sample) = item else { return ControlFlow::Continue(()) };
                if refused == seen.len() {
                    refused += 1;
                    return ControlFlow::Break(());
                }
                seen.push(sample.value);
                ControlFlow::Continue(())
            },
        );
        if step.is_continue() {
            break;
        }
    }
    assert_eq!(seen, [Value::U64(5), Value::U64(6)]);
}

#[test]
fn what_is_zero_by_nature_is_told() {
    let _disk = DISKS.add("sda", Disk);
    assert_eq!(samples("fn_lost_seconds_total"), ["0"]);
    assert_eq!(samples("fn_errors"), ["bus=0,lane=front 0", "bus=0,lane=rear 0"]);
    assert_eq!(samples("fn_disk_seeks_total"), ["disk=sda 0"]);
    assert_eq!(ukstore::read("/fn/errors/rear"), Ok(Value::U64(0)));
}

#[test]
fn what_is_untyped_says_so() {
    let family = ukstore::families().iter().find(|family| family.name() == "fn_odd").expect("it is declared");
    assert_eq!((family.kind(), family.kind().name(), family.kind().type_name()), (Kind::Untyped, "untyped", "untyped"));
    assert!(family.header().ends_with("# TYPE fn_odd untyped\n"), "{}", family.header());
    assert_eq!(samples("fn_odd"), ["3"]);
}
