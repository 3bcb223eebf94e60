//! What a guest sends by remote write is what it answers when it is asked; guests never collide; and one that ends is gone.

use std::collections::BTreeMap;

use tests::moody::{Mood, Moody, Received};
use tests::observed::Observed;
use tests::prometheus::{Prometheus, Stored};
use tests::pushed::{Bracket, Key, key};
use tests::remote_write::{STALE, version_1, version_2};
use tests::sinks::SinkCounts;
use tests::victoria::{ROUNDING, Victoria};
use tests::{Guest, Machine, Network, Outcome, PATIENCE, eventually, on_every_machine};

/// The labels that say whose a series is.
const IDENTITY: [&str; 3] = ["instance", "job", "cluster"];
/// What every guest has, and moves all the time.
const PULSE: &str = "uk_uptime_seconds";

fn samples_of(stored: &Stored) -> impl Iterator<Item = (Key, f64, f64)> {
    let key = key(stored.labels.get("__name__").map_or("", String::as_str), &stored.labels, &IDENTITY);
    stored.values.iter().map(move |(time, value)| (key.clone(), *time, *value))
}

/// What a database has of a guest, `up` aside, which is of no guest's own making.
fn stored_of(stored: impl Fn(&str) -> std::io::Result<Vec<Stored>>, name: &str) -> Vec<Stored> {
    let mut all = stored(&format!("{{instance=\"{name}\"}}")).expect("it answers");
    let labels = |series: &Stored| IDENTITY.map(|label| series.labels.get(label).cloned().unwrap_or_default());
    assert!(all.iter().all(|series| labels(series) == [name, "shop", "021"]), "{all:#?}");
    let ups: Vec<_> = all.extract_if(.., |series| series.labels["__name__"] == "up").collect();
    assert!(ups.len() == 1 && ups[0].values.iter().all(|(_, value)| *value == 1.0), "{ups:#?}");
    for series in &all {
        assert!(series.values.is_sorted_by(|one, next| one.0 < next.0), "not in time order: {series:?}");
    }
    all
}

fn boot(machine: Machine, network: &Network, name: &str, receivers: &[u16], parameters: &str) -> Observed {
    let mut parameters = format!("--name={name} --job=shop --tags=cluster=021 --remote-write-interval=1s {parameters}");
    for port in receivers {
        parameters += &format!(" --remote-write=http://{}/api/v1/write", network.server(*port));
    }
    let guest = Guest::boot(machine, "guest").network(network.clone()).memory_mib(128).parameters(&parameters);
    let guest = guest.words("formats 50").start();
    let _ = guest.line("formats: ready");
    Observed::new(guest)
}

on_every_machine! {
    fn databases_have_what_scrapes_tell_of_two_guests_at_once(machine: Machine) {
        // User mode, so that one server is there for both.
        let networks = [Network::user(), Network::user()];
        let prometheus = Prometheus::receiver(&networks[0]).unwrap();
        let victoria = Victoria::start(&networks[0]).unwrap();
        let receivers = [prometheus.port(), victoria.http_port()];
        // Debian's Prometheus speaks no 2.0, nor does VictoriaMetrics: the second guest has to find that out.
        let mut first = boot(machine, &networks[0], "web-1", &receivers, "");
        let mut second = boot(machine, &networks[1], "web-2", &receivers, "--remote-write-protocol=2");
        let from_prometheus = |selector: &str| prometheus.stored(selector);
        let from_victoria = |selector: &str| victoria.stored(selector);
        for (guest, name) in [(&mut first, "web-1"), (&mut second, "web-2")] {
            let (bracket, ()) = Bracket::around(guest, |from| {
                let pulse = format!("{PULSE}{{instance=\"{name}\"}}");
                let later = |stored: Vec<Stored>| {
                    stored.iter().flat_map(|series| &series.values).filter(|(time, _)| *time > from).count() >= 2
                };
                // Two captures: when the second begins, the first is whole.
                let arrived = eventually(PATIENCE, || {
                    (later(from_prometheus(&pulse).ok()?) && later(from_victoria(&pulse).ok()?)).then_some(())
                });
                assert!(arrived.is_some(), "{name}: {}\n{}", prometheus.warnings(), victoria.warnings());
            });
            for (database, rounding, stored) in [
                ("prometheus", 0.0, stored_of(from_prometheus, name)),
                ("victoria", ROUNDING, stored_of(from_victoria, name)),
            ] {
                let equal = bracket.check_to(rounding, stored.iter().flat_map(samples_of));
                let equal = equal.unwrap_or_else(|wrong| panic!("{name} in {database}: {wrong}"));
                assert!(equal > 150, "{equal} values stood still");
            }
        }
        prometheus.expect("count by (job) (up == 1)", 2.0).unwrap();
        prometheus.expect("sum(guest_part_total{instance=\"web-1\"})", 1225.0).unwrap();
        assert_eq!(prometheus.warnings(), "");
        for guest in [&mut first, &mut second] {
            let scrape = guest.scrape();
            for sink in ["remote-write", "remote-write-2"] {
                let counts = SinkCounts::of(&scrape, sink);
                assert!(counts.sent > 300.0 && counts.dropped == 0.0, "{sink}: {counts:?}");
            }
        }

        // It ends, and is gone at once: five minutes of a flat line would follow otherwise.
        drop(first.guest.knock());
        first.guest.expect_outcome(Outcome::Success);
        let absent = "absent({instance=\"web-1\"})";
        let gone = prometheus.expect(absent, 1.0);
        let left = || prometheus.samples("{instance=\"web-1\"}").map(|left| (left.len(), left.into_iter().next()));
        assert!(gone.is_ok(), "{:?} are left", left());
        prometheus.expect("count by (job) (up == 1)", 1.0).unwrap();
        victoria.expect(absent, 1.0).unwrap();
        victoria.expect("count by (job) (up == 1)", 1.0).unwrap();
    }
}

