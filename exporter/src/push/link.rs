//! When to try: a connection's life from the outside, and how long to wait after a failure. Not here: what is sent over it.

/// A connection that is not there after so long never will be.
const CONNECT_NS: u64 = 5_000_000_000;
/// The first wait after a failure; each further one is twice as long, up to the last.
const FIRST_WAIT_NS: u64 = 1_000_000_000;
const LAST_WAIT_NS: u64 = 60_000_000_000;
/// A connection that has lasted so long was a good one: a receiver's machine, or a proxy before it, may take connections and
/// bytes for a receiver that is not there.
const STEADY_NS: u64 = 10_000_000_000;

/// How long to wait after failures: twice as long each time, and never quite, lest all machines that lost the same
/// receiver come back in the same instant.
#[derive(Clone, Debug)]
pub struct Backoff {
    wait_ns: u64,
    random: u64,
}

impl Backoff {
    /// After no failure. `seed` is random: another one on each machine and for each sink.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { wait_ns: FIRST_WAIT_NS, random: seed | 1 }
    }

    /// How long to wait after one more failure: three quarters to five quarters of what it would be.
    pub fn failed(&mut self) -> u64 {
        let wait_ns = self.wait_ns;
        self.wait_ns = (wait_ns * 2).min(LAST_WAIT_NS);
        wait_ns * 3 / 4 + self.random() % (wait_ns / 2 + 1)
    }

    /// Something went well.
    pub fn succeeded(&mut self) {
        self.wait_ns = FIRST_WAIT_NS;
    }

    /// Xorshift64 (Marsaglia 2003): good enough to be apart from others.
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// What a sink wants of its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// None, for now.
    None,
    /// One: to be opened, or kept.
    Open,
    /// To end it in good order.
    Close,
    /// To end it at once.
    Reset,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// In good order, by either side.
    Closed,
    /// By the peer's reset.
    Reset,
    /// The peer does not want one.
    Refused,
    /// The peer did not answer, or stopped to.
    TimedOut,
    /// There is no address, no route, or no socket.
    Unreachable,
    /// The peer's name has no address.
    NoName,
}

impl Ended {
    /// How it ended, in words for the log.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Closed => "the connection was closed",
            Self::Reset => "the connection was reset",
            Self::Refused => "the connection was refused",
            Self::TimedOut => "no answer",
            Self::Unreachable => "no way there",
            Self::NoName => "its name has no address",
        }
    }
}

/// The life of one connection.
#[derive(Debug)]
pub(super) struct Link {
    state: State,
    backoff: Backoff,
    was_open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// There is none, and none is tried before this time.
    Down(u64),
    /// One is being opened, until this time.
    Opening(u64),
    /// There is one, since then.
    Up(u64),
}

impl Link {
    pub(super) const fn new(seed: u64) -> Self {
        Self { state: State::Down(0), backoff: Backoff::new(seed), was_open: false }
    }

    /// What to do about the connection, given that one is wanted.
    pub(super) fn wish(&self, now_ns: u64) -> Wish {
        match self.state {
            State::Down(until_ns) if now_ns < until_ns => Wish::None,
            State::Opening(until_ns) if now_ns >= until_ns => Wish::Reset,
            _ => Wish::Open,
        }
    }

    pub(super) fn is_down(&self) -> bool {
        matches!(self.state, State::Down(_))
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// Whether there is one that has lasted.
    pub(super) fn is_steady(&self, now_ns: u64) -> bool {
        matches!(self.state, State::Up(since_ns) if now_ns.saturating_sub(since_ns) >= STEADY_NS)
    }

    /// It is being opened.
    pub(super) fn opening(&mut self, now_ns: u64) {
        self.state = State::Opening(now_ns.saturating_add(CONNECT_NS));
    }

    /// It is open; whether it is not the first.
    pub(super) fn opened(&mut self, now_ns: u64) -> bool {
        self.state = State::Up(now_ns);
        core::mem::replace(&mut self.was_open, true)
    }

    /// The receiver itself has answered.
    pub(super) fn answered(&mut self) {
        self.backoff.succeeded();
    }

    /// Tries at once, if there is none: nobody will be there to try later.
    pub(super) fn hasten(&mut self, now_ns: u64) {
        if let State::Down(until_ns) = &mut self.state {
            *until_ns = now_ns.min(*until_ns);
        }
    }

    /// It ended, and had done what it was for: another may be opened at once.
    pub(super) fn ended(&mut self, now_ns: u64) {
        self.state = State::Down(now_ns);
    }

    /// It failed, or could not be opened.
    pub(super) fn failed(&mut self, now_ns: u64) {
        if self.is_steady(now_ns) {
            self.backoff.succeeded();
        }
        self.state = State::Down(now_ns.saturating_add(self.backoff.failed()));
    }

    /// When to look again.
    pub(super) fn deadline_ns(&self) -> Option<u64> {
        match self.state {
            State::Down(at) | State::Opening(at) => Some(at),
            State::Up(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_differ() {
        let (mut one, mut other) = (Backoff::new(3), Backoff::new(4));
        let mut differ = 0;
        for expected in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let expected = expected * 1_000_000_000;
            let (a, b) = (one.failed(), other.failed());
            for wait in [a, b] {
                assert!(wait >= expected * 3 / 4 && wait <= expected * 5 / 4, "{wait} for {expected}");
            }
            differ += usize::from(a != b);
        }
        assert!(differ > 5);
        one.succeeded();
        assert!(one.failed() <= 1_250_000_000);
    }

    #[test]
    fn only_a_connection_that_lasted_or_an_answer_shortens_the_wait() {
        let mut link = Link::new(1);
        let wait_ns = |link: &Link, now_ns: u64| link.deadline_ns().expect("it is down") - now_ns;
        let mut now_ns = 0;
        for _ in 0..10 {
            link.opened(now_ns);
            now_ns += STEADY_NS - 1;
            link.failed(now_ns);
        }
        assert!(wait_ns(&link, now_ns) >= LAST_WAIT_NS * 3 / 4);
        link.hasten(now_ns);
        assert_eq!(wait_ns(&link, now_ns), 0);
        link.opened(now_ns);
        link.failed(now_ns + STEADY_NS);
        assert!(wait_ns(&link, now_ns + STEADY_NS) <= FIRST_WAIT_NS * 5 / 4);
        for _ in 0..5 {
            link.failed(now_ns);
        }
        link.answered();
        link.failed(now_ns);
        assert!(wait_ns(&link, now_ns) <= FIRST_WAIT_NS * 5 / 4);
    }

    #[test]
    fn a_connection_has_its_time() {
        let mut link = Link::new(1);
        assert_eq!((link.wish(0), link.is_down()), (Wish::Open, true));
        link.opening(10);
        assert_eq!(link.wish(10 + CONNECT_NS - 1), Wish::Open);
        assert_eq!((link.wish(10 + CONNECT_NS), link.deadline_ns()), (Wish::Reset, Some(10 + CONNECT_NS)));
        link.failed(1_000);
        assert_eq!(link.wish(1_000 + FIRST_WAIT_NS / 2), Wish::None);
        assert_eq!(link.wish(1_000 + 2 * FIRST_WAIT_NS), Wish::Open);
        assert!(!link.opened(5) && link.is_up());
        link.ended(5);
        assert_eq!(link.wish(5), Wish::Open);
        assert!(link.opened(5), "it is another one");
    }
}
