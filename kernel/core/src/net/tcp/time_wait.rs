//! Connections in TIME-WAIT, outside smoltcp: a socket with its buffers is worth kilobytes, the memory of a closed connection
//! 40 bytes with its links. An entry answers what may still arrive for it, and is gone after [`LIFETIME_NS`].
//!
//! Knows neither sockets nor frames: it is asked what to do about a segment and says so.

use alloc::vec::Vec;

use crate::net::{
    collections::{HashIndex, Links, List},
    wire::{Segment, after},
};

use super::tuple::{HashKey, Tuple};

/// How long an entry lives after it was made or last needed: 30 s.
///
/// RFC 9293 says twice a maximum segment lifetime of two minutes, which no stack does. What the state is really needed for is
/// the peer whose last FIN was answered by an acknowledgment that got lost: it sends again after 1, 3, 7 and 15 seconds, so
/// that four losses in a row are covered, and each of them starts the time anew.
pub(in crate::net) const LIFETIME_NS: u64 = 30_000_000_000;

/// What to do about a segment of a connection in TIME-WAIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) enum Verdict {
    /// No such connection here: somebody else's segment.
    Unknown,
    /// Drop it: a reset must not end TIME-WAIT early (RFC 1337), and a bare acknowledgment needs no answer.
    Ignore,
    /// Something the peer thinks unanswered, or an old duplicate: acknowledge with these numbers (RFC 9293, section 3.10.7.4).
    Acknowledge { sequence: u32, acknowledgment: u32 },
    /// A new connection with higher sequence numbers: the entry is gone, let a listener have the SYN (RFC 1122, 4.2.2.13).
    Reopen,
}

#[derive(Clone, Copy)]
struct Entry {
    tuple: Tuple,
    /// Next sequence number of ours (SND.NXT).
    next_send: u32,
    /// Next sequence number expected from the peer (RCV.NXT).
    next_receive: u32,
    expires_at: u64,
}

// With two links and two places in the index, 2 bytes each, 40 bytes an entry: what the configuration promises.
const _: () = assert!(size_of::<Entry>() == 32);

/// The table. Its capacity is fixed; when it is full, the entry closest to its end makes room.
pub(in crate::net) struct TimeWaitTable {
    /// Grows to its reserved capacity, then entries are reused.
    entries: Vec<Entry>,
    capacity: usize,
    links: Links,
    /// All live entries, the next to expire first. The lifetime is the same for all, so appending keeps the order.
    live: List,
    free: List,
    index: HashIndex,
    key: HashKey,
}

impl TimeWaitTable {
    /// A table for up to `capacity` entries.
    pub(in crate::net) fn new(capacity: usize, key: HashKey) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
            capacity,
            links: Links::new(capacity),
            live: List::new(),
            free: List::new(),
            index: HashIndex::new(capacity),
            key,
        }
    }

    /// Number of connections in TIME-WAIT, including those whose end has come but was not noticed yet.
    pub(in crate::net) fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether `tuple` is in TIME-WAIT.
    pub(in crate::net) fn contains(&self, tuple: &Tuple) -> bool {
        self.find(tuple).is_some()
    }

    /// When the next entry ends.
    pub(in crate::net) fn next_expiry(&self) -> Option<u64> {
        self.live.front().map(|entry| self.entries[entry].expires_at)
    }

    /// Adds a connection with its SND.NXT and RCV.NXT. Returns whether another had to leave before its time.
    pub(in crate::net) fn insert(&mut self, tuple: Tuple, next_send: u32, next_receive: u32, now: u64) -> bool {
        if self.capacity == 0 {
            return true;
        }
        if let Some(old) = self.find(&tuple) {
            self.remove(old);
        }
        let fresh = Entry { tuple, next_send, next_receive, expires_at: now.saturating_add(LIFETIME_NS) };
        let mut evicted = false;
        let entry = if let Some(entry) = self.links.pop_back(&mut self.free) {
            self.entries[entry] = fresh;
            entry
        } else if self.entries.len() < self.capacity {
            self.entries.push(fresh);
            self.entries.len() - 1
        } else {
            let oldest = self.live.front().expect("a table that is full and has no free entry has a live one");
            evicted = self.entries[oldest].expires_at > now;
            self.remove(oldest);
            self.links.remove(&mut self.free, oldest);
            self.entries[oldest] = fresh;
            oldest
        };
        self.links.push_back(&mut self.live, entry);
        self.index.insert(self.key.tuple(&tuple), entry);
        evicted
    }

    /// Decides about an incoming segment, whose checksum must have been verified.
    pub(in crate::net) fn judge(&mut self, segment: &Segment, now: u64) -> Verdict {
        let Some(at) = self.find(&segment.tuple) else { return Verdict::Unknown };
        let Entry { next_send, next_receive, expires_at, .. } = self.entries[at];
        if expires_at <= now {
            self.remove(at);
            return Verdict::Unknown;
        }
        if segment.rst {
            return Verdict::Ignore;
        }
        if segment.opens() && after(segment.sequence, next_receive) {
            self.remove(at);
            return Verdict::Reopen;
        }
        if segment.fin {
            // The peer did not get our acknowledgment: it will need us for a while yet.
            self.links.remove(&mut self.live, at);
            self.links.push_back(&mut self.live, at);
            self.entries[at].expires_at = now.saturating_add(LIFETIME_NS);
        }
        if segment.occupies_sequence() {
            Verdict::Acknowledge { sequence: next_send, acknowledgment: next_receive }
        } else {
            Verdict::Ignore
        }
    }

    /// Drops entries whose end has come, at most `most` in one call.
    pub(in crate::net) fn expire(&mut self, now: u64, most: usize) {
        for _ in 0..most {
            match self.live.front() {
                Some(first) if self.entries[first].expires_at <= now => self.remove(first),
                _ => return,
            }
        }
    }

    fn find(&self, tuple: &Tuple) -> Option<usize> {
        self.index.find(self.key.tuple(tuple), |entry| self.entries[entry].tuple == *tuple)
    }

    fn remove(&mut self, entry: usize) {
        self.index.remove(self.key.tuple(&self.entries[entry].tuple), entry);
        self.links.remove(&mut self.live, entry);
        self.links.push_back(&mut self.free, entry);
    }
}
