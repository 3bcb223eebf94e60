//! Replies that wait for samples: which, for how long, and what their connection does meanwhile.

use crate::harness::{FakeSite, PEER, next_reply};
use exporter::http::{Closing, Connection, Timeouts};

const MS: u64 = 1_000_000;
const TIMEOUTS: Timeouts =
    Timeouts { head_ns: 10_000 * MS, idle_ns: 10_000 * MS, reply_ns: 1_000 * MS, linger_ns: 10_000 * MS };

fn request(line: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
}

/// A connection that has received `GET /metrics` at 5 ms, on a machine whose samples take a while.
fn asked(site: &FakeSite, timeouts: Timeouts) -> Connection {
    let mut connection = Connection::new(timeouts);
    connection.open(0, PEER);
    let request = request("GET /metrics");
    assert_eq!(connection.receive(5 * MS, request.as_bytes(), site), request.len());
    connection
}

fn slow() -> FakeSite {
    FakeSite { ticket: Some(9), unprepared: u32::MAX.into(), ..FakeSite::default() }
}

fn wants(connection: &Connection) -> (bool, bool, bool) {
    (connection.wants_to_read(), connection.wants_to_write(), connection.is_answering())
}

#[test]
fn samples_are_asked_for_once_by_each_request_that_shows_some() {
    for (line, prepares) in [
        ("GET /metrics", 1),
        ("GET /ukstore", 1),
        ("GET /ukstore/test/limit", 1),
        ("HEAD /metrics", 0),
        ("GET /ukstore/nothing", 0),
        ("HEAD /ukstore/test/limit", 1),
        ("PUT /ukstore/test/limit", 0),
        ("OPTIONS /ukstore/test/limit", 0),
        ("GET /ukstore//", 0),
        ("GET /ukstore/?a", 0),
        ("GET /log", 0),
        ("GET /", 0),
        ("GET /-/ready", 0),
        ("GET /nowhere", 0),
    ] {
        for ticket in [None, Some(7)] {
            let site = FakeSite { ticket, unprepared: 2.into(), ..FakeSite::default() };
            let (output, closing) = crate::harness::ask(&site, request(line).as_bytes());
            assert_eq!((site.prepares.get(), closing), (prepares, Closing::Open), "{line}");
            let waited = ticket.is_some() && prepares > 0;
            assert_eq!(site.unprepared.get(), if waited { 0 } else { 2 }, "{line}");
            assert!(output.starts_with(b"HTTP/1.1 "), "{line}");
        }
    }
}

#[test]
fn without_a_ticket_nothing_is_awaited() {
    let connection = asked(&FakeSite::default(), TIMEOUTS);
    assert_eq!(wants(&connection), (false, true, true));
}

#[test]
fn while_it_waits_it_neither_reads_nor_writes() {
    let site = slow();
    let mut connection = asked(&site, TIMEOUTS);
    assert_eq!(wants(&connection), (false, false, true));
    assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Open, Some(105 * MS)));
    assert_eq!(connection.receive(6 * MS, b"GET", &site), 0, "the next request stays with the transport");
    assert_eq!(connection.transmit(6 * MS, &mut [0; 100], &site), 0);
    connection.receive_end(7 * MS);
    assert_eq!(wants(&connection), (false, false, true), "a client that closed its side gets its reply");

    site.unprepared.set(0);
    connection.tick(8 * MS, &site);
    assert_eq!(wants(&connection), (false, true, true));
    assert_eq!(connection.deadline_ns(), Some(1_005 * MS), "counted from the request on");
    let mut out = vec![0; 100_000];
    let len = connection.transmit(8 * MS, &mut out, &site);
    assert_eq!(next_reply(&out[..len], false).0.status, 200);
    assert_eq!(connection.closing(), Closing::Finish);
}

#[test]
fn a_reply_that_can_begin_does_so_in_the_same_call() {
    let site = slow();
    let mut connection = asked(&site, TIMEOUTS);
    site.unprepared.set(0);
    assert_eq!(connection.transmit(8 * MS, &mut [0; 50], &site), 50);
}

#[test]
fn it_does_not_wait_for_ever() {
    let site = slow();
    let mut connection = asked(&site, TIMEOUTS);
    connection.tick(105 * MS - 1, &site);
    assert_eq!(wants(&connection), (false, false, true));
    connection.tick(105 * MS, &site);
    assert_eq!(wants(&connection), (false, true, true));
}

#[test]
fn samples_are_awaited_for_a_tenth_of_the_time_there_is() {
    let site = slow();
    let mut connection = asked(&site, Timeouts { reply_ns: 50 * MS, ..TIMEOUTS });
    assert_eq!(connection.deadline_ns(), Some(10 * MS));
    connection.tick(10 * MS - 1, &site);
    assert_eq!(wants(&connection), (false, false, true));
    connection.tick(10 * MS, &site);
    assert_eq!((wants(&connection), connection.deadline_ns()), ((false, true, true), Some(55 * MS)));
    connection.tick(55 * MS, &site);
    assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Reset, None));
}

/// When a reply to a request with these fields begins without its samples, and when it is given up, in milliseconds
/// after the request.
fn patience(fields: &str) -> (u64, u64) {
    let site = slow();
    let mut connection = Connection::new(Timeouts::DEFAULT);
    connection.open(0, PEER);
    let request = format!("GET /metrics HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    assert_eq!(connection.receive(0, request.as_bytes(), &site), request.len());
    let begins_ns = connection.deadline_ns().expect("it waits");
    connection.tick(begins_ns, &site);
    (begins_ns / MS, connection.deadline_ns().expect("it replies") / MS)
}

#[test]
fn a_scraper_says_how_long_it_waits() {
    let field = |value: &str| format!("X-Prometheus-Scrape-Timeout-Seconds: {value}\r\n");
    for (value, expected) in [
        ("10", (100, 10_000)),
        ("1", (100, 1_000)),
        ("0.5", (50, 500)),
        ("0.010", (1, 10)),
        // No longer than the machine itself waits.
        ("60", (100, 60_000)),
        ("61", (100, 60_000)),
        ("99999999999999999999", (100, 60_000)),
        // Nonsense is passed over.
        ("", (100, 60_000)),
        ("0", (100, 60_000)),
        ("0.0", (100, 60_000)),
        ("-1", (100, 60_000)),
        ("1e1", (100, 60_000)),
        ("10s", (100, 60_000)),
        ("10, 5", (100, 60_000)),
    ] {
        assert_eq!(patience(&field(value)), expected, "{value:?}");
    }
    assert_eq!(patience(""), (100, 60_000));
    assert_eq!(patience(&[field("2"), field("1")].concat()), (100, 2_000), "the first counts");
    assert_eq!(patience(&[field("x"), field("1")].concat()), (100, 60_000), "the first counts");
    assert_eq!(patience("x-PROMETHEUS-scrape-timeout-SECONDS:\t3 \r\n"), (100, 3_000));
}
