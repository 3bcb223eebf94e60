//! Lines as requests, and what becomes of them by the answers.

use std::io::Read as _;

use exporter::gzip::Compressor;
use exporter::push::http::{Authorization, HttpTarget, Post};
use exporter::push::influx::{Framing, Influx, Write};
use exporter::push::{Sink, Stream};

use crate::harness::{Machine, OPTIONS, SECOND, alone, told};

fn sink(name: &str, path: &'static str, gzip: bool) -> Sink<Influx, Post<Write>> {
    let token = Authorization::Token("secret");
    let target = HttpTarget::new("influx", 8086, path, Some(token)).expect("it is a target");
    let producer = Influx::new(OPTIONS, Framing::Requests(gzip.then(Compressor::new)));
    Sink::new(name, producer, Post::new(target, Write { gzip }, 1), 1 << 20, 1)
}

/// The request's head and body, on a connection that is opened for it.
fn request(sink: &mut Sink<Influx, Post<Write>>, now_ns: u64, machine: &Machine<'_>) -> (String, Vec<u8>) {
    while sink.tick(now_ns, machine) {}
    sink.opening(now_ns);
    sink.opened(now_ns);
    let mut bytes = vec![0; 1 << 20];
    let mut len = 0;
    while sink.wants_to_write(now_ns) {
        len += sink.transmit(now_ns, &mut bytes[len..], machine);
    }
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").expect("the head ends") + 4;
    (String::from_utf8(bytes[..end].to_vec()).expect("it is text"), bytes[end..len].to_vec())
}

fn answer(sink: &mut Sink<Influx, Post<Write>>, now_ns: u64, machine: &Machine<'_>, reply: &str) {
    sink.receive(now_ns, reply.as_bytes());
    while sink.tick(now_ns, machine) {}
}

#[test]
fn requests_of_both_versions() {
    let _alone = alone();
    let machine = Machine::default();
    for (gzip, path, line) in [
        (false, "/write?db=periscope", "POST /write?db=periscope&precision=ns HTTP/1.1\r\n"),
        (
            true,
            "/api/v2/write?bucket=b&precision=s&org=o",
            "POST /api/v2/write?bucket=b&org=o&precision=ns HTTP/1.1\r\n",
        ),
        (false, "/write", "POST /write?precision=ns HTTP/1.1\r\n"),
    ] {
        let (head, body) = request(&mut sink("write-form", path, gzip), 0, &machine);
        assert!(head.starts_with(line), "{head}");
        assert!(head.contains("\r\nAuthorization: Token secret\r\n"), "{head}");
        assert!(head.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
        assert_eq!(head.contains("\r\nContent-Encoding: gzip\r\n"), gzip, "{head}");
        let mut text = String::new();
        if gzip {
            flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut text).expect("it is a stream of gzip");
        } else {
            text = String::from_utf8(body).expect("it is text");
        }
        assert!(text.lines().all(|line| line.contains(",vm=vm1,job=test,rack=7")) && text.ends_with('\n'));
    }
}

#[test]
fn what_answers_mean() {
    let _alone = alone();
    let machine = Machine::default();
    for (name, reply, sent, rejected, waits) in [
        ("write-taken", "HTTP/1.1 204 No Content\r\n\r\n", true, false, false),
        ("write-partial", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", false, true, false),
        ("write-no-db", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false, true, false),
        ("write-too-large", "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", false, true, false),
        ("write-semantic", "HTTP/1.1 422 Unprocessable\r\nContent-Length: 0\r\n\r\n", false, true, false),
        ("write-busy", "HTTP/1.1 429 Busy\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n", false, false, true),
        ("write-slow", "HTTP/1.1 408 Too Slow\r\nContent-Length: 0\r\n\r\n", false, false, true),
        ("write-down", "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n", false, false, true),
    ] {
        let mut sink = sink(name, "/write?db=periscope", false);
        request(&mut sink, 0, &machine);
        answer(&mut sink, SECOND, &machine, reply);
        let is_told = |what| told(name, what) > 0;
        assert_eq!(
            (is_told("sent_total"), is_told("dropped_total/rejected"), is_told("backlog")),
            (sent, rejected, waits),
            "{reply}"
        );
    }
}
