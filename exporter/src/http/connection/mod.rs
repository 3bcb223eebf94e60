//! One client's connection: bytes in, bytes out, time as an argument.

mod intake;
mod timeouts;

use core::net::{IpAddr, Ipv4Addr};

pub use timeouts::Timeouts;

use super::reply::{Manner, Order, Produced, Reply};
use super::request::{Negotiated, Refusal, Scanner, Upload};
use super::stage::Stage;
use super::stats::{self, Timeout};
use crate::Site;

/// What the owner of the transport must do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Nothing: the connection is in use.
    Open,
    /// Send FIN, and go on handing in what arrives (it is thrown away) until the client closes too. To close at once
    /// would have the client's system answer with a reset and discard the end of the reply (RFC 9112, 9.6).
    Finish,
    /// Drop it with a reset: a reply was cut off and must not pass for a whole one, or the client does not let go.
    Reset,
}

/// The server's side of one connection.
///
/// Its owner calls [`receive`](Self::receive) with what arrived while [`wants_to_read`](Self::wants_to_read),
/// [`transmit`](Self::transmit) with free transmit space while [`wants_to_write`](Self::wants_to_write), and
/// [`tick`](Self::tick) when [`deadline_ns`](Self::deadline_ns) has come or [`Site::prepared`] may have changed its
/// mind; after each, [`closing`](Self::closing) says whether the transport stays open. A connection may want neither to
/// read nor to write: it waits for samples then, and there is nothing to do for it before such a tick. How the bytes
/// are cut into calls changes nothing in what is sent but the places where chunks end.
///
/// It owns [`STAGE_BYTES`](super::STAGE_BYTES), a path, the last `Accept`, and where its reply stands, which for a
/// listing of the tree includes the copy of a group (2 KiB): less than 8 KiB together, whatever is asked for.
#[derive(Debug)]
pub struct Connection {
    timeouts: Timeouts,
    state: State,
    scanner: Scanner,
    stage: Stage,
    deadline_ns: u64,
    input_ended: bool,
    peer: IpAddr,
    negotiated: Negotiated,
    /// When the request being answered was read, on the site's clock.
    asked_ns: u64,
    /// The same on the clock of the `now_ns` arguments.
    ordered_ns: u64,
}

// A machine has a fixed number of them.
const _: () = assert!(size_of::<Connection>() < 8 * 1_024);

#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "without an allocator the largest state is what a connection takes anyway"
)]
enum State {
    /// A head is awaited or comes in; the stage holds what is there of it.
    Reading,
    /// A client that waits to be told so is told to send the body; the stage holds what is left of that.
    Continuing(Upload, Manner),
    /// A body comes in; the stage holds what is there of it.
    Body(Upload, Manner),
    /// A request was read, and the samples its reply shows are being taken.
    Waiting { order: Order, ticket: u64, until_ns: u64 },
    /// A request was read, and its reply not yet begun.
    Ordered(Order),
    /// A reply goes out; the stage holds what did not fit of it.
    Replying(Reply),
    /// The transport has the whole of the last reply, and perhaps not sent it yet; what arrives is thrown away.
    Finishing,
    /// Everything is sent; what arrives is thrown away until the client closes too.
    Lingering,
    /// Nothing more is to be done.
    Reset,
}

