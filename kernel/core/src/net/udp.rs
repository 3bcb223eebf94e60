//! UDP sockets. They are few, so they share one set, together with the clients of DHCP and DNS.

use alloc::{boxed::Box, vec, vec::Vec};
use core::net::{Ipv4Addr, SocketAddrV4};

use smoltcp::{
    iface::{SocketHandle, SocketSet, SocketStorage},
    phy::{Device, TxToken},
    socket::udp::{self, PacketBuffer, PacketMetadata, SendError},
    wire::{IpAddress, IpEndpoint},
};

use super::{
    Config, Error, Interest, Wait,
    device::{Notes, Outlet},
    dhcp::Dhcp,
    dns::{Resolver, Stranger},
    egress::RETRY_NS,
    engine::{Engine, Received, instant, nanoseconds},
    waiters::Waiters,
};

/// Datagrams a socket queues in each direction, whatever their size.
const QUEUE: usize = 32;

/// How long a datagram may wait for its neighbor to answer ARP, ns: Linux asks three times, a second apart.
const STUCK_NS: u64 = 3_000_000_000;

/// Names a UDP socket. Stale once the socket is closed, never another one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UdpId {
    index: u16,
    generation: u32,
}

struct UdpSlot<W> {
    handle: SocketHandle,
    generation: u32,
    /// Was closed since the last poll: all its waiters are to be woken, also if it was bound again.
    closed: bool,
    /// Bytes that were queued when a datagram last found no room. smoltcp tells only whether there is room for another
    /// datagram's description, so with fewer bytes queued it is worth another try, and not before.
    full_at: Option<usize>,
    /// Since when the first datagram in the queue has waited for its neighbor to answer.
    stuck_since: Option<u64>,
    waiters: Waiters<W>,
}

/// All UDP sockets of one stack.
pub(super) struct Datagrams<W> {
    pub(super) set: SocketSet<'static>,
    slots: Box<[UdpSlot<W>]>,
    pub(super) dhcp: Option<Dhcp>,
    pub(super) resolver: Resolver<W>,
    largest: usize,
    /// Something may have to be sent.
    ready: bool,
    /// When something will.
    pub(super) deadline: Option<u64>,
}

impl<W: Copy + PartialEq> Datagrams<W> {
    pub(super) fn new(config: &Config, mtu: usize) -> Self {
        assert!(config.udp_sockets < usize::from(u16::MAX));
        let storage: Vec<SocketStorage<'static>> = (0..config.udp_sockets + 2).map(|_| SocketStorage::EMPTY).collect();
        let mut set = SocketSet::new(storage.leak());
        let buffer = || {
            PacketBuffer::new(
                &mut *vec![PacketMetadata::EMPTY; QUEUE].leak(),
                &mut *vec![0; config.udp_buffer_bytes.max(1)].leak(),
            )
        };
        let slots = (0..config.udp_sockets)
            .map(|_| UdpSlot {
                handle: set.add(udp::Socket::new(buffer(), buffer())),
                generation: 0,
                closed: false,
                full_at: None,
                stuck_since: None,
                waiters: Waiters::new(),
            })
            .collect();
        let dhcp = Dhcp::new(config, &mut set);
        let resolver = Resolver::new(config, &mut set);
        // IPv4 and UDP header; the stack does not fragment.
        let largest = (mtu - 28).min(config.udp_buffer_bytes);
        Self { set, slots, dhcp, resolver, largest, ready: true, deadline: None }
    }

    fn slot(&self, id: UdpId) -> Result<usize, Error> {
        let index = usize::from(id.index);
        match self.slots.get(index) {
            Some(slot) if slot.generation == id.generation && self.socket(index).is_open() => Ok(index),
            _ => Err(Error::InvalidId),
        }
    }

