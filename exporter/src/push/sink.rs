//! One road out: a producer makes frames, they wait in a backlog, and a consumer takes them to the receiver.
//!
//! ```text
//!   what is to be told ─► Producer ─► Backlog ─► Consumer ─► transmit buffer ─► receiver
//!                                        ▲          │
//!                                        └─ arrived ┴◄──────── acknowledgements, replies
//! ```
//!
//! The machine drives a sink through [`Stream`] or [`Datagrams`]; no sink knows of sockets. None can hold anything up: it
//! is asked to write what there is room for, and what finds no room waits in the backlog, or is dropped from it and counted.

use core::fmt;

use ukstore::{Label, Object};

use super::link::Link;
use super::{
    Backlog, Consumer, Datagrams, Ended, Ending, Failure, Outbox, Producer, Reason, SINKS, Stats, Stream,
    Unacknowledged, Wish,
};
use crate::Site;

/// A producer and a consumer with what waits between them.
pub struct Sink<P, C> {
    producer: P,
    consumer: C,
    link: Link,
    backlog: Backlog,
    stats: Object<Stats>,
    /// Items taken, and those that its producer knew to wait when it was last asked.
    taken: u64,
    waiting: u64,
    /// How many of both are counted.
    told: u64,
    succeeded_ns: u64,
    /// What the log was told last, and when: whether it works, and if not, why.
    said: Option<(Result<(), Ended>, u64)>,
}

/// How often the log is told of a failure that differs from the last: what is told of this sink may be what it has to send.
const SAY_AGAIN_NS: u64 = 600_000_000_000;

impl<P: Producer, C> Sink<P, C> {
    /// A sink called `name` that lets frames of `backlog_bytes` wait. `seed` is another one for each. The one time it
    /// takes memory.
    #[must_use]
    pub fn new(name: &str, producer: P, consumer: C, backlog_bytes: usize, seed: u64) -> Self {
        let stats = SINKS.add(name, Stats::new());
        let backlog = Backlog::new(backlog_bytes);
        stats.backlog_limit_bytes.set(backlog.capacity() as i64);
        let link = Link::new(seed);
        Self { producer, consumer, link, backlog, stats, taken: 0, waiting: 0, told: 0, succeeded_ns: 0, said: None }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.stats.name()
    }

    /// Makes one piece of what there is to tell, and counts. Whether there is more.
    fn produce(&mut self, now_ns: u64, site: &dyn Site) -> bool {
        // What it takes waits no longer.
        self.waiting = 0;
        let more = self.with(|producer, _, out| producer.produce(now_ns, site, out));
        self.waiting = self.producer.waiting(site);
        self.account();
        self.stats.last_success_age.set(now_ns.saturating_sub(self.succeeded_ns) as i64);
        more
    }

    /// Counts what was taken, and tells what waits.
    fn account(&mut self) {
        let taken = self.taken + self.waiting;
        self.stats.items.add(taken.saturating_sub(self.told));
        self.told = self.told.max(taken);
        self.stats.backlog.set((self.backlog.items() + self.waiting) as i64);
        self.stats.backlog_bytes.set(self.backlog.bytes() as i64);
    }

    /// Lets both work with the backlog, and counts what that came to.
    fn with<R>(&mut self, f: impl FnOnce(&mut P, &mut C, &mut Outbox<'_>) -> R) -> R {
        let mut progressed_ns = None;
        let mut out = Outbox {
            backlog: &mut self.backlog,
            stats: &self.stats,
            progressed_ns: &mut progressed_ns,
            taken: &mut self.taken,
        };
        let result = f(&mut self.producer, &mut self.consumer, &mut out);
        self.stats.dropped[Reason::Backlog.index()].add(self.backlog.take_dropped().items);
        self.account();
        if let Some(now_ns) = progressed_ns {
            self.succeeded_ns = now_ns;
            self.say_if_it_works(now_ns);
        }
        result
    }

    /// Tells the log that the receiver takes what it is told: at first, and after failures when that has lasted.
    fn say_if_it_works(&mut self, now_ns: u64) {
        let is_news = match self.said {
            None => true,
            Some((Ok(()), _)) => false,
            Some((Err(_), _)) => self.link.is_steady(now_ns),
        };
        if is_news {
            log::info!("{}: the receiver takes what it is told", self.stats.name());
            self.said = Some((Ok(()), now_ns));
        }
    }

    /// Tells the log of a failure: a receiver that is away for a day is worth one line.
    fn say_failed(&mut self, now_ns: u64, how: Ended) {
        let is_news = match self.said {
            Some((Err(told), at_ns)) => told != how && now_ns.saturating_sub(at_ns) >= SAY_AGAIN_NS,
            Some((Ok(()), _)) | None => true,
        };
        if is_news {
            log::warn!("{}: {}; trying again", self.stats.name(), how.words());
            self.said = Some((Err(how), now_ns));
        }
    }

    fn failed(&mut self, now_ns: u64, how: Ended, failure: Failure) {
        self.stats.failed[failure.index()].inc();
        self.link.failed(now_ns);
        self.stats.up.set(0);
        self.say_failed(now_ns, how);
    }

    fn is_told(&self) -> bool {
        self.producer.is_finished() && self.backlog.is_empty()
    }
}

impl<P: Producer, C: Consumer> Stream for Sink<P, C> {
    fn tick(&mut self, now_ns: u64, site: &dyn Site) -> bool {
        self.produce(now_ns, site)
    }