/// What a receiver of 2.0 says, if it took one sample or none.
const WRITTEN: &str = "X-Prometheus-Remote-Write-Samples-Written: 1\r\n\
    X-Prometheus-Remote-Write-Histograms-Written: 0\r\nX-Prometheus-Remote-Write-Exemplars-Written: 0\r\n";

#[test]
fn version_2_is_spoken_where_it_is_understood() {
    let network = Network::best();
    let server = Moody::http(&network, Mood::Answer(204, WRITTEN)).unwrap();
    let parameters = format!(
        "--name=web-1 --job=shop --tags=cluster=021 --remote-write=http://:t0ken@{}/write --remote-write-interval=500ms \
         --remote-write-protocol=2",
        server.address()
    );
    let guest = Guest::boot(Machine::Q35, "guest").network(network.clone()).parameters(&parameters).words("formats 20");
    let mut guest = guest.start();
    let _ = guest.line("formats: ready");
    // It asks first, with one sample, and tells everything in 1.0 until it has been answered.
    let is_2 = |request: &Received| request.header("x-prometheus-remote-write-version") == Some("2.0.0");
    let speaks = || (server.requests().iter().filter(|request| is_2(request)).count() >= 4).then_some(());
    assert!(eventually(PATIENCE, speaks).is_some(), "{:?}", server.requests().len());
    drop(guest.knock());
    guest.expect_outcome(Outcome::Success);

    let mut last: BTreeMap<Vec<(String, String)>, (f64, i64)> = BTreeMap::new();
    let requests = server.requests();
    assert!(is_2(&requests[0]), "it asks first");
    for (index, request) in requests.iter().enumerate() {
        // Until it is answered it tells in 1.0; and so it does in the end of what went before it could be told of again.
        let is_2 = is_2(request);
        let (version, kind) = if is_2 {
            ("2.0.0", "application/x-protobuf;proto=io.prometheus.write.v2.Request")
        } else {
            ("0.1.0", "application/x-protobuf")
        };
        for (name, value) in [
            ("x-prometheus-remote-write-version", version),
            ("content-type", kind),
            ("content-encoding", "snappy"),
            ("authorization", "Bearer t0ken"),
        ] {
            assert_eq!(request.header(name), Some(value), "{name} of request {index}");
        }
        let series = if is_2 { version_2(&request.body) } else { version_1(&request.body) };
        let series = series.unwrap_or_else(|error| panic!("request {index}: {error}"));
        assert!(index > 0 || series.len() == 1, "a question is short: {series:?}");
        for series in series.into_iter().filter(|_| index > 0) {
            let label =
                |name: &str| series.labels.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            assert_eq!(
                [label("instance"), label("job"), label("cluster")],
                ["web-1", "shop", "021"].map(Some),
                "{series:?}"
            );
            assert!(series.labels.is_sorted_by(|one, next| one.0 < next.0), "not in order: {series:?}");
            for (value, time) in series.samples {
                let before = last.insert(series.labels.clone(), (value, time));
                // The very same may come again: receivers take it as one.
                let same = |(before, at): (f64, i64)| at == time && before.to_bits() == value.to_bits();
                let in_order = before.is_none_or(|before| before.1 < time || same(before));
                assert!(in_order, "request {index}: {value} at {time} after {before:?}: {:?}", series.labels);
            }
        }
    }
    // The program's parts, too, which went with it.
    assert!(last.keys().any(|labels| labels.iter().any(|(_, value)| value == "guest_part_total")));
    let flat: Vec<_> =
        last.iter().filter(|(_, (value, _))| value.to_bits() != STALE).map(|(labels, _)| labels).collect();
    assert!(flat.is_empty(), "{} of {} go on: {:?}", flat.len(), last.len(), flat.first());
}
