//! One client of the management port: a TCP connection and the exporter's state machine, and the bytes
//! between them, in place: requests are read out of the receive buffer, replies written into the
//! transmit buffer.

use super::door::Seat;
use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use core::net::IpAddr;
use exporter::Site;
use exporter::http::{Closing, Connection, Timeouts};
use kernel_core::net::{ConnId, Error, Interest, Wait};

/// The most bytes of a reply made in one go: so long, on a shared stack, nobody else has it.
const WRITE_BYTES: usize = 16 * 1024;

ukstore::counter! {
    /// Connections ended because a new client needed the place: idle ones, or else slow readers.
    static EVICTED = "/management/http/evicted_total", "uk_management_http_evicted_total";
}

/// A place for a client.
pub(super) struct Client {
    connection: Option<ConnId>,
    http: Connection,
    finished: bool,
    /// When something was last written to it, or it was seated. What it sends moves nothing: a byte a second is no use
    /// made of a place.
    written_at_ns: u64,
}

/// What a client is doing, and since when. Ordered by who makes way first for a newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Its side has everything that it asked for.
    Idle {
        /// When something was last written to it, or it came.
        since_ns: u64,
    },
    /// It is being answered, or has not taken all of the answer yet.
    Answering {
        /// Since when; once the transmit buffer has the rest of the answer, since then.
        since_ns: u64,
    },
}

impl Client {
    pub(super) const fn vacant() -> Self {
        Self { connection: None, http: Connection::new(Timeouts::DEFAULT), finished: false, written_at_ns: 0 }
    }

    /// What this client is doing; `None` if the place is vacant.
    pub(super) fn standing(&self, stack: &KernelStack) -> Option<Standing> {
        let connection = self.connection?;
        Some(match self.http.answering_since_ns() {
            Some(since_ns) => Standing::Answering { since_ns },
            None if is_sent(stack, connection) => Standing::Idle { since_ns: self.written_at_ns },
            None => Standing::Answering { since_ns: self.written_at_ns },
        })
    }

    /// When it must be looked at although nothing came.
    pub(super) fn deadline_ns(&self) -> Option<u64> {
        self.connection.and(self.http.deadline_ns())
    }

    /// Ends the connection with a reset and frees the place.
    fn reset(&mut self, stack: &mut KernelStack, now: u64) {
        if let Some(connection) = self.connection.take() {
            // A connection that is over already needs no reset.
            let _ = stack.abort(connection, now);
        }
        self.http.disconnect();
    }

    /// Moves what can be moved now, and registers `thread` for what cannot. Whether anything moved.
    pub(super) fn serve(&mut self, stack: &mut KernelStack, site: &dyn Site, now: u64, thread: ThreadId) -> bool {
        let Some(connection) = self.connection else { return false };
        self.http.tick(now, site);
        let mut moved = false;
        if self.http.wants_to_read() {
            moved |= self.read(stack, connection, site, now);
        }
        if self.http.wants_to_write() {
            moved |= self.write(stack, connection, site, now);
        }
        if self.connection.is_some() {
            moved |= self.close_if_due(stack, connection, now);
        }
        // While samples are awaited it wants neither, and to be told that it could would keep this thread awake.
        if self.connection.is_some() && (self.http.wants_to_write() || self.http.wants_to_read()) {
            let interest = if self.http.wants_to_write() { Interest::Writable } else { Interest::Readable };
            // Ready means that a step above stopped at the end of a ring buffer: there is more to move.
            moved |= stack.wait(connection, interest, thread) == Ok(Wait::Ready) && !self.finished;
        }
        // Only once its side has everything is a client waited for to close.
        let lasts = self.finished && self.connection.is_some();
        if lasts && stack.wait(connection, Interest::Sent, thread) == Ok(Wait::Ready) {
            self.http.sent(now);
        }
        moved
    }

    fn read(&mut self, stack: &mut KernelStack, connection: ConnId, site: &dyn Site, now: u64) -> bool {
        match stack.recv_with(connection, |bytes| {
            let taken = self.http.receive(now, bytes, site);
            (taken, taken)
        }) {
            Ok(taken) => taken > 0,
            Err(Error::WouldBlock) => false,
            Err(Error::BrokenPipe) => {
                self.http.receive_end(now);
                true
            }
            Err(_) => {
                self.drop_connection(stack, connection, now);
                true
            }
        }
    }

    fn write(&mut self, stack: &mut KernelStack, connection: ConnId, site: &dyn Site, now: u64) -> bool {
        match stack.send_with(connection, |space| {
            let most = space.len().min(WRITE_BYTES);
            let space = &mut space[..most];
            let written = self.http.transmit(now, space, site);
            (written, written)
        }) {
            Ok(0) | Err(Error::WouldBlock) => false,
            Ok(_) => {
                self.written_at_ns = now;
                true
            }
            Err(_) => {
                self.drop_connection(stack, connection, now);
                true
            }
        }
    }

    /// Does with the connection what the state machine says; whether there was something to do, and
    /// so something to send.
    fn close_if_due(&mut self, stack: &mut KernelStack, connection: ConnId, now: u64) -> bool {
        match self.http.closing() {
            Closing::Open => return false,
            Closing::Finish if !self.finished => {
                self.finished = true;
                // A connection that is over already is dropped at its next read.
                let _ = stack.shutdown_write(connection);
            }
            Closing::Finish if !self.http.wants_to_read() => self.drop_connection(stack, connection, now),
            Closing::Finish => return false,
            Closing::Reset => self.reset(stack, now),
        }
        true
    }

    fn drop_connection(&mut self, stack: &mut KernelStack, connection: ConnId, now: u64) {
        // The id is valid: this is its one owner.
        let _ = stack.close(connection, now);
        self.connection = None;
        self.http.disconnect();
    }
}

impl Seat for Client {
    fn is_vacant(&self) -> bool {
        self.connection.is_none()
    }

    fn take(&mut self, connection: ConnId, peer: IpAddr, now: u64) {
        self.http.open(now, peer);
        self.finished = false;
        self.written_at_ns = now;
        self.connection = Some(connection);
    }

    fn evict(&mut self, stack: &mut KernelStack, now: u64) {
        EVICTED.inc();
        self.reset(stack, now);
    }
}

/// Whether the client's side has everything that was written to it.
fn is_sent(stack: &KernelStack, connection: ConnId) -> bool {
    // The id is valid as long as the client has it.
    stack.is_sent(connection).unwrap_or(true)
}
