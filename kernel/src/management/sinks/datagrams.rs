//! A sink of datagrams: its socket, and where they go.

use super::place::{Place, ended};
use crate::net::setup::KernelStack;
use crate::thread::ThreadId;
use alloc::boxed::Box;
use core::net::SocketAddrV4;
use core::task::Poll;
use exporter::Site;
use exporter::push::{Datagrams, Ending};
use kernel_core::net::{Error, Interest, UdpId, Wait};

/// Longest datagram: what an Ethernet frame carries.
const MOST_BYTES: usize = 1472;
/// The most sent in one go: so long, on a shared stack, nobody else has it.
const AT_ONCE: usize = 16;
/// How long an address is good that was asked for by name.
const KNOWN_NS: u64 = 300_000_000_000;

/// A sink and its socket.
pub(super) struct DatagramSink {
    sink: Box<dyn Datagrams + Send>,
    place: Place,
    socket: Option<UdpId>,
    /// The receiver's address, and until when it is known.
    address: Option<(SocketAddrV4, u64)>,
    room: Box<[u8; MOST_BYTES]>,
    /// Whether everything that was given to the socket has left it.
    is_sent: bool,
}

impl DatagramSink {
    pub(super) fn new(sink: Box<dyn Datagrams + Send>, place: Place) -> Self {
        Self { sink, place, socket: None, address: None, room: Box::new([0; MOST_BYTES]), is_sent: true }
    }

    /// Does what can be done now, and registers `thread` for what cannot. Whether there may be more.
    pub(super) fn serve(&mut self, stack: &mut KernelStack, now: u64, thread: ThreadId) -> bool {
        let moved = self.send_some(stack, now, thread);
        // Its id is valid, if there is one.
        self.is_sent = self.socket.is_none_or(|socket| stack.udp_unsent(socket) == Ok(0));
        moved
    }

    /// Makes a piece of what there is to tell. Whether there may be more.
    pub(super) fn make(&mut self, site: &dyn Site, now: u64) -> bool {
        self.sink.tick(now, site)
    }

    fn send_some(&mut self, stack: &mut KernelStack, now: u64, thread: ThreadId) -> bool {
        let mut moved = false;
        for _ in 0..AT_ONCE {
            if !self.sink.wants_to_send(now) || stack.address().is_none() {
                return moved;
            }
            match self.send(stack, now, thread) {
                Ok(true) => moved = true,
                Ok(false) => return moved,
                Err(error) => {
                    self.address = None;
                    self.sink.refused(now, ended(error));
                    return moved;
                }
            }
        }
        true
    }

    /// Sends one; false if that must wait.
    fn send(&mut self, stack: &mut KernelStack, now: u64, thread: ThreadId) -> Result<bool, Error> {
        let socket = match self.socket {
            Some(socket) => socket,
            None => *self.socket.insert(stack.udp_bind(0)?),
        };
        let address = match self.address.filter(|&(_, until)| now < until) {
            Some((address, _)) => address,
            None => match (self.place.find(stack, now, thread), self.address) {
                (Poll::Ready(Ok(address)), _) => self.address.insert((address, now.saturating_add(KNOWN_NS))).0,
                // The one that was known is good until there is another.
                (Poll::Pending, Some((address, _))) => address,
                (Poll::Pending, None) => return Ok(false),
                (Poll::Ready(Err(_)), _) => return Err(Error::NoName),
            },
        };
        let len = self.sink.datagram(&mut self.room[..]);
        let sent = match self.room.get(..len) {
            Some(datagram) => stack.udp_send(socket, datagram, address),
            None => Err(Error::TooLong),
        };
        match sent {
            Ok(()) => self.sink.sent(now),
            Err(Error::TooLong) => self.sink.too_long(),
            Err(Error::WouldBlock) => return Ok(stack.udp_wait(socket, Interest::Writable, thread) == Ok(Wait::Ready)),
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// When it must be looked at although nothing came.
    pub(super) fn deadline_ns(&self) -> Option<u64> {
        self.sink.deadline_ns()
    }

    pub(super) fn finish(&mut self, now: u64, ending: Ending) {
        self.sink.finish(now, ending);
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_sent && self.sink.is_finished()
    }
}
