//! What each request is answered with: the good ones, and a table of those that must be refused.

use crate::harness::{FakeSite, ask, get, next_reply};
use exporter::http::{Closing, STAGE_BYTES};
use exporter::{Level, LogRecord, Site};

const HOST: &str = "Host: uk:9100\r\n";

fn plain_get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{HOST}\r\n")
}

#[test]
fn pages() {
    let site = FakeSite::default();
    for (path, content_type, in_body) in [
        ("/", "text/html; charset=utf-8", "<h1>uk-&lt;test&gt;</h1>"),
        ("/", "text/html; charset=utf-8", "<a href=\"/metrics\">"),
        ("/?from=somewhere", "text/html; charset=utf-8", "web 0.1.0"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8", "# TYPE uk_scrapes_total counter\n"),
        ("/-/healthy", "text/plain; charset=utf-8", "healthy\n"),
        ("/-/ready", "text/plain; charset=utf-8", "ready\n"),
        ("http://uk:9100/-/ready", "text/plain; charset=utf-8", "ready\n"),
        ("HTTP://uk", "text/html; charset=utf-8", "</html>\n"),
        ("/log", "text/plain; charset=utf-8", "3 4.5 1994-11-06T08:49:37.000000Z info net the_worker: message 3\n"),
    ] {
        let (reply, closing) = get(&site, &plain_get(path));
        assert_eq!((reply.status, closing), (200, Closing::Open), "{path}");
        assert_eq!(reply.header("content-type"), Some(content_type), "{path}");
        assert_eq!(reply.header("date"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(reply.header("connection"), None);
        assert!(reply.body.contains(in_body), "{path}: {}", reply.body);
    }
}

#[test]
fn without_a_clock_there_is_no_date() {
    let site = FakeSite { unix_ns: None, ..FakeSite::default() };
    let (reply, _) = get(&site, &plain_get("/log?since=38"));
    assert_eq!(reply.header("date"), None);
    assert_eq!(reply.body, "39 58.5 - info net the_worker: message 39\n");
}

#[test]
fn not_ready() {
    let site = FakeSite { ready: false, ..FakeSite::default() };
    let (reply, closing) = get(&site, &plain_get("/-/ready"));
    assert_eq!((reply.status, reply.body.as_str(), closing), (503, "not ready\n", Closing::Open));
    assert_eq!(get(&site, &plain_get("/-/healthy")).0.status, 200);
}

#[test]
fn head_is_get_without_the_body() {
    let site = FakeSite::default();
    for path in ["/", "/metrics", "/-/ready", "/log", "/nowhere", "/log?level=loud"] {
        let (of_get, _) = get(&site, &plain_get(path));
        let (of_head, closing) = get(&site, &format!("HEAD {path} HTTP/1.1\r\n{HOST}\r\n"));
        assert_eq!((of_head.status, of_head.body.as_str(), closing), (of_get.status, "", Closing::Open));
        assert_eq!(of_head.headers, of_get.headers, "{path}");
    }
}

#[test]
fn options_lists_the_methods() {
    let site = FakeSite::default();
    for (target, methods) in [
        ("/metrics", "GET, HEAD, OPTIONS"),
        ("/ukstore", "GET, HEAD, OPTIONS"),
        ("/ukstore/test/", "GET, HEAD, OPTIONS"),
        ("/ukstore/test/steps_total", "GET, HEAD, OPTIONS"),
        ("/ukstore/test/limit", "GET, HEAD, PUT, OPTIONS"),
        ("*", "GET, HEAD, PUT, OPTIONS"),
    ] {
        let (reply, closing) = get(&site, &format!("OPTIONS {target} HTTP/1.1\r\n{HOST}\r\n"));
        assert_eq!((reply.status, closing), (204, Closing::Open));
        assert_eq!(reply.header("allow"), Some(methods), "{target}");
        assert_eq!((reply.header("content-length"), reply.header("transfer-encoding")), (None, None));
    }
}

#[test]
fn http_1_0_gets_no_chunks_and_a_closed_connection() {
    let site = FakeSite::default();
    for (path, length) in [("/metrics", None), ("/log", None), ("/-/ready", Some("6"))] {
        let (reply, closing) = get(&site, &format!("GET {path} HTTP/1.0\r\n\r\n"));
        assert_eq!((reply.status, closing), (200, Closing::Finish));
        assert_eq!(reply.header("connection"), Some("close"));
        assert_eq!((reply.header("content-length"), reply.header("transfer-encoding")), (length, None));
        assert!(reply.body.ends_with('\n'));
    }
}

#[test]
fn connection_close_is_honoured_among_other_options() {
    let site = FakeSite::default();
    for value in ["close", "Close", "keep-alive, close", "te,close ,x"] {
        let (reply, closing) = get(&site, &format!("GET / HTTP/1.1\r\n{HOST}Connection: {value}\r\n\r\n"));
        assert_eq!((reply.status, reply.header("connection"), closing), (200, Some("close"), Closing::Finish));
    }
    for value in ["keep-alive", "closed", ""] {
        let (_, closing) = get(&site, &format!("GET / HTTP/1.1\r\n{HOST}Connection: {value}\r\n\r\n"));
        assert_eq!(closing, Closing::Open);
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let site = FakeSite::default();
    let input = [
        plain_get("/-/healthy"),
        "\r\n\r\n".into(),
        plain_get("/log?since=38"),
        format!("HEAD / HTTP/1.1\r\n{HOST}\r\n"),
        plain_get("/nowhere"),
        format!("GET /-/ready HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"),
        plain_get("/never"),
    ]
    .concat();
    let (output, closing) = ask(&site, input.as_bytes());
    assert_eq!(closing, Closing::Finish);
    let mut rest = output.as_slice();
    for (status, head_only) in [(200, false), (200, false), (200, true), (404, false), (200, false)] {
        let reply;
        (reply, rest) = next_reply(rest, head_only);
        assert_eq!(reply.status, status);
    }
    assert_eq!(rest, b"", "nothing is answered after a close");
}

#[test]
fn harmless_extras_are_accepted() {
    let site = FakeSite::default();
    for fields in [
        "Content-Length: 0\r\n",
        "Content-Length: 000\r\n",
        "Expect: 100-continue\r\n",
        "X-Empty:\r\n",
        "X-Tab:\ta\tb\t\r\n",
        "X-Latin: \u{e9}\r\n",
        "Accept: text/plain;version=0.0.4;q=1,*/*;q=0.1\r\n",
    ] {
        let (reply, closing) = get(&site, &format!("GET /-/ready HTTP/1.1\r\n{HOST}{fields}\r\n"));
        assert_eq!((reply.status, closing), (200, Closing::Open), "{fields:?}");
    }
    for host in ["", "localhost", "[::1]:9100", "10.0.0.2:9100", "a_b.example"] {
        let (reply, _) = get(&site, &format!("GET /-/ready HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(reply.status, 200, "{host:?}");
    }
}

/// Refusals after which the connection stays open: it is certain where the request ended.
#[test]
fn refusals_that_keep_the_connection() {
    let site = FakeSite::default();
    for (request, status) in [
        ("GET /nowhere", 404),
        ("GET /metrics/", 404),
        ("GET /METRICS", 404),
        ("POST /nowhere", 404),
        ("POST /metrics", 405),
        ("DELETE /", 405),
        ("GET /log?since=x", 400),
        ("GET /log?level=everything", 400),
        ("GET /log?limit=5", 400),
    ] {
        let (reply, closing) = get(&site, &format!("{request} HTTP/1.1\r\n{HOST}\r\n"));
        assert_eq!((reply.status, closing), (status, Closing::Open), "{request}");
        assert_eq!(reply.header("allow"), (status == 405).then_some("GET, HEAD, OPTIONS"), "{request}");
        assert!(reply.body.starts_with(&status.to_string()), "{}", reply.body);
    }
}

#[test]
fn a_refused_request_may_ask_for_the_close_itself() {
    let site = FakeSite::default();
    let requests =
        [format!("GET /nowhere HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"), "GET /nowhere HTTP/1.0\r\n\r\n".into()];
    for request in &requests {
        let (reply, closing) = get(&site, request);
        assert_eq!((reply.status, reply.header("connection"), closing), (404, Some("close"), Closing::Finish));
    }
}

/// A machine that logs a line each time one is read.
struct Chatterbox(FakeSite);

impl Site for Chatterbox {
    fn node(&self) -> &str {
        self.0.node()
    }
    fn program(&self) -> &str {
        self.0.program()
    }
    fn ready(&self) -> bool {
        self.0.ready()
    }
    fn adjustable(&self) -> bool {
        self.0.adjustable()
    }
    fn faults(&self) -> bool {
        self.0.faults()
    }
    fn now_ns(&self) -> u64 {
        self.0.now_ns()
    }
    fn log_newest(&self) -> Option<u64> {
        Some(2)
    }
    fn log_next(&self, seq: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let record = LogRecord {
            seq,
            since_boot_ns: 0,
            unix_ns: None,
            level,
            source: "",
            thread: "t",
            message: "a\u{1b}\nb",
            truncated: false,
        };
        show(&record);
        Some(seq)
    }
}

#[test]
fn a_log_that_grows_while_it_is_read_comes_to_an_end() {
    let site = Chatterbox(FakeSite::default());
    let (reply, _) = get(&site, &plain_get("/log?since=0&level=debug"));
    assert_eq!(reply.body, "1 0 - debug - t: a\\u{1b}\\nb\n2 0 - debug - t: a\\u{1b}\\nb\n");
    assert_eq!(get(&site, &plain_get("/log?since=2")).0.body, "");
}

/// Refusals that end the connection: what follows cannot be trusted to be a request.
#[test]
fn refusals_that_close() {
    let site = FakeSite::default();
    let with = |fields: &str| format!("GET / HTTP/1.1\r\n{HOST}{fields}\r\n");
    let table: Vec<(String, u16)> = vec![
        // The request line.
        ("\x16\x03\x01\x02\x00\x01".into(), 400),
        ("hello\r\n\r\n".into(), 400),
        (" GET / HTTP/1.1\r\n\r\n".into(), 400),
        ("GET  / HTTP/1.1\r\n\r\n".into(), 400),
        ("GET /\r\n\r\n".into(), 400),
        ("GET / \r\n\r\n".into(), 400),
        ("GET / HTTP\r\n\r\n".into(), 400),
        ("GET / http/1.1\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1 \r\n\r\n".into(), 400),
        ("GET / HTTP/11\r\n\r\n".into(), 400),
        ("GET / FTP/1.1\r\n\r\n".into(), 400),
        ("G\u{e9}T / HTTP/1.1\r\n\r\n".into(), 400),
        (format!("GET /#top HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET /\u{e9} HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET http:///metrics HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET / HTTP/2.0\r\n{HOST}\r\n"), 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), 505),
        (format!("GET / HTTP/1.2\r\n{HOST}\r\n"), 505),
        (format!("BREW / HTTP/1.1\r\n{HOST}\r\n"), 501),
        (format!("get / HTTP/1.1\r\n{HOST}\r\n"), 501),
        // Line ends, control bytes, folding.
        ("GET / HTTP/1.1\nHost: x\n\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n\n".into(), 400),
        ("GET / HTTP/1.1\rHost: x\r\n\r\n".into(), 400),
        ("\rGET / HTTP/1.1\r\n".into(), 400),
        ("\nGET / HTTP/1.1\r\n".into(), 400),
        (with("X: a\rb\r\n"), 400),
        (with("X: a\nb: c\r\n"), 400),
        (with("X: a\0b\r\n"), 400),
        (with("X: a\x7fb\r\n"), 400),
        (with("X: a\r\n b\r\n"), 400),
        (with("X: a\r\n\tb\r\n"), 400),
        ("GET / HTTP/1.1\r\n Host: x\r\n\r\n".into(), 400),
        // Field names.
        (with("X : a\r\n"), 400),
        (with(": a\r\n"), 400),
        (with("X\r\n"), 400),
        (with("X(y): a\r\n"), 400),
        // Host.
        ("GET / HTTP/1.1\r\n\r\n".into(), 400),
        (with("Host: other\r\n"), 400),
        (with("Host: uk:9100\r\n"), 400),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n".into(), 400),
        // Where a body would end.
        (with("Content-Length: x\r\n"), 400),
        (with("Content-Length:\r\n"), 400),
        (with("Content-Length: -1\r\n"), 400),
        (with("Content-Length: +1\r\n"), 400),
        (with("Content-Length: 0x1\r\n"), 400),
        (with("Content-Length: 1 1\r\n"), 400),
        (with("Content-Length: 1, 1\r\n"), 400),
        (with("Content-Length: 0\r\nContent-Length: 0\r\n"), 400),
        (with("Content-Length: 0\r\nContent-Length: 5\r\n"), 400),
        (with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400),
        (with("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), 400),
        (with("Transfer-Encoding: chunked, chunked\r\n"), 400),
        (with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400),
        (with("Transfer-Encoding: chunked, identity\r\n"), 400),
        (with("Transfer-Encoding:\r\n"), 400),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".into(), 400),
        (with("Transfer-Encoding: gzip, chunked\r\n"), 501),
        (with("Transfer-Encoding: xchunked\r\n"), 501),
        (with("Transfer-Encoding: chunked\r\n"), 411),
        (with("transfer-encoding: Chunked\r\n"), 411),
        (with("Content-Length: 5\r\n"), 413),
        (with("Content-Length: 99999999999999999999999999\r\n"), 413),
        (with("Content-Length: 5\r\nExpect: 100-continue\r\n"), 413),
        (format!("POST /metrics HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\n"), 405),
        (format!("GET /nowhere HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\n"), 404),
        (with("Expect: 200-ok\r\n"), 417),
        // Sizes.
        (format!("GET /{}", "a".repeat(STAGE_BYTES)), 414),
        (with(&format!("X: {}\r\n", "a".repeat(STAGE_BYTES))), 431),
        (with(&"X: a\r\n".repeat(100)), 431),
    ];
    for (request, status) in &table {
        let smuggled = plain_get("/-/healthy");
        let (reply, closing) = get(&site, &format!("{request}{smuggled}"));
        assert_eq!((reply.status, closing), (*status, Closing::Finish), "{request:?}: {reply:?}");
        assert_eq!(reply.header("connection"), Some("close"), "{request:?}");
        assert_eq!(reply.header("allow").is_some(), *status == 405);
        assert!(reply.body.starts_with(&status.to_string()), "{}", reply.body);
    }
}

#[test]
fn a_head_may_fill_the_buffer_but_no_more() {
    let site = FakeSite::default();
    let empty = format!("GET /-/ready HTTP/1.1\r\n{HOST}X: \r\n\r\n").len();
    for (padding, status) in [(STAGE_BYTES - empty, 200), (STAGE_BYTES - empty + 1, 431)] {
        let request = format!("GET /-/ready HTTP/1.1\r\n{HOST}X: {}\r\n\r\n", "a".repeat(padding));
        assert_eq!(get(&site, &request).0.status, status);
    }
}

#[test]
fn up_to_thirty_two_fields() {
    let site = FakeSite::default();
    for (others, status) in [(31, 200), (32, 431)] {
        let request = format!("GET /-/ready HTTP/1.1\r\n{HOST}{}\r\n", "X: a\r\n".repeat(others));
        assert_eq!(get(&site, &request).0.status, status);
    }
}
