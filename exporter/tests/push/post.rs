//! Frames as requests over HTTP, to servers in all moods.

use crate::harness::{Given, SECOND, accounts, open, produce, told, written};
use crate::server::{LATER, Mood, Server};
use exporter::push::http::{HttpTarget, MAX_REQUEST_HEAD, Outgoing, Post, Reply, Request, Verdict};
use exporter::push::{Ended, Ending, Sink, Stream, Wish};
use exporter::{Site, Window};
use proptest::prelude::*;

/// A protocol of plain text.
struct Plain;

impl Request for Plain {
    fn fields(&mut self, _: &Outgoing<'_>, _: &dyn Site, out: &mut Window<'_>) {
        out.put(b"Content-Type: text/plain\r\n");
    }
}

type Plainly = Sink<Given, Post<Plain>>;

fn sink(name: &str, backlog_bytes: usize) -> (Given, Plainly) {
    let given = Given::default();
    let target = HttpTarget::new("192.0.2.1", 8086, "/write", None).expect("a target");
    (given.clone(), Sink::new(name, given, Post::new(target, Plain, 5), backlog_bytes, 7))
}

/// What the requests for these texts are.
fn request(text: &str) -> String {
    format!(
        "POST /write HTTP/1.1\r\nHost: 192.0.2.1:8086\r\nUser-Agent: periscope/0.1.0\r\nContent-Type: text/plain\r\n\
         Content-Length: {}\r\n\r\n{text}",
        text.len()
    )
}

/// A sink with these texts to tell.
fn with(name: &str, texts: &[&str]) -> (Given, Plainly) {
    let (given, mut sink) = sink(name, 1_000);
    texts.iter().for_each(|text| given.give(text));
    produce(&mut sink, 0);
    (given, sink)
}

fn reply(status: u16, fields: &str) -> String {
    format!("HTTP/1.1 {status} x\r\n{fields}Content-Length: 0\r\n\r\n")
}

#[test]
fn one_request_after_the_other_on_one_connection() {
    let (given, mut sink) = with("post-two", &["one\n", "two\n"]);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 1_000), request("one\n"));
    assert!(!sink.wants_to_write(1), "the second waits for the reply to the first");
    assert_eq!(written(&mut sink, 1, 1_000), "");
    sink.unacknowledged(1, 0);
    assert_eq!(told("post-two", "sent_total"), 0, "that it was received is not that it was taken");
    sink.receive(2, b"HTTP/1.1 204 No Content\r\n\r");
    assert!(!sink.wants_to_write(2));
    sink.receive(2, b"\n");
    produce(&mut sink, 2);
    assert_eq!((told("post-two", "sent_total"), told("post-two", "sent_bytes_total")), (1, 4));
    // In small pieces, which are cut in the head as well.
    let mut second = String::new();
    while sink.wants_to_write(3) {
        second += &written(&mut sink, 3, 7);
    }
    assert_eq!(second, request("two\n"));
    sink.receive(3, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    produce(&mut sink, 3);
    assert!(!sink.wants_to_write(3) && sink.wish(3) == Wish::Open, "nothing to say; the connection is kept");
    given.give("three\n");
    produce(&mut sink, 4);
    assert!(sink.wants_to_write(4));
    accounts("post-two");
}

#[test]
fn an_idle_connection_is_closed_and_opened_again() {
    let (given, mut sink) = with("post-idle", &["one\n"]);
    let mut server = Server::new(&[]);
    let now = server.drive(&mut sink, 0, LATER);
    assert_eq!(now, 30 * SECOND, "when it was closed");
    assert_eq!((sink.wish(now), sink.deadline_ns()), (Wish::None, None), "there is nothing to say");
    given.give("two\n");
    server.drive(&mut sink, 40 * SECOND, 41 * SECOND);
    assert_eq!(server.taken, ["one\n", "two\n"]);
    assert_eq!(told("post-idle", "reconnects_total"), 1);
    assert_eq!(told("post-idle", "failed_total/closed"), 0);
}

