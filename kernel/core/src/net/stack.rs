//! The stack as its owner sees it.

use core::net::{Ipv4Addr, SocketAddrV4};

use smoltcp::{
    iface::{Interface, SocketSet},
    phy::{Device, RxToken},
    wire::{EthernetAddress, HardwareAddress, Ipv4Cidr},
};

use super::{
    Address, Config, ConnId, Error, Interest, Ipv4, ListenerId, QueryId, State, Stats, UdpId, Wait, checksum,
    counting::{Neighbors, Tally, Unresolved},
    device::{Notes, Outlet},
    egress::RETRY_NS,
    engine::{Engine, Received, instant},
    tcp::{HashKey, Tcp},
    udp::Datagrams,
};

/// One NIC's stack over device `D`. `W` is the token its owner gives for a waiting thread and gets back when it may go on.
///
/// Calls that read, write, open or close only change state; [`Stack::poll`] is what receives and sends. So the owner polls
/// when the device has received something, when [`Polled::next_poll_at`] has come, and after calls that may have to send.
pub struct Stack<D, W> {
    device: D,
    engine: Engine<W>,
}

/// What to do after a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polled {
    /// The budget was used up and there may be more: poll again when it is this stack's turn.
    pub more: bool,
    /// When to poll at the latest even if nothing is received, ns. `None`: only then.
    pub next_poll_at: Option<u64>,
}

impl<D: Device, W: Copy + PartialEq> Stack<D, W> {
    /// Builds a stack and all its memory; later calls never allocate. `now` in nanoseconds, as everywhere.
    ///
    /// # Panics
    /// If the configuration asks for no or more than 65,534 sockets, or its addresses are not unicast.
    pub fn new(mut device: D, config: &Config, now: u64) -> Self {
        let mac = EthernetAddress(config.mac);
        let mut interface_config = smoltcp::iface::Config::new(HardwareAddress::Ethernet(mac));
        interface_config.random_seed = config.random_seed;
        let capabilities = device.capabilities();
        let mut outlet = Outlet { device: &mut device, notes: Notes::default() };
        let iface = Interface::new(interface_config, &mut outlet, instant(now));
        let key = HashKey::new(config.random_seed);
        let mut engine = Engine {
            name: config.name,
            iface,
            mac,
            network: None,
            gateway: None,
            announcements: (0, 0),
            window: u16::try_from(config.receive_buffer_bytes).unwrap_or(u16::MAX),
            tcp: Tcp::new(config, key),
            udp: Datagrams::new(config, capabilities.ip_mtu()),
            checksums: capabilities.checksum,
            no_sockets: SocketSet::new(&mut [][..]),
            neighbors: Neighbors::new(),
            tally: Tally::default(),
            stats: Stats::register(config),
        };
        if let Ipv4::Static { address, prefix_len, gateway } = config.ipv4 {
            engine.set_address(Some(Ipv4Cidr::new(address, prefix_len)), gateway, now);
        }
        Self { device, engine }
    }

    /// Receives up to `budget` frames, then handles what time has brought, then sends up to `budget` frames as they are on the
    /// wire: a frame that the device cuts counts for its segments, and the last one begun is sent whole. Gives `wake` the
    /// tokens of those who may go on, each once.
    pub fn poll(&mut self, now: u64, budget: usize, wake: &mut impl FnMut(W)) -> Polled {
        let Self { device, engine } = self;
        let mut received = 0;
        while received < budget {
            let Some((frame, answer)) = device.receive(instant(now)) else { break };
            received += 1;
            let vouched = checksum::is_vouched(frame.meta());
            frame.consume(|frame| {
                engine.receive(Received { now, frame, vouched, answer: Some(answer) }, wake);
            });
        }
        engine.settle_queries(now, Unresolved::NoName, wake);
        engine.iface.poll_maintenance(instant(now));
        engine.apply_lease(now);
        engine.expire(now, budget, wake);
        let blocked = engine.transmit(device, now, budget, wake);
        engine.settle_datagrams(wake);
        engine.settle_queries(now, Unresolved::Unreachable, wake);
        engine.tcp.settle_listeners(wake);
        let more = received == budget || engine.wants_turn(now) && !blocked;
        if more {
            engine.stats.squeezed.inc();
        }
        engine.publish();
        if blocked {
            // What is due cannot be done before the device has room, however long ago it was due.
            return Polled { more, next_poll_at: Some(now + RETRY_NS) };
        }
        let announcement = (engine.announcements.0 > 0).then_some(engine.announcements.1);
        let timers = [
            engine.tcp.deadlines.first(),
            engine.udp.deadline,
            engine.udp.resolver.deadline,
            engine.tcp.time_wait.next_expiry(),
            announcement,
        ];
        Polled { more, next_poll_at: timers.into_iter().flatten().min() }
    }

    /// The device, for its driver's own needs.
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// What the stack has counted, with the name it has in ukstore.
    pub fn stats(&self) -> &ukstore::Object<Stats> {
        &self.engine.stats
    }

