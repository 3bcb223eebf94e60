//! How the machine drives a sink: what it calls when, and nothing of what is behind it.

use super::{Ended, Ending, Wish};
use crate::Site;

/// A sink over a connection, as the machine drives it.
pub trait Stream {
    /// Time has passed. True if there is more to do at once.
    fn tick(&mut self, now_ns: u64, site: &dyn Site) -> bool;

    /// What it wants of its connection.
    fn wish(&self, now_ns: u64) -> Wish;

    /// A connection is being opened.
    fn opening(&mut self, now_ns: u64);

    /// It is open.
    fn opened(&mut self, now_ns: u64);

    /// It is over, or could not be opened.
    fn closed(&mut self, now_ns: u64, how: Ended);

    /// Whether there is something to write.
    fn wants_to_write(&self, now_ns: u64) -> bool;

    /// Writes what comes next to `room`, and returns how much that is.
    fn transmit(&mut self, now_ns: u64, room: &mut [u8], site: &dyn Site) -> usize;

    /// So many of the bytes written have not been acknowledged by the receiver's machine. True if frames have arrived by that,
    /// so that there is room for more.
    fn unacknowledged(&mut self, now_ns: u64, bytes: usize) -> bool;

    /// The receiver says this.
    fn receive(&mut self, now_ns: u64, bytes: &[u8]);

    /// When to [`tick`](Self::tick) although nobody woke the machine.
    fn deadline_ns(&self) -> Option<u64>;

    /// The machine is about to end.
    fn finish(&mut self, now_ns: u64, ending: Ending);

    /// Whether the receiver has everything that was said last.
    fn is_finished(&self) -> bool;
}

/// A sink of datagrams, as the machine drives it.
pub trait Datagrams {
    /// Time has passed. True if there is more to do at once.
    fn tick(&mut self, now_ns: u64, site: &dyn Site) -> bool;

    /// Whether there is a datagram to send.
    fn wants_to_send(&self, now_ns: u64) -> bool;

    /// Copies the next datagram to `room`, as far as there is any, and returns how long it is.
    fn datagram(&self, room: &mut [u8]) -> usize;

    /// It was sent.
    fn sent(&mut self, now_ns: u64);

    /// It cannot be sent now.
    fn refused(&mut self, now_ns: u64, how: Ended);

    /// It can never be sent.
    fn too_long(&mut self);

    /// When to [`tick`](Self::tick) although nobody woke the machine.
    fn deadline_ns(&self) -> Option<u64>;

    /// The machine is about to end.
    fn finish(&mut self, now_ns: u64, ending: Ending);

    /// Whether everything that was said last was sent.
    fn is_finished(&self) -> bool;
}
