//! Every metric of the exporter's own, seen to move by what it says it counts, and by nothing else.
//!
//! A program of its own with one test, so that nothing else moves them meanwhile.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use exporter::exposition::MAX_NAMED;
use exporter::exposition::{Encoder, Format, Selection};
use exporter::gzip::Compressor;
use exporter::http::{Connection, Credentials, STAGE_BYTES, Timeouts};
use exporter::{Level, LogRecord, Site, Step, Window};

ukstore::setting! {
    /// Something to write.
    static LIMIT: u64 = 1, in 1..=2, "/test/limit";
}

ukstore::fault! {
    /// Harm done on purpose.
    static DROP: bool = false, "/test/drop";
}

/// A machine whose clock advances one second each time it is read, with one log record longer than any buffer.
struct Machine {
    now_ns: std::cell::Cell<u64>,
    ready: bool,
    adjustable: bool,
    protected: bool,
    compressor: Option<Compressor>,
    /// Samples are asked for and never come.
    late: bool,
}

impl Site for Machine {
    fn node(&self) -> &str {
        "node"
    }
    fn program(&self) -> &str {
        "program"
    }
    fn ready(&self) -> bool {
        self.ready
    }
    fn credentials(&self) -> Option<Credentials<'_>> {
        self.protected.then_some(Credentials::Bearer { digest: [0; 32] })
    }
    fn compressor(&self) -> Option<&Compressor> {
        self.compressor.as_ref()
    }
    fn adjustable(&self) -> bool {
        self.adjustable
    }
    fn prepare(&self, _now_ns: u64) -> Option<u64> {
        self.late.then_some(1)
    }
    fn prepared(&self, _ticket: u64) -> bool {
        false
    }
    fn now_ns(&self) -> u64 {
        self.now_ns.set(self.now_ns.get() + 1_000_000_000);
        self.now_ns.get()
    }
    fn log_newest(&self) -> Option<u64> {
        Some(1)
    }
    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let message = if from == 0 { "x".repeat(STAGE_BYTES) } else { "short".into() };
        (from <= 1).then(|| {
            let (source, thread) = ("source", "thread");
            show(&LogRecord {
                seq: from,
                since_boot_ns: 0,
                unix_ns: None,
                level,
                source,
                thread,
                message: &message,
                truncated: false,
            });
            from
        })
    }
}

/// All samples of the exporter's own, by series.
fn samples() -> BTreeMap<String, String> {
    let mut bytes = vec![0; 1 << 20];
    let mut window = Window::new(&mut bytes);
    assert_eq!(Encoder::new(Format::Text, Selection::ALL, None).write(&mut window, usize::MAX), Step::End);
    let mut samples = BTreeMap::new();
    for line in str::from_utf8(window.written()).expect("UTF-8").lines() {
        let ours = line.starts_with("uk_") || line.starts_with("node_");
        if let Some((series, value)) = line.rsplit_once(' ').filter(|_| ours) {
            assert!(samples.insert(series.to_owned(), value.to_owned()).is_none(), "{series} twice");
        }
    }
    samples
}

/// The series whose values changed, with their increase; a gauge's new value.
fn moved(act: impl FnOnce()) -> Vec<String> {
    let before = samples();
    act();
    let after = samples();
    assert!(before.keys().eq(after.keys()), "series came or went");
    after
        .iter()
        .filter(|(series, value)| before[*series] != **value)
        .map(|(series, value)| match (value.parse::<u64>(), before[series].parse::<u64>()) {
            (Ok(value), Ok(before)) if series.contains("_total") => format!("{series} +{}", value - before),
            _ => format!("{series} {value}"),
        })
        .collect()
}

/// One connection: `input` at time 0, everything written, then silence until `end_ns`.
fn connect(machine: &Machine, input: &str, end_ns: u64) {
    let mut connection = Connection::new(Timeouts { head_ns: 10, idle_ns: 100, reply_ns: 1_000, linger_ns: 100_000 });
    connection.open(0, Ipv4Addr::LOCALHOST.into());
    let mut rest = input.as_bytes();
    while !rest.is_empty() && connection.wants_to_read() {
        let taken = connection.receive(0, rest, machine);
        rest = &rest[taken..];
        while end_ns != 1_000 && connection.wants_to_write() {
            connection.transmit(0, &mut [0; 50_000], machine);
        }
    }
    connection.sent(0);
    connection.tick(end_ns, machine);
    connection.transmit(end_ns, &mut [0; 50_000], machine);
}

