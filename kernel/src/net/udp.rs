//! UDP sockets, as std's.

use super::service::{self, Waiting};
use super::setup::KernelStack;
use super::{Error, SocketAddrV4};
use crate::thread::ThreadId;
use kernel_core::net::{Interest, UdpId, Wait};

/// A port for datagrams on the service NIC. Closed on drop.
pub struct UdpSocket {
    id: UdpId,
}

impl UdpSocket {
    /// Binds a port of the service NIC's one address; 0 means any free one.
    ///
    /// # Errors
    /// [`Error::AddressInUse`]; [`Error::Exhausted`]; [`Error::Unreachable`] without a service NIC.
    pub fn bind(port: u16) -> Result<Self, Error> {
        service::act(|stack| stack.udp_bind(port)).map(|id| Self { id })
    }

    /// Waits for a datagram; its length and where it came from. What does not fit is lost.
    ///
    /// # Errors
    /// [`Error::TooManyWaiters`] if more threads wait here than a socket has room for.
    pub fn recv_from(&self, buffer: &mut [u8]) -> Result<(usize, SocketAddrV4), Error> {
        let readable = Ready { id: self.id, interest: Interest::Readable };
        service::block_on(None, &readable, |stack| stack.udp_receive(self.id, buffer))
    }

    /// Queues a datagram, waiting for room.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Unreachable`], [`Error::InvalidAddress`].
    pub fn send_to(&self, data: &[u8], to: SocketAddrV4) -> Result<(), Error> {
        let writable = Ready { id: self.id, interest: Interest::Writable };
        service::block_on(None, &writable, |stack| stack.udp_send(self.id, data, to))
    }
}

impl Drop for UdpSocket {
    fn drop(&mut self) {
        // The id is valid while this value lives.
        let _ = service::act(|stack| stack.udp_close(self.id));
    }
}

struct Ready {
    id: UdpId,
    interest: Interest,
}

impl Waiting for Ready {
    fn wait(&self, stack: &mut KernelStack, thread: ThreadId) -> Result<Wait, Error> {
        stack.udp_wait(self.id, self.interest, thread)
    }

    fn forget(&self, stack: &mut KernelStack, thread: ThreadId) {
        // A socket that is gone has no waiters.
        let _ = stack.udp_forget(self.id, thread);
    }
}
