//! `PUT`: who may, which bodies are taken, and what becomes of the connection.

use crate::harness::{DROP, FakeSite, LIMIT, LINE, PEER, ask, get, next_reply};
use exporter::http::{Closing, Connection, Timeouts};

const TIMEOUTS: Timeouts = Timeouts { head_ns: 10, idle_ns: 100, reply_ns: 1_000, linger_ns: 7 };
const HOST: &str = "Host: uk:9100\r\n";

fn put(path: &str, fields: &str, body: &str) -> String {
    format!("PUT {path} HTTP/1.1\r\n{HOST}{fields}\r\n{body}")
}

/// With the right `Content-Length`.
fn put_text(path: &str, body: &str) -> String {
    put(path, &format!("Content-Length: {}\r\n", body.len()), body)
}

#[test]
fn a_setting_is_written_and_knows_by_whom() {
    let (reply, closing) = get(&FakeSite::default(), &put_text("/ukstore/test/limit", "99\n"));
    assert_eq!((reply.status, reply.body.as_str(), closing), (204, "", Closing::Open));
    assert_eq!(reply.header("content-length"), None);
    assert_eq!(LIMIT.get(), 99);
    let Ok(ukstore::Node::Leaf(leaf)) = ukstore::lookup("/test/limit") else { panic!("it was just written") };
    let last_write = leaf.setting().and_then(ukstore::SettingRecord::last_write);
    assert_eq!(last_write.map(|last| last.by), Some(ukstore::Writer::Network(PEER)));
    let (reply, closing) = get(&FakeSite::default(), &put_text("/ukstore/test/limit", "1001"));
    assert_eq!((reply.status, closing), (400, Closing::Open));
    assert_eq!(reply.body, "400 Bad Request: out of range: 1 to 1000\n");
    assert_eq!(LIMIT.get(), 99);
}

#[test]
fn a_setting_that_says_too_much_is_cut_short() {
    let (reply, _) = get(&FakeSite::default(), &put_text("/ukstore/test/critic", "x"));
    assert_eq!((reply.status, reply.body.len()), (400, "400 Bad Request: ".len() + 500 + 1));
    assert!(reply.body.starts_with("400 Bad Request: //! A client for tests"), "{}", reply.body);
}

#[test]
fn where_writes_are_off_the_sentence_says_what_enables_them() {
    let site = |adjustable, faults| FakeSite { adjustable, faults, ..FakeSite::default() };
    for (site, path, sentence) in [
        (site(false, false), "/ukstore/test/line", "--monitor-adjust"),
        (site(false, false), "/ukstore/test/steps_total", "--monitor-adjust"),
        (site(false, false), "/ukstore/nothing", "--monitor-adjust"),
        (site(false, false), "/ukstore/", "--monitor-adjust"),
        (site(false, true), "/ukstore/test/drop", "--monitor-adjust"),
        (site(true, false), "/ukstore/test/drop", "--debug-faults=on"),
    ] {
        let (reply, closing) = get(&site, &put_text(path, "on\n"));
        assert_eq!((reply.status, closing), (403, Closing::Finish), "{path}: the body is left unread");
        assert!(reply.body.contains(sentence), "{}", reply.body);
        let (reply, closing) = get(&site, &put_text(path, ""));
        assert_eq!((reply.status, closing), (403, Closing::Open), "{path}: there is nothing to leave");
    }
    assert!(!DROP.get());
    assert_eq!(get(&site(true, true), &put_text("/ukstore/test/drop", "on")).0.status, 204);
    assert!(DROP.get());
}