    /// The address in use; `None` while DHCP has not leased one.
    pub fn address(&self) -> Option<Address> {
        let network = self.engine.network?;
        Some(Address {
            address: network.address(),
            prefix_len: network.prefix_len(),
            gateway: self.engine.gateway,
            dns: self.engine.name_server(),
        })
    }
}

/// TCP.
impl<D: Device, W: Copy + PartialEq> Stack<D, W> {
    /// Listens on `port` (0: any free one) with room for `backlog` connections that are established and not accepted yet.
    /// While it is full, further ones are put off: their clients try again.
    ///
    /// # Errors
    /// [`Error::AddressInUse`], or [`Error::Exhausted`] if the table of listeners is full.
    pub fn listen(&mut self, port: u16, backlog: usize) -> Result<ListenerId, Error> {
        self.engine.listen(port, backlog)
    }

    /// The port of a listener.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn listener_port(&self, id: ListenerId) -> Result<u16, Error> {
        self.engine.listener_port(id)
    }

    /// Takes the connection that has waited longest. From then on it must be closed or aborted.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] if there is none; [`Error::InvalidId`].
    pub fn accept(&mut self, id: ListenerId) -> Result<(ConnId, SocketAddrV4), Error> {
        self.engine.accept(id)
    }

    /// Stops listening. Connections nobody has accepted are reset; who waits for one is woken by the next poll.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn close_listener(&mut self, id: ListenerId, now: u64) -> Result<(), Error> {
        self.engine.close_listener(id, now)
    }

    /// Begins to connect; [`Interest::Connected`] tells when that is over.
    ///
    /// # Errors
    /// [`Error::Unreachable`] without address or route, [`Error::InvalidAddress`], [`Error::Exhausted`] if no socket or port
    /// is free.
    pub fn connect(&mut self, remote: SocketAddrV4, now: u64) -> Result<ConnId, Error> {
        self.engine.connect(remote, now)
    }

    /// Reads into `buffer`. `Ok(0)` is the end of the stream: the peer has closed and everything was read.
    ///
    /// # Errors
    /// [`Error::WouldBlock`], or how the connection ended: [`Error::Reset`], [`Error::Refused`], [`Error::TimedOut`];
    /// [`Error::InvalidId`].
    pub fn recv(&mut self, id: ConnId, buffer: &mut [u8]) -> Result<usize, Error> {
        self.engine.recv(id, buffer)
    }

    /// Gives `f` received bytes in place, which says how many it has used. What lies around the end of the ring buffer comes
    /// in two calls.
    ///
    /// # Errors
    /// As [`Self::recv`], but [`Error::BrokenPipe`] at the end of the stream.
    pub fn recv_with<R>(&mut self, id: ConnId, f: impl FnOnce(&mut [u8]) -> (usize, R)) -> Result<R, Error> {
        self.engine.recv_with(id, f)
    }

    /// Queues as much of `data` as there is room for, and says how much.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] if there is no room or the connection is not established yet; [`Error::BrokenPipe`] after
    /// [`Self::shutdown_write`]; how the connection ended; [`Error::InvalidId`].
    pub fn send(&mut self, id: ConnId, data: &[u8]) -> Result<usize, Error> {
        self.engine.send(id, data)
    }

    /// Gives `f` free transmit space in place (never empty), which says how many bytes it has written from its start.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_with<R>(&mut self, id: ConnId, f: impl FnOnce(&mut [u8]) -> (usize, R)) -> Result<R, Error> {
        self.engine.send_with(id, f)
    }

    /// Free transmit space in bytes. It may lie in two parts.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn send_space(&self, id: ConnId) -> Result<usize, Error> {
        self.engine.send_space(id)
    }

    /// Bytes written that the peer has not acknowledged, sent or not. The figure outlives the connection: when that was reset
    /// or timed out, it is what may not have arrived, until the id is closed.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn unacknowledged(&self, id: ConnId) -> Result<usize, Error> {
        self.engine.unacknowledged(id)
    }

    /// Whether the peer has acknowledged everything that was written; also true once the connection is over, when nothing is
    /// sent any more.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn is_sent(&self, id: ConnId) -> Result<bool, Error> {
        self.engine.is_sent(id)
    }

    /// Nothing more will be written: the peer reads the end of the stream after what is queued.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn shutdown_write(&mut self, id: ConnId) -> Result<(), Error> {
        self.engine.shutdown_write(id)
    }

    /// Lets the connection go: what is queued is still sent, then the connection is closed in good order. What the peer sends
    /// meanwhile is thrown away. If it does not close its side, the connection is reset after a while, and counted.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn close(&mut self, id: ConnId, now: u64) -> Result<(), Error> {
        self.engine.close(id, now)
    }

    /// Ends the connection at once with a reset; what is queued is lost.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn abort(&mut self, id: ConnId, now: u64) -> Result<(), Error> {
        self.engine.abort(id, now)
    }

    /// State of the connection.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn state(&self, id: ConnId) -> Result<State, Error> {
        self.engine.state(id)
    }

    /// Own end and the peer's, also after the connection is over.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn ends(&self, id: ConnId) -> Result<(SocketAddrV4, SocketAddrV4), Error> {
        self.engine.ends(id)
    }

    /// Has `waiter` woken once when `interest` is satisfied or never will be.
    ///
    /// # Errors
    /// [`Error::TooManyWaiters`], [`Error::InvalidId`].
    pub fn wait(&mut self, id: ConnId, interest: Interest, waiter: W) -> Result<Wait, Error> {
        self.engine.wait(id, interest, waiter)
    }

    /// Forgets a waiter that has given up, after a timeout.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn forget(&mut self, id: ConnId, waiter: W) -> Result<(), Error> {
        self.engine.forget(id, waiter)
    }

    /// Has `waiter` woken once when there is something to accept.
    ///
    /// # Errors
    /// [`Error::TooManyWaiters`], [`Error::InvalidId`].
    pub fn wait_accept(&mut self, id: ListenerId, waiter: W) -> Result<Wait, Error> {
        self.engine.wait_accept(id, waiter)
    }

    /// Forgets a waiter that has given up, after a timeout.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn forget_accept(&mut self, id: ListenerId, waiter: W) -> Result<(), Error> {
        self.engine.forget_accept(id, waiter)
    }
}

