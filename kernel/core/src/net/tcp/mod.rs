//! TCP connections over smoltcp's sockets: one pool of sockets, listeners with a backlog, a bounded number of half-open
//! connections, and TIME-WAIT outside the pool.
//!
//! smoltcp is used as one connection's state machine: every socket has a socket set of its own, so that this module, not a
//! scan, decides which socket a segment is for and which socket may send. A listener owns no socket at all: a SYN takes one
//! from the pool when it comes.

mod api;
mod ingress;
mod lifecycle;
mod listener;
mod ports;
mod slot;
mod time_wait;
mod tuple;

pub use listener::ListenerId;
pub use slot::{ConnId, State};

pub(in crate::net) use listener::Listener;
pub(in crate::net) use ports::EphemeralPorts;
pub(in crate::net) use slot::{End, Phase, Slot};
pub(in crate::net) use time_wait::{TimeWaitTable, Verdict};
pub(in crate::net) use tuple::{HashKey, Tuple};

use alloc::boxed::Box;

use super::{
    Config,
    collections::{Deadlines, HashIndex, Links, List},
};

/// All TCP state of one stack. What acts on it together with the interface is `impl Engine` in the modules below.
pub(in crate::net) struct Tcp<W> {
    pub(in crate::net) slots: Box<[Slot<W>]>,
    pub(in crate::net) listeners: Box<[Listener<W>]>,
    /// Membership by phase: the free list, or one of a listener's two.
    pub(in crate::net) phase_links: Links,
    pub(in crate::net) free: List,
    /// Connections that the program has let go.
    pub(in crate::net) orphans: usize,
    /// Half-open connections of all listeners.
    pub(in crate::net) half_open: usize,
    pub(in crate::net) half_open_limit: usize,
    /// Membership by what is to be done: `ready` or `stalled`.
    pub(in crate::net) work_links: Links,
    /// Slots that may have something to send.
    pub(in crate::net) ready: List,
    /// Slots that wait for a neighbor's hardware address.
    pub(in crate::net) stalled: List,
    pub(in crate::net) deadlines: Deadlines,
    /// Slots by their tuple.
    pub(in crate::net) by_tuple: HashIndex,
    pub(in crate::net) key: HashKey,
    pub(in crate::net) time_wait: TimeWaitTable,
    pub(in crate::net) ports: EphemeralPorts,
}

impl<W: Copy + PartialEq> Tcp<W> {
    pub(in crate::net) fn new(config: &Config, key: HashKey) -> Self {
        let slots = slot::pool(config);
        let mut phase_links = Links::new(slots.len());
        let mut free = List::new();
        for slot in (0..slots.len()).rev() {
            phase_links.push_back(&mut free, slot);
        }
        Self {
            phase_links,
            free,
            orphans: 0,
            half_open: 0,
            half_open_limit: config.half_open.clamp(1, slots.len()),
            work_links: Links::new(slots.len()),
            ready: List::new(),
            stalled: List::new(),
            deadlines: Deadlines::new(slots.len()),
            by_tuple: HashIndex::new(slots.len()),
            time_wait: TimeWaitTable::new(config.time_wait, key),
            ports: EphemeralPorts::new(config.random_seed),
            listeners: (0..config.listeners).map(|_| Listener::new()).collect(),
            slots,
            key,
        }
    }

    /// Slot that holds `tuple`.
    pub(in crate::net) fn find(&self, tuple: &Tuple) -> Option<usize> {
        self.by_tuple.find(self.key.tuple(tuple), |slot| self.slots[slot].tuple == Some(*tuple))
    }

    /// Makes `slot` known under `tuple`.
    pub(in crate::net) fn link(&mut self, slot: usize, tuple: Tuple) {
        self.by_tuple.insert(self.key.tuple(&tuple), slot);
        self.slots[slot].tuple = Some(tuple);
        self.slots[slot].ends = Some(tuple);
    }

    /// Ends what [`Self::link`] began; from here on the slot neither receives nor sends.
    pub(in crate::net) fn unlink(&mut self, slot: usize) {
        if let Some(tuple) = self.slots[slot].tuple.take() {
            self.by_tuple.remove(self.key.tuple(&tuple), slot);
        }
        self.deadlines.set(slot, None);
    }

    /// Notes that `slot` may have something to send, or its state changed.
    pub(in crate::net) fn touch(&mut self, slot: usize) {
        if !self.work_links.is_linked(slot) {
            self.work_links.push_back(&mut self.ready, slot);
        }
    }

    /// Notes that `slot` cannot go on before a neighbor has answered.
    pub(in crate::net) fn stall(&mut self, slot: usize) {
        if !self.work_links.is_linked(slot) {
            self.slots[slot].stalled = true;
            self.work_links.push_back(&mut self.stalled, slot);
        }
    }

    /// Puts a stalled slot back among the ready ones; for others the same as [`Self::touch`].
    pub(in crate::net) fn rouse(&mut self, slot: usize) {
        if core::mem::take(&mut self.slots[slot].stalled) {
            self.work_links.remove(&mut self.stalled, slot);
        }
        self.touch(slot);
    }

    /// A neighbor may have answered: all that waited may try again.
    pub(in crate::net) fn rouse_all(&mut self) {
        while let Some(slot) = self.stalled.front() {
            self.rouse(slot);
        }
    }

    /// Takes `slot` off the lists of work.
    pub(in crate::net) fn rest(&mut self, slot: usize) {
        if self.work_links.is_linked(slot) {
            let list = if core::mem::take(&mut self.slots[slot].stalled) { &mut self.stalled } else { &mut self.ready };
            self.work_links.remove(list, slot);
        }
    }
}
