//! What published suites of conformance and smuggling cases send, case by case, with the section each rests on: numbers
//! alone are RFC 9112's, those with `S` RFC 9110's (semantics).
//!
//! Each request is followed by another one, which would be answered if the first one's end were misread: after a
//! refusal that closes nothing may follow, and after a good request exactly one reply.

use crate::harness::{FakeSite, PEER, ask, next_reply};
use exporter::http::{Closing, Connection, STAGE_BYTES, Timeouts};

/// What a request with a body inside it would get for itself: a status none of the cases expects.
const SMUGGLED: &str = "DELETE /log HTTP/1.1\r\nHost: smuggled\r\n\r\n";

/// The statuses of all replies to `request` and the smuggled one behind it, and how the connection stands then.
fn statuses(request: &[u8], head_only: bool) -> (Vec<u16>, Closing) {
    let (output, closing) = ask(&FakeSite::default(), &[request, SMUGGLED.as_bytes()].concat());
    let (mut rest, mut statuses) = (output.as_slice(), Vec::new());
    while !rest.is_empty() {
        let reply;
        (reply, rest) = next_reply(rest, head_only && statuses.is_empty());
        statuses.push(reply.status);
    }
    (statuses, closing)
}

/// It gets this one reply, and the connection is closed.
fn closes(section: &str, request: impl AsRef<[u8]>, status: u16) {
    let request = request.as_ref();
    let shown = String::from_utf8_lossy(request);
    assert_eq!(statuses(request, false), (vec![status], Closing::Finish), "{section}: {shown:?}");
}

/// It gets this one reply, and the next request is answered.
fn keeps(section: &str, request: impl AsRef<[u8]>, status: u16) {
    let request = request.as_ref();
    let shown = String::from_utf8_lossy(request);
    let replies = statuses(request, request.starts_with(b"HEAD"));
    assert_eq!(replies, (vec![status, 405], Closing::Open), "{section}: {shown:?}");
}

/// `GET /-/ready` with these fields besides `Host`.
fn get(fields: &str) -> String {
    format!("GET /-/ready HTTP/1.1\r\nHost: a\r\n{fields}\r\n")
}

/// `PUT` of a setting with these fields, and a body of five bytes.
fn put(fields: &str) -> String {
    format!("PUT /ukstore/test/line HTTP/1.1\r\nHost: a\r\n{fields}\r\nhello")
}