#[test]
fn what_the_head_decides_is_said_before_the_body_comes() {
    let site = FakeSite::default();
    let read_only = FakeSite { adjustable: false, ..FakeSite::default() };
    for (site, path, fields, status) in [
        (&site, "/ukstore/test/line", "", 411),
        (&site, "/ukstore/test/line", "Transfer-Encoding: chunked\r\n", 411),
        (&site, "/ukstore/test/line", "Expect: 100-continue\r\n", 411),
        (&site, "/ukstore/test/line", "Content-Length: 1025\r\n", 413),
        (&site, "/ukstore/test/line", "Content-Length: 1025\r\nExpect: 100-continue\r\n", 413),
        (&site, "/ukstore/test/line", "Content-Length: 18446744073709551616\r\n", 413),
        (&site, "/ukstore/test/line", "Content-Length: 18446744073709551620\r\n", 413),
        (&site, "/ukstore/test/line", "Content-Length: 99999999999999999999999999999\r\n", 413),
        (&site, "/ukstore/test/line", "Content-Length: 4\r\nExpect: 200-ok\r\n", 417),
        (&site, "/ukstore/test/line?b=c", "Content-Length: 4\r\nExpect: 100-continue\r\n", 400),
        (&site, "/ukstore//", "Content-Length: 4\r\nExpect: 100-continue\r\n", 400),
        (&site, "/ukstore/%2f", "Content-Length: 4\r\nExpect: 100-continue\r\n", 404),
        (&site, "/ukstorey", "Content-Length: 4\r\nExpect: 100-continue\r\n", 404),
        (&site, "/ukstore/a", "Content-Length: 4\r\nExpect: 100-continue\r\n", 404),
        (&site, "/ukstore/test/limit/", "Content-Length: 4\r\nExpect: 100-continue\r\n", 404),
        (&site, "/ukstore/test/limit/a", "Content-Length: 4\r\nExpect: 100-continue\r\n", 404),
        (&site, "/ukstore/test", "Content-Length: 4\r\nExpect: 100-continue\r\n", 405),
        (&site, "/ukstore/test/steps_total", "Content-Length: 4\r\nExpect: 100-continue\r\n", 405),
        (&site, "/ukstore", "Content-Length: 4\r\nExpect: 100-continue\r\n", 405),
        (&site, "/metrics", "Content-Length: 4\r\nExpect: 100-continue\r\n", 405),
        (&site, "/", "", 405),
        (&read_only, "/ukstore/a", "Content-Length: 4\r\nExpect: 100-continue\r\n", 403),
    ] {
        let (reply, closing) = get(site, &put(path, fields, ""));
        let closes = if fields.is_empty() && status == 405 { Closing::Open } else { Closing::Finish };
        assert_eq!((reply.status, closing), (status, closes), "{path} {fields:?}");
        assert_eq!(reply.header("allow"), (status == 405).then_some("GET, HEAD, OPTIONS"), "{path}");
        assert!(reply.body.starts_with(&status.to_string()), "{}", reply.body);
    }
}

#[test]
fn a_body_and_what_follows_it() {
    let site = FakeSite::default();
    let ready = format!("GET /-/ready HTTP/1.1\r\n{HOST}\r\n");
    for (body, status) in [
        ("info", 204),
        ("info\n", 204),
        ("info\r\n", 204),
        ("größe", 204),
        ("", 204),
        ("\n", 204),
        (ready.as_str(), 400),
        ("a\n\n", 400),
        ("a\tb", 400),
        ("a\0", 400),
        (&"x".repeat(255), 204),
        (&"x".repeat(256), 400),
        (&"x".repeat(1_024), 400),
    ] {
        for fields in ["", "Expect: 100-continue\r\n"] {
            let interim = !fields.is_empty() && !body.is_empty();
            let fields = format!("Content-Length: {}\r\n{fields}", body.len());
            let (output, closing) =
                ask(&site, format!("{}{ready}", put("/ukstore/test/line", &fields, body)).as_bytes());
            let mut rest = output.as_slice();
            for expected in [100, status, 200].iter().skip(usize::from(!interim)) {
                let reply;
                (reply, rest) = next_reply(rest, false);
                assert_eq!(reply.status, *expected, "{body:?}");
            }
            assert_eq!((rest, closing), (&b""[..], Closing::Open), "{body:?}");
            if status == 204 {
                assert_eq!(LINE.get().as_str(), body.trim_end_matches(['\r', '\n']), "its last line end is dropped");
            }
        }
    }
}

