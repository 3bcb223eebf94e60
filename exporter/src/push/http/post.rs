//! A consumer that takes each frame to a server as one request, and goes on when it is answered.
//!
//! The front of the backlog is the body, read from the ring as there is room to write; a frame is taken away when its
//! reply says that it has arrived, or never will. What was written of a request when its connection ended is sent again,
//! so a server may see a frame twice. Connections are used again and closed when they are idle. A server that asks for a
//! pause, or is in trouble, is left alone: its connection is closed, and opened when the pause is over.
//!
//! Not here: what requests and replies mean to a protocol (`Request`), and what is logged of them (`trouble`).

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use super::exchange::Exchange;
use super::head::{MAX_REQUEST_HEAD, put_head};
use super::trouble::Trouble;
use super::{HttpTarget, Progress, Reader, Request, Verdict};
use crate::push::{Backlog, Backoff, Consumer, Ended, Failure, Outbox, Reason, Wish};
use crate::{Site, Window};

/// How long a server may take no byte of a request, or not answer a whole one.
const PATIENCE_NS: u64 = 10_000_000_000;

/// How long a connection is kept without a request. Servers keep theirs for longer, so that few requests meet a close.
const IDLE_NS: u64 = 30_000_000_000;

/// The longest pause that a server gets.
const MAX_PAUSE_S: u64 = 300;

/// The consumer.
pub struct Post<R> {
    target: HttpTarget,
    request: R,
    state: State,
    reader: Reader,
    /// The head of the request being written.
    head: Box<[u8]>,
    backoff: Backoff,
    /// No connection is wanted before.
    resume_ns: u64,
    /// The server has asked for a pause until then.
    asked_ns: u64,
    trouble: Trouble,
}

/// What the connection is there for.
#[derive(Debug)]
enum State {
    /// There is none.
    Down,
    /// The next request, which must come until then. `fresh`: there was none on it yet.
    Idle { until_ns: u64, fresh: bool },
    /// A request that is not answered.
    Asking(Exchange),
    /// Nothing more: it is to end so.
    Ending(Wish),
}

impl<R: Request> Post<R> {
    /// Takes frames to `target`. `seed` is another one on each machine and for each sink. The one time it takes memory.
    #[must_use]
    pub fn new(target: HttpTarget, request: R, seed: u64) -> Self {
        const { assert!(R::PRELUDE <= super::MAX_PRELUDE) }
        Self {
            target,
            request,
            state: State::Down,
            reader: Reader::new(),
            head: vec![0; MAX_REQUEST_HEAD].into_boxed_slice(),
            backoff: Backoff::new(seed),
            resume_ns: 0,
            asked_ns: 0,
            trouble: Trouble::default(),
        }
    }

    /// Begins a request with the oldest frame, if there is one.
    fn begin(&mut self, now_ns: u64, out: &mut Outbox<'_>, site: &dyn Site) {
        let Some(frame) = out.backlog.front() else { return };
        let mut exchange = Exchange::new(frame, R::PRELUDE, out.backlog, now_ns.saturating_add(PATIENCE_NS));
        let mut head = Window::new(&mut self.head);
        put_head(
            &mut self.request,
            &exchange.outgoing(out.stats.name()),
            &self.target,
            site,
            exchange.body_len(),
            &mut head,
        );
        if head.overflowed() {
            return out.reject(Reason::TooLong);
        }
        exchange.head_len = head.len();
        self.reader.restart();
        self.state = State::Asking(exchange);
    }

    /// Acts on the reply that was read. Whether it leaves the connection fit for another request.
    fn conclude(&mut self, now_ns: u64, exchange: &Exchange, out: &mut Outbox<'_>) -> bool {
        let Some(reply) = self.reader.reply() else { return false };
        let verdict = self.request.judge(&exchange.outgoing(out.stats.name()), &reply);
        // Otherwise it made way for newer frames, and is counted as dropped.
        let waits = out.backlog.front().is_some_and(|front| front.seq == exchange.frame.seq);
        match verdict {
            Verdict::Accepted => {
                self.backoff.succeeded();
                if waits { out.arrived(now_ns) } else { out.progressed(now_ns) }
            }
            Verdict::Later { retry_after_s } => {
                out.failed(Failure::Status);
                let pause_ns = retry_after_s.unwrap_or(0).min(MAX_PAUSE_S) * 1_000_000_000;
                self.asked_ns = now_ns.saturating_add(pause_ns);
                self.resume_ns = self.asked_ns.max(now_ns.saturating_add(self.backoff.failed()));
            }
            Verdict::Rejected => {
                self.backoff.succeeded();
                out.failed(Failure::Status);
                if waits {
                    out.reject(Reason::Rejected);
                }
            }
        }
        self.trouble.judged(now_ns, out.stats.name(), &reply, verdict);
        !matches!(verdict, Verdict::Later { .. }) && self.reader.reusable() && exchange.is_written()
    }

    /// What came is no answer: the request is sent again, after a while.
    fn give_up(&mut self, now_ns: u64, exchange: Option<&Exchange>, words: &str, out: &mut Outbox<'_>) {
        out.failed(Failure::Status);
        out.stats.uncertain_bytes.add(exchange.map_or(0, Exchange::body_written));
        self.resume_ns = now_ns.saturating_add(self.backoff.failed());
        self.trouble.not_understood(now_ns, out.stats.name(), words);
        self.state = State::Ending(Wish::Reset);
    }
}

