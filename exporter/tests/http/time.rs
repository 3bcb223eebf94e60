//! What deadlines do to a connection, and how it ends.

use crate::harness::{FakeSite, PEER, next_reply};
use exporter::http::{Closing, Connection, Timeouts};

const TIMEOUTS: Timeouts = Timeouts { head_ns: 10, idle_ns: 100, reply_ns: 1_000, linger_ns: 7 };
const READY: &[u8] = b"GET /-/ready HTTP/1.1\r\nHost: a\r\n\r\n";

fn opened(now_ns: u64) -> Connection {
    let mut connection = Connection::new(TIMEOUTS);
    assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Reset, None), "not open yet");
    connection.open(now_ns, PEER);
    connection
}

fn sent(connection: &mut Connection, now_ns: u64) -> Vec<u8> {
    let mut out = vec![0; 65_536];
    let len = connection.transmit(now_ns, &mut out, &FakeSite::default());
    out.truncate(len);
    out
}

#[test]
fn a_client_that_says_nothing_is_let_go_without_a_word() {
    let mut connection = opened(5);
    assert_eq!(connection.deadline_ns(), Some(15));
    connection.tick(14, &FakeSite::default());
    assert_eq!(connection.closing(), Closing::Open);
    connection.tick(15, &FakeSite::default());
    assert_eq!((connection.closing(), connection.wants_to_write()), (Closing::Finish, false));
}

#[test]
fn a_head_must_be_complete_in_time_however_it_trickles() {
    let mut connection = opened(0);
    for (now_ns, byte) in (9..19).zip(READY) {
        assert_eq!(connection.receive(now_ns, &[*byte], &FakeSite::default()), 1);
        assert_eq!(connection.deadline_ns(), Some(19), "counted from the first byte on");
    }
    connection.tick(19, &FakeSite::default());
    let (reply, rest) = {
        let output = sent(&mut connection, 19);
        let (reply, rest) = next_reply(&output, false);
        (reply, rest.to_vec())
    };
    assert_eq!((reply.status, reply.header("connection"), rest.len()), (408, Some("close"), 0));
    assert_eq!(connection.closing(), Closing::Finish);
}

#[test]
fn empty_lines_do_not_prolong_anything() {
    let mut connection = opened(0);
    for now_ns in 1..10 {
        assert_eq!(connection.receive(now_ns, b"\r\n", &FakeSite::default()), 2);
    }
    connection.tick(10, &FakeSite::default());
    assert_eq!((connection.closing(), connection.wants_to_write()), (Closing::Finish, false));
}

#[test]
fn an_idle_connection_is_kept_for_the_idle_time() {
    let mut connection = opened(0);
    assert_eq!(connection.receive(1, READY, &FakeSite::default()), READY.len());
    assert_eq!(connection.deadline_ns(), Some(1_001));
    assert!(!sent(&mut connection, 3).is_empty());
    assert_eq!(connection.deadline_ns(), Some(103));
    assert_eq!(connection.receive(102, READY, &FakeSite::default()), READY.len(), "just in time");
    assert!(!sent(&mut connection, 102).is_empty());
    connection.tick(202, &FakeSite::default());
    assert_eq!((connection.closing(), connection.wants_to_write()), (Closing::Finish, false));
}

#[test]
fn a_client_that_does_not_take_its_reply_is_reset() {
    let mut connection = opened(0);
    connection.receive(0, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", &FakeSite::default());
    let site = FakeSite::default();
    for now_ns in 1..1_000 {
        assert_eq!(connection.transmit(now_ns, &mut [0], &site), 1);
    }
    assert_eq!(connection.transmit(1_000, &mut [0], &site), 0);
    assert_eq!((connection.closing(), connection.wants_to_write()), (Closing::Reset, false));
}

#[test]
fn after_the_last_reply_input_is_thrown_away_until_the_linger_time_is_over() {
    let mut connection = opened(0);
    connection.receive(0, b"nonsense\r\n\r\n", &FakeSite::default());
    assert!(sent(&mut connection, 1).starts_with(b"HTTP/1.1 400 "));
    connection.sent(1);
    assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Finish, Some(8)));
    assert!(connection.wants_to_read());
    assert_eq!(connection.receive(2, READY, &FakeSite::default()), READY.len());
    assert!(!connection.wants_to_write());
    connection.sent(3);
    assert_eq!(connection.deadline_ns(), Some(8), "counted from the first time on");
    connection.tick(8, &FakeSite::default());
    assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Reset, None));
}

#[test]
fn the_last_reply_keeps_its_time_until_it_is_sent() {
    for sent_ns in [None, Some(900), Some(998)] {
        let mut connection = opened(0);
        connection.sent(0);
        connection.receive(0, b"nonsense\r\n\r\n", &FakeSite::default());
        connection.sent(1);
        assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Open, Some(1_000)), "it was not made");
        assert!(!sent(&mut connection, 1).is_empty());
        assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Finish, Some(1_000)));
        let end_ns = sent_ns.map_or(1_000, |sent_ns| {
            connection.tick(sent_ns, &FakeSite::default());
            connection.sent(sent_ns);
            sent_ns + TIMEOUTS.linger_ns
        });
        connection.tick(end_ns - 1, &FakeSite::default());
        assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Finish, Some(end_ns)));
        connection.tick(end_ns, &FakeSite::default());
        assert_eq!(connection.closing(), Closing::Reset);
    }
}

#[test]
fn a_reply_made_at_the_last_moment_has_the_linger_time_still() {
    let mut connection = opened(0);
    connection.receive(0, b"nonsense\r\n\r\n", &FakeSite::default());
    assert!(!sent(&mut connection, 999).is_empty());
    assert_eq!(connection.deadline_ns(), Some(1_006));
}

#[test]
fn a_client_that_closes_its_side_still_gets_its_reply() {
    let mut connection = opened(0);
    connection.receive(0, READY, &FakeSite::default());
    connection.receive_end(1);
    assert_eq!((connection.closing(), connection.wants_to_read()), (Closing::Open, false));
    assert!(sent(&mut connection, 2).starts_with(b"HTTP/1.1 200 "));
    assert_eq!((connection.closing(), connection.wants_to_read()), (Closing::Finish, false));
}

#[test]
fn a_client_that_closes_in_the_middle_of_a_head_gets_nothing() {
    let mut connection = opened(0);
    connection.receive(0, b"GET /", &FakeSite::default());
    connection.receive_end(1);
    assert_eq!((connection.closing(), connection.wants_to_write()), (Closing::Finish, false));
}

#[test]
fn a_place_is_as_new_when_it_is_opened_again() {
    let mut connection = opened(0);
    connection.receive(0, b"GET /-/he", &FakeSite::default());
    connection.receive_end(1);
    connection.tick(8, &FakeSite::default());
    connection.open(50, PEER);
    assert_eq!((connection.closing(), connection.deadline_ns()), (Closing::Open, Some(60)));
    assert_eq!(connection.receive(51, READY, &FakeSite::default()), READY.len());
    assert!(sent(&mut connection, 52).starts_with(b"HTTP/1.1 200 "));
    assert_eq!((connection.closing(), connection.wants_to_read()), (Closing::Open, true));
}
