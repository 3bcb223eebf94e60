//! A port that is listened on: its half-open connections and its queue of those to be accepted.

use crate::net::{Error, collections::List, waiters::Waiters};

/// Names a listener. Stale once the listener is closed, never another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerId {
    pub(in crate::net) index: u16,
    pub(in crate::net) generation: u32,
}

/// One entry of the table of listeners.
pub(in crate::net) struct Listener<W> {
    /// 0 while the entry is not in use.
    pub(in crate::net) port: u16,
    pub(in crate::net) generation: u32,
    /// Was closed since the last poll: all its waiters are to be woken, also if the entry is in use again.
    pub(in crate::net) closed: bool,
    /// Most connections in `queue`.
    pub(in crate::net) backlog: usize,
    /// Connections whose handshake is not finished, the oldest first.
    pub(in crate::net) half_open: List,
    /// Established connections nobody has accepted yet.
    pub(in crate::net) queue: List,
    pub(in crate::net) waiters: Waiters<W>,
}

impl<W: Copy + PartialEq> Listener<W> {
    pub(in crate::net) const fn new() -> Self {
        Self {
            port: 0,
            generation: 0,
            closed: false,
            backlog: 0,
            half_open: List::new(),
            queue: List::new(),
            waiters: Waiters::new(),
        }
    }
}

impl<W: Copy + PartialEq> super::Tcp<W> {
    /// Index of the listener `id` names.
    pub(in crate::net) fn listener(&self, id: ListenerId) -> Result<usize, Error> {
        let index = usize::from(id.index);
        match self.listeners.get(index) {
            Some(listener) if listener.port != 0 && listener.generation == id.generation => Ok(index),
            _ => Err(Error::InvalidId),
        }
    }

    /// Wakes those who wait for connections of a listener that is no more.
    pub(in crate::net) fn settle_listeners(&mut self, wake: &mut dyn FnMut(W)) {
        for listener in &mut self.listeners {
            if core::mem::take(&mut listener.closed) {
                listener.waiters.wake(|_| true, wake);
            }
        }
    }

    /// Index of the listener on `port`.
    pub(in crate::net) fn listener_on(&self, port: u16) -> Option<usize> {
        self.listeners.iter().position(|listener| port != 0 && listener.port == port)
    }
}