#[test]
fn a_close_between_requests_is_no_failure() {
    for (name, how) in [("post-between", Ended::Closed), ("post-between-reset", Ended::Reset)] {
        let (given, mut sink) = with(name, &["one\n"]);
        let mut server = Server::new(&[]);
        let now = server.drive(&mut sink, 0, SECOND);
        sink.receive(now, b"HTTP/1.1 408 Request Time-out\r\nConnection: close\r\n\r\n");
        assert_eq!(sink.wish(now), Wish::Close);
        sink.closed(now, how);
        given.give("two\n");
        produce(&mut sink, now);
        open(&mut sink, now);
        assert_eq!(written(&mut sink, now, 1_000), request("two\n"), "at once");
        assert_eq!((told(name, "failed_total/closed"), told(name, "failed_total/reset")), (0, 0));
        assert_eq!(told(name, "uncertain_bytes_total"), 0);
    }
}

#[test]
fn what_was_written_when_the_connection_broke_is_sent_again() {
    let (_, mut sink) = with("post-broken", &["one\n", "two\n"]);
    open(&mut sink, 0);
    let head = request("one\n").len() - 4;
    assert_eq!(written(&mut sink, 0, head + 3).len(), head + 3);
    sink.closed(0, Ended::Reset);
    assert_eq!((told("post-broken", "failed_total/reset"), told("post-broken", "uncertain_bytes_total")), (1, 3));
    assert_eq!(sink.wish(0), Wish::None, "not at once");
    let mut server = Server::new(&[Mood::TakesAndLeaves, Mood::Leaves(head, Ended::Closed)]);
    server.drive(&mut sink, 0, LATER);
    assert_eq!(server.taken, ["one\n", "one\n", "two\n"], "at least once, in order");
    assert_eq!((told("post-broken", "failed_total/reset"), told("post-broken", "failed_total/closed")), (2, 1));
    assert_eq!(told("post-broken", "sent_total"), 2);
    accounts("post-broken");
}

#[test]
fn a_server_that_does_not_answer_is_left() {
    let (_, mut sink) = with("post-stalled", &["one\n"]);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 50).len(), 50);
    // Each byte it takes gives it more time.
    sink.unacknowledged(9 * SECOND, 49);
    assert_eq!((sink.wish(18 * SECOND), sink.deadline_ns()), (Wish::Open, Some(19 * SECOND)));
    written(&mut sink, 18 * SECOND, 1_000);
    // An answer that comes byte by byte does not.
    sink.receive(20 * SECOND, b"HTTP/1.1 200 OK\r\n");
    sink.receive(27 * SECOND, b"A: b\r\n");
    assert_eq!((sink.deadline_ns(), sink.wish(28 * SECOND)), (Some(28 * SECOND), Wish::Reset));
    sink.closed(28 * SECOND, Ended::Closed);
    assert_eq!((told("post-stalled", "failed_total/timeout"), told("post-stalled", "uncertain_bytes_total")), (1, 4));
    let mut server = Server::new(&[Mood::Stalls, Mood::Stalls]);
    server.drive(&mut sink, 28 * SECOND, LATER);
    assert_eq!(server.taken, ["one\n"]);
    assert_eq!(told("post-stalled", "failed_total/timeout"), 3);
    accounts("post-stalled");
}