    fn socket(&self, index: usize) -> &udp::Socket<'static> {
        self.set.get(self.slots[index].handle)
    }

    fn socket_mut(&mut self, index: usize) -> &mut udp::Socket<'static> {
        self.set.get_mut(self.slots[index].handle)
    }

    fn bound(&self, port: u16) -> Option<usize> {
        (0..self.slots.len()).find(|&index| self.socket(index).endpoint().port == port && port != 0)
    }

    /// Notes that something may have to be sent.
    pub(super) fn touch(&mut self) {
        self.ready = true;
    }

    /// Whether something may have to be sent.
    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    fn settle(&mut self, index: usize, wake: &mut dyn FnMut(W)) {
        let Self { set, slots, .. } = self;
        let slot = &mut slots[index];
        let closed = core::mem::take(&mut slot.closed);
        // At nearly every poll nobody waits for any of them.
        if slot.waiters.is_empty() {
            return;
        }
        let socket: &udp::Socket<'_> = set.get(slot.handle);
        let full_at = slot.full_at;
        slot.waiters.wake(|interest| closed || satisfied(socket, full_at, interest), wake);
    }

    /// With all sent that can be: looks which queues wait for a neighbor, and drops those that have waited too long. How
    /// many. A queue goes as a whole, what was received with it: smoltcp has no way to take one datagram out.
    fn drop_stuck(&mut self, now: u64) -> u64 {
        let mut dropped = 0;
        for slot in &mut self.slots {
            let socket: &mut udp::Socket<'_> = self.set.get_mut(slot.handle);
            if socket.send_queue() == 0 {
                slot.stuck_since = None;
            } else if now.saturating_sub(*slot.stuck_since.get_or_insert(now)) >= STUCK_NS {
                let endpoint = socket.endpoint();
                socket.close();
                // It was bound to the same endpoint before.
                let _ = socket.bind(endpoint);
                slot.stuck_since = None;
                slot.full_at = None;
                dropped += 1;
            }
        }
        dropped
    }
}

fn satisfied(socket: &udp::Socket<'_>, full_at: Option<usize>, interest: Interest) -> bool {
    match interest {
        Interest::Readable => !socket.is_open() || socket.can_recv(),
        Interest::Writable => {
            let room = full_at.is_none_or(|bytes| bytes == 0 || socket.send_queue() < bytes);
            !socket.is_open() || socket.can_send() && room
        }
        Interest::Sent | Interest::Acceptable | Interest::Connected => true,
    }
}

impl<W: Copy + PartialEq> Engine<W> {
    /// A datagram from `from` to `port` has arrived.
    pub(super) fn datagram<T: TxToken>(
        &mut self,
        from: SocketAddrV4,
        port: u16,
        broadcast: bool,
        empty: bool,
        mut received: Received<'_, T>,
    ) {
        let bound = self.udp.bound(port);
        let stranger = if bound.is_some() { Stranger::Other } else { self.stranger(from) };
        if matches!(stranger, Stranger::Multicast) {
            self.stats.datagrams_no_port.inc();
            return;
        }
        let before = bound.map(|index| self.udp.socket(index).recv_queue());
        let notes = received.process(&mut self.iface, &mut self.udp.set);
        self.count_sent(None, notes);
        self.udp.ready = true;
        // smoltcp does not say whether it took the datagram, but its queue does. An empty one is taken for received if the
        // socket has anything at all.
        let grown = |socket: &udp::Socket<'_>, before| socket.recv_queue() > before || empty && socket.can_recv();
        match (bound, before) {
            (Some(index), Some(before)) if grown(self.udp.socket(index), before) => self.tally.datagrams_received += 1,
            (Some(_), _) => self.stats.datagrams_dropped.inc(),
            _ if matches!(stranger, Stranger::NameServer) => self.tally.datagrams_received += 1,
            // The DHCP client's, or something said to all that is no business of ours.
            _ if broadcast || self.udp.dhcp.is_some() && port == 68 => {}
            _ => self.stats.datagrams_no_port.inc(),
        }
    }

    /// Sends what is queued. Returns whether the device is full.
    pub(super) fn send_datagrams<D: Device>(&mut self, device: &mut D, now: u64, budget: &mut usize) -> bool {
        let due = self.udp.deadline.is_some_and(|at| at <= now);
        if !self.udp.ready && !due {
            return false;
        }
        self.udp.ready = false;
        loop {
            let wanted = self.iface.poll_at(instant(now), &self.udp.set).map(nanoseconds);
            self.udp.deadline = wanted;
            if wanted.is_none_or(|at| instant(at) > instant(now)) {
                self.drop_stuck_datagrams(now);
                return false;
            }
            self.udp.deadline = None;
            if *budget == 0 {
                self.udp.ready = true;
                return false;
            }
            let mut outlet = Outlet { device: &mut *device, notes: Notes::default() };
            self.iface.poll_egress(instant(now), &mut outlet, &mut self.udp.set);
            let notes = outlet.notes;
            *budget = budget.saturating_sub(notes.pieces);
            let (blocked, frames) = (notes.blocked, notes.frames);
            self.count_sent(None, notes);
            if blocked {
                self.udp.ready = true;
                return true;
            }
            if frames == 0 {
                let wanted = self.iface.poll_at(instant(now), &self.udp.set).map(nanoseconds);
                self.udp.deadline = wanted.map(|at| at.max(now + RETRY_NS));
                self.drop_stuck_datagrams(now);
                return false;
            }
        }
    }

