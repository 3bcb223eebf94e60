//! When to ask the server, and which of its answers counts.
//!
//! The server is asked in rounds. The first has four requests, two seconds apart, and the sample that came quickest counts:
//! what delays a packet makes it wrong. Later rounds end with the first answer that is about as quick as the quickest of the
//! last eight rounds. Between rounds pass 16 s, and up to 1024 s when the clock is found right again and again, or when nobody
//! answers.

use super::{Kiss, Rejected, Reply, Request, Sample};

const SECOND_NS: u64 = 1_000_000_000;
/// How long a reply is waited for, ns.
const PATIENCE_NS: u64 = 2 * SECOND_NS;
/// Time between an answer and the next request of a round, ns (RFC 5905, section 13.1: a burst's).
const SPACING_NS: u64 = 2 * SECOND_NS;
/// Requests in a round.
const ROUND: u8 = 4;
/// The time between rounds, as its binary logarithm in seconds.
const SHORTEST: u8 = 4;
const LONGEST: u8 = 10;
/// Rounds that found the clock right before there is more time between them.
const STEADY: u8 = 4;
/// Rounds whose delays are remembered.
const MEMORY: usize = 8;
/// How much longer than half as long again as the quickest an answer may have taken, ns.
const LENIENCE_NS: u64 = 500_000;

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    waiting: Option<Request>,
    /// When the next request is due.
    next_ns: u64,
    /// Requests of this round.
    asked: u8,
    best: Option<Sample>,
    over: bool,
    interval: u8,
    /// Raised by a server that wants to be asked less.
    shortest: u8,
    steady: u8,
    /// Rounds without a sample in a row.
    silent: u8,
    delays_ns: [u64; MEMORY],
    /// Rounds with one.
    rounds: usize,
    denied: bool,
    /// Spreads clients that were started together.
    spread: u64,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its best sample.
    Sample(Sample),
    /// Nothing that could be believed: so many rounds in a row by now.
    Silence(u8),
}

impl Client {
    /// One that asks at `now_ns`.
    pub const fn new(now_ns: u64) -> Self {
        Self {
            waiting: None,
            next_ns: now_ns,
            asked: 0,
            best: None,
            over: false,
            interval: SHORTEST,
            shortest: SHORTEST,
            steady: 0,
            silent: 0,
            delays_ns: [u64::MAX; MEMORY],
            rounds: 0,
            denied: false,
            spread: 0,
        }
    }

    /// The request to send now, if one is due. `random` must not be guessable.
    pub fn request(&mut self, now_ns: u64, random: u64) -> Option<Request> {
        if self.waiting.is_some() || self.over || self.denied || now_ns < self.next_ns {
            return None;
        }
        let request = Request { nonce: random, sent_ns: now_ns };
        self.waiting = Some(request);
        self.asked += 1;
        self.spread = random >> 48;
        Some(request)
    }

    /// Takes what has come from the server's address. [`Self::ended`] may have more to tell after that.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn receive(&mut self, bytes: &[u8], now_ns: u64) -> Result<Sample, Rejected> {
        let request = self.waiting.ok_or(Rejected::Bogus)?;
        let read = Reply::read(bytes, &request);
        // Anybody can send that: the answer may still come.
        if let Err((why @ (Rejected::Bogus | Rejected::Malformed), _)) = read {
            return Err(why);
        }
        self.waiting = None;
        self.next_ns = now_ns.saturating_add(SPACING_NS);
        self.over = self.asked >= ROUND;
        let sample = match read {
            Ok(reply) => Sample::new(&request, &reply, now_ns)?,
            Err((why, kiss)) => {
                self.obey(kiss);
                return Err(why);
            }
        };
        if self.best.is_none_or(|best| sample.delay_ns < best.delay_ns) {
            self.best = Some(sample);
        }
        self.over |= self.rounds > 0 && self.is_quick(&sample);
        Ok(sample)
    }

    /// The end of a round, if it has come; to be asked for after each reply and at each deadline.
    pub fn ended(&mut self, now_ns: u64) -> Option<Ended> {
        if self.waiting.is_some_and(|request| now_ns >= request.sent_ns.saturating_add(PATIENCE_NS)) {
            self.waiting = None;
            self.next_ns = now_ns;
            self.over = self.asked >= ROUND;
        }
        if !core::mem::take(&mut self.over) {
            return None;
        }
        self.asked = 0;
        let Some(best) = self.best.take() else {
            self.silent = self.silent.saturating_add(1);
            let backoff = (SHORTEST - 1).saturating_add(self.silent).min(LONGEST);
            self.schedule(now_ns, backoff.max(self.interval));
            return Some(Ended::Silence(self.silent));
        };
        self.silent = 0;
        self.delays_ns[self.rounds % MEMORY] = best.delay_ns;
        self.rounds = self.rounds.wrapping_add(1).max(1);
        self.schedule(now_ns, self.interval);
        Some(Ended::Sample(best))
    }

    /// The last round found the clock right, or not: the next one comes later, or sooner.
    pub fn judge(&mut self, right: bool, now_ns: u64) {
        self.steady = if right { self.steady + 1 } else { 0 };
        if !right {
            self.interval = self.shortest;
        } else if self.steady == STEADY {
            self.steady = 0;
            self.interval = (self.interval + 1).min(LONGEST);
        }
        self.schedule(now_ns, self.interval);
    }

    /// When something is to be done at the latest; `None` if never: the server wants no more requests.
    pub fn deadline_ns(&self) -> Option<u64> {
        let waited = self.waiting.map(|request| request.sent_ns.saturating_add(PATIENCE_NS));
        if self.denied { None } else { Some(waited.unwrap_or(self.next_ns)) }
    }

    /// Whether a reply is waited for.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether the server has asked never to be asked again.
    pub fn is_denied(&self) -> bool {
        self.denied
    }

    /// The time between rounds, as its binary logarithm in seconds.
    pub fn interval(&self) -> u8 {
        self.interval
    }

    fn obey(&mut self, kiss: Option<Kiss>) {
        match kiss {
            Some(Kiss::Rate) => {
                self.shortest = self.shortest.max(self.interval).saturating_add(1).min(LONGEST);
                self.interval = self.shortest;
                self.over = true;
            }
            Some(Kiss::Deny) => {
                self.denied = true;
                self.over = true;
            }
            Some(Kiss::Other) | None => {}
        }
    }

    fn is_quick(&self, sample: &Sample) -> bool {
        let quickest = self.delays_ns.iter().copied().min().unwrap_or(u64::MAX);
        sample.delay_ns <= quickest.saturating_add(quickest / 2).saturating_add(LENIENCE_NS)
    }

    /// The next round, in 2^`interval` seconds less up to a sixteenth.
    fn schedule(&mut self, now_ns: u64, interval: u8) {
        let whole = SECOND_NS << interval;
        let spread = (whole / 16) * (self.spread & 0xff) / 256;
        self.next_ns = now_ns.saturating_add(whole - spread);
    }
}
