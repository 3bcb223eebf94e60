//! Every exposition format, as other people's decoders read it: all of them tell the same.

use std::collections::BTreeSet;

use tests::decode::{FORMATS, Format, facts, facts_of};
use tests::http::{Connection, Response};
use tests::prometheus::{promtool_findings, strict_findings};
use tests::{Example, Guest, Machine, Network, exposition, on_every_machine};

/// What is in one set only, for a person.
fn difference(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    one.symmetric_difference(other).take(20).cloned().collect()
}

/// Whether the fact is another one at each scrape: what the exporter counts about itself, and how long it took.
fn moves(fact: &str) -> bool {
    ["[\"family\", \"uk_", "[\"sample\", \"uk_", "[\"sample\", \"node_scrape_collector_duration_seconds\""]
        .iter()
        .any(|start| fact.starts_with(start))
}

#[test]
fn all_formats_carry_the_same() {
    let example = Example::start().unwrap();
    let mut connection = example.connect().unwrap();
    // How its sources fare is told from the second scrape on.
    let _ = Format::Text.scrape(&mut connection).unwrap();
    let mut told = |format: Format| -> BTreeSet<String> {
        let facts = facts_of(&format.scrape(&mut connection).unwrap());
        let facts = facts.unwrap_or_else(|error| panic!("{format:?}: {error}"));
        facts.into_iter().filter(|fact| !moves(fact)).collect()
    };
    let text = told(Format::Text);
    assert!(text.len() > 1000, "{} facts", text.len());
    for format in FORMATS {
        assert_eq!(difference(&told(format), &text), Vec::<String>::new(), "{format:?} and text differ");
    }
}

on_every_machine! {
    fn every_format_is_read(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("formats").start();
        let _ = guest.line("formats: ready");
        // How its sources fare is told from the second scrape on.
        let _ = guest.scrape();
        let mut connection = guest.management();
        let mut families = Vec::new();
        for format in FORMATS {
            let response = format.scrape(&mut connection).unwrap();
            let facts = facts_of(&response).unwrap_or_else(|error| panic!("{format:?}: {error}"));
            let of_family = |fact: &&String| fact.starts_with("[\"family\"");
            families.push(facts.iter().filter(of_family).cloned().collect::<BTreeSet<_>>());
            assert_eq!(facts.iter().filter(|fact| fact.contains("guest_part_total\"")).count(), 1000, "{format:?}");
            if format == Format::Text {
                assert_eq!(strict_findings(&response.text()).unwrap(), Vec::<String>::new());
            }
            if matches!(format, Format::Text | Format::Text1) {
                let findings = promtool_findings(&response.text()).unwrap();
                let ours: Vec<_> = findings.iter().filter(|line| !line.starts_with("node_")).collect();
                assert!(ours.is_empty(), "{format:?}: {ours:#?}");
            }
        }
        // Values move in a machine that runs; what there is does not.
        for (format, these) in FORMATS.iter().zip(&families) {
            assert_eq!(difference(these, &families[0]), Vec::<String>::new(), "{format:?} and text differ");
        }
    }

    fn whatever_is_asked_for_is_read(machine: Machine) {
        let boot = Guest::boot(machine, "web").network(Network::best());
        let guest = boot.parameters("--metrics-created=on --metrics-gzip=on").start();
        let _ = guest.scrape(); // how its sources fare is told from the second on
        let mut connection = guest.management();
        let facts = |response: &Response| {
            facts_of(response).unwrap_or_else(|error| panic!("{error}:\n{}", response.text()))
        };
        // When counters began is a sample of its own in two formats, and does not move.
        let began = |fact: &&String| fact.starts_with("[\"sample\"") && fact.contains("_created\", {");
        let created = |format: Format, connection: &mut Connection| -> BTreeSet<String> {
            facts(&format.scrape(connection).unwrap()).iter().filter(began).cloned().collect()
        };
        let of_counters = created(Format::OpenMetrics, &mut connection);
        assert!(of_counters.len() > 50, "{of_counters:?}");
        assert_eq!(difference(&created(Format::Protobuf, &mut connection), &of_counters), Vec::<String>::new());

        // Other samples without their values, which move in a machine that runs.
        let told = |response: &Response| -> BTreeSet<String> {
            let all = facts(response);
            let value_at = |fact: &str| fact.rfind(", ").filter(|_| fact.starts_with("[\"sample\""));
            all.iter().filter(|fact| !began(fact)).map(|fact| fact[..value_at(fact).unwrap_or(fact.len())].to_owned()).collect()
        };
        let everything = told(&Format::Text.scrape(&mut connection).unwrap());
        for format in FORMATS {
            let plain = told(&format.scrape(&mut connection).unwrap());
            assert_eq!(difference(&plain, &everything), Vec::<String>::new(), "{format:?} and text differ");
            let compressed = told(&format.scrape_compressed(&mut connection).unwrap());
            assert_eq!(difference(&compressed, &everything), Vec::<String>::new(), "{format:?}, compressed, and text differ");
            let part = told(&format.scrape_part(&mut connection, "?collect[]=net&name[]=node_network_up").unwrap());
            assert!(part.is_subset(&everything), "{part:?}");
            // A family, and a sample for each of the two NICs.
            assert_eq!((part.len(), part.iter().all(|fact| fact.contains("\"node_network_up\""))), (3, true), "{part:?}");
        }
    }

    fn since_when_is_told_where_that_is_wanted(machine: Machine) {
        let boot = |parameters| {
            let boot = Guest::boot(machine, "guest").network(Network::best()).parameters(parameters);
            let guest = boot.words("serve").start();
            let _ = guest.scrape();
            let response = Format::OpenMetrics.scrape(&mut guest.management()).unwrap();
            facts_of(&response).unwrap_or_else(|error| panic!("{parameters}: {error}"));
            response.text()
        };
        let text = boot("--metrics-created=on");
        let created = exposition::value(&text, "uk_management_http_connections_created").expect("a time");
        assert_eq!(Some(created), exposition::value(&text, "node_boot_time_seconds"));
        assert!(!boot("--metrics-created=off").contains("_created "));
    }
}

