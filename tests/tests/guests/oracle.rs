//! Whether a guest's `node_*` and `process_*` metrics are those of node_exporter: a real one runs beside a real guest, and
//! each of its families is called, typed and labelled alike here, or is in docs/absent.md with the reason.
//!
//! What a host tells depends on its hardware, its kernel and its exporter. So nothing is demanded of the host: a family it
//! lacks is known from `ELSEWHERE`, and one that is new in an exporter or a kernel later than those docs/absent.md was
//! written for is told of and is no failure.

use std::collections::{BTreeMap, BTreeSet};

use tests::documented::{self, Absent};
use tests::families::{Family, families, label};
use tests::{Guest, Machine, Network, node_exporter, skip};

/// The exporter that docs/absent.md was written for, and the latest kernel.
const EXPORTER: &str = "1.5.";
const KERNEL: (u32, u32) = (6, 18);

/// Families that some hosts do not have, with their types and labels, as node_exporter's sources have them.
const ELSEWHERE: [(&str, &str, &[&str]); 9] = [
    // Until a neighbour is known.
    ("node_arp_entries", "gauge", &["device"]),
    // A kernel without PSI.
    ("node_pressure_cpu_waiting_seconds_total", "counter", &[]),
    ("node_pressure_memory_stalled_seconds_total", "counter", &[]),
    ("node_pressure_memory_waiting_seconds_total", "counter", &[]),
    // A kernel without statistics of its scheduler.
    ("node_schedstat_running_seconds_total", "counter", &["cpu"]),
    ("node_schedstat_timeslices_total", "counter", &["cpu"]),
    ("node_schedstat_waiting_seconds_total", "counter", &["cpu"]),
    // No NIC that tells its speed, or says that it is up.
    ("node_network_speed_bytes", "gauge", &["device"]),
    ("node_network_carrier", "gauge", &["device"]),
];

#[test]
fn what_node_exporter_tells_is_told_alike_or_absent_with_a_reason() {
    skip::on(Machine::Q35, "oracle", |machine| {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let text = node_exporter::scrape(guest.network(), &["interrupts"]).expect("tests/setup.sh installs it");
        // What sources cost is told once they have been told.
        let _ = guest.scrape();
        let (here, there) = (families(&guest.scrape()), families(&text));
        let documented = documented::metrics().expect("docs/metrics.md is there");
        let absent = Absent::read().expect("docs/absent.md is there");
        let is_absent = |family: &str| absent.iter().any(|row| row.is(family));

        let mut faults = differences(&here, &there);
        let all: BTreeSet<&String> = here.keys().chain(&documented).collect();
        let contradicted = all.iter().filter(|family| is_absent(family));
        faults.extend(contradicted.map(|family| format!("{family} is here: take it out of docs/absent.md")));
        let unknown = there.keys().filter(|family| !all.contains(family) && !is_absent(family));
        let unknown: Vec<String> =
            unknown.map(|family| format!("{family} is neither here nor in docs/absent.md")).collect();
        if is_judged(&text) {
            faults.extend(unknown);
        } else if !unknown.is_empty() {
            skip::skip("oracle", &format!("of a later node_exporter or kernel than is known: {}", unknown.join("; ")));
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}

#[test]
fn a_difference_is_told() {
    let text = |kind: &str, labels: &str| format!("# TYPE node_x {kind}\nnode_x{labels} 1\n");
    let there = families(&text("gauge", "{cpu=\"0\"}"));
    let told = |here: &str| differences(&families(here), &there);
    assert!(told(&text("gauge", "{cpu=\"1\"}")).is_empty());
    assert_eq!(told(&text("counter", "{cpu=\"0\"}")), ["node_x is a counter here, and a gauge there"]);
    assert_eq!(told(&text("gauge", "")).len(), 1, "no label");
    assert_eq!(told(&text("gauge", "{cpu=\"0\",mode=\"idle\"}")).len(), 1, "one more label");
    assert_eq!(told("# TYPE node_y gauge\nnode_y 1\n").len(), 1, "a name of its own");
    assert!(told("# TYPE uk_y gauge\nuk_y 1\n").is_empty(), "what is no node_exporter's is no matter of its");
    assert!(told("# TYPE node_arp_entries gauge\nnode_arp_entries{device=\"service\"} 1\n").is_empty(), "elsewhere");
}

/// What of the guest's families an operator of node_exporter would not know, or would know otherwise.
fn differences(here: &BTreeMap<String, Family>, there: &BTreeMap<String, Family>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, family) in here.iter().filter(|(name, _)| name.starts_with("node_") || name.starts_with("process_")) {
        let Some(theirs) = there.get(name).cloned().or_else(|| elsewhere(name)) else {
            faults.push(format!("{name} is here, and node_exporter does not know it: it needs a name of its own"));
            continue;
        };
        if family.kind != theirs.kind {
            faults.push(format!("{name} is a {} here, and a {} there", family.kind, theirs.kind));
        }
        // A family whose objects are not there now has no labels to compare.
        if !theirs.labels.is_empty() && !family.labels.is_subset(&theirs.labels) {
            faults.push(format!("{name} has labels {:?} here, and {:?} there", family.labels, theirs.labels));
        }
    }
    faults
}

fn elsewhere(family: &str) -> Option<Family> {
    let (_, kind, labels) = ELSEWHERE.iter().find(|(name, ..)| *name == family)?;
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    Some(Family { kind: (*kind).to_owned(), labels: BTreeSet::from([labels]) })
}

/// Whether docs/absent.md is meant to be complete for what told this.
fn is_judged(text: &str) -> bool {
    let exporter = label(text, "node_exporter_build_info", "version").unwrap_or_default();
    let release = label(text, "node_uname_info", "release").unwrap_or_default();
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit()).map_while(|number| number.parse().ok());
    exporter.starts_with(EXPORTER) && numbers.next().zip(numbers.next()).is_some_and(|kernel| kernel <= KERNEL)
}
