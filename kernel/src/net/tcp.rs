//! TCP sockets, as std's.

use super::service::{self, Waiting};
use super::setup::KernelStack;
use super::{Error, SocketAddrV4};
use crate::thread::ThreadId;
use crate::time::{Duration, after, now_ns};
use core::cell::Cell;
use core::fmt;
use critical_section::Mutex;
use kernel_core::net::{ConnId, Interest, ListenerId, Wait};

/// How many connections may wait to be accepted.
const BACKLOG: usize = 128;
/// The most bytes copied while the stack's lock is held.
const COPY_BYTES: usize = 16 * 1024;

/// A port that accepts connections on the service NIC. Closed on drop; connections it has accepted live on.
pub struct TcpListener {
    id: ListenerId,
}

impl TcpListener {
    /// Listens on a port of the service NIC's one address; 0 means any free one.
    ///
    /// # Errors
    /// [`Error::AddressInUse`]; [`Error::Exhausted`]; [`Error::Unreachable`] without a service NIC.
    pub fn bind(port: u16) -> Result<Self, Error> {
        service::act(|stack| stack.listen(port, BACKLOG)).map(|id| Self { id })
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// [`Error::TooManyWaiters`] if more threads wait here than a listener has room for.
    pub fn accept(&self) -> Result<(TcpStream, SocketAddrV4), Error> {
        let (id, peer) = service::block_on(None, &Accepting(self.id), |stack| stack.accept(self.id))?;
        Ok((TcpStream::new(id), peer))
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        // The id is valid while this value lives, so there is always an answer.
        service::with(|stack| stack.listener_port(self.id)).and_then(Result::ok).unwrap_or(0)
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        // The id is valid while this value lives.
        let _ = service::act(|stack| stack.close_listener(self.id, now_ns()));
    }
}

/// A connection. Several threads may share it by reference: each direction is used by one at a time.
///
/// On drop, what was written is still sent, and the connection closed in good order.
pub struct TcpStream {
    id: ConnId,
    read_timeout: Mutex<Cell<Option<Duration>>>,
}

impl TcpStream {
    fn new(id: ConnId) -> Self {
        Self { id, read_timeout: Mutex::new(Cell::new(None)) }
    }

    /// Connects to a peer.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::TimedOut`], [`Error::Unreachable`], [`Error::Exhausted`], [`Error::InvalidAddress`].
    pub fn connect(peer: SocketAddrV4) -> Result<Self, Error> {
        let id = service::act(|stack| stack.connect(peer, now_ns()))?;
        let stream = Self::new(id); // from here on, an error closes it
        let connected = Ready { id, interest: Interest::Connected };
        service::block_on(None, &connected, |stack| match stack.send(id, &[]) {
            Err(Error::WouldBlock) => Err(Error::WouldBlock),
            other => other.map(|_| ()),
        })?;
        Ok(stream)
    }

    /// Reads at least one byte, waiting for it; 0 is the end of the stream.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after the read timeout; how the connection ended.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize, Error> {
        let timeout = critical_section::with(|cs| self.read_timeout.borrow(cs).get());
        let deadline = timeout.map(after);
        let most = buffer.len().min(COPY_BYTES);
        let buffer = &mut buffer[..most];
        let readable = Ready { id: self.id, interest: Interest::Readable };
        service::block_on(deadline, &readable, |stack| stack.recv(self.id, buffer))
    }

    /// Reads until the buffer is full.
    ///
    /// # Errors
    /// As [`Self::read`]; [`Error::BrokenPipe`] when the stream ends first.
    pub fn read_exact(&self, mut buffer: &mut [u8]) -> Result<(), Error> {
        while !buffer.is_empty() {
            match self.read(buffer)? {
                0 => return Err(Error::BrokenPipe),
                read => buffer = &mut buffer[read..],
            }
        }
        Ok(())
    }

    /// Queues at least one byte for sending, waiting for room; how many it queued.
    ///
    /// # Errors
    /// [`Error::BrokenPipe`] after a shutdown; how the connection ended.
    pub fn write(&self, data: &[u8]) -> Result<usize, Error> {
        let data = &data[..data.len().min(COPY_BYTES)];
        let writable = Ready { id: self.id, interest: Interest::Writable };
        service::block_on(None, &writable, |stack| stack.send(self.id, data))
    }

    /// Queues all bytes for sending.
    ///
    /// # Errors
    /// As [`Self::write`]; then how many were queued is not known.
    pub fn write_all(&self, mut data: &[u8]) -> Result<(), Error> {
        while !data.is_empty() {
            let written = self.write(data)?;
            data = &data[written..];
        }
        Ok(())
    }

    /// Ends the sending direction: the peer reads the end of the stream.
    ///
    /// # Errors
    /// How the connection ended, if it has.
    pub fn shutdown(&self) -> Result<(), Error> {
        service::act(|stack| stack.shutdown_write(self.id))
    }

    /// How long a read waits at most; `None`, as at first: for ever.
    pub fn set_read_timeout(&self, timeout: Option<Duration>) {
        critical_section::with(|cs| self.read_timeout.borrow(cs).set(timeout));
    }

    /// The peer's address.
    ///
    /// # Errors
    /// None while this value lives.
    pub fn peer_addr(&self) -> Result<SocketAddrV4, Error> {
        service::with(|stack| stack.ends(self.id)).unwrap_or(Err(Error::Unreachable)).map(|(_, peer)| peer)
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TcpStream").field(&self.peer_addr().ok()).finish()
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        // The id is valid while this value lives.
        let _ = service::act(|stack| stack.close(self.id, now_ns()));
    }
}

struct Accepting(ListenerId);

impl Waiting for Accepting {
    fn wait(&self, stack: &mut KernelStack, thread: ThreadId) -> Result<Wait, Error> {
        stack.wait_accept(self.0, thread)
    }

    fn forget(&self, stack: &mut KernelStack, thread: ThreadId) {
        // A listener that is gone has no waiters.
        let _ = stack.forget_accept(self.0, thread);
    }
}

struct Ready {
    id: ConnId,
    interest: Interest,
}

impl Waiting for Ready {
    fn wait(&self, stack: &mut KernelStack, thread: ThreadId) -> Result<Wait, Error> {
        stack.wait(self.id, self.interest, thread)
    }

    fn forget(&self, stack: &mut KernelStack, thread: ThreadId) {
        // A connection that is gone has no waiters.
        let _ = stack.forget(self.id, thread);
    }
}
