//! Requests and replies as they are on the wire.

use exporter::push::http::{HttpTarget, Post};
use exporter::push::remote_write::{Version, pair};
use exporter::push::{Ended, Ending, Sink, Stream, Wish};

use crate::machine::{Machine, SECOND};
use crate::schema::decode_one;
use crate::tree::hold;

/// A sink and what its receiver sees.
struct Wire {
    sink: Box<dyn Stream>,
    machine: Machine,
    name: &'static str,
}

impl Wire {
    /// With a capture every minute.
    fn new(name: &'static str, version: Version) -> Self {
        let (writer, dialect) = pair(60 * SECOND, version);
        let target = HttpTarget::new("192.0.2.1", 9090, "/api/v1/write", None).expect("a target");
        let sink = Box::new(Sink::new(name, writer, Post::new(target, dialect, 5), 1 << 20, 7));
        Self { sink, machine: Machine::new(), name }
    }

    /// The next request: its head and its body.
    fn request(&mut self, now: u64) -> (String, Vec<u8>) {
        while self.sink.tick(now, &self.machine) {}
        assert_eq!(self.sink.wish(now), Wish::Open, "{now}");
        self.sink.opening(now);
        self.sink.opened(now);
        self.next(now).expect("a request")
    }

    /// The next one on the same connection.
    fn next(&mut self, now: u64) -> Option<(String, Vec<u8>)> {
        let mut bytes = Vec::new();
        while self.sink.wants_to_write(now) {
            let mut room = [0; 1_000];
            let len = self.sink.transmit(now, &mut room, &self.machine);
            bytes.extend_from_slice(&room[..len]);
        }
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let body = bytes.split_off(end);
        let head = String::from_utf8(bytes).expect("ASCII");
        assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
        Some((head, body))
    }

    fn answer(&mut self, now: u64, reply: &str) {
        self.sink.receive(now, format!("HTTP/1.1 {reply}\r\nContent-Length: 0\r\n\r\n").as_bytes());
        while self.sink.tick(now, &self.machine) {}
    }

    fn told(&self, field: &str) -> u64 {
        match ukstore::read(&format!("/sinks/{}/{field}", self.name)) {
            Ok(ukstore::Value::U64(number)) => number,
            other => panic!("{field}: {other:?}"),
        }
    }
}

fn message(body: &[u8]) -> Vec<u8> {
    snap::raw::Decoder::new().decompress_vec(body).expect("a snappy block")
}

/// A receiver that knows only 1.0, and has its moods.
#[test]
fn all_of_a_conversation() {
    let _tree = hold();
    let mut wire = Wire::new("conversation", Version::Two);
    let (head, body) = wire.request(0);
    assert!(
        head.starts_with("POST /api/v1/write HTTP/1.1\r\nHost: 192.0.2.1:9090\r\nUser-Agent: periscope/"),
        "{head}"
    );
    assert!(head.contains("\r\nX-Prometheus-Remote-Write-Version: 2.0.0\r\n"), "{head}");
    assert_eq!(message(&body)[..2], [0x22, 0], "the first symbol");
    wire.answer(0, "204 No Content");

    let (head, body) = wire.next(0).expect("the samples, in 1.0");
    assert!(head.contains("\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n"), "{head}");
    assert!(head.contains("\r\nContent-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n"), "{head}");
    let samples = decode_one(&message(&body)).len() as u64;
    wire.answer(0, "503 Service Unavailable\r\nRetry-After: 5");
    assert_eq!(wire.told("sent_total"), 0);
    assert_eq!(wire.sink.wish(0), Wish::Close);
    wire.sink.closed(0, Ended::Closed);
    let again_ns = wire.sink.deadline_ns().expect("it tries again");
    assert!((5 * SECOND..60 * SECOND).contains(&again_ns), "when it may: {again_ns}");
    let (_, again) = wire.request(again_ns);
    assert_eq!(again, body, "the same samples");
    wire.answer(again_ns, "200 OK");
    assert_eq!((wire.told("sent_total"), wire.told("items_total")), (samples, samples));

    wire.sink.finish(20 * SECOND, Ending::Success);
    while wire.sink.tick(20 * SECOND, &wire.machine) {}
    wire.next(20 * SECOND).expect("the last samples");
    wire.answer(20 * SECOND, "400 Bad Request");
    assert_eq!(wire.told("dropped_total/rejected"), samples, "no other 4xx is tried again");
    assert!(!wire.sink.is_finished());
    let mut ends = Vec::new();
    while !wire.sink.is_finished() {
        let (_, body) = wire.next(20 * SECOND).expect("stale markers");
        ends.extend(decode_one(&message(&body)));
        wire.answer(20 * SECOND, "204 No Content");
    }
    assert!(ends.iter().all(|series| series.value == 0x7ff0_0000_0000_0002));
    // Of what might have gone with the program, the sinks among others, the end is told twice.
    let twice = ends.len() as u64 - samples;
    assert!(twice > 0 && twice < samples);
    assert_eq!(wire.told("items_total"), 3 * samples + twice);
}
