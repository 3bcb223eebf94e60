//! A server of HTTP that takes frames, with every mood that a receiver can be in, and the driver between it and a sink.

use crate::harness::{Machine, SECOND};
use exporter::push::{Ended, Stream, Wish};

/// What a server does with the next request.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// It takes it, and answers so.
    Takes,
    /// It answers this without taking it.
    Answers(String),
    /// It answers this before it has seen the body, and takes nothing.
    AnswersEarly(String),
    /// It closes or resets the connection after so many bytes of the request, or when it is whole.
    Leaves(usize, Ended),
    /// It takes the request and resets the connection instead of answering.
    TakesAndLeaves,
    /// It reads, and answers nothing.
    Stalls,
    /// It takes no connection.
    Absent,
}

/// A server, and the connection to it.
#[derive(Debug, Default)]
pub(crate) struct Server {
    /// Moods for the requests and tries to come, the next one last. Without any it takes what comes.
    pub(crate) moods: Vec<Mood>,
    /// Bodies taken.
    pub(crate) taken: Vec<String>,
    /// What has come of a request.
    request: Vec<u8>,
    open: bool,
    /// Bytes a write and a reply are cut into.
    pub(crate) piece: usize,
}

impl Server {
    pub(crate) fn new(moods: &[Mood]) -> Self {
        Self { moods: moods.iter().rev().cloned().collect(), piece: 1_000, ..Self::default() }
    }

    /// Drives `sink` from `now` on until it has nothing more to do before `until`. The time it is then.
    pub(crate) fn drive(&mut self, sink: &mut dyn Stream, mut now: u64, until: u64) -> u64 {
        // Each step is an event, and there are never so many.
        for _ in 0..100_000 {
            while sink.tick(now, &Machine) {}
            match (sink.wish(now), self.open) {
                (Wish::Open, false) => {
                    sink.opening(now);
                    if matches!(self.moods.last(), Some(Mood::Absent)) {
                        self.moods.pop();
                        sink.closed(now, Ended::Refused);
                    } else {
                        self.open = true;
                        self.request.clear();
                        sink.opened(now);
                    }
                }
                (Wish::Close | Wish::Reset, true) => self.end(sink, now, Ended::Closed),
                _ if self.open && sink.wants_to_write(now) => {
                    let mut room = vec![0; self.piece];
                    let len = sink.transmit(now, &mut room, &Machine);
                    sink.unacknowledged(now, 0);
                    self.request.extend(&room[..len]);
                    self.act(sink, now);
                }
                _ => match sink.deadline_ns() {
                    Some(at) if at <= until => {
                        assert!(at > now, "it would spin at {now}: {at}");
                        now = at;
                    }
                    _ => return now,
                },
            }
        }
        panic!("it never comes to rest");
    }

    fn end(&mut self, sink: &mut dyn Stream, now: u64, how: Ended) {
        self.open = false;
        sink.closed(now, how);
    }

    /// Does what its mood is with what has come.
    fn act(&mut self, sink: &mut dyn Stream, now: u64) {
        let (has_head, body) = self.received();
        match self.moods.last().cloned().unwrap_or(Mood::Takes) {
            Mood::Leaves(after, how) if self.request.len() >= after || body.is_some() => {
                self.moods.pop();
                self.end(sink, now, how);
            }
            Mood::AnswersEarly(reply) if has_head => {
                self.moods.pop();
                self.say(sink, now, &reply);
            }
            Mood::Takes if body.is_some() => {
                self.moods.pop();
                self.taken.extend(body);
                self.say(sink, now, "HTTP/1.1 204 No Content\r\n\r\n");
            }
            Mood::TakesAndLeaves if body.is_some() => {
                self.moods.pop();
                self.taken.extend(body);
                self.end(sink, now, Ended::Reset);
            }
            Mood::Answers(reply) if body.is_some() => {
                self.moods.pop();
                self.say(sink, now, &reply);
            }
            Mood::Stalls if body.is_some() => {
                self.moods.pop();
                // It comes to its senses with the next connection.
                self.request.clear();
            }
            _ => {}
        }
    }

    /// Whether a head has come, and the body if all of it has.
    fn received(&self) -> (bool, Option<String>) {
        let text = String::from_utf8(self.request.clone()).expect("the tests' frames are text");
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return (false, None) };
        let length = head.split("Content-Length: ").nth(1).expect("its length is told");
        let length: usize = length.split("\r\n").next().unwrap_or_default().parse().expect("a number");
        assert!(body.len() <= length, "a request before the reply: {text}");
        (true, (body.len() == length).then(|| body.to_owned()))
    }

    /// Answers, and closes if the reply says so.
    fn say(&mut self, sink: &mut dyn Stream, now: u64, reply: &str) {
        self.request.clear();
        for piece in reply.as_bytes().chunks(self.piece) {
            sink.receive(now, piece);
        }
        if reply.contains("Connection: close") {
            self.end(sink, now, Ended::Closed);
        }
    }
}

/// Long after everything has been tried again.
pub(crate) const LATER: u64 = 10_000 * SECOND;
