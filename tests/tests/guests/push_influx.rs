//! What a guest sends in Influx line protocol is what it answers when it is asked: over each transport, in databases that
//! refuse what is not exactly right.

use std::collections::{BTreeMap, BTreeSet};

use tests::influxdb::{InfluxDb, Point};
use tests::moody::{Moody, WELL};
use tests::observed::Observed;
use tests::prometheus::Stored;
use tests::pushed::{Bracket, Key, key};
use tests::sinks::SinkCounts;
use tests::victoria::{ROUNDING, Victoria};
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, load, on_every_machine, relay};

/// The tags that say whose a series is.
const IDENTITY: [&str; 5] = ["vm", "job", "cluster", "place", "road"];
/// What every guest has, and moves all the time.
const PULSE: &str = "uk_uptime_seconds";
/// How many requests its program answers.
const REQUESTS: u32 = 321;
/// Who the guest says it is.
const PARAMETERS: &str = "--name=web-1 --job=shop --tags=cluster=021,place=murika --monitor-interval=1s";

fn is_ours(tags: &BTreeMap<String, String>) -> bool {
    let ours = [("vm", "web-1"), ("job", "shop"), ("cluster", "021"), ("place", "murika")];
    ours.iter().all(|(name, value)| tags.get(*name).is_some_and(|tag| tag == value))
}

/// A point as a sample: the field's name is the metric's.
fn sample_of(point: &Point) -> (Key, f64, f64) {
    // What is yes or no is 1 or 0 when it is scraped.
    let value = point.value.as_f64().or_else(|| point.value.as_bool().map(|yes| f64::from(u8::from(yes))));
    let value = value.unwrap_or_else(|| panic!("not a number: {point:?}"));
    (key(&point.field, &point.tags, &IDENTITY), point.time_ns as f64 / 1e9, value)
}

fn samples_of(stored: &Stored) -> impl Iterator<Item = (Key, f64, f64)> {
    let key = key(stored.labels.get("__name__").map_or("", String::as_str), &stored.labels, &IDENTITY);
    stored.values.iter().map(move |(time, value)| (key.clone(), *time, *value))
}

/// The captures that a database of InfluxDB has of the guest, by time.
fn captures(influx: &InfluxDb<'_>, database: &str, from: f64) -> BTreeSet<u64> {
    let later = format!("vm = 'web-1' AND time > {}", (from * 1e9) as u64);
    let found = influx.points_of(database, &format!("\"{PULSE}\""), &later).unwrap_or_default();
    found.iter().map(|point| point.time_ns).collect()
}

/// Boots the default program, which answers so many requests and then stands still.
fn boot(machine: Machine, network: &Network, parameters: &str) -> Observed {
    let parameters = format!("{PARAMETERS} {parameters}");
    let guest = Guest::boot(machine, "web").network(network.clone()).memory_mib(128).parameters(&parameters).start();
    let guest = Observed::new(guest);
    load::requests(network, (Side::Service, 80), "/", REQUESTS, 2, load::Style::KeepAlive).expect("it serves");
    guest
}

/// Everything that these sinks were given has arrived.
fn all_arrived(guest: &mut Observed, sinks: &[&str]) {
    let scrape = guest.scrape();
    for sink in sinks {
        let counts = SinkCounts::of(&scrape, sink);
        assert!(counts.sent > 100.0 && counts.dropped == 0.0 && counts.uncertain_bytes == 0.0, "{sink}: {counts:?}");
        assert_eq!(counts.failed, 0.0, "{sink}: {counts:?}");
    }
}

