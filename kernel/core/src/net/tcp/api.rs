//! What the program does with connections and listeners. None of these calls sends: that is the next poll's part.

use core::net::{Ipv4Addr, SocketAddrV4};

use smoltcp::{
    socket::tcp::{RecvError, State},
    wire::IpAddress,
};

use crate::net::{Error, Interest, Wait, engine::Engine};

use super::{ConnId, End, ListenerId, Phase, Slot, Tuple};

impl<W: Copy + PartialEq> Engine<W> {
    /// Slot of the connection `id` names.
    fn owned(&self, id: ConnId) -> Result<usize, Error> {
        let index = usize::from(id.index);
        match self.tcp.slots.get(index) {
            Some(slot) if slot.phase == Phase::Owned && slot.generation == id.generation => Ok(index),
            _ => Err(Error::InvalidId),
        }
    }

    fn conn(&self, slot: usize) -> ConnId {
        ConnId { index: slot as u16, generation: self.tcp.slots[slot].generation }
    }

    pub(in crate::net) fn listen(&mut self, port: u16, backlog: usize) -> Result<ListenerId, Error> {
        let port = match port {
            0 => {
                let any = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
                let super::Tcp { ports, listeners, .. } = &mut self.tcp;
                let free = |port| listeners.iter().all(|listener| listener.port != port);
                ports.choose(any, free).ok_or(Error::Exhausted)?
            }
            port if self.tcp.listener_on(port).is_some() => return Err(Error::AddressInUse),
            port => port,
        };
        let index = self.tcp.listeners.iter().position(|listener| listener.port == 0).ok_or(Error::Exhausted)?;
        let listener = &mut self.tcp.listeners[index];
        listener.port = port;
        listener.backlog = backlog.max(1);
        self.stats.listeners.add(1);
        Ok(ListenerId { index: index as u16, generation: listener.generation })
    }

    pub(in crate::net) fn listener_port(&self, id: ListenerId) -> Result<u16, Error> {
        Ok(self.tcp.listeners[self.tcp.listener(id)?].port)
    }

