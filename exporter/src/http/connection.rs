//! One client's connection: bytes in, bytes out, time as an argument.

use super::reply::{Answer, Order, Produced, Reply};
use super::request::{Method, Refusal, Request, Route, Scan, Scanner};
use super::stage::Stage;
use super::stats::{self, Timeout};
use crate::Site;

/// How long a client may take, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the first byte of a request head, or from the opening of the connection, to the head's end.
    pub head_ns: u64,
    /// Between a reply and the next request.
    pub idle_ns: u64,
    /// From a request to the last byte of its reply.
    pub reply_ns: u64,
    /// From the last byte of the last reply until the client closes too.
    pub linger_ns: u64,
}

impl Timeouts {
    /// For scrapers that come every few seconds up to every two minutes.
    pub const DEFAULT: Self =
        Self { head_ns: 10_000_000_000, idle_ns: 150_000_000_000, reply_ns: 60_000_000_000, linger_ns: 2_000_000_000 };
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::DEFAULT
    }
}

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
/// [`tick`](Self::tick) when [`deadline_ns`](Self::deadline_ns) has come; after each, [`closing`](Self::closing) says
/// whether the transport stays open. How the bytes are cut into calls changes nothing in what is sent but the places
/// where chunks end.
///
/// It owns [`STAGE_BYTES`](super::STAGE_BYTES) and some words, whatever is asked for.
#[derive(Debug)]
pub struct Connection {
    timeouts: Timeouts,
    state: State,
    scanner: Scanner,
    stage: Stage,
    deadline_ns: u64,
    input_ended: bool,
}