/// UDP.
impl<D: Device, W: Copy + PartialEq> Stack<D, W> {
    /// Binds a socket to `port` (0: any free one).
    ///
    /// # Errors
    /// [`Error::AddressInUse`], or [`Error::Exhausted`] if no socket is free.
    pub fn udp_bind(&mut self, port: u16) -> Result<UdpId, Error> {
        self.engine.udp_bind(port)
    }

    /// Own end of the socket.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn udp_local(&self, id: UdpId) -> Result<SocketAddrV4, Error> {
        self.engine.udp_local(id)
    }

    /// Queues one datagram.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] if the queue is full, [`Error::TooLong`], [`Error::Unreachable`], [`Error::InvalidAddress`],
    /// [`Error::InvalidId`].
    pub fn udp_send(&mut self, id: UdpId, data: &[u8], to: SocketAddrV4) -> Result<(), Error> {
        self.engine.udp_send(id, data, to)
    }

    /// Bytes of datagrams that were queued and have not left yet, for want of room or of a neighbor's answer.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn udp_unsent(&self, id: UdpId) -> Result<usize, Error> {
        self.engine.udp_unsent(id)
    }

    /// Takes one datagram; what does not fit into `buffer` is lost, as with any datagram socket.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] if there is none; [`Error::InvalidId`].
    pub fn udp_receive(&mut self, id: UdpId, buffer: &mut [u8]) -> Result<(usize, SocketAddrV4), Error> {
        self.engine.udp_receive(id, buffer)
    }

    /// Closes the socket; datagrams in its queues are lost. Who waits on it is woken by the next poll.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn udp_close(&mut self, id: UdpId) -> Result<(), Error> {
        self.engine.udp_close(id)
    }

    /// Has `waiter` woken once when `interest` is satisfied or never will be.
    ///
    /// # Errors
    /// [`Error::TooManyWaiters`], [`Error::InvalidId`].
    pub fn udp_wait(&mut self, id: UdpId, interest: Interest, waiter: W) -> Result<Wait, Error> {
        self.engine.udp_wait(id, interest, waiter)
    }

    /// Forgets a waiter that has given up, after a timeout.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn udp_forget(&mut self, id: UdpId, waiter: W) -> Result<(), Error> {
        self.engine.udp_forget(id, waiter)
    }
}

/// Names.
impl<D: Device, W: Copy + PartialEq> Stack<D, W> {
    /// Asks the name server for the IPv4 address of `name`, given as people write it; next polls send and receive. `waiter`
    /// is woken once when [`Self::resolved`] tells the outcome, ten seconds from now at the latest. Whoever asks must take
    /// the outcome or cancel.
    ///
    /// # Errors
    /// [`Error::NoNameServer`], [`Error::Unreachable`] if there is no address yet or no way to the name server,
    /// [`Error::NoName`] for what can be no name, [`Error::Exhausted`] if too many are asked for already.
    pub fn resolve(&mut self, name: &str, waiter: W, now: u64) -> Result<QueryId, Error> {
        self.engine.resolve(name, waiter, now)
    }

    /// The address that was asked for. The id is stale afterwards, unless the answer is still awaited.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] while the answer is awaited; [`Error::NoName`], [`Error::TimedOut`] if the name server is
    /// silent, [`Error::Unreachable`] if the way to it was lost; [`Error::InvalidId`].
    pub fn resolved(&mut self, id: QueryId) -> Result<Ipv4Addr, Error> {
        self.engine.resolved(id)
    }

    /// Asks no longer; nobody is woken.
    ///
    /// # Errors
    /// [`Error::InvalidId`].
    pub fn cancel_query(&mut self, id: QueryId) -> Result<(), Error> {
        self.engine.cancel_query(id)
    }
}