    fn wish(&self, now_ns: u64) -> Wish {
        if self.link.is_up() {
            return self.consumer.wish(now_ns, &self.backlog);
        }
        if self.link.is_down() && !self.consumer.wants_connection(now_ns, &self.backlog) {
            return Wish::None;
        }
        self.link.wish(now_ns)
    }

    fn opening(&mut self, now_ns: u64) {
        self.link.opening(now_ns);
    }

    fn opened(&mut self, now_ns: u64) {
        if self.link.opened(now_ns) {
            self.stats.reconnects.inc();
        }
        self.stats.up.set(1);
        self.consumer.opened(now_ns);
    }

    fn closed(&mut self, now_ns: u64, how: Ended) {
        let was_up = self.link.is_up();
        let failure = match how {
            // What was not there was not the consumer's.
            Ended::NoName => Some(Failure::Name),
            Ended::TimedOut if !was_up => Some(Failure::Timeout),
            _ if !was_up => Some(Failure::Connect),
            _ => self.with(|_, consumer, out| consumer.closed(now_ns, how, out)),
        };
        match failure {
            Some(failure) => self.failed(now_ns, how, failure),
            None => self.link.ended(now_ns),
        }
    }

    fn wants_to_write(&self, now_ns: u64) -> bool {
        self.consumer.wants_to_write(now_ns, &self.backlog)
    }

    fn transmit(&mut self, now_ns: u64, room: &mut [u8], site: &dyn Site) -> usize {
        self.with(|_, consumer, out| consumer.transmit(now_ns, room, out, site))
    }

    fn unacknowledged(&mut self, now_ns: u64, bytes: usize) -> bool {
        let waiting = self.backlog.frames();
        self.with(|_, consumer, out| consumer.unacknowledged(now_ns, bytes, out));
        self.backlog.frames() < waiting
    }

    fn receive(&mut self, now_ns: u64, bytes: &[u8]) {
        let waiting = self.backlog.frames();
        self.with(|_, consumer, out| consumer.receive(now_ns, bytes, out));
        // A proxy may acknowledge bytes for a receiver that is not there. It does not say that they are stored.
        if self.backlog.frames() < waiting {
            self.link.answered();
        }
    }

    fn deadline_ns(&self) -> Option<u64> {
        let (link, consumer) = (self.link.deadline_ns(), self.consumer.deadline_ns());
        let connection = if self.link.is_up() {
            consumer
        } else if !self.link.is_down() {
            link
        } else {
            // Both must be willing.
            link.max(consumer).filter(|_| self.consumer.wants_connection(u64::MAX, &self.backlog))
        };
        [self.producer.deadline_ns(), connection].into_iter().flatten().min()
    }

    fn finish(&mut self, now_ns: u64, ending: Ending) {
        self.producer.finish(now_ns, ending);
        self.link.hasten(now_ns);
        self.consumer.hasten(now_ns);
    }

    fn is_finished(&self) -> bool {
        self.is_told()
    }
}

impl<P: Producer> Datagrams for Sink<P, Unacknowledged> {
    fn tick(&mut self, now_ns: u64, site: &dyn Site) -> bool {
        self.produce(now_ns, site)
    }

    fn wants_to_send(&self, now_ns: u64) -> bool {
        !self.backlog.is_empty() && self.link.wish(now_ns) == Wish::Open
    }

    fn datagram(&self, room: &mut [u8]) -> usize {
        let Some(front) = self.backlog.front() else { return 0 };
        self.backlog.read(&front, 0, room);
        front.len
    }

    fn sent(&mut self, now_ns: u64) {
        self.stats.up.set(1);
        self.with(|_, _, out| out.arrived(now_ns));
    }

    fn refused(&mut self, now_ns: u64, how: Ended) {
        let failure = if how == Ended::NoName { Failure::Name } else { Failure::Connect };
        self.failed(now_ns, how, failure);
    }

    fn too_long(&mut self) {
        self.with(|_, _, out| out.reject(Reason::TooLong));
    }

    fn deadline_ns(&self) -> Option<u64> {
        let link = self.link.deadline_ns().filter(|_| !self.backlog.is_empty());
        [self.producer.deadline_ns(), link].into_iter().flatten().min()
    }

    fn finish(&mut self, now_ns: u64, ending: Ending) {
        self.producer.finish(now_ns, ending);
        self.link.hasten(now_ns);
    }

    fn is_finished(&self) -> bool {
        self.is_told()
    }
}

impl<P, C> fmt::Debug for Sink<P, C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stats, backlog, link, .. } = self;
        out.debug_struct("Sink")
            .field("name", &stats.name())
            .field("backlog", backlog)
            .field("link", link)
            .finish_non_exhaustive()
    }
}