    pub(in crate::net) fn accept(&mut self, id: ListenerId) -> Result<(ConnId, SocketAddrV4), Error> {
        let listener = self.tcp.listener(id)?;
        let tcp = &mut self.tcp;
        let slot = tcp.phase_links.pop_front(&mut tcp.listeners[listener].queue).ok_or(Error::WouldBlock)?;
        let this = &mut tcp.slots[slot];
        this.phase = Phase::Owned;
        let peer = this.tuple.map_or(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0), |tuple| tuple.remote);
        Ok((self.conn(slot), peer))
    }

    /// Half-open connections of the listener are forgotten, those not accepted yet are reset.
    pub(in crate::net) fn close_listener(&mut self, id: ListenerId, now: u64) -> Result<(), Error> {
        let index = self.tcp.listener(id)?;
        let listener = &mut self.tcp.listeners[index];
        listener.port = 0;
        self.stats.listeners.sub(1);
        listener.closed = true;
        listener.generation = listener.generation.wrapping_add(1);
        while let Some(slot) = self.tcp.listeners[index].half_open.front() {
            // Nobody can wait on a connection that nobody has.
            self.release(slot, now, &mut |_| {});
        }
        loop {
            let tcp = &mut self.tcp;
            let Some(slot) = tcp.phase_links.pop_front(&mut tcp.listeners[index].queue) else { break };
            tcp.slots[slot].phase = Phase::Orphan;
            tcp.orphans += 1;
            self.reset(slot, now);
        }
        Ok(())
    }

    pub(in crate::net) fn connect(&mut self, remote: SocketAddrV4, now: u64) -> Result<ConnId, Error> {
        self.route(*remote.ip())?;
        let address = self.network.ok_or(Error::Unreachable)?.address();
        if remote.port() == 0 || remote.ip().is_broadcast() || remote.ip().is_multicast() {
            return Err(Error::InvalidAddress);
        }
        let tuple = |port| Tuple { local: SocketAddrV4::new(address, port), remote };
        let mut ports = self.tcp.ports;
        let port = ports.choose(remote, |port| {
            self.tcp.listener_on(port).is_none()
                && self.tcp.find(&tuple(port)).is_none()
                && !self.tcp.time_wait.contains(&tuple(port))
        });
        self.tcp.ports = ports;
        let port = port.ok_or(Error::Exhausted)?;
        if self.tcp.free.is_empty() {
            self.recycle_half_open(now, &mut |_| {});
        }
        let tcp = &mut self.tcp;
        let slot = tcp.phase_links.pop_back(&mut tcp.free).ok_or(Error::Exhausted)?;
        let this = &mut tcp.slots[slot];
        this.clear(now);
        this.phase = Phase::Owned;
        let remote = (IpAddress::Ipv4(*remote.ip()), remote.port());
        let local = (IpAddress::Ipv4(address), port);
        // It fails for a socket in use or an unspecified end: this one is new, and both ends were checked.
        let connecting = this.socket_mut().connect(self.iface.context(), remote, local);
        debug_assert!(connecting.is_ok());
        tcp.link(slot, tuple(port));
        self.stats.active_opens.inc();
        self.recount(slot);
        self.tcp.touch(slot);
        Ok(self.conn(slot))
    }

    pub(in crate::net) fn recv_with<R>(
        &mut self,
        id: ConnId,
        f: impl FnOnce(&mut [u8]) -> (usize, R),
    ) -> Result<R, Error> {
        let slot = self.owned(id)?;
        let this = &mut self.tcp.slots[slot];
        let end = this.end;
        if !this.socket().can_recv() && this.socket().may_recv() || this.connecting() {
            return Err(Error::WouldBlock);
        }
        let mut taken = 0;
        let result = this.socket_mut().recv(|received| {
            let (count, result) = f(received);
            taken = count;
            (count, result)
        });
        match result {
            Ok(result) => {
                if taken > 0 {
                    self.tcp.touch(slot);
                }
                Ok(result)
            }
            Err(RecvError::Finished) => Err(Error::BrokenPipe),
            Err(RecvError::InvalidState) => Err(end.map_or(Error::WouldBlock, End::error)),
        }
    }

    pub(in crate::net) fn recv(&mut self, id: ConnId, buffer: &mut [u8]) -> Result<usize, Error> {
        let slot = self.owned(id)?;
        let this = &mut self.tcp.slots[slot];
        if this.connecting() {
            return Err(Error::WouldBlock);
        }
        match this.socket_mut().recv_slice(buffer) {
            Ok(0) if !buffer.is_empty() => Err(Error::WouldBlock),
            Ok(count) => {
                self.tcp.touch(slot);
                Ok(count)
            }
            Err(RecvError::Finished) => Ok(0),
            Err(RecvError::InvalidState) => Err(this.end.map_or(Error::WouldBlock, End::error)),
        }
    }

    pub(in crate::net) fn send_with<R>(
        &mut self,
        id: ConnId,
        f: impl FnOnce(&mut [u8]) -> (usize, R),
    ) -> Result<R, Error> {
        let slot = self.owned(id)?;
        let this = &mut self.tcp.slots[slot];
        this.writable()?;
        // Whether it may send was just asked.
        let result = this.socket_mut().send(f).map_err(|_| Error::BrokenPipe)?;
        self.tcp.touch(slot);
        Ok(result)
    }

    pub(in crate::net) fn send(&mut self, id: ConnId, data: &[u8]) -> Result<usize, Error> {
        let slot = self.owned(id)?;
        let this = &mut self.tcp.slots[slot];
        this.writable()?;
        let count = this.socket_mut().send_slice(data).map_err(|_| Error::BrokenPipe)?;
        self.tcp.touch(slot);
        Ok(count)
    }

    pub(in crate::net) fn send_space(&self, id: ConnId) -> Result<usize, Error> {
        let socket = self.tcp.slots[self.owned(id)?].socket();
        Ok(socket.send_capacity() - socket.send_queue())
    }

    /// smoltcp empties the queue when the socket is used anew, not when the connection ends.
    pub(in crate::net) fn unacknowledged(&self, id: ConnId) -> Result<usize, Error> {
        Ok(self.tcp.slots[self.owned(id)?].socket().send_queue())
    }

    pub(in crate::net) fn is_sent(&self, id: ConnId) -> Result<bool, Error> {
        Ok(self.tcp.slots[self.owned(id)?].satisfies(Interest::Sent))
    }

    pub(in crate::net) fn shutdown_write(&mut self, id: ConnId) -> Result<(), Error> {
        let slot = self.owned(id)?;
        self.tcp.slots[slot].socket_mut().close();
        self.tcp.touch(slot);
        Ok(())
    }

    pub(in crate::net) fn close(&mut self, id: ConnId, now: u64) -> Result<(), Error> {
        let slot = self.owned(id)?;
        let this = &mut self.tcp.slots[slot];
        this.socket_mut().close();
        this.phase = Phase::Orphan;
        this.generation = this.generation.wrapping_add(1);
        this.since = now;
        self.tcp.orphans += 1;
        self.tcp.touch(slot);
        Ok(())
    }

    pub(in crate::net) fn abort(&mut self, id: ConnId, now: u64) -> Result<(), Error> {
        let slot = self.owned(id)?;
        let this = &mut self.tcp.slots[slot];
        this.phase = Phase::Orphan;
        this.generation = this.generation.wrapping_add(1);
        self.tcp.orphans += 1;
        self.reset(slot, now);
        Ok(())
    }

    pub(in crate::net) fn state(&self, id: ConnId) -> Result<State, Error> {
        Ok(self.tcp.slots[self.owned(id)?].socket().state())
    }

    pub(in crate::net) fn ends(&self, id: ConnId) -> Result<(SocketAddrV4, SocketAddrV4), Error> {
        let ends = self.tcp.slots[self.owned(id)?].ends;
        ends.map(|tuple| (tuple.local, tuple.remote)).ok_or(Error::InvalidId)
    }

    pub(in crate::net) fn wait(&mut self, id: ConnId, interest: Interest, waiter: W) -> Result<Wait, Error> {
        let slot = self.owned(id)?;
        let this = &mut self.tcp.slots[slot];
        if this.satisfies(interest) { Ok(Wait::Ready) } else { this.waiters.add(interest, waiter) }
    }

    pub(in crate::net) fn forget(&mut self, id: ConnId, waiter: W) -> Result<(), Error> {
        let slot = self.owned(id)?;
        self.tcp.slots[slot].waiters.remove(waiter);
        Ok(())
    }

    pub(in crate::net) fn wait_accept(&mut self, id: ListenerId, waiter: W) -> Result<Wait, Error> {
        let index = self.tcp.listener(id)?;
        let listener = &mut self.tcp.listeners[index];
        if listener.queue.is_empty() { listener.waiters.add(Interest::Acceptable, waiter) } else { Ok(Wait::Ready) }
    }

    pub(in crate::net) fn forget_accept(&mut self, id: ListenerId, waiter: W) -> Result<(), Error> {
        let index = self.tcp.listener(id)?;
        self.tcp.listeners[index].waiters.remove(waiter);
        Ok(())
    }
}

impl<W: Copy + PartialEq> Slot<W> {
    fn connecting(&self) -> bool {
        matches!(self.socket().state(), State::SynSent | State::SynReceived)
    }

    /// Fails unless there is room to write.
    fn writable(&self) -> Result<(), Error> {
        let socket = self.socket();
        if self.connecting() || socket.may_send() && !socket.can_send() {
            Err(Error::WouldBlock)
        } else if socket.may_send() {
            Ok(())
        } else {
            Err(self.end.map_or(Error::BrokenPipe, End::error))
        }
    }
}