#[test]
fn request_lines() {
    // 2.2: lines end in CR LF. A bare CR must be taken for invalid; a bare LF may be.
    closes("2.2", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400);
    closes("2.2", "GET /\nHTTP/1.1\r\nHost: a\r\n\r\n", 400);
    closes("2.2", "GET / HTTP/1.1\rHost: a\r\r", 400);
    closes("2.2", "GET / HTTP/\r\r1.1\r\nHost: a\r\n\r\n", 400);
    closes("2.2", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    // 2.2: empty lines before it are ignored, a line of spaces is no empty line.
    keeps("2.2", format!("\r\n\r\n{}", get("")), 200);
    closes("2.2", format!(" \r\n{}", get("")), 400);
    closes("2.2", format!("\t\r\n{}", get("")), 400);
    closes("2.2", format!("\r\r\n{}", get("")), 400);
    closes("2.2", format!("\n{}", get("")), 400);
    // 2.3: the version is two single digits, in capitals.
    for version in [
        "HTTP/1",
        "HTTP/1.",
        "HTTP/.1",
        "HTTP/01.1",
        "HTTP/1.01",
        "HTTP/1.32",
        "HTTP/11.1",
        "HTTP/ 1.1",
        "HTTP /1.1",
        "HTTP/1 .1",
        "HTTP/+1.1",
        "HTTP/1,1",
        "http/1.1",
        "Http/1.1",
        "HTTPS/1.1",
        "HTP/1.1",
        "ICY",
        "",
    ] {
        closes("2.3", format!("GET / {version}\r\nHost: a\r\n\r\n"), 400);
    }
    for version in ["HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9"] {
        closes("S 15.6.6", format!("GET / {version}\r\nHost: a\r\n\r\n"), 505);
    }
    closes("2.3", "GET /\r\n\r\n", 400);
    closes("3.4 of RFC 9113", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
    // 3: single spaces between three parts, and no other white space.
    for line in [
        "GET",
        "GET ",
        "GET  HTTP/1.1",
        "GET HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "GET /\tHTTP/1.1",
        "GET / a HTTP/1.1",
        "GET / HTTP/1.1 HTTP/1.1",
        "Extra lineGET / HTTP/1.1",
    ] {
        closes("3", format!("{line}\r\nHost: a\r\n\r\n"), 400);
    }
    // 3.1, S 9.1: methods are tokens, are told apart by case, and those that are unknown are not implemented.
    for method in ["get", "Get", "GETT", "GE", "FOO", "PROPFIND", "QUERY", "M-SEARCH", "CONNECT", "!#$%&'*+-.^_`|~"] {
        closes("S 9.1", format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
    }
    closes("S 9.3.6", "CONNECT a:9100 HTTP/1.1\r\nHost: a:9100\r\n\r\n", 501);
    closes("3", format!("{} / HTTP/1.1\r\nHost: a\r\n\r\n", "A".repeat(STAGE_BYTES)), 501);
    for method in ["G\"T", "G(T", "G@T", "G=\":<>(e),[T];?\"", "[GET]", "G\u{e9}T", ":", "{}"] {
        closes("3.1", format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    }
    for method in ["TRACE", "POST", "PATCH", "DELETE", "PUT"] {
        keeps("S 15.5.6", format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
    }
    // 3.2: an absolute path, a URL, or `*` for OPTIONS.
    for target in
        ["*", "!", "metrics", "a:9100", "?a", "https://a/", "http://", "http:///", "http://b@a/", "/#a", "/a#"]
    {
        closes("3.2", format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    }
    closes("3.2", b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    closes("2.2", b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    closes("2.2", b"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    closes("3", format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(STAGE_BYTES)), 414);
    keeps("3.2.2", "GET http://other:80/-/ready HTTP/1.1\r\nHost: a\r\n\r\n", 200);
    keeps("3.2.4", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204);
    keeps("3.2.4", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", 204);
    keeps("3", format!("GET /-/ready?{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(4_000)), 200);
}

#[test]
fn field_lines() {
    // 3.2: exactly one valid Host in HTTP/1.1, and no more than one in HTTP/1.0.
    closes("3.2", "GET / HTTP/1.1\r\n\r\n", 400);
    closes("3.2", get("Host: a\r\n"), 400);
    closes("3.2", get("hOST: b\r\n"), 400);
    closes("3.2", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400);
    for host in ["a b", "a,b", "a, b", "b@a", "a/b", "a:b", "a:9100:9100", "a\\b", "a#b", "a?b", "[::1", "::1", "[]"] {
        closes("3.2", format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), 400);
    }
    // 5.1: no white space before the colon; the name is a token.
    for field in [
        "X : a",
        "X\t: a",
        "Content-Length : 5",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        " : a",
        ": a",
        ":",
        "X",
        "X Y: a",
        "X\tY: a",
        "X[]: a",
        "X(a): a",
        "X@: a",
        "X\"Y\": a",
        "X,Y: a",
        "X/Y: a",
        "X;Y: a",
        "X{}: a",
        "\u{ef}foo: a",
        "Transfer-\u{212a}: a",
        "=: a",
    ] {
        closes("5.1", get(&format!("{field}\r\n")), 400);
    }
    // 5.2: no folding, and no white space before the first field.
    closes("5.2", get("X: a\r\n b\r\n"), 400);
    closes("5.2", get("X:\r\n\ta\r\n"), 400);
    closes("5.2", get("Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n"), 400);
    closes("5.2", get("X: a\r\n \r\n"), 400);
    closes("2.2", "GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n", 400);
    closes("2.2", "GET / HTTP/1.1\r\n\tContent-Length: 5\r\nHost: a\r\n\r\n", 400);
    // S 5.5: no CR, LF, NUL or other control byte in a value.
    for byte in (0..0x20).filter(|byte| *byte != b'\t').chain([0x7f]) {
        let bytes = [b"GET / HTTP/1.1\r\nHost: a\r\nX: a", [byte].as_slice(), b"b\r\n\r\n"].concat();
        closes("S 5.5", bytes, 400);
    }
    closes("2.2", get("X: a\rSmuggled: b\r\n"), 400);
    closes("2.2", get("X: a\nSmuggled: b\r\n"), 400);
    closes("2.2", get("\rX: a\r\n"), 400);
    closes("2.2", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", 400);
    // S 5.5, 5.6.3: bytes above ASCII and white space around a value are harmless.
    for field in ["X:", "X: ", "X:a", "X:\t a\tb \t", "X: \u{e9}", "hoSt-2: a", "X: \"a, b\"", "Content_Length: 5"] {
        keeps("S 5.5", get(&format!("{field}\r\n")), 200);
    }
    keeps("5", "GET /-/ready HTTP/1.1\r\nhOsT:\ta\t \r\n\r\n", 200);
    // S 5.4, RFC 6585 5: more or longer fields than are wanted.
    closes("S 5.4", get(&format!("X: {}\r\n", "a".repeat(65_536))), 431);
    closes("S 5.4", get(&format!("{}: a\r\n", "X".repeat(65_536))), 431);
    closes("S 5.4", get(&"X: a\r\n".repeat(10_000)), 431);
}

#[test]
fn lengths_of_bodies() {
    // 6.1: a transfer coding beside a length, from HTTP/1.0, twice, or with chunked not last.
    for fields in [
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
        "Content-Length: 5\r\nTransfer-Encoding:\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked \r\n",
        "Content-Length: 5\r\nTRANSFER-ENCODING: CHUNKED\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: \r\n",
        "Transfer-Encoding: ,\r\n",
    ] {
        closes("6.1, 6.3", put(fields), 400);
    }
    closes("6.1", "PUT /ukstore/test/line HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 400);
    // 6.1, 7: codings nobody knows; chunked has no parameters, and identity is none any more.
    for coding in [
        "xchunked",
        "chunkedx",
        "chunk",
        "\"chunked\"",
        "'chunked'",
        "chunked;a=b",
        "chunked, gzip;q=1, chunked;a",
        "identity",
        "gzip, chunked",
        "deflate",
        "chunked\u{a0}",
        "\u{85}chunked",
        "cow, chunked",
    ] {
        let status = if coding.ends_with("chunked;a") { 400 } else { 501 };
        closes("6.1", put(&format!("Transfer-Encoding: {coding}\r\n")), status);
    }
    for byte in [0x0b, 0x0c, 0] {
        let fields =
            [b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ", [byte].as_slice(), b"chunked\r\n\r\n"].concat();
        closes("S 5.5", fields, 400);
    }
    // 6.3, S 8.6: lengths that are not a number, or several.
    for length in [
        "",
        "-1",
        "-0",
        "+5",
        "0x5",
        "0o5",
        "5_0",
        "5 0",
        "5,5",
        "5, 5",
        "5;",
        "5.0",
        "5e0",
        "abc",
        "\u{664}",
        "\"5\"",
        "-123456789123456789123456789",
    ] {
        closes("6.3", put(&format!("Content-Length: {length}\r\n")), 400);
    }
    for (first, second) in [(5, 5), (5, 6), (0, 5), (5, 0)] {
        closes("6.3", put(&format!("Content-Length: {first}\r\nContent-Length: {second}\r\n")), 400);
    }
    // S 8.6: large numbers are numbers.
    for length in ["1025", "65541", "4294967301", "18446744073709551621", &"9".repeat(100)] {
        closes("S 15.5.14", put(&format!("Content-Length: {length}\r\n")), 413);
    }
    // S 15.5.12: what a body of unknown length gets. Nothing of it is read, so nothing in it can be misread.
    for body in [
        "5\r\nhello\r\n0\r\n\r\n",
        "0\r\n\r\n",
        "0x5\r\nhello",
        "-1\r\n",
        "5;\nhello",
        "5_0\r\n",
        "ffffffffffffffffff\r\n",
    ] {
        for line in ["PUT /ukstore/test/line", "GET /-/ready", "HEAD /-/ready"] {
            let head = format!("{line} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked\r\n\r\n");
            let replies = statuses(format!("{head}{body}").as_bytes(), line.starts_with("HEAD"));
            assert_eq!(replies, (vec![411], Closing::Finish), "S 15.5.12: {head}{body}");
        }
    }
    closes("S 15.5.12", "PUT /ukstore/test/line HTTP/1.1\r\nHost: a\r\n\r\n", 411);
    closes("S 5.6.1.2", put("Transfer-Encoding: , chunked ,\r\n"), 411);
    // S 9.3: bodies where none belong.
    for line in ["GET /-/ready", "HEAD /-/ready", "OPTIONS *", "GET /metrics"] {
        let head = format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        let replies = statuses(head.as_bytes(), line.starts_with("HEAD"));
        assert_eq!(replies, (vec![413], Closing::Finish), "S 9.3: {head}");
    }
    closes("S 9.3.8", "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 405);
    // 6.3: and those that are as they should be.
    for fields in
        ["Content-Length: 5\r\n", "Content-Length:\t5 \r\n", "content-LENGTH:   5\r\n", "Content-Length: 0005\r\n"]
    {
        keeps("6.3", put(fields), 204);
    }
    keeps("6.3", get("Content-Length: 0\r\n"), 200);
    keeps("6.3", get(""), 200);
}

#[test]
fn connections() {
    // S 10.1.1: an expectation is met, cannot be met, or does not matter where there is no body.
    keeps("S 10.1.1", get("Expect: 100-continue\r\n"), 200);
    keeps("S 10.1.1", get("Expect: 100-CONTINUE\r\nContent-Length: 0\r\n"), 200);
    closes("S 10.1.1", get("Expect: 200-ok\r\n"), 417);
    closes("S 10.1.1", get("Expect: 100-continue, 200-ok\r\n"), 417);
    assert_eq!(
        statuses(put("Content-Length: 5\r\nExpect: 100-continue\r\n").as_bytes(), false),
        (vec![100, 204, 405], Closing::Open),
        "S 10.1.1"
    );
    // S 10.1.1: HTTP/1.0 does not know 100.
    assert_eq!(
        statuses(b"PUT /ukstore/test/line HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", false),
        (vec![204], Closing::Finish),
        "S 10.1.1"
    );
    // 9.3: HTTP/1.0 closes, HTTP/1.1 does not unless it is asked to.
    closes("9.3", "GET /-/ready HTTP/1.0\r\n\r\n", 200);
    closes("9.3", "GET /-/ready HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200);
    closes("9.6", get("Connection: close\r\n"), 200);
    closes("9.6", get("Connection: keep-alive\r\nConnection: CLOSE\r\n"), 200);
    // S 7.8, S 14.2, S 13: what may be ignored.
    for fields in [
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "Upgrade: tea/1.0\r\n",
        "Range: bytes=0-0,0-0,0-0\r\n",
        "If-None-Match: *\r\n",
        "TE: trailers\r\nTrailer: X\r\n",
        "Accept: nonsense;;;q=x, text/\u{e9}\r\n",
        "Accept-Encoding: \"\r\n",
        "Cookie: a=b; a=c\r\n",
    ] {
        keeps("S 7.8, 14.2", get(fields), 200);
    }
}

/// Wherever a head is cut off, the server waits, says nothing, and takes up again.
#[test]
fn half_a_request_is_waited_for() {
    let request = get("X: a\r\n");
    let site = FakeSite::default();
    for cut in 0..request.len() {
        let mut connection = Connection::new(Timeouts::DEFAULT);
        connection.open(0, PEER);
        let (first, rest) = request.as_bytes().split_at(cut);
        assert_eq!(connection.receive(1, first, &site), cut);
        assert_eq!((connection.wants_to_write(), connection.closing()), (false, Closing::Open), "cut at {cut}");
        assert_eq!(connection.receive(2, rest, &site), rest.len());
        assert!(connection.wants_to_write(), "cut at {cut}");
    }
}

/// A reply that is given up in the middle must not look like one that has ended (8, 7.1): nothing more is sent, and the
/// connection is reset, not closed.
#[test]
fn an_aborted_reply_has_no_end() {
    let site = FakeSite::default();
    for (version, after) in [("1.0", 0), ("1.0", 500), ("1.0", 2_000), ("1.1", 0), ("1.1", 500), ("1.1", 2_000)] {
        let mut connection = Connection::new(Timeouts::DEFAULT);
        connection.open(0, PEER);
        let request =
            format!("GET /metrics HTTP/{version}\r\nHost: a\r\nX-Prometheus-Scrape-Timeout-Seconds: 1\r\n\r\n");
        connection.receive(0, request.as_bytes(), &site);
        let mut sent = Vec::new();
        for now_ns in 0..after {
            let mut out = [0];
            assert_eq!(connection.transmit(now_ns, &mut out, &site), 1);
            sent.extend_from_slice(&out);
        }
        assert_eq!(connection.transmit(1_000_000_000, &mut [0; 65_536], &site), 0);
        assert_eq!((connection.wants_to_write(), connection.wants_to_read()), (false, false));
        assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Reset, None), "HTTP/{version}");
        assert!(!sent.ends_with(b"0\r\n\r\n"));
    }
}