#[test]
fn http_1_0_knows_no_interim_reply() {
    let request = "PUT /ukstore/test/cut HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\ninfo";
    let (reply, closing) = get(&FakeSite::default(), request);
    assert_eq!((reply.status, closing), (204, Closing::Finish));
}

#[test]
fn the_word_to_go_on_comes_before_the_body() {
    let site = FakeSite::default();
    let mut connection = Connection::new(TIMEOUTS);
    connection.open(0, PEER);
    let head = put("/ukstore/test/cut", "Content-Length: 4\r\nExpect: 100-continue\r\n", "");
    assert_eq!(connection.receive(0, format!("{head}info").as_bytes(), &site), head.len());
    assert_eq!((connection.wants_to_read(), connection.wants_to_write()), (false, true));
    assert_eq!(connection.receive(0, b"info", &site), 0, "it speaks first");
    let mut out = [0; 20];
    assert_eq!(connection.transmit(1, &mut out, &site), 20);
    assert_eq!((connection.wants_to_read(), connection.wants_to_write()), (false, true));
    assert_eq!(connection.transmit(1, &mut out, &site), 5);
    assert_eq!((connection.wants_to_read(), connection.wants_to_write()), (true, false));
    assert_eq!(connection.receive(2, b"infoGET", &site), 4, "what follows belongs to the next request");
    assert!(connection.wants_to_write());
}

#[test]
fn a_body_must_be_complete_in_time_however_it_trickles() {
    let site = FakeSite::default();
    let mut connection = Connection::new(TIMEOUTS);
    connection.open(0, PEER);
    let head = put("/ukstore/test/cut", "Content-Length: 40\r\n", "");
    let (first, second) = head.as_bytes().split_at(20);
    connection.receive(2, first, &site);
    connection.receive(5, second, &site);
    for now_ns in 6..15 {
        assert_eq!(connection.deadline_ns(), Some(15), "counted from the head's end on");
        assert_eq!(connection.receive(now_ns, b"x", &site), 1);
    }
    connection.tick(15, &site);
    let mut out = [0; 1_000];
    let len = connection.transmit(15, &mut out, &site);
    let (reply, _) = next_reply(&out[..len], false);
    assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
    assert_eq!(connection.closing(), Closing::Finish);
}

#[test]
fn a_client_that_does_not_take_the_word_to_go_on_is_reset() {
    let site = FakeSite::default();
    let mut connection = Connection::new(TIMEOUTS);
    connection.open(0, PEER);
    connection.receive(
        0,
        put("/ukstore/test/cut", "Content-Length: 4\r\nExpect: 100-continue\r\n", "").as_bytes(),
        &site,
    );
    assert_eq!(connection.transmit(9, &mut [0], &site), 1);
    assert_eq!(connection.transmit(10, &mut [0], &site), 0);
    assert_eq!((connection.closing(), connection.wants_to_write()), (Closing::Reset, false));
}

#[test]
fn a_client_that_closes_in_the_middle_of_a_body_gets_nothing_more() {
    let site = FakeSite::default();
    for (fields, word) in [("", 0), ("Expect: 100-continue\r\n", 25)] {
        let mut connection = Connection::new(TIMEOUTS);
        connection.open(0, PEER);
        let request = put("/ukstore/test/cut", &format!("Content-Length: 4\r\n{fields}"), "inf");
        let taken = connection.receive(0, request.as_bytes(), &site);
        connection.receive(0, &request.as_bytes()[taken..], &site);
        connection.receive_end(1);
        assert_eq!(connection.transmit(1, &mut [0; 100], &site), word);
        assert_eq!((connection.closing(), connection.wants_to_write()), (Closing::Finish, false));
    }
}