impl Connection {
    /// A place for a connection, not in use yet: [`open`](Self::open) it.
    #[must_use]
    pub const fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            state: State::Reset,
            scanner: Scanner::new(),
            stage: Stage::new(),
            deadline_ns: u64::MAX,
            input_ended: false,
            peer: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            negotiated: Negotiated::new(),
            asked_ns: 0,
            ordered_ns: 0,
        }
    }

    /// Begins anew, for a client at `peer` that has just connected.
    pub fn open(&mut self, now_ns: u64, peer: IpAddr) {
        stats::CONNECTIONS.inc();
        self.input_ended = false;
        self.peer = peer;
        self.await_request(now_ns, self.timeouts.head_ns);
    }

    /// Tells that the transport is gone. What a reply under way held is free again.
    pub fn disconnect(&mut self) {
        match self.state {
            State::Waiting { .. } | State::Ordered(_) | State::Replying(_) => self.cut(),
            _ => self.state = State::Reset,
        }
        self.stage.wipe();
    }

    /// Takes bytes from the client and returns how many: those left belong to a later request and are to be handed in
    /// again once [`wants_to_read`](Self::wants_to_read) says so.
    pub fn receive(&mut self, now_ns: u64, bytes: &[u8], site: &dyn Site) -> usize {
        self.tick(now_ns, site);
        match self.state {
            State::Reading => self.read_head(now_ns, bytes, site),
            State::Body(upload, manner) => self.read_body(now_ns, bytes, upload, manner),
            State::Continuing(..) | State::Waiting { .. } | State::Ordered(_) | State::Replying(_) => 0,
            State::Finishing | State::Lingering | State::Reset => bytes.len(),
        }
    }

    /// Tells that the client has closed its side and everything it sent was received. A request it has sent whole is
    /// still answered.
    pub fn receive_end(&mut self, now_ns: u64) {
        self.input_ended = true;
        match self.state {
            State::Reading => self.linger(now_ns),
            State::Body(..) => self.abandon(now_ns),
            _ => {}
        }
    }

    /// Tells that the client's side has taken everything [`transmit`](Self::transmit) gave: from now on it is waited
    /// for to close too. May be called at any time, and again. An owner that cannot know need not call it: the client
    /// then has what is left of the reply's time.
    pub fn sent(&mut self, now_ns: u64) {
        if matches!(self.state, State::Finishing) {
            self.linger(now_ns);
        }
    }

    /// The client went away in the middle of a write.
    fn abandon(&mut self, now_ns: u64) {
        stats::write(false);
        self.linger(now_ns);
    }

    /// Writes as much of the reply as there is, up to `out.len()`, and returns how much that is. Of a compressed one it
    /// may be less, even nothing, though there is more: it stops after so many lines that nobody else waits long.
    pub fn transmit(&mut self, now_ns: u64, out: &mut [u8], site: &dyn Site) -> usize {
        self.tick(now_ns, site);
        if let State::Continuing(upload, manner) = self.state {
            let sent = self.stage.drain(out);
            if self.stage.is_empty() {
                self.state = State::Body(upload, manner);
                if self.input_ended {
                    self.abandon(now_ns);
                }
            }
            return sent;
        }
        if let State::Ordered(order) = self.state {
            self.state = State::Replying(Reply::begin(order, self.asked_ns, site));
        }
        let State::Replying(reply) = &mut self.state else { return 0 };
        let (mut sent, mut later) = (0, false);
        loop {
            let free = out.get_mut(sent..).unwrap_or_default();
            sent += self.stage.drain(free);
            let free = out.get_mut(sent..).unwrap_or_default();
            if !self.stage.is_empty() {
                return sent;
            }
            if reply.is_complete() {
                break;
            }
            if free.is_empty() || later {
                return sent;
            }
            let mut produced = reply.produce(free, usize::MAX, site);
            sent += produced.len();
            if matches!(produced, Produced::Full(len) if len < free.len()) {
                produced = stage_piece(&mut self.stage, reply, site);
                if matches!(produced, Produced::Full(_)) {
                    produced = Produced::Broken;
                }
            }
            if produced == Produced::Broken {
                self.cut();
                return sent;
            }
            later = matches!(produced, Produced::Later(_));
        }
        if reply.closes() || self.input_ended {
            self.finish(now_ns);
        } else {
            self.await_request(now_ns, self.timeouts.idle_ns);
        }
        sent
    }

    /// Whether bytes from the client are of use now. While not, leave them where they are, so that the transport's flow
    /// control holds the client back.
    #[must_use]
    pub fn wants_to_read(&self) -> bool {
        let reads = matches!(self.state, State::Reading | State::Body(..) | State::Finishing | State::Lingering);
        reads && !self.input_ended
    }

    /// Whether there is something to send.
    #[must_use]
    pub fn wants_to_write(&self) -> bool {
        matches!(self.state, State::Continuing(..) | State::Ordered(_) | State::Replying(_))
    }

    /// Whether the client has asked for something and not got all of it yet.
    #[must_use]
    pub fn is_answering(&self) -> bool {
        self.wants_to_write() || matches!(self.state, State::Waiting { .. })
    }

    /// Since when the client has been getting what it asked for, on the clock of the `now_ns` arguments; `None` if all
    /// of it is sent.
    #[must_use]
    pub fn answering_since_ns(&self) -> Option<u64> {
        self.is_answering().then_some(self.ordered_ns)
    }

    /// What is to be done with the transport.
    #[must_use]
    pub fn closing(&self) -> Closing {
        match self.state {
            State::Finishing | State::Lingering => Closing::Finish,
            State::Reset => Closing::Reset,
            _ => Closing::Open,
        }
    }

    /// When [`tick`](Self::tick) must be called at the latest, on the clock of the `now_ns` arguments.
    #[must_use]
    pub fn deadline_ns(&self) -> Option<u64> {
        match self.state {
            State::Reset => None,
            State::Waiting { until_ns, .. } => Some(until_ns.min(self.deadline_ns)),
            _ => Some(self.deadline_ns),
        }
    }

    /// Acts on samples that have come and on a deadline that has passed; does nothing before.
    pub fn tick(&mut self, now_ns: u64, site: &dyn Site) {
        if let State::Waiting { order, ticket, until_ns } = self.state {
            let prepared = site.prepared(ticket);
            if prepared || now_ns >= until_ns {
                if !prepared {
                    stats::SAMPLES_LATE.inc();
                }
                self.state = State::Ordered(order);
            }
        }
        if now_ns >= self.deadline_ns {
            self.time_out(now_ns);
        }
    }

    fn time_out(&mut self, now_ns: u64) {
        match self.state {
            State::Reading if self.stage.is_empty() => {
                stats::timeout(Timeout::Idle);
                self.linger(now_ns);
            }
            State::Reading => {
                stats::timeout(Timeout::Head);
                self.refuse(now_ns, Refusal::HeadTimeout);
            }
            State::Body(..) => {
                stats::timeout(Timeout::Body);
                stats::write(false);
                self.refuse(now_ns, Refusal::BodyTimeout);
            }
            State::Continuing(..) => {
                stats::timeout(Timeout::Reply);
                self.state = State::Reset;
            }
            State::Waiting { .. } | State::Ordered(_) | State::Replying(_) | State::Finishing => {
                stats::timeout(Timeout::Reply);
                self.cut();
            }
            State::Lingering => {
                stats::timeout(Timeout::Linger);
                self.state = State::Reset;
            }
            State::Reset => {}
        }
    }

    /// The reply cannot be sent whole, and must not pass for a whole one.
    fn cut(&mut self) {
        stats::REPLIES_CUT.inc();
        self.state = State::Reset;
    }

    /// The transport has the end of the last reply. The client keeps the time the reply had, to take what is left of
    /// it.
    fn finish(&mut self, now_ns: u64) {
        self.stage.clear();
        self.state = State::Finishing;
        self.deadline_ns = self.deadline_ns.max(now_ns.saturating_add(self.timeouts.linger_ns));
    }

    /// There is nothing more to send.
    fn linger(&mut self, now_ns: u64) {
        self.stage.wipe();
        self.state = State::Lingering;
        self.deadline_ns = now_ns.saturating_add(self.timeouts.linger_ns);
    }
}

/// Has the next piece of the reply written into the stage; lines that fit nowhere are passed over. [`Produced::Full`]
/// if a piece that cannot be passed over does not fit: the reply cannot be completed then.
fn stage_piece(stage: &mut Stage, reply: &mut Reply, site: &dyn Site) -> Produced {
    loop {
        let produced = stage.refill(|bytes| {
            let produced = reply.produce(bytes, 1, site);
            (produced.len(), produced)
        });
        if !matches!(produced, Produced::Full(_)) || !reply.skip_line(site) {
            return produced;
        }
    }
}