impl<R: Request> Consumer for Post<R> {
    fn wants_connection(&self, now_ns: u64, backlog: &Backlog) -> bool {
        !backlog.is_empty() && now_ns >= self.resume_ns
    }

    fn opened(&mut self, now_ns: u64) {
        self.state = State::Idle { until_ns: now_ns.saturating_add(IDLE_NS), fresh: true };
    }

    fn wish(&self, now_ns: u64, backlog: &Backlog) -> Wish {
        match &self.state {
            State::Idle { until_ns, .. } if now_ns >= *until_ns => Wish::Close,
            State::Asking(exchange) if now_ns >= exchange.deadline_ns || exchange.is_torn(backlog) => Wish::Reset,
            State::Ending(wish) => *wish,
            State::Down | State::Idle { .. } | State::Asking(_) => Wish::Open,
        }
    }

    fn wants_to_write(&self, _: u64, backlog: &Backlog) -> bool {
        match &self.state {
            State::Idle { .. } => !backlog.is_empty(),
            State::Asking(exchange) => !exchange.is_written() && !exchange.is_torn(backlog),
            State::Down | State::Ending(_) => false,
        }
    }

    fn transmit(&mut self, now_ns: u64, room: &mut [u8], out: &mut Outbox<'_>, site: &dyn Site) -> usize {
        if matches!(self.state, State::Idle { .. }) {
            self.begin(now_ns, out, site);
        }
        let State::Asking(exchange) = &mut self.state else { return 0 };
        let len = exchange.write(&self.head, out.backlog, room);
        if len > 0 {
            exchange.deadline_ns = now_ns.saturating_add(PATIENCE_NS);
        }
        len
    }

    fn unacknowledged(&mut self, now_ns: u64, bytes: usize, _: &mut Outbox<'_>) {
        if let State::Asking(exchange) = &mut self.state
            && exchange.acknowledge(bytes)
        {
            exchange.deadline_ns = now_ns.saturating_add(PATIENCE_NS);
        }
    }

    fn receive(&mut self, now_ns: u64, bytes: &[u8], out: &mut Outbox<'_>) {
        if bytes.is_empty() {
            return;
        }
        match core::mem::replace(&mut self.state, State::Ending(Wish::Reset)) {
            State::Asking(exchange) => match self.reader.read(bytes) {
                Ok(Progress::More) => self.state = State::Asking(exchange),
                Ok(Progress::Complete(taken)) => {
                    let fit = self.conclude(now_ns, &exchange, out) && taken == bytes.len();
                    if fit {
                        self.state = State::Idle { until_ns: now_ns.saturating_add(IDLE_NS), fresh: false };
                    } else if exchange.is_written() && taken == bytes.len() {
                        self.state = State::Ending(Wish::Close);
                    }
                }
                Err(malformed) => self.give_up(now_ns, Some(&exchange), malformed.as_str(), out),
            },
            State::Idle { fresh: true, .. } => self.give_up(now_ns, None, "it speaks before it is asked", out),
            // Servers tell, by 408, that they do not keep an idle connection any longer.
            State::Idle { fresh: false, .. } => self.state = State::Ending(Wish::Close),
            other @ (State::Down | State::Ending(_)) => self.state = other,
        }
    }

    fn closed(&mut self, now_ns: u64, how: Ended, out: &mut Outbox<'_>) -> Option<Failure> {
        let failure = match how {
            Ended::TimedOut => Failure::Timeout,
            Ended::Reset => Failure::Reset,
            _ => Failure::Closed,
        };
        match core::mem::replace(&mut self.state, State::Down) {
            State::Asking(exchange) if self.reader.cut() => {
                self.conclude(now_ns, &exchange, out);
                None
            }
            // Its frame made way: that is no fault of the server's, and nothing of it is sent again.
            State::Asking(exchange) if now_ns < exchange.deadline_ns && exchange.is_torn(out.backlog) => None,
            State::Asking(exchange) => {
                out.stats.uncertain_bytes.add(exchange.body_written());
                Some(if now_ns >= exchange.deadline_ns { Failure::Timeout } else { failure })
            }
            // A server that takes connections, and no request on them, is not asked again at once.
            State::Idle { fresh: true, until_ns } => (now_ns < until_ns).then_some(failure),
            State::Down | State::Idle { .. } | State::Ending(_) => None,
        }
    }

    fn deadline_ns(&self) -> Option<u64> {
        match &self.state {
            State::Down => Some(self.resume_ns),
            State::Idle { until_ns, .. } => Some(*until_ns),
            State::Asking(exchange) => Some(exchange.deadline_ns),
            State::Ending(_) => None,
        }
    }

    fn hasten(&mut self, now_ns: u64) {
        self.resume_ns = self.resume_ns.min(self.asked_ns.max(now_ns));
    }
}

impl<R> fmt::Debug for Post<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The head and the target may have credentials.
        out.debug_struct("Post").field("state", &self.state).field("resume_ns", &self.resume_ns).finish_non_exhaustive()
    }
}