/// What is cut off behind the head of a reply does not undo it.
#[test]
fn a_reply_counts_when_its_head_is_whole() {
    for (name, late) in [("post-cut", false), ("post-slow-body", true)] {
        let (_, mut sink) = with(name, &["one\n"]);
        open(&mut sink, 0);
        written(&mut sink, 0, 1_000);
        sink.receive(1, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        let now = if late { 10 * SECOND } else { 2 };
        assert_eq!(sink.wish(now), if late { Wish::Reset } else { Wish::Open });
        sink.closed(now, Ended::Reset);
        produce(&mut sink, now);
        assert_eq!((told(name, "sent_total"), told(name, "uncertain_bytes_total")), (1, 0));
    }
}

#[test]
fn a_refused_frame_is_dropped_and_the_next_one_told() {
    let (_, mut sink) = with("post-400", &["bad\n", "worse\n", "good\n"]);
    let moods =
        [Mood::Answers(reply(400, "X-Influxdb-Error: no\r\n")), Mood::Answers(reply(404, "Connection: close\r\n"))];
    let mut server = Server::new(&moods);
    let now = server.drive(&mut sink, 0, SECOND);
    assert_eq!((server.taken.as_slice(), now), (&["good\n".to_owned()][..], 0), "without any pause");
    assert_eq!((told("post-400", "dropped_total/rejected"), told("post-400", "failed_total/status")), (2, 2));
    assert_eq!(told("post-400", "sent_total"), 1);
    accounts("post-400");
}

#[test]
fn a_server_in_trouble_gets_a_pause_and_the_same_frame() {
    let (_, mut sink) = with("post-500", &["one\n"]);
    let mut server = Server::new(&[Mood::Answers(reply(500, "")), Mood::Answers(reply(503, "Connection: close\r\n"))]);
    let now = server.drive(&mut sink, 0, SECOND / 2);
    assert_eq!((now, sink.wish(now)), (0, Wish::None), "no connection is kept meanwhile");
    let at = sink.deadline_ns().expect("it tries again");
    assert!((SECOND * 3 / 4..=SECOND * 5 / 4).contains(&at));
    server.drive(&mut sink, at, at);
    let again = sink.deadline_ns().expect("it tries again") - at;
    assert!((SECOND * 3 / 2..=SECOND * 5 / 2).contains(&again), "twice as long: {again}");
    server.drive(&mut sink, at, at + 2 * again);
    assert_eq!(server.taken, ["one\n"]);
    assert_eq!((told("post-500", "failed_total/status"), told("post-500", "dropped_total/rejected")), (2, 0));
    accounts("post-500");
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it() {
    for (name, asked, granted) in [("post-429", "7", 7), ("post-429-long", "100000000000000000000", 300)] {
        let (_, mut sink) = with(name, &["one\n"]);
        let mut server = Server::new(&[Mood::Answers(reply(429, &format!("Retry-After: {asked}\r\n")))]);
        server.drive(&mut sink, 0, granted * SECOND - 1);
        assert_eq!((server.taken.len(), sink.deadline_ns()), (0, Some(granted * SECOND)));
        server.drive(&mut sink, granted * SECOND, granted * SECOND);
        assert_eq!(server.taken, ["one\n"]);
    }
}

#[test]
fn an_end_waits_for_a_pause_that_was_asked_for_and_for_no_other() {
    for (name, fields, wish) in [("post-end", "", Wish::Open), ("post-end-asked", "Retry-After: 100\r\n", Wish::None)] {
        let (_, mut sink) = with(name, &["one\n"]);
        open(&mut sink, 0);
        written(&mut sink, 0, 1_000);
        sink.receive(1, reply(503, fields).as_bytes());
        sink.closed(1, Ended::Closed);
        assert_eq!(sink.wish(2), Wish::None, "{name}");
        sink.finish(2, Ending::Success);
        assert_eq!(sink.wish(2), wish, "{name}");
    }
}

#[test]
fn an_answer_before_the_body_is_sent_counts() {
    let (given, mut sink) = sink("post-early", 10_000);
    given.give(&"x".repeat(5_000));
    given.give("next\n");
    let mut server = Server::new(&[Mood::AnswersEarly(reply(413, ""))]);
    server.drive(&mut sink, 0, SECOND);
    assert_eq!(server.taken, ["next\n"], "on another connection: the first one is in the middle of a body");
    assert_eq!((told("post-early", "dropped_total/rejected"), told("post-early", "reconnects_total")), (1, 1));
    accounts("post-early");
}

#[test]
fn what_is_no_answer_is_no_success() {
    for (name, bytes) in [
        ("post-redis", &b"-ERR unknown command\r\n\r\n"[..]),
        ("post-long", &[b'x'; 9_000]),
        ("post-doubt", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    ] {
        let (_, mut sink) = with(name, &["one\n"]);
        open(&mut sink, 0);
        written(&mut sink, 0, 1_000);
        sink.receive(0, bytes);
        assert_eq!(sink.wish(0), Wish::Reset);
        sink.closed(0, Ended::Closed);
        assert_eq!((told(name, "failed_total/status"), told(name, "uncertain_bytes_total")), (1, 4));
        assert_eq!(sink.wish(0), Wish::None, "not at once");
        let mut server = Server::new(&[]);
        server.drive(&mut sink, 0, LATER);
        assert_eq!(server.taken, ["one\n"]);
        accounts(name);
    }
}

/// Two replies to one request: the second answers nothing, and its connection is not to be trusted.
#[test]
fn more_than_was_asked_for_ends_the_connection() {
    let (_, mut sink) = with("post-more", &["one\n", "two\n"]);
    open(&mut sink, 0);
    written(&mut sink, 0, 1_000);
    sink.receive(0, reply(200, "").repeat(2).as_bytes());
    produce(&mut sink, 0);
    assert_eq!((told("post-more", "sent_total"), sink.wish(0), sink.wants_to_write(0)), (1, Wish::Reset, false));
}

/// A server or a proxy that takes connections and nothing on them, and one that speaks before it is asked.
#[test]
fn a_connection_without_a_request_is_a_failure() {
    let (_, mut sink) = with("post-fresh", &["one\n"]);
    open(&mut sink, 0);
    sink.closed(0, Ended::Closed);
    assert_eq!((told("post-fresh", "failed_total/closed"), sink.wish(0)), (1, Wish::None), "not at once");
    let at = sink.deadline_ns().expect("it tries again");
    open(&mut sink, at);
    sink.receive(at, b"220 mail.example ESMTP\r\n");
    assert_eq!((told("post-fresh", "failed_total/status"), sink.wish(at)), (1, Wish::Reset));
    sink.closed(at, Ended::Closed);
    assert!(sink.deadline_ns().is_some_and(|next| next > at + SECOND / 2));
}

#[test]
fn a_frame_that_is_dropped_half_sent_is_not_completed_with_another() {
    let (given, mut sink) = sink("post-torn", 50);
    given.give("first\n");
    produce(&mut sink, 0);
    open(&mut sink, 0);
    let head = request("first\n").len() - 6;
    assert!(written(&mut sink, 0, head + 3).ends_with("\r\n\r\nfir"));
    ["two\n", "three\n"].iter().for_each(|text| given.give(text));
    produce(&mut sink, 1);
    assert_eq!((sink.wants_to_write(1), sink.wish(1)), (false, Wish::Reset));
    // What the machine says of a connection that it has reset by itself.
    sink.closed(1, Ended::TimedOut);
    for reason in ["timeout", "reset", "closed"] {
        assert_eq!(told("post-torn", &format!("failed_total/{reason}")), 0, "it is no fault of the server's");
    }
    assert_eq!((sink.wish(1), told("post-torn", "uncertain_bytes_total")), (Wish::Open, 0), "at once, with another");
    let mut server = Server::new(&[]);
    server.drive(&mut sink, 1, LATER);
    assert_eq!(server.taken, ["two\n", "three\n"]);
    assert_eq!((told("post-torn", "dropped_total/backlog"), told("post-torn", "sent_total")), (1, 2));
    accounts("post-torn");
}

/// It was counted as dropped, so it counts neither as sent nor as rejected; nor is another one taken for it.
#[test]
fn a_frame_that_is_dropped_before_its_reply_takes_none_with_it() {
    for (name, status) in [("post-gone", 200), ("post-gone-400", 400)] {
        let (given, mut sink) = sink(name, 50);
        given.give("first\n");
        produce(&mut sink, 0);
        open(&mut sink, 0);
        written(&mut sink, 0, 1_000);
        ["two\n", "three\n"].iter().for_each(|text| given.give(text));
        produce(&mut sink, 1);
        assert_eq!(sink.wish(1), Wish::Open, "the server has all of it");
        sink.receive(2, reply(status, "").as_bytes());
        produce(&mut sink, 2);
        assert_eq!((told(name, "sent_total"), told(name, "backlog")), (0, 2));
        assert_eq!(written(&mut sink, 2, 1_000), request("two\n"));
        accounts(name);
    }
}

/// A server that says so and leaves it to the client to close.
#[test]
fn a_connection_that_the_server_will_close_is_not_used_again() {
    let (_, mut sink) = with("post-leaving", &["one\n", "two\n"]);
    open(&mut sink, 0);
    written(&mut sink, 0, 1_000);
    sink.receive(0, reply(200, "Connection: close\r\n").as_bytes());
    produce(&mut sink, 0);
    assert_eq!((sink.wants_to_write(0), sink.wish(0)), (false, Wish::Close));
    sink.closed(0, Ended::Closed);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 1_000), request("two\n"), "at once");
}

/// A prelude is told to the protocol and not to the server.
#[test]
fn a_prelude_is_no_part_of_the_body() {
    struct Preluded;
    impl Request for Preluded {
        const PRELUDE: usize = 2;
        fn target(&mut self, outgoing: &Outgoing<'_>, target: &HttpTarget, _: &dyn Site, out: &mut Window<'_>) {
            out.put(target.path().as_bytes());
            out.put(outgoing.prelude);
            assert_eq!((outgoing.seq, outgoing.items), (1, 1));
        }
        fn fields(&mut self, _: &Outgoing<'_>, _: &dyn Site, _: &mut Window<'_>) {}
        fn judge(&mut self, outgoing: &Outgoing<'_>, reply: &Reply<'_>) -> Verdict {
            assert_eq!((outgoing.prelude, reply.status), (&b"/a"[..], 418));
            Verdict::Accepted
        }
    }
    let given = Given::default();
    let target = HttpTarget::new("h", 80, "/x?y", None).expect("a target");
    let mut sink = Sink::new("post-prelude", given.clone(), Post::new(target, Preluded, 5), 100, 7);
    given.give("/abc");
    produce(&mut sink, 0);
    open(&mut sink, 0);
    assert_eq!(
        written(&mut sink, 0, 1_000),
        "POST /x/a HTTP/1.1\r\nHost: h\r\nUser-Agent: periscope/0.1.0\r\nContent-Length: 2\r\n\r\nbc"
    );
    sink.receive(1, reply(418, "").as_bytes());
    produce(&mut sink, 1);
    assert_eq!(told("post-prelude", "sent_total"), 1);
}

/// A protocol that does not keep to its bounds costs its frames, and nothing else.
#[test]
fn a_head_that_is_too_long_is_not_sent() {
    struct Endless;
    impl Request for Endless {
        fn fields(&mut self, outgoing: &Outgoing<'_>, _: &dyn Site, out: &mut Window<'_>) {
            if outgoing.seq == 1 {
                out.put(&[b'a'; MAX_REQUEST_HEAD]);
            }
        }
    }
    let given = Given::default();
    let target = HttpTarget::new("h", 80, "/", None).expect("a target");
    let mut sink = Sink::new("post-endless", given.clone(), Post::new(target, Endless, 5), 100, 7);
    ["one\n", "two\n"].iter().for_each(|text| given.give(text));
    let mut server = Server::new(&[]);
    server.drive(&mut sink, 0, SECOND);
    assert_eq!(
        (server.taken.as_slice(), told("post-endless", "dropped_total/too_long")),
        (&["two\n".to_owned()][..], 1)
    );
    accounts("post-endless");
}

fn mood() -> impl Strategy<Value = Mood> {
    let status = prop::sample::select(vec![200_u16, 204, 302, 400, 404, 429, 500, 503]);
    let fields =
        prop::sample::select(vec!["", "Connection: close\r\n", "Retry-After: 3\r\n", "X-Influxdb-Error: no\r\n"]);
    let replies = (status, fields).prop_map(|(status, fields)| reply(status, fields));
    prop_oneof![
        3 => Just(Mood::Takes),
        3 => replies.clone().prop_map(Mood::Answers),
        1 => replies.prop_map(Mood::AnswersEarly),
        1 => "[ -~\r\n]{0,40}\r\n\r\n".prop_map(Mood::Answers),
        1 => (0_usize..300, any::<bool>()).prop_map(|(after, closed)| {
            Mood::Leaves(after, if closed { Ended::Closed } else { Ended::Reset })
        }),
        1 => Just(Mood::TakesAndLeaves),
        1 => Just(Mood::Stalls),
        1 => Just(Mood::Absent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the server does, in the end every frame has arrived or was dropped and counted; those that arrived did so
    /// in order, and nothing spins.
    #[test]
    fn everything_is_accounted_for(moods in prop::collection::vec(mood(), 0..30), piece in 1_usize..300) {
        let given = Given::default();
        let target = HttpTarget::new("h", 80, "/", None).expect("a target");
        let mut sink = Sink::new("post-moods", given.clone(), Post::new(target, Plain, 5), 10_000, 7);
        // The tree gives each sink a name of its own.
        let name = sink.name().to_owned();
        let texts: Vec<String> = (0..20).map(|index| format!("{index:03}")).collect();
        texts.iter().for_each(|text| given.give(text));
        let mut server = Server::new(&moods);
        server.piece = piece;
        server.drive(&mut sink, 0, 100 * LATER);
        accounts(&name);
        prop_assert_eq!(told(&name, "backlog"), 0);
        let refused = told(&name, "dropped_total/rejected") as usize;
        let mut once = server.taken.clone();
        prop_assert!(once.is_sorted(), "{:?}", once);
        once.dedup();
        let accepted = moods.iter().filter(|mood| matches!(mood, Mood::Answers(reply) | Mood::AnswersEarly(reply)
            if reply.starts_with("HTTP/1.1 2"))).count();
        // What was taken without an answer may have been refused when it came again.
        prop_assert!(once.len() + refused + accepted >= texts.len());
    }
}