#[test]
fn each_metric_moves() {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let with = |fields: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let names = "name[]=nothing&".repeat(MAX_NAMED + 1);
    let put = |path: &str, fields: &str, body: &str| format!("PUT {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}");
    let machine =
        || Machine { now_ns: 0.into(), ready: true, adjustable: true, protected: false, compressor: None, late: false };
    let unready = Machine { ready: false, ..machine() };
    let read_only = Machine { adjustable: false, ..machine() };
    let protected = Machine { protected: true, ..machine() };
    let compressing = Machine { compressor: Some(Compressor::new()), ..machine() };
    let late = Machine { now_ns: 7_000_000_000.into(), late: true, ..machine() };
    let machine = machine();

    for (input, code, route) in [
        (get("/"), 200, "landing"),
        (get("/-/healthy"), 200, "healthy"),
        (get("/-/ready"), 200, "ready"),
        (get("/log?since=0"), 200, "log"),
        ("OPTIONS * HTTP/1.0\r\n\r\n".into(), 204, "options"),
    ] {
        let expected = [
            "uk_management_http_connections_total +1".into(),
            format!("uk_management_http_replies_total{{code=\"{code}\"}} +1"),
            format!("uk_management_http_requests_total{{route=\"{route}\"}} +1"),
        ];
        assert_eq!(moved(|| connect(&machine, &input, 5)), expected, "{input:?}");
    }
    assert!(
        moved(|| connect(&unready, &get("/-/ready"), 5))
            .contains(&"uk_management_http_replies_total{code=\"503\"} +1".to_owned())
    );
    assert!(
        moved(|| connect(&machine, &get("/log"), 5)).contains(&"uk_management_http_lines_dropped_total +1".to_owned())
    );

    for (input, code, reason) in [
        ("\0".into(), 400, "malformed"),
        ("GET / HTTP/1.1\n".into(), 400, "malformed"),
        (with("a: b\r\n c\r\n"), 400, "malformed"),
        ("GET /\r\n\r\n".into(), 400, "malformed"),
        ("GET / HTTP/1.1\r\n\r\n".into(), 400, "host"),
        (with("Content-Length: x\r\n"), 400, "content_length"),
        (with("Transfer-Encoding: chunked, x\r\n"), 400, "transfer_encoding"),
        (with("Transfer-Encoding: x\r\n"), 501, "transfer_encoding"),
        (with("Transfer-Encoding: chunked\r\n"), 411, "transfer_encoding"),
        (with("Content-Length: 1\r\n"), 413, "body"),
        (format!("GET /{}", "a".repeat(STAGE_BYTES)), 414, "head_too_large"),
        (with(&"a".repeat(STAGE_BYTES)), 431, "head_too_large"),
        (with(&"a: b\r\n".repeat(40)), 431, "head_too_large"),
        (with("Expect: nothing\r\n"), 417, "expectation"),
        ("GET / HTTP/3.0\r\n\r\n".into(), 505, "version"),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 501, "method"),
        ("PUT / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 405, "method"),
        (get("/nowhere"), 404, "not_found"),
        (get("/log?x=y"), 400, "query"),
        (get("/metrics?x=y"), 400, "query"),
        (get("/metrics?collect[]=nothing"), 400, "query"),
        (get(&format!("/metrics?{names}")), 400, "query"),
        ("POST /ukstore/test/limit HTTP/1.1\r\nHost: a\r\n\r\n".into(), 405, "method"),
        (get("/ukstore/%"), 400, "path"),
        (get("/ukstore/%0a"), 400, "path"),
        (get("/ukstore/%ff"), 400, "path"),
        (get("/ukstore//"), 400, "path"),
        (get(&format!("/ukstore/{}", "a".repeat(255))), 414, "path"),
    ] {
        let expected = [
            "uk_management_http_connections_total +1".into(),
            format!("uk_management_http_refused_total{{reason=\"{reason}\"}} +1"),
            format!("uk_management_http_replies_total{{code=\"{code}\"}} +1"),
        ];
        assert_eq!(moved(|| connect(&machine, &input, 5)), expected, "{input:?}");
    }

    for (site, input, code, reason) in [
        (&machine, put("/ukstore/test/limit", "", ""), 411, "body"),
        (&machine, put("/ukstore/test/limit", "Content-Length: 1025\r\n", ""), 413, "body"),
        (&machine, put("/ukstore/test/limit", "Content-Length: 1\r\n", "\t"), 400, "value"),
        (&machine, put("/ukstore/nothing", "Content-Length: 1\r\n", "1"), 404, "not_found"),
        (&machine, put("/ukstore/test/limit", "Content-Length: 1\r\n", "0"), 400, "value"),
        (&machine, put("/ukstore/", "Content-Length: 1\r\n", "1"), 405, "method"),
        (&machine, put("/ukstore//", "Content-Length: 1\r\n", "1"), 400, "path"),
        (&machine, put("/ukstore/test/drop", "Content-Length: 1\r\n", "1"), 403, "writes_off"),
        (&read_only, put("/ukstore/test/limit", "Content-Length: 1\r\n", "1"), 403, "writes_off"),
        (&protected, put("/ukstore/test/limit", "Content-Length: 1\r\n", "1"), 401, "unauthorized"),
    ] {
        let expected = [
            "uk_management_http_connections_total +1".into(),
            format!("uk_management_http_refused_total{{reason=\"{reason}\"}} +1"),
            format!("uk_management_http_replies_total{{code=\"{code}\"}} +1"),
            "uk_management_http_writes_total{outcome=\"refused\"} +1".into(),
        ];
        assert_eq!(moved(|| connect(site, &input, 5)), expected, "{input:?}");
    }
    assert_eq!(
        moved(|| connect(&machine, &put("/ukstore/test/limit", "Content-Length: 1\r\n", "1"), 5)),
        [
            "uk_management_http_connections_total +1",
            "uk_management_http_replies_total{code=\"204\"} +1",
            "uk_management_http_requests_total{route=\"ukstore\"} +1",
            "uk_management_http_writes_total{outcome=\"accepted\"} +1",
        ]
    );
    assert_eq!(
        moved(|| connect(&machine, &put("/ukstore/test/limit", "Content-Length: 2\r\n", "1"), 10)),
        [
            "uk_management_http_connections_total +1",
            "uk_management_http_refused_total{reason=\"body_timeout\"} +1",
            "uk_management_http_replies_total{code=\"408\"} +1",
            "uk_management_http_timeouts_total{stage=\"body\"} +1",
            "uk_management_http_writes_total{outcome=\"refused\"} +1",
        ]
    );

    let half = put("/ukstore/test/limit", "Content-Length: 2\r\n", "1");
    assert_eq!(
        moved(|| {
            let mut connection = Connection::new(Timeouts::DEFAULT);
            connection.open(0, Ipv4Addr::LOCALHOST.into());
            let taken = connection.receive(0, half.as_bytes(), &machine);
            connection.receive(0, &half.as_bytes()[taken..], &machine);
            connection.receive_end(0);
        }),
        ["uk_management_http_connections_total +1", "uk_management_http_writes_total{outcome=\"refused\"} +1"],
        "somebody who goes away in the middle of a write"
    );

    assert_eq!(
        moved(|| connect(&machine, "", 10)),
        ["uk_management_http_connections_total +1", "uk_management_http_timeouts_total{stage=\"idle\"} +1"]
    );
    assert_eq!(
        moved(|| connect(&machine, "GET", 10)),
        [
            "uk_management_http_connections_total +1",
            "uk_management_http_refused_total{reason=\"head_timeout\"} +1",
            "uk_management_http_replies_total{code=\"408\"} +1",
            "uk_management_http_timeouts_total{stage=\"head\"} +1",
        ]
    );
    assert_eq!(
        moved(|| connect(&machine, &get("/"), 1_000)),
        [
            "uk_management_http_connections_total +1",
            "uk_management_http_replies_cut_total +1",
            "uk_management_http_requests_total{route=\"landing\"} +1",
            "uk_management_http_timeouts_total{stage=\"reply\"} +1"
        ]
    );
    for (begun, cut) in [(0, true), (1, true), (50_000, false)] {
        let moved = moved(|| {
            let mut connection = Connection::new(Timeouts::DEFAULT);
            connection.open(0, Ipv4Addr::LOCALHOST.into());
            connection.receive(0, get("/").as_bytes(), &machine);
            connection.transmit(0, &mut vec![0; begun], &machine);
            connection.disconnect();
            connection.disconnect();
        });
        assert_eq!(moved.contains(&"uk_management_http_replies_cut_total +1".to_owned()), cut, "{begun} bytes taken");
    }
    let untaken = moved(|| {
        let mut connection = Connection::new(Timeouts::DEFAULT);
        connection.open(0, Ipv4Addr::LOCALHOST.into());
        connection.receive(0, b"GET / HTTP/1.0\r\n\r\n", &machine);
        connection.transmit(0, &mut [0; 50_000], &machine);
        connection.tick(Timeouts::DEFAULT.reply_ns, &machine);
    });
    assert!(
        untaken.contains(&"uk_management_http_replies_cut_total +1".to_owned()),
        "with the transport, and never sent: {untaken:?}"
    );
    assert!(
        moved(|| connect(&machine, "GET / HTTP/1.0\r\n\r\n", 100_000))
            .contains(&"uk_management_http_timeouts_total{stage=\"linger\"} +1".to_owned())
    );

    assert!(
        moved(|| connect(&machine, &get("/ukstore/"), 5))
            .contains(&"uk_management_http_requests_total{route=\"ukstore\"} +1".to_owned())
    );
    let mut waiting = Connection::new(Timeouts::DEFAULT);
    waiting.open(0, Ipv4Addr::LOCALHOST.into());
    waiting.receive(0, get("/metrics").as_bytes(), &late);
    assert_eq!(moved(|| waiting.tick(100_000_000, &late)), ["uk_management_http_samples_late_total +1"]);
    late.now_ns.set(late.now_ns.get() + 10_000_000_000);
    waiting.transmit(100_000_000, &mut [0; 100_000], &late);
    // The clock is read when writing begins, for each source, when writing ends, and for the duration of all; between
    // two readings there is a second.
    let seconds_in_sources = |samples: &BTreeMap<String, String>| -> u64 {
        let of_sources =
            samples.iter().filter(|(series, _)| series.starts_with("node_scrape_collector_duration_seconds{"));
        of_sources.map(|(_, value)| value.parse::<u64>().unwrap()).sum()
    };
    let after = samples();
    let duration: u64 = after["uk_scrape_duration_seconds{format=\"text\"}"].parse().unwrap();
    assert_eq!(duration, 10 + 3 + seconds_in_sources(&after), "counted from the request on");
    assert!(["management", "scrape", "ukstore"].iter().all(|source| {
        after[&format!("node_scrape_collector_success{{collector=\"{source}\"}}")] == "1"
            && after[&format!("node_scrape_collector_duration_seconds{{collector=\"{source}\"}}")] != "0"
    }));

    let series = samples().len();
    let of_scrape = moved(|| connect(&machine, &get("/metrics"), 5));
    let after = samples();
    let last = |name: &str| after[&format!("{name}{{format=\"text\"}}")].parse::<usize>().unwrap();
    assert!(last("uk_scrape_series") >= series && last("uk_scrape_size_bytes") > 2_000, "{of_scrape:#?}");
    for expected in [
        "uk_management_http_requests_total{route=\"metrics\"} +1",
        "uk_scrapes_total{format=\"text\"} +1",
        &format!("uk_scrape_duration_seconds{{format=\"text\"}} {}", 3 + seconds_in_sources(&after)),
        &format!("uk_scrape_seconds_total{{format=\"text\"}} +{}", last("uk_scrape_duration_seconds")),
        &format!("uk_scrape_bytes_total{{format=\"text\"}} +{}", last("uk_scrape_size_bytes")),
        &format!("uk_scrape_samples_total{{format=\"text\"}} +{}", last("uk_scrape_series")),
    ] {
        assert!(of_scrape.contains(&expected.to_owned()), "{expected} in {of_scrape:#?}");
    }

    let other = compressing.compressor.as_ref().and_then(Compressor::begin);
    let gzip = "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";
    let busy = "uk_scrape_gzip_busy_total +1".to_owned();
    assert!(moved(|| connect(&compressing, gzip, 5)).contains(&busy));
    assert!(!moved(|| connect(&compressing, &gzip.replace("GET", "HEAD"), 5)).contains(&busy));
    drop(other);
    assert!(!moved(|| connect(&compressing, gzip, 5)).contains(&busy));
}
