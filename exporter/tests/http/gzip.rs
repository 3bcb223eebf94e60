//! Compressed scrapes: who gets one, that it is the same scrape, and that the one stream there is always comes back.

use crate::harness::{FakeSite, PEER, Reply, ask, get, next_reply, talk};
use exporter::gzip::Compressor;
use exporter::http::{Closing, Connection, Timeouts};
use proptest::prelude::*;

ukstore::counters! {
    /// Many series that look alike and stand still.
    static SERIES = "/gzip/series_total", "gzip_series_total", kind = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v",
        "w", "x", "y", "z"
    ];
}

/// What of a scrape stands still while other tests run, so that it can be compared.
fn still(reply: &Reply) -> Vec<&str> {
    let lines: Vec<_> = reply.body.lines().filter(|line| line.contains("gzip_series_total")).collect();
    assert_eq!(lines.len(), 2 + SERIES.len());
    lines
}

fn compressing() -> FakeSite {
    FakeSite { compressor: Some(Compressor::new()), ..FakeSite::default() }
}

fn request(method: &str, target: &str, fields: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: uk\r\n{fields}\r\n")
}

fn scrape(site: &FakeSite, target: &str, accept_encoding: &str) -> Reply {
    get(site, &request("GET", target, &format!("Accept-Encoding: {accept_encoding}\r\n"))).0
}

fn is_compressed(reply: &Reply) -> bool {
    reply.header("content-encoding").is_some()
}

#[test]
fn who_asks_gets_it() {
    let site = compressing();
    for (accept_encoding, compressed) in [("gzip", true), ("br, *;q=0.1", true), ("gzip;q=0", false), ("", false)] {
        let reply = scrape(&site, "/metrics", accept_encoding);
        assert_eq!(reply.header("content-encoding"), compressed.then_some("gzip"), "{accept_encoding}");
        assert_eq!(reply.header("vary"), Some("Accept, Accept-Encoding"));
        assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert!(reply.body.contains("\ngzip_series_total{kind=\"z\"} 0\n"), "{accept_encoding}");
    }
    assert!(!is_compressed(&get(&site, &request("GET", "/metrics", "")).0));
}

#[test]
fn nobody_else_does() {
    for path in ["/", "/log", "/-/ready", "/ukstore/", "/nowhere", "/metrics?x=y"] {
        let reply = scrape(&compressing(), path, "gzip");
        assert_eq!(reply.header("content-encoding"), None, "{path}");
    }
    let without = FakeSite::default();
    let reply = scrape(&without, "/metrics", "gzip");
    assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, Some("Accept")));
}

#[test]
fn head_says_what_get_would() {
    let site = compressing();
    let fields = "Accept-Encoding: gzip\r\n";
    let (of_get, _) = get(&site, &request("GET", "/metrics", fields));
    let (of_head, _) = get(&site, &request("HEAD", "/metrics", fields));
    assert_eq!(of_head.headers, of_get.headers);
    assert_eq!(of_head.header("content-encoding"), Some("gzip"));
}

#[test]
fn head_neither_needs_the_stream_nor_takes_it() {
    let site = compressing();
    let fields = "Accept-Encoding: gzip\r\n";
    let head = request("HEAD", "/metrics", fields);
    let first = in_the_middle(&site);
    assert!(is_compressed(&get(&site, &head).0), "what GET would get as soon as it can");
    drop(first);
    let mut begun = Connection::new(Timeouts::DEFAULT);
    begun.open(0, PEER);
    begun.receive(0, head.as_bytes(), &site);
    assert_eq!(begun.transmit(0, &mut [0], &site), 1);
    assert!(is_compressed(&scrape(&site, "/metrics", "gzip")));
    assert!(!is_compressed(&get(&FakeSite::default(), &head).0));
}

#[test]
fn it_is_the_same_scrape_and_shorter() {
    let site = compressing();
    let fields = "Accept-Encoding: gzip\r\n";
    let (compressed, plain) = (request("GET", "/metrics", fields), request("GET", "/metrics", ""));
    assert_eq!(still(&get(&site, &compressed).0), still(&get(&site, &plain).0));
    assert!(ask(&site, compressed.as_bytes()).0.len() * 2 < ask(&site, plain.as_bytes()).0.len());
}

#[test]
fn a_client_of_http_1_0() {
    let input = "GET /metrics HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n";
    for window in [1, 7, 100, 65_536] {
        let (output, closing) = talk(&compressing(), input.as_bytes(), || usize::MAX, window);
        let (reply, _) = next_reply(&output, false);
        assert_eq!((closing, reply.header("transfer-encoding"), is_compressed(&reply)), (Closing::Finish, None, true));
        assert_eq!(still(&reply).last(), Some(&"gzip_series_total{kind=\"z\"} 0"));
    }
}

