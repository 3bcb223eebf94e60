//! A sink's backlog, with what is counted of it: what producers and consumers work with.

use ukstore::{Label, Object};

use super::{Backlog, Failure, Frame, Reason, Stats};

/// A backlog with what is counted of it.
#[derive(Debug)]
pub struct Outbox<'a> {
    /// The frames.
    pub backlog: &'a mut Backlog,
    /// What its sink counts.
    pub stats: &'a Object<Stats>,
    pub(super) progressed_ns: &'a mut Option<u64>,
    pub(super) taken: &'a mut u64,
}

impl Outbox<'_> {
    /// Ends the frame that was begun; without room for it, ever, its items are lost.
    pub fn commit(&mut self, items: u32, stamp_ns: u64) {
        *self.taken += u64::from(items);
        if !self.backlog.commit(items, stamp_ns) {
            self.stats.dropped[Reason::TooLong.index()].add(items.into());
        }
    }

    /// Items that came to no frame.
    pub fn lost(&mut self, items: u64, reason: Reason) {
        *self.taken += items;
        self.stats.dropped[reason.index()].add(items);
    }

    /// The receiver has the oldest frame.
    pub fn arrived(&mut self, now_ns: u64) {
        if let Some(Frame { items, len, .. }) = self.backlog.front() {
            self.stats.sent.add(items.into());
            self.stats.sent_bytes.add(len as u64);
            self.backlog.pop();
        }
        self.progressed(now_ns);
    }

    /// The receiver has taken something, or answered.
    pub fn progressed(&mut self, now_ns: u64) {
        *self.progressed_ns = Some(now_ns);
    }

    /// Nobody will ever have the oldest frame.
    pub fn reject(&mut self, reason: Reason) {
        if let Some(Frame { items, .. }) = self.backlog.front() {
            self.stats.dropped[reason.index()].add(items.into());
            self.backlog.pop();
        }
    }

    /// The receiver answered with an error.
    pub fn failed(&mut self, failure: Failure) {
        self.stats.failed[failure.index()].inc();
    }
}