/// The decoders must be able to refuse, and to tell that two bodies differ.
#[test]
fn decoders_can_refuse() {
    const OPEN: &str = "application/openmetrics-text; version=1.0.0";
    const PROTOBUF: &str = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily";
    // A counter "a_total" with the help "A." and the value 3.
    let message = b"\x1c\x0a\x07a_total\x12\x02A.\x18\x00\x22\x0b\x1a\x09\x09\x00\x00\x00\x00\x00\x00\x08\x40";
    let open = b"# TYPE a counter\n# HELP a A.\na_total 3\n# EOF\n";
    let same = facts(OPEN, open).unwrap();
    assert_eq!(facts(PROTOBUF, message).unwrap(), same);
    assert_eq!(facts("text/plain", b"# HELP a_total A.\n# TYPE a_total counter\na_total 3\n").unwrap(), same);
    assert_ne!(facts("text/plain", b"# HELP a_total A.\n# TYPE a_total counter\na_total 4\n").unwrap(), same);
    assert!(facts(OPEN, &open[..open.len() - 6]).is_err(), "no end");
    assert!(facts(PROTOBUF, &message[..20]).is_err(), "half a message");
    assert!(facts(PROTOBUF, &[&message[..], &message[..]].concat()).is_err(), "a sample twice");
    // The same with the value 4, which neither parser minds.
    let other = [&message[..26], b"\x10\x40"].concat();
    assert!(facts(PROTOBUF, &[&message[..], &other].concat()).is_err(), "a sample twice, with two values");
    let text = b"# HELP a_total A.\n# TYPE a_total counter\na_total 3\na_total 4\n";
    assert!(facts("text/plain", text).is_err(), "the same as text");
    assert!(facts(PROTOBUF, b"\x9c\x00").is_err(), "a length that is not minimal");
    assert!(facts("text/html", b"").is_err());
}