#[test]
fn pipelined_requests_have_it_one_after_the_other() {
    let site = compressing();
    let requests = request("GET", "/metrics", "Accept-Encoding: gzip\r\n").repeat(3);
    let (mut output, closing) = ask(&site, requests.as_bytes());
    for _ in 0..3 {
        let (reply, rest) = next_reply(&output, false);
        assert!(is_compressed(&reply));
        output = rest.to_vec();
    }
    assert_eq!((output.len(), closing), (0, Closing::Open));
}

/// A connection in the middle of a compressed reply.
fn in_the_middle(site: &FakeSite) -> Connection {
    let mut connection = Connection::new(Timeouts::DEFAULT);
    connection.open(0, PEER);
    let input = request("GET", "/metrics", "Accept-Encoding: gzip\r\n");
    assert_eq!(connection.receive(0, input.as_bytes(), site), input.len());
    let mut head = [0; 1_024];
    let written = connection.transmit(0, &mut head, site);
    assert!(String::from_utf8_lossy(&head[..written]).contains("Content-Encoding: gzip"));
    assert!(connection.wants_to_write());
    connection
}

#[test]
fn a_second_one_at_the_same_time_gets_the_text_as_it_is() {
    let site = compressing();
    let first = in_the_middle(&site);
    let second = scrape(&site, "/metrics", "gzip");
    assert_eq!((second.status, second.header("content-encoding")), (200, None));
    assert_eq!(second.header("vary"), Some("Accept, Accept-Encoding"));
    drop(first);
    assert!(is_compressed(&scrape(&site, "/metrics", "gzip")));
}

#[test]
fn the_stream_comes_back_however_a_reply_ends() {
    let site = compressing();
    let mut connection = in_the_middle(&site);
    assert!(!is_compressed(&scrape(&site, "/metrics", "gzip")));
    connection.disconnect();
    assert_eq!(connection.closing(), Closing::Reset);
    assert!(is_compressed(&scrape(&site, "/metrics", "gzip")), "its transport is gone");

    let mut connection = in_the_middle(&site);
    connection.open(0, PEER);
    assert!(is_compressed(&scrape(&site, "/metrics", "gzip")), "somebody else has its place");

    let mut connection = in_the_middle(&site);
    connection.tick(connection.deadline_ns().expect("a deadline"), &site);
    assert_eq!(connection.closing(), Closing::Reset);
    assert!(is_compressed(&scrape(&site, "/metrics", "gzip")), "its client took too long");

    let mut connection = in_the_middle(&site);
    connection.receive_end(0);
    let mut window = [0; 4_096];
    while connection.wants_to_write() {
        connection.transmit(0, &mut window, &site);
    }
    assert_eq!(connection.closing(), Closing::Finish);
    assert!(is_compressed(&scrape(&site, "/metrics", "gzip")), "it is complete");
}

#[test]
fn the_next_one_begins_before_the_last_bytes_are_taken() {
    let site = compressing();
    let mut connection = Connection::new(Timeouts::DEFAULT);
    connection.open(0, PEER);
    connection.receive(0, request("GET", "/metrics", "Accept-Encoding: gzip\r\n").as_bytes(), &site);
    // Small enough that the reply ends in the stage.
    for _ in 0..4_000 {
        connection.transmit(0, &mut [0; 8], &site);
        if is_compressed(&scrape(&site, "/metrics", "gzip")) {
            assert!(connection.wants_to_write(), "there is more to take");
            return;
        }
    }
    panic!("a client that takes a few bytes at a time keeps the stream");
}

#[test]
fn no_call_does_more_than_a_buffer_s_work() {
    let site = compressing();
    let mut connection = in_the_middle(&site);
    let (mut calls, mut bytes) = (0, 0);
    while connection.wants_to_write() {
        bytes += connection.transmit(0, &mut [0; 65_536], &site);
        calls += 1;
    }
    let text = scrape(&site, "/metrics", "gzip").body.len();
    assert!(bytes < text / 2 && calls >= text / 4_088, "{calls} calls for {text} bytes, which became {bytes}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_window_gives_the_same_body(window in prop_oneof![1_usize..30, 30_usize..5_000]) {
        let input = request("GET", "/metrics", "Accept-Encoding: gzip\r\n");
        let expected = next_reply(&ask(&compressing(), input.as_bytes()).0, false).0;
        let (output, closing) = talk(&compressing(), input.as_bytes(), || usize::MAX, window);
        let (reply, rest) = next_reply(&output, false);
        prop_assert_eq!((&reply.headers, still(&reply)), (&expected.headers, still(&expected)));
        prop_assert_eq!((rest, closing), (&b""[..], Closing::Open));
    }
}