on_every_machine! {
    fn influxdb_has_what_scrapes_tell(machine: Machine) {
        let network = Network::best();
        let influx = InfluxDb::with_password(&network, "writer", "secret").unwrap();
        for database in ["http", "relayed"] {
            influx.command(&format!("CREATE DATABASE {database}")).unwrap();
        }
        relay::beside(&network, &influx, "relayed", |relay| {
            let [http, udp, tcp] = [influx.http_port(), influx.udp_port(), relay.port()].map(|port| network.server(port));
            // Compressed and not, on one machine each.
            let gzip = if machine == Machine::Q35 { "on" } else { "off" };
            let parameters = format!(
                "--monitor=http://writer:secret@{http}/write?db=http --monitor=udp://{udp} --monitor={tcp} --monitor-gzip={gzip}"
            );
            let mut guest = boot(machine, &network, &parameters);
            let databases = ["http", "relayed", "periscope"];
            let (bracket, ()) = Bracket::around(&mut guest, |from| {
                // Two captures on each road: when the second begins, the first is whole.
                let count = |database: &str| captures(&influx, database, from).len();
                let arrived = eventually(PATIENCE, || databases.iter().all(|database| count(database) >= 2).then_some(()));
                assert!(arrived.is_some(), "{:?}\n{}{:?}", databases.map(count), influx.warnings(), relay.refused());
            });
            for database in databases {
                let points = influx.points_of(database, "*", "vm = 'web-1'").unwrap();
                assert!(points.iter().all(|point| is_ours(&point.tags)), "{points:#?}");
                let equal = bracket.check(points.iter().map(sample_of)).unwrap_or_else(|wrong| panic!("{database}: {wrong}"));
                assert!(equal > 100, "{equal} values stood still");
                let served = points.iter().filter(|point| point.field == "web_requests_total" && point.tags["code"] == "200");
                let served = served.max_by_key(|point| point.time_ns).map(|point| point.value.as_f64());
                assert_eq!(served, Some(Some(f64::from(REQUESTS))));
                // All lines of a capture have one time.
                let times: BTreeSet<_> = points.iter().map(|point| point.time_ns).collect();
                assert!(times.is_subset(&captures(&influx, database, 0.0)), "{times:?}");
            }
            let types = influx.field_types("http").unwrap();
            let of = |measurement: &str, field: &str| types[&(measurement.to_owned(), field.to_owned())].as_str();
            assert_eq!(of("memory", "uk_heap_used_bytes"), "integer");
            assert_eq!(of("web", "web_requests_total"), "integer");
            assert_eq!(of("web", "web_request_duration_seconds_sum"), "float");
            assert_eq!(of("net", "node_network_carrier"), "boolean");
            assert_eq!(influx.field_types("relayed").unwrap(), types);
            assert_eq!((relay.refused(), relay.connections()), (vec![], 1), "one flow, and nothing refused");
            assert_eq!(influx.datagrams_refused().unwrap(), 0);
            all_arrived(&mut guest, &["monitor", "monitor-2", "monitor-3"]);
        })
        .unwrap();
    }

    fn victoria_metrics_has_what_scrapes_tell(machine: Machine) {
        let network = Network::best();
        let victoria = Victoria::start(&network).unwrap();
        let [tcp, http] = [victoria.influx_port(), victoria.http_port()].map(|port| network.server(port));
        // VictoriaMetrics adds the label that tells which road a sample came.
        let parameters = format!(
            "--monitor=tcp://{tcp} --monitor=http://:token@{http}/api/v2/write?bucket=b&extra_label=road=two --monitor-gzip=on"
        );
        let mut guest = boot(machine, &network, &parameters);
        let roads = ["", "two"].map(|road| format!("vm=\"web-1\",road=\"{road}\""));
        let (bracket, ()) = Bracket::around(&mut guest, |from| {
            let later = |road: &String| {
                let stored = victoria.stored(&format!("{PULSE}{{{road}}}")).unwrap_or_default();
                stored.iter().flat_map(|series| &series.values).filter(|(time, _)| *time > from).count()
            };
            let arrived = eventually(PATIENCE, || roads.iter().all(|road| later(road) >= 2).then_some(()));
            assert!(arrived.is_some(), "{:?}\n{}", roads.each_ref().map(later), victoria.warnings());
        });
        for road in roads {
            let stored = victoria.stored(&format!("{{{road}}}")).unwrap();
            assert!(stored.iter().all(|series| is_ours(&series.labels)), "{stored:#?}");
            let equal = bracket.check_to(ROUNDING, stored.iter().flat_map(samples_of)).unwrap_or_else(|wrong| panic!("{road}: {wrong}"));
            assert!(equal > 100, "{equal} values stood still");
        }
        assert_eq!(victoria.warnings(), "");
        all_arrived(&mut guest, &["monitor", "monitor-2"]);
    }
}

