//! What a sink is made of: who makes frames, and who takes them to the receiver. Not for what drives them: see `sink`.

use super::{Backlog, Ended, Failure, Outbox, Wish};
use crate::Site;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Well.
    Success,
    /// With an error.
    Failure,
}

/// Makes frames of what there is to tell.
pub trait Producer {
    /// Makes frames of what there is to tell now: some 100 µs of work at most. True if there is more.
    fn produce(&mut self, now_ns: u64, site: &dyn Site, out: &mut Outbox<'_>) -> bool;

    /// When to be called although nobody woke the machine.
    fn deadline_ns(&self) -> Option<u64>;

    /// Items that are to be told, and in no frame yet.
    fn waiting(&self, site: &dyn Site) -> u64 {
        let _ = site;
        0
    }

    /// The machine is about to end: what is said last is made by the calls that follow.
    fn finish(&mut self, now_ns: u64, ending: Ending);

    /// Whether all of that is made.
    fn is_finished(&self) -> bool;
}

/// Takes frames to a receiver over a connection.
pub trait Consumer {
    /// Whether a connection is wanted now, or still.
    fn wants_connection(&self, now_ns: u64, backlog: &Backlog) -> bool;

    /// There is a connection.
    fn opened(&mut self, now_ns: u64);

    /// What to do with the connection that there is: [`Wish::Open`] keeps it.
    fn wish(&self, now_ns: u64, backlog: &Backlog) -> Wish;

    /// Whether there is something to write.
    fn wants_to_write(&self, now_ns: u64, backlog: &Backlog) -> bool;

    /// Writes what comes next to `room`, and returns how much that is.
    fn transmit(&mut self, now_ns: u64, room: &mut [u8], out: &mut Outbox<'_>, site: &dyn Site) -> usize;

    /// So many of the bytes written have not been acknowledged by the receiver's machine.
    fn unacknowledged(&mut self, now_ns: u64, bytes: usize, out: &mut Outbox<'_>);

    /// The receiver says this.
    fn receive(&mut self, now_ns: u64, bytes: &[u8], out: &mut Outbox<'_>);

    /// The connection is over; what was wrong with that, if something was. Next comes [`opened`](Self::opened), if at all.
    fn closed(&mut self, now_ns: u64, how: Ended, out: &mut Outbox<'_>) -> Option<Failure>;

    /// When to look at it although nothing came.
    fn deadline_ns(&self) -> Option<u64>;

    /// Waits no longer for what nobody asked it to wait for: the machine is about to end.
    fn hasten(&mut self, now_ns: u64) {
        let _ = now_ns;
    }
}

/// In a consumer's place: one frame is one datagram, and nobody acknowledges any.
#[derive(Clone, Copy, Debug)]
pub struct Unacknowledged;
