//! Where credentials are needed, nothing else is told to who has none.

use crate::harness::{FakeSite, PEER, ask, get, next_reply};
use exporter::Site as _;
use exporter::http::{Closing, Connection, Credentials, Timeouts};

ukstore::setting! {
    /// Written by these tests alone.
    static GUARDED: u64 = 1, in 1..=100, "/test/guarded";
}

/// SHA-256 of `open sesame`.
const SESAME: [u8; 32] = [
    0x41, 0xef, 0x4b, 0xb0, 0xb2, 0x36, 0x61, 0xe6, 0x63, 0x01, 0xaa, 0xc3, 0x60, 0x66, 0x91, 0x2d, 0xac, 0x03, 0x78,
    0x27, 0xb4, 0xae, 0x63, 0xa7, 0xb1, 0x16, 0x5a, 0x5a, 0xa9, 0x3e, 0xd4, 0xeb,
];

const RIGHT: &str = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
const WRONG: &str = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZT8=\r\n";

fn protected() -> FakeSite {
    let credentials = Some(Credentials::Basic { user: "Aladdin", digest: SESAME });
    FakeSite { credentials, ..FakeSite::default() }
}

fn request(method: &str, path: &str, fields: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: uk\r\n{fields}\r\n")
}

#[test]
fn everything_but_the_probes_is_closed() {
    let site = protected();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/metrics"),
        ("HEAD", "/metrics"),
        ("GET", "/log"),
        ("GET", "/ukstore/"),
        ("OPTIONS", "*"),
        // What there is, and what may be done, is told to nobody either.
        ("GET", "/nowhere"),
        ("GET", "/metrics?x=y"),
        ("DELETE", "/metrics"),
        ("BREW", "/metrics"),
        ("GET", "/-/healthy/"),
        ("GET", "/-/%68ealthy"),
        ("PUT", "/ukstore/test/guarded"),
    ] {
        for fields in ["", WRONG, &[RIGHT, RIGHT].concat(), "Authorization: Bearer open sesame\r\n"] {
            let (reply, closing) = get(&site, &request(method, path, fields));
            assert_eq!((reply.status, closing), (401, Closing::Open), "{method} {path} {fields}");
            assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"periscope\", charset=\"UTF-8\""));
            assert_eq!(reply.header("allow"), None);
        }
    }
    for path in ["/-/healthy", "/-/ready"] {
        for fields in ["", WRONG] {
            assert_eq!(get(&site, &request("GET", path, fields)).0.status, 200, "{path}");
        }
    }
}

#[test]
fn who_knows_the_secret_is_answered_as_ever() {
    let open = FakeSite::default();
    for (method, path) in [("GET", "/"), ("GET", "/log"), ("GET", "/nowhere"), ("OPTIONS", "*"), ("BREW", "/")] {
        let (expected, _) = get(&open, &request(method, path, ""));
        assert_eq!(get(&protected(), &request(method, path, RIGHT)).0, expected, "{method} {path}");
        assert_eq!(expected.header("www-authenticate"), None);
    }
    assert_eq!(get(&protected(), &request("GET", "/metrics", RIGHT)).0.status, 200);
}

#[test]
fn a_token() {
    let site = FakeSite { credentials: Some(Credentials::Bearer { digest: SESAME }), ..FakeSite::default() };
    // RFC 6750, 3 and 3.1: an error code only for who tried a token.
    let (missing, wrong) = ("Bearer realm=\"periscope\"", "Bearer realm=\"periscope\", error=\"invalid_token\"");
    for (fields, challenge) in [
        ("", missing),
        (RIGHT, missing),
        ("Authorization: open sesame\r\n", missing),
        ("Authorization: Bearer\r\n", missing),
        ("Authorization: Bearer open sesami\r\n", wrong),
        ("authorization: bearer x\r\n", wrong),
        ("Authorization: Bearer open sesame\r\nAuthorization: Bearer open sesame\r\n", wrong),
    ] {
        let (reply, _) = get(&site, &request("GET", "/log", fields));
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some(challenge)), "{fields}");
    }
    assert_eq!(get(&site, &request("GET", "/log", "authorization: BEARER open sesame\r\n")).0.status, 200);
}

#[test]
fn credentials_are_not_shown() {
    let site = protected();
    let shown = |bytes: &[u8]| format!("{bytes:?}").trim_matches(['[', ']']).to_owned();
    let secret = shown(b"QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    for request in [request("GET", "/log", RIGHT), format!("GET /log HTTP/1.1\r\n{RIGHT}Host: a")] {
        let mut connection = Connection::new(Timeouts::DEFAULT);
        connection.open(0, PEER);
        connection.receive(0, request.as_bytes(), &site);
        assert!(!format!("{connection:?}").contains(&secret));
        connection.transmit(0, &mut [0; 100], &site);
        assert!(!format!("{connection:?}").contains(&secret));
    }
}

#[test]
fn each_request_of_a_connection_needs_them() {
    let requests = [request("GET", "/log", RIGHT), request("GET", "/log", ""), request("GET", "/log", RIGHT)].concat();
    let (output, closing) = ask(&protected(), requests.as_bytes());
    let (first, rest) = next_reply(&output, false);
    let (second, rest) = next_reply(rest, false);
    let (third, rest) = next_reply(rest, false);
    assert_eq!([first.status, second.status, third.status], [200, 401, 200]);
    assert_eq!((rest, closing), (&b""[..], Closing::Open));
}

#[test]
fn nothing_is_written_and_no_body_read() {
    let site = protected();
    assert!(site.adjustable());
    for fields in ["Content-Length: 2\r\n", "Content-Length: 2\r\nExpect: 100-continue\r\n"] {
        let (output, closing) = ask(&site, (request("PUT", "/ukstore/test/guarded", fields) + "99").as_bytes());
        let (reply, rest) = next_reply(&output, false);
        assert_eq!((reply.status, reply.header("connection")), (401, Some("close")), "{fields}");
        assert_eq!((rest, closing), (&b""[..], Closing::Finish));
    }
    assert_eq!(GUARDED.get(), 1);
    let fields = format!("{RIGHT}Content-Length: 2\r\n");
    assert_eq!(get(&site, &(request("PUT", "/ukstore/test/guarded", &fields) + "98")).0.status, 204);
    assert_eq!(GUARDED.get(), 98);
}
