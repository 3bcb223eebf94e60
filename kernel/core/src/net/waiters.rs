//! Who waits for what on one socket. The tokens are the kernel's (a thread's number); here they are only kept and given back.

use super::Error;

/// What a waiter waits for. It is woken once, when that holds or never will (the connection is over), and must register again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes or a datagram can be read, or the end of the stream.
    Readable,
    /// A worthwhile part of the transmit buffer is free.
    Writable,
    /// The peer has acknowledged everything that was written.
    Sent,
    /// A connection can be accepted.
    Acceptable,
    /// The handshake is over, well or not.
    Connected,
}

/// Outcome of registering a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It holds already; nothing was registered.
    Ready,
    /// The token will be given to `poll`'s `wake` once.
    Registered,
}

/// Most waiters for one socket: enough for a pool of workers that accept from one listener.
const CAPACITY: usize = 8;

/// The waiters of one socket.
pub(super) struct Waiters<W> {
    waiting: heapless::Vec<(Interest, W), CAPACITY>,
}

impl<W: Copy + PartialEq> Waiters<W> {
    pub(super) const fn new() -> Self {
        Self { waiting: heapless::Vec::new() }
    }

    /// Registers `waiter`; once is enough, however often it is called.
    pub(super) fn add(&mut self, interest: Interest, waiter: W) -> Result<Wait, Error> {
        if !self.waiting.contains(&(interest, waiter)) {
            self.waiting.push((interest, waiter)).map_err(|_| Error::TooManyWaiters)?;
        }
        Ok(Wait::Registered)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Forgets `waiter`, which has given up waiting.
    pub(super) fn remove(&mut self, waiter: W) {
        self.waiting.retain(|&(_, w)| w != waiter);
    }

    /// Wakes and forgets those whose interest is satisfied.
    pub(super) fn wake(&mut self, mut satisfied: impl FnMut(Interest) -> bool, wake: &mut dyn FnMut(W)) {
        self.waiting.retain(|&(interest, waiter)| {
            let done = satisfied(interest);
            if done {
                wake(waiter);
            }
            !done
        });
    }
}