#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "without an allocator the largest state is what a connection takes anyway"
)]
enum State {
    /// A head is awaited or comes in; the stage holds what is there of it.
    Reading,
    /// A request was read, and its reply not yet begun.
    Ordered(Order),
    /// A reply goes out; the stage holds what did not fit of it.
    Replying(Reply),
    /// Everything is sent; what arrives is thrown away.
    Finishing,
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
        }
    }

    /// Begins anew, for a client that has just connected.
    pub fn open(&mut self, now_ns: u64) {
        stats::CONNECTIONS.inc();
        self.input_ended = false;
        self.await_request(now_ns, self.timeouts.head_ns);
    }

    /// Takes bytes from the client and returns how many: those left belong to a later request and are to be handed in
    /// again once [`wants_to_read`](Self::wants_to_read) says so.
    pub fn receive(&mut self, now_ns: u64, bytes: &[u8]) -> usize {
        self.tick(now_ns);
        match &self.state {
            State::Reading => self.read_head(now_ns, bytes),
            State::Ordered(_) | State::Replying(_) => 0,
            State::Finishing | State::Reset => bytes.len(),
        }
    }

    /// Tells that the client has closed its side and everything it sent was received. A request it has sent whole is
    /// still answered.
    pub fn receive_end(&mut self, now_ns: u64) {
        self.input_ended = true;
        if matches!(self.state, State::Reading) {
            self.finish(now_ns);
        }
    }

    /// Writes as much of the reply as there is, up to `out.len()`, and returns how much that is.
    pub fn transmit(&mut self, now_ns: u64, out: &mut [u8], site: &dyn Site) -> usize {
        self.tick(now_ns);
        if let State::Ordered(order) = self.state {
            self.state = State::Replying(Reply::begin(order, site));
        }
        let State::Replying(reply) = &mut self.state else { return 0 };
        let mut sent = 0;
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
            if free.is_empty() {
                return sent;
            }
            let produced = reply.produce(free, usize::MAX, site);
            let (Produced::Fits(len) | Produced::Full(len)) = produced;
            sent += len;
            if matches!(produced, Produced::Full(_)) && len < free.len() && !stage_piece(&mut self.stage, reply, site) {
                self.state = State::Reset;
                return sent;
            }
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
        match &self.state {
            State::Reading | State::Finishing => !self.input_ended,
            State::Ordered(_) | State::Replying(_) | State::Reset => false,
        }
    }

    /// Whether there is something to send.
    #[must_use]
    pub fn wants_to_write(&self) -> bool {
        matches!(self.state, State::Ordered(_) | State::Replying(_))
    }

    /// What is to be done with the transport.
    #[must_use]
    pub fn closing(&self) -> Closing {
        match self.state {
            State::Reading | State::Ordered(_) | State::Replying(_) => Closing::Open,
            State::Finishing => Closing::Finish,
            State::Reset => Closing::Reset,
        }
    }

    /// When [`tick`](Self::tick) must be called at the latest, on the clock of the `now_ns` arguments.
    #[must_use]
    pub fn deadline_ns(&self) -> Option<u64> {
        (!matches!(self.state, State::Reset)).then_some(self.deadline_ns)
    }

    /// Acts on a deadline that has passed; does nothing before.
    pub fn tick(&mut self, now_ns: u64) {
        if now_ns < self.deadline_ns {
            return;
        }
        match self.state {
            State::Reading if self.stage.is_empty() => {
                stats::timeout(Timeout::Idle);
                self.finish(now_ns);
            }
            State::Reading => {
                stats::timeout(Timeout::Head);
                self.refuse(now_ns, Refusal::HeadTimeout);
            }
            State::Ordered(_) | State::Replying(_) => {
                stats::timeout(Timeout::Reply);
                self.state = State::Reset;
            }
            State::Finishing => {
                stats::timeout(Timeout::Linger);
                self.state = State::Reset;
            }
            State::Reset => {}
        }
    }

    fn read_head(&mut self, now_ns: u64, bytes: &[u8]) -> usize {
        let skipped = if self.stage.is_empty() { self.scanner.skip(bytes) } else { 0 };
        let rest = bytes.get(skipped..).unwrap_or_default();
        if rest.is_empty() {
            return skipped;
        }
        if self.stage.is_empty() {
            self.deadline_ns = now_ns.saturating_add(self.timeouts.head_ns);
        }
        let piece = rest.get(..rest.len().min(self.stage.room())).unwrap_or_default();
        match self.scanner.read(piece) {
            Ok(Scan::Complete(len)) => {
                self.stage.append(piece.get(..len).unwrap_or_default());
                self.order(now_ns);
                skipped + len
            }
            Ok(Scan::More) => {
                self.stage.append(piece);
                if self.stage.room() > 0 {
                    return skipped + piece.len();
                }
                let in_fields = self.scanner.past_request_line();
                self.refuse(now_ns, if in_fields { Refusal::HeadTooLarge } else { Refusal::TargetTooLong });
                bytes.len()
            }
            Err(refusal) => {
                self.refuse(now_ns, refusal);
                bytes.len()
            }
        }
    }

    /// Orders the answer to the head in the stage.
    fn order(&mut self, now_ns: u64) {
        let request = match Request::parse(self.stage.held()) {
            Ok(request) => request,
            Err(refusal) => return self.refuse(now_ns, refusal),
        };
        let (answer, close) = match Route::of(&request) {
            Ok(route) => {
                stats::REQUESTS[route.index()].inc();
                (Answer::Route(route), !request.keep_alive)
            }
            Err(refusal) => {
                stats::REFUSED[refusal.index()].inc();
                let body_follows = request.body.is_some();
                (Answer::Refusal(refusal), !request.keep_alive || body_follows || !refusal.keeps_connection())
            }
        };
        let head_only = request.method == Method::Head;
        self.begin(now_ns, Order { answer, http_1_1: request.http_1_1, head_only, close });
    }

    /// Orders a refusal of what has come so far, and the end of the connection.
    fn refuse(&mut self, now_ns: u64, refusal: Refusal) {
        stats::REFUSED[refusal.index()].inc();
        let answer = Answer::Refusal(refusal);
        self.begin(now_ns, Order { answer, http_1_1: true, head_only: false, close: true });
    }

    fn begin(&mut self, now_ns: u64, order: Order) {
        self.stage.clear();
        self.state = State::Ordered(order);
        self.deadline_ns = now_ns.saturating_add(self.timeouts.reply_ns);
    }

    fn await_request(&mut self, now_ns: u64, timeout_ns: u64) {
        self.stage.clear();
        self.scanner = Scanner::new();
        self.state = State::Reading;
        self.deadline_ns = now_ns.saturating_add(timeout_ns);
    }

    fn finish(&mut self, now_ns: u64) {
        self.stage.clear();
        self.state = State::Finishing;
        self.deadline_ns = now_ns.saturating_add(self.timeouts.linger_ns);
    }
}

/// Has the next piece of the reply written into the stage; lines that fit nowhere are passed over. False if a piece that
/// cannot be passed over does not fit: the reply cannot be completed then.
fn stage_piece(stage: &mut Stage, reply: &mut Reply, site: &dyn Site) -> bool {
    loop {
        let produced = stage.refill(|bytes| {
            let produced = reply.produce(bytes, 1, site);
            let (Produced::Fits(len) | Produced::Full(len)) = produced;
            (len, produced)
        });
        match produced {
            Produced::Fits(_) => return true,
            Produced::Full(_) if reply.skip_line(site) => {}
            Produced::Full(_) => return false,
        }
    }
}
