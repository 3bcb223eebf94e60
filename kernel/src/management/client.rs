//! One client of the management port: a TCP connection and the exporter's state machine, and the bytes
//! between them, in place: requests are read out of the receive buffer, replies written into the
//! transmit buffer.

use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use core::net::IpAddr;
use exporter::Site;
use exporter::http::{Closing, Connection, Timeouts};
use kernel_core::net::{ConnId, Error, Interest};

/// The most bytes of a reply made in one go: so long, on a shared stack, nobody else has it.
const WRITE_BYTES: usize = 16 * 1024;

/// A place for a client.
pub(super) struct Client {
    connection: Option<ConnId>,
    http: Connection,
    finished: bool,
    /// Since when it has been idle, for choosing who makes way; meaningful while it is.
    served_at_ns: u64,
}

impl Client {
    pub(super) const fn vacant() -> Self {
        Self { connection: None, http: Connection::new(Timeouts::DEFAULT), finished: false, served_at_ns: 0 }
    }

    pub(super) fn is_vacant(&self) -> bool {
        self.connection.is_none()
    }

    /// Seats a client at `peer` that has just connected.
    pub(super) fn seat(&mut self, connection: ConnId, peer: IpAddr, now: u64) {
        self.http.open(now, peer);
        self.finished = false;
        self.served_at_ns = now;
        self.connection = Some(connection);
    }

    /// Since when this client has asked for nothing; `None` while it is being answered or absent.
    pub(super) fn idle_since_ns(&self) -> Option<u64> {
        (self.connection.is_some() && !self.http.is_answering()).then_some(self.served_at_ns)
    }

    /// Since when this client has been answered; `None` while it is idle or absent.
    pub(super) fn answering_since_ns(&self) -> Option<u64> {
        self.connection.and(self.http.answering_since_ns())
    }

    /// When it must be looked at although nothing came.
    pub(super) fn deadline_ns(&self) -> Option<u64> {
        self.connection.and(self.http.deadline_ns())
    }

    /// Ends the connection with a reset and frees the place.
    pub(super) fn evict(&mut self, stack: &mut KernelStack, now: u64) {
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
            moved |=
                matches!(stack.wait(connection, interest, thread), Ok(kernel_core::net::Wait::Ready)) && !self.finished;
        }
        if moved {
            self.served_at_ns = now;
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
            Ok(written) => written > 0,
            Err(Error::WouldBlock) => false,
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
            Closing::Reset => self.evict(stack, now),
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