/// What a server of bytes has been sent, once it has more than `bytes`.
fn text_of(server: &Moody<'_>, bytes: usize) -> String {
    let sent = || server.streams().into_iter().find(|stream| stream.len() > bytes);
    String::from_utf8(eventually(PATIENCE, sent).expect("lines come")).expect("lines are UTF-8")
}

#[test]
fn lines_are_as_their_receivers_want_them() {
    let network = Network::best();
    let server = Moody::bytes(&network, WELL).unwrap();
    // Telegraf and the like have clocks of their own; InfluxDB 2 knows unsigned integers.
    let parameters =
        format!("{PARAMETERS} --monitor={} --monitor-timestamps=off --monitor-unsigned=on", server.address());
    let _guest = Guest::boot(Machine::Q35, "web").network(network.clone()).parameters(&parameters).start();
    let text = text_of(&server, 30_000);
    let whole: Vec<_> = text.lines().take(text.lines().count() - 1).collect();
    assert!(whole.len() > 50, "{text}");
    for line in &whole {
        assert!(line.len() < 1400, "longer than a datagram: {line}");
        // A space that does not separate is behind a backslash.
        let plain = line.replace("\\ ", "_");
        let (series, fields) = plain.split_once(' ').unwrap_or_else(|| panic!("no fields: {line}"));
        let (measurement, tags) = series.split_once(',').unwrap_or_else(|| panic!("no tags: {line}"));
        assert!(tags.starts_with("vm=web-1,"), "{line}");
        assert!(!measurement.is_empty() && !fields.is_empty() && !fields.contains(' '), "{line}");
    }
    assert!(text.contains("uk_heap_used_bytes="), "{text}");
    let used = text.split("uk_heap_used_bytes=").nth(1).and_then(|rest| rest.split([',', '\n']).next());
    assert!(used.is_some_and(|used| used.ends_with('u') && used.len() > 1), "{used:?}");
}

#[test]
fn receivers_are_told_who_comes_and_the_log_is_not() {
    let network = Network::best();
    let [basic, token] = [0, 1].map(|_| Moody::http(&network, WELL).unwrap());
    let parameters = format!(
        "{PARAMETERS} --monitor=http://writer:secret@{}/write?db=a --monitor=http://:t0ken@{}/api/v2/write?bucket=b",
        basic.address(),
        token.address()
    );
    let guest = Guest::boot(Machine::Q35, "guest").network(network.clone()).parameters(&parameters).words("reports");
    let guest = guest.start();
    let _ = guest.line("reports: ready");
    // RFC 7617: base64 of `writer:secret`.
    for (server, authorization) in [(&basic, "Basic d3JpdGVyOnNlY3JldA=="), (&token, "Token t0ken")] {
        let request = eventually(PATIENCE, || server.requests().pop()).expect("something is written");
        assert_eq!((request.method.as_str(), request.header("authorization")), ("POST", Some(authorization)));
        assert_eq!(request.header("content-encoding"), None);
        assert!(request.body.windows(9).any(|text| text == b",vm=web-1"));
    }
    // A number beyond what InfluxDB 1 can have is the largest that it can, and counted each time.
    let vast = |server: &Moody<'_>| {
        let bodies = server.requests().into_iter().map(|request| String::from_utf8_lossy(&request.body).into_owned());
        let told: Vec<_> = bodies.filter(|body| body.contains("guest_vast_total=")).collect();
        assert!(told.iter().all(|body| body.contains("guest_vast_total=9223372036854775807i")), "{told:?}");
        (!told.is_empty()).then_some(())
    };
    assert!(eventually(PATIENCE, || vast(&basic)).is_some());
    let scrape = guest.scrape();
    assert!(tests::observed::value(&scrape, "uk_sink_saturated_total{sink=\"monitor\"}") >= 1.0);
    assert!(basic.requests()[0].path.starts_with("/write?db=a"));
    assert!(token.requests()[0].path.starts_with("/api/v2/write?bucket=b"));
    let told = guest.get(Side::Management, "/log?since=0").text() + &guest.serial.text();
    assert!(!told.contains("secret") && !told.contains("t0ken"), "{told}");
}
