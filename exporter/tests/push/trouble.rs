//! What the log is told of a server's answers.

use crate::harness::{Given, SECOND, open, produce, written};
use exporter::push::http::{HttpTarget, Outgoing, Post, Request};
use exporter::push::{Ended, Sink, Stream};
use exporter::{Site, Window};
use std::sync::{Mutex, Once};

/// Keeps what is logged, of all tests together.
struct Kept(Mutex<Vec<String>>);

static KEPT: Kept = Kept(Mutex::new(Vec::new()));

impl log::Log for Kept {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().expect("no test panics with it").push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

/// What was logged of the sink `name` since this was last asked.
fn logged(name: &str) -> Vec<String> {
    let mut kept = KEPT.0.lock().expect("no test panics with it");
    let (its, others) = kept.drain(..).partition(|line| line.contains(&format!(" {name}: ")));
    *kept = others;
    its
}

struct Plain;

impl Request for Plain {
    fn fields(&mut self, _: &Outgoing<'_>, _: &dyn Site, _: &mut Window<'_>) {}
}

/// A sink, and a server that answers each of its frames by what it is told.
struct Pair {
    given: Given,
    sink: Sink<Given, Post<Plain>>,
    now: u64,
}

impl Pair {
    fn new(name: &str) -> Self {
        static SET: Once = Once::new();
        SET.call_once(|| {
            log::set_logger(&KEPT).expect("it is the only one");
            log::set_max_level(log::LevelFilter::Info);
        });
        let given = Given::default();
        let target = HttpTarget::new("h", 80, "/", None).expect("a target");
        Self { given: given.clone(), sink: Sink::new(name, given, Post::new(target, Plain, 5), 1_000, 7), now: 0 }
    }

    /// Another frame is there, and the oldest one is answered so. What was logged of that.
    fn answer(&mut self, reply: &str) -> Vec<String> {
        self.answer_after(150, reply)
    }

    /// The same after so many seconds.
    fn answer_after(&mut self, seconds: u64, reply: &str) -> Vec<String> {
        self.given.give("x");
        self.now += seconds * SECOND;
        produce(&mut self.sink, self.now);
        open(&mut self.sink, self.now);
        written(&mut self.sink, self.now, 1_000);
        self.sink.receive(self.now, reply.as_bytes());
        self.sink.closed(self.now, Ended::Closed);
        logged(self.sink.name())
    }
}

const OK: &str = "HTTP/1.1 204 x\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 x\r\nContent-Length: 9\r\n\r\nbusy\nnow\n";
const REFUSED: &str = "HTTP/1.1 400 x\r\nX-Influxdb-Error: no\r\nContent-Length: 0\r\n\r\n";

#[test]
fn a_change_is_one_line() {
    let mut pair = Pair::new("trouble-change");
    assert_eq!(pair.answer(OK), ["INFO trouble-change: the receiver takes what it is told"]);
    assert_eq!(pair.answer(BUSY), ["WARN trouble-change: the server answers 503: busy now; trying again"]);
    assert_eq!(pair.answer(BUSY), [""; 0]);
    assert_eq!(
        pair.answer("HTTP/1.1 502 x\r\nContent-Length: 0\r\n\r\n"),
        ["WARN trouble-change: the server answers 502; trying again"]
    );
    assert_eq!(pair.answer("what?\r\n\r\n"), ["WARN trouble-change: what it answers is not HTTP; trying again"]);
    assert_eq!(pair.answer(OK), ["INFO trouble-change: the server takes what it is told"]);
    assert_eq!(pair.answer(OK), [""; 0]);
}

/// A server at its limit, and one whose trouble changes from answer to answer.
#[test]
fn what_comes_and_goes_is_told_now_and_then() {
    let mut pair = Pair::new("trouble-limit");
    let limited = "HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(pair.answer(limited), ["WARN trouble-limit: the server answers 429; trying again"]);
    assert_eq!(pair.answer(BUSY), ["WARN trouble-limit: the server answers 503: busy now; trying again"]);
    let mut lines = pair.answer(OK);
    lines.retain(|line| line.contains("server"));
    assert_eq!(lines, ["INFO trouble-limit: the server takes what it is told"]);
    assert_eq!(pair.answer(limited), [""; 0]);
    // Ten minutes after it was told first.
    assert_eq!(pair.answer(limited), ["WARN trouble-limit: the server answers 429; trying again"]);
    // Twenty minutes: each kind twice or thrice, and as often that it is over.
    let rounds = (0..34).map(|_| [limited, BUSY, OK].map(|reply| pair.answer_after(12, reply)));
    let lines = rounds.flatten().flatten().filter(|line| line.contains("server")).count();
    assert!((6..=9).contains(&lines), "{lines} lines");
}

/// Refusals are about what is told, so a success between them does not end them.
#[test]
fn refusals_are_told_now_and_then() {
    let mut pair = Pair::new("trouble-refusal");
    let line = "WARN trouble-refusal: the server refuses by 400: no; what it refuses is dropped";
    assert_eq!(pair.answer(REFUSED), [line]);
    // At 150 s each, the fourth comes ten minutes after the first.
    assert_eq!(pair.answer(REFUSED), [""; 0]);
    assert_eq!(pair.answer(OK), ["INFO trouble-refusal: the receiver takes what it is told"]);
    assert_eq!(pair.answer(REFUSED), [""; 0]);
    assert_eq!(pair.answer(REFUSED), [line]);
    assert_eq!(pair.answer(REFUSED), [""; 0]);
}