    fn drop_stuck_datagrams(&mut self, now: u64) {
        self.stats.datagram_queues_dropped.add(self.udp.drop_stuck(now));
    }

    /// Wakes those whose socket can be used.
    pub(super) fn settle_datagrams(&mut self, wake: &mut dyn FnMut(W)) {
        for index in 0..self.udp.slots.len() {
            self.udp.settle(index, wake);
        }
    }

    pub(super) fn udp_bind(&mut self, port: u16) -> Result<UdpId, Error> {
        let port = match port {
            0 => {
                let Engine { tcp, udp, .. } = self;
                let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
                tcp.ports.choose(any, |port| udp.bound(port).is_none()).ok_or(Error::Exhausted)?
            }
            port if self.udp.bound(port).is_some() => return Err(Error::AddressInUse),
            port => port,
        };
        let free = (0..self.udp.slots.len()).find(|&index| !self.udp.socket(index).is_open());
        let index = free.ok_or(Error::Exhausted)?;
        self.udp.socket_mut(index).bind(port).map_err(|_| Error::InvalidAddress)?;
        self.stats.datagram_sockets.add(1);
        Ok(UdpId { index: index as u16, generation: self.udp.slots[index].generation })
    }

    pub(super) fn udp_local(&self, id: UdpId) -> Result<SocketAddrV4, Error> {
        let index = self.udp.slot(id)?;
        let address = self.network.map_or(Ipv4Addr::UNSPECIFIED, |network| network.address());
        Ok(SocketAddrV4::new(address, self.udp.socket(index).endpoint().port))
    }

    pub(super) fn udp_send(&mut self, id: UdpId, data: &[u8], to: SocketAddrV4) -> Result<(), Error> {
        let index = self.udp.slot(id)?;
        if data.len() > self.udp.largest {
            return Err(Error::TooLong);
        }
        self.route(*to.ip())?;
        let to = IpEndpoint::new(IpAddress::Ipv4(*to.ip()), to.port());
        let sent = self.udp.socket_mut(index).send_slice(data, to);
        let queued = self.udp.socket(index).send_queue();
        let full = matches!(sent, Err(SendError::BufferFull));
        self.udp.slots[index].full_at = full.then_some(queued);
        sent.map_err(|error| match error {
            SendError::BufferFull => Error::WouldBlock,
            SendError::Unaddressable => Error::InvalidAddress,
        })?;
        self.udp.ready = true;
        Ok(())
    }

    pub(super) fn udp_unsent(&self, id: UdpId) -> Result<usize, Error> {
        Ok(self.udp.socket(self.udp.slot(id)?).send_queue())
    }

    pub(super) fn udp_receive(&mut self, id: UdpId, buffer: &mut [u8]) -> Result<(usize, SocketAddrV4), Error> {
        let index = self.udp.slot(id)?;
        let (payload, from) = self.udp.socket_mut(index).recv().map_err(|_| Error::WouldBlock)?;
        let len = payload.len().min(buffer.len());
        buffer[..len].copy_from_slice(&payload[..len]);
        match from.endpoint.addr {
            IpAddress::Ipv4(address) => Ok((len, SocketAddrV4::new(address, from.endpoint.port))),
            // `classify` lets no IPv6 in.
            IpAddress::Ipv6(_) => Err(Error::WouldBlock),
        }
    }

    pub(super) fn udp_close(&mut self, id: UdpId) -> Result<(), Error> {
        let index = self.udp.slot(id)?;
        self.udp.socket_mut(index).close();
        self.stats.datagram_sockets.sub(1);
        let slot = &mut self.udp.slots[index];
        slot.generation = slot.generation.wrapping_add(1);
        slot.closed = true;
        slot.full_at = None;
        slot.stuck_since = None;
        Ok(())
    }

    pub(super) fn udp_wait(&mut self, id: UdpId, interest: Interest, waiter: W) -> Result<Wait, Error> {
        let index = self.udp.slot(id)?;
        if satisfied(self.udp.socket(index), self.udp.slots[index].full_at, interest) {
            return Ok(Wait::Ready);
        }
        self.udp.slots[index].waiters.add(interest, waiter)
    }

    pub(super) fn udp_forget(&mut self, id: UdpId, waiter: W) -> Result<(), Error> {
        let index = self.udp.slot(id)?;
        self.udp.slots[index].waiters.remove(waiter);
        Ok(())
    }
}
