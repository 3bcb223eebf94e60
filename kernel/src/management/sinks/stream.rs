//! A sink over TCP: its connection, and the bytes between the two, in place.

use super::place::{Place, ended};
use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use alloc::boxed::Box;
use core::task::Poll;
use exporter::Site;
use exporter::push::{Ended, Ending, Stream, Wish};
use kernel_core::net::{ConnId, Error, Interest, Wait};

/// The most bytes made in one go: so long, on a shared stack, nobody else has it.
const WRITE_BYTES: usize = 16 * 1024;

/// A sink and its connection.
pub(super) struct StreamSink {
    sink: Box<dyn Stream + Send>,
    place: Place,
    connection: Connection,
}

#[derive(Clone, Copy)]
enum Connection {
    None,
    /// The receiver's address is being asked for.
    Finding,
    Opening(ConnId),
    Open(ConnId),
}

impl StreamSink {
    pub(super) fn new(sink: Box<dyn Stream + Send>, place: Place) -> Self {
        Self { sink, place, connection: Connection::None }
    }

    /// Does what can be done now, and registers `thread` for what cannot. Whether there may be more.
    pub(super) fn serve(&mut self, stack: &mut KernelStack, site: &dyn Site, now: u64, thread: ThreadId) -> bool {
        let mut moved = false;
        if let Connection::Open(connection) = self.connection {
            moved = self.transfer(stack, connection, site, now);
        }
        moved | self.follow(stack, now, thread)
    }

    /// Makes a piece of what there is to tell. Whether there may be more.
    pub(super) fn make(&mut self, site: &dyn Site, now: u64) -> bool {
        self.sink.tick(now, site)
    }

    /// Brings the connection to what the sink wishes. Whether that changed something.
    fn follow(&mut self, stack: &mut KernelStack, now: u64, thread: ThreadId) -> bool {
        match (self.sink.wish(now), self.connection) {
            (Wish::Reset, Connection::None) | (Wish::None | Wish::Close, Connection::None | Connection::Finding) => {
                false
            }
            (Wish::Open, Connection::None) if stack.address().is_none() => false,
            (Wish::Open, Connection::None) => {
                self.sink.opening(now);
                self.connection = Connection::Finding;
                true
            }
            (Wish::Open, Connection::Finding) => self.find(stack, now, thread),
            (_, Connection::Finding) => self.over(stack, now, Ended::TimedOut),
            (Wish::Reset, Connection::Opening(_) | Connection::Open(_)) => self.over(stack, now, Ended::TimedOut),
            (_, Connection::Opening(connection)) => self.open(stack, connection, now, thread),
            (Wish::Close, Connection::Open(_)) => self.over(stack, now, Ended::Closed),
            (Wish::None | Wish::Open, Connection::Open(connection)) => self.wait(stack, connection, now, thread),
        }
    }

    fn find(&mut self, stack: &mut KernelStack, now: u64, thread: ThreadId) -> bool {
        let Poll::Ready(found) = self.place.find(stack, now, thread) else { return false };
        match found.and_then(|address| stack.connect(address, now).map_err(ended)) {
            Ok(connection) => {
                self.connection = Connection::Opening(connection);
                true
            }
            Err(how) => self.over(stack, now, how),
        }
    }

    fn open(&mut self, stack: &mut KernelStack, connection: ConnId, now: u64, thread: ThreadId) -> bool {
        if stack.wait(connection, Interest::Connected, thread) == Ok(Wait::Registered) {
            return false;
        }
        // Nothing is written: this tells only how the handshake went.
        match stack.send(connection, &[]) {
            Ok(_) => {
                self.sink.opened(now);
                self.connection = Connection::Open(connection);
                true
            }
            Err(error) => self.over(stack, now, ended(error)),
        }
    }

    /// Moves what can be moved. Whether anything was.
    fn transfer(&mut self, stack: &mut KernelStack, connection: ConnId, site: &dyn Site, now: u64) -> bool {
        let arrived = self.acknowledge(stack, connection, now);
        let read = stack.recv_with(connection, |bytes| {
            self.sink.receive(now, bytes);
            (bytes.len(), !bytes.is_empty())
        });
        let mut moved = match read {
            Ok(moved) => moved | arrived,
            Err(Error::WouldBlock) => arrived,
            Err(error) => return self.over(stack, now, ended(error)),
        };
        if self.sink.wants_to_write(now) {
            let written = stack.send_with(connection, |space| {
                let most = space.len().min(WRITE_BYTES);
                let written = self.sink.transmit(now, &mut space[..most], site);
                (written, written)
            });
            moved |= match written {
                Ok(written) => written > 0,
                Err(Error::WouldBlock) => false,
                Err(error) => return self.over(stack, now, ended(error)),
            };
        }
        moved
    }

    /// Whether frames have arrived, so that there is room for more.
    fn acknowledge(&mut self, stack: &KernelStack, connection: ConnId, now: u64) -> bool {
        // The id is valid: this is its one owner.
        stack.unacknowledged(connection).is_ok_and(|bytes| self.sink.unacknowledged(now, bytes))
    }

    /// Registers `thread` for what the open connection is waited for. Whether it can be had at once.
    fn wait(&self, stack: &mut KernelStack, connection: ConnId, now: u64, thread: ThreadId) -> bool {
        let mut ready = stack.wait(connection, Interest::Readable, thread) == Ok(Wait::Ready);
        if self.sink.wants_to_write(now) {
            ready |= stack.wait(connection, Interest::Writable, thread) == Ok(Wait::Ready);
        } else if stack.is_sent(connection) == Ok(false) {
            // Ready it is not, and what was acknowledged is looked at whenever this thread is awake.
            let _ = stack.wait(connection, Interest::Sent, thread);
        }
        ready
    }

    /// There is no connection any more, and the sink knows how it ended.
    fn over(&mut self, stack: &mut KernelStack, now: u64, how: Ended) -> bool {
        let connection = core::mem::replace(&mut self.connection, Connection::None);
        self.place.give_up(stack);
        if let Connection::Opening(connection) | Connection::Open(connection) = connection {
            // What was acknowledged last is known as long as the id is.
            self.acknowledge(stack, connection, now);
            // Either id is valid: this is its one owner.
            let _ = match how {
                Ended::Closed => stack.close(connection, now),
                _ => stack.abort(connection, now),
            };
        }
        self.sink.closed(now, how);
        true
    }

    /// When it must be looked at although nothing came.
    pub(super) fn deadline_ns(&self) -> Option<u64> {
        self.sink.deadline_ns()
    }

    pub(super) fn finish(&mut self, now: u64, ending: Ending) {
        self.sink.finish(now, ending);
    }

    pub(super) fn is_finished(&self) -> bool {
        self.sink.is_finished()
    }
}
