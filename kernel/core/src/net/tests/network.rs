//! Two stacks on one wire, in simulated time: the wire can lose, duplicate and reorder, and nothing here waits for real.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    vec,
    vec::Vec,
};

use core::{
    net::{Ipv4Addr, SocketAddrV4},
    num::{NonZeroU16, NonZeroUsize},
};

use smoltcp::{
    phy::{Checksum, Device, DeviceCapabilities, Medium, PacketMeta, RxToken, TxToken},
    time::Instant,
};

use ukstore::{Node, Value};

use super::offload::{LONGEST, complete};
use crate::net::{CHECKSUM_VOUCHED, Config, ConnId, Error, Interest, Ipv4, ListenerId, Stack, State, Wait};

pub(super) const MILLISECOND: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1_000_000_000;
pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
pub(super) const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
pub(super) const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
pub(super) const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// A NIC with two unbounded queues. Clones are the same NIC: one for the stack, one for the wire.
#[derive(Clone, Default)]
pub(super) struct Nic(Rc<RefCell<Queues>>);

#[derive(Default)]
pub(super) struct Queues {
    pub(super) incoming: VecDeque<Vec<u8>>,
    pub(super) outgoing: VecDeque<Vec<u8>>,
    /// Frames `outgoing` may hold; `None`: any number.
    pub(super) room: Option<usize>,
    /// Frames handed to the stack since somebody last set this to zero.
    pub(super) taken: usize,
    /// Largest IP packet, 1500 unless it is set before the stack is made.
    pub(super) mtu: Option<usize>,
    /// Completes checksums and cuts long frames; to be set before the stack is made.
    pub(super) offloads: bool,
    /// Vouches for the checksums of what it hands to the stack.
    pub(super) vouches: bool,
}

impl Queues {
    fn frame_len(&self) -> usize {
        14 + self.mtu.unwrap_or(1500)
    }
}

impl Nic {
    /// One that does what it can for its stack.
    pub(super) fn offloading() -> Self {
        let nic = Self::default();
        nic.queues().offloads = true;
        nic
    }

    pub(super) fn queues(&self) -> core::cell::RefMut<'_, Queues> {
        self.0.borrow_mut()
    }
}

pub(super) struct Taken {
    frame: Vec<u8>,
    vouched: bool,
}

pub(super) struct Room {
    nic: Nic,
    segment: Option<NonZeroU16>,
}

impl RxToken for Taken {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.frame)
    }

    fn meta(&self) -> PacketMeta {
        let mut meta = PacketMeta::default();
        meta.id = if self.vouched { CHECKSUM_VOUCHED } else { 0 };
        meta
    }
}

impl TxToken for Room {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        // A frame that is not written whole shows: nothing in a header is 0xee by chance.
        let mut frame = vec![0xee; len];
        let result = f(&mut frame);
        let mut queues = self.nic.queues();
        if queues.offloads {
            queues.outgoing.extend(complete(frame, self.segment));
        } else {
            queues.outgoing.push_back(frame);
        }
        result
    }

    fn set_meta(&mut self, meta: PacketMeta) {
        self.segment = meta.segmentation_offload_size;
    }
}

impl Device for Nic {
    type RxToken<'a> = Taken;
    type TxToken<'a> = Room;

    fn receive(&mut self, _now: Instant) -> Option<(Taken, Room)> {
        let mut queues = self.queues();
        let frame = queues.incoming.pop_front()?;
        queues.taken += 1;
        assert!(frame.len() <= queues.frame_len(), "{} bytes are more than the MTU allows", frame.len());
        let vouched = queues.vouches;
        drop(queues);
        Some((Taken { frame, vouched }, Room { nic: self.clone(), segment: None }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Room> {
        let queues = self.queues();
        let room = queues.room.is_none_or(|room| queues.outgoing.len() < room);
        drop(queues);
        room.then(|| Room { nic: self.clone(), segment: None })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        let queues = self.queues();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = queues.frame_len();
        if queues.offloads {
            capabilities.checksum.tcp = Checksum::Rx;
            capabilities.checksum.udp = Checksum::Rx;
            capabilities.segmentation.tcpv4 = NonZeroUsize::new(LONGEST);
        }
        capabilities
    }
}

/// How bad the wire is, in percent of frames.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    pub(super) loss: u64,
    pub(super) duplication: u64,
    pub(super) reordering: u64,
}

/// A generator of test randomness; the same seed gives the same run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.roll() % 100 < chance
    }
}

/// One stack and its end of the wire.
pub(super) struct Host {
    pub(super) stack: Stack<Nic, u32>,
    pub(super) nic: Nic,
    pub(super) next_poll_at: Option<u64>,
    /// Tokens woken so far.
    pub(super) woken: Vec<u32>,
}

/// Frames a stack may handle in one poll here: small, so that budgets run out often.
pub(super) const BUDGET: usize = 8;

impl Host {
    pub(super) fn new(config: &Config) -> Self {
        Self::with(Nic::default(), config)
    }

    pub(super) fn with(nic: Nic, config: &Config) -> Self {
        Self { stack: Stack::new(nic.clone(), config, 0), nic, next_poll_at: Some(0), woken: Vec::new() }
    }

    /// What its stack tells as the metric `family`: an entry whose path has its name.
    pub(super) fn told(&self, family: &str) -> u64 {
        let entry = family.strip_prefix("uk_stack_").or_else(|| family.strip_prefix("uk_")).unwrap_or(family);
        let path = std::format!("/stacks/{}/{entry}", self.stack.stats().name());
        let Ok(Node::Leaf(leaf)) = ukstore::lookup(&path) else { panic!("no {path}") };
        assert_eq!(leaf.family().map(ukstore::Family::name), Some(family));
        let Ok(Value::U64(count)) = leaf.read() else { panic!("{path} is no count") };
        count
    }

    /// Polls until there is nothing more to do now.
    pub(super) fn poll(&mut self, now: u64) {
        for _ in 0..10_000 {
            let polled = self.stack.poll(now, BUDGET, &mut |token| self.woken.push(token));
            self.next_poll_at = polled.next_poll_at;
            if !polled.more {
                return;
            }
        }
        panic!("a stack that never comes to rest");
    }
}

/// A configuration of the server or, with other addresses, the client.
pub(super) fn config(name: &'static str, address: Ipv4Addr, mac: [u8; 6]) -> Config {
    let mut config = Config::new(name, mac, Ipv4::Static { address, prefix_len: 24, gateway: None });
    config.random_seed = 0x5eed ^ u64::from(mac[5]) << 40;
    config
}

pub(super) fn server_config() -> Config {
    config("server", SERVER, SERVER_MAC)
}

pub(super) fn client_config() -> Config {
    config("client", CLIENT, CLIENT_MAC)
}

/// A server, a client, and the wire between them.
pub(super) struct Network {
    pub(super) now: u64,
    pub(super) server: Host,
    pub(super) client: Host,
    pub(super) faults: Faults,
    pub(super) dice: Dice,
    /// Frames under way: when they arrive, and whether at the server.
    flying: BTreeMap<(u64, u64), (bool, Vec<u8>)>,
    launched: u64,
}

impl Network {
    pub(super) fn new(server: &Config, client: &Config) -> Self {
        Self {
            now: 0,
            server: Host::new(server),
            client: Host::new(client),
            faults: Faults::default(),
            dice: Dice(0x1234_5678_9abc_def1),
            flying: BTreeMap::new(),
            launched: 0,
        }
    }

    fn launch(&mut self, to_server: bool, frame: Vec<u8>) {
        if self.dice.percent(self.faults.loss) {
            return;
        }
        let copies = 1 + u64::from(self.dice.percent(self.faults.duplication));
        for _ in 0..copies {
            let late = if self.dice.percent(self.faults.reordering) { self.dice.roll() % (3 * MILLISECOND) } else { 0 };
            self.launched += 1;
            self.flying.insert((self.now + MILLISECOND / 10 + late, self.launched), (to_server, frame.clone()));
        }
    }

    /// Polls both, and puts what they send on the wire.
    pub(super) fn poll(&mut self) {
        self.server.poll(self.now);
        self.client.poll(self.now);
        for to_server in [true, false] {
            let from = if to_server { self.client.nic.clone() } else { self.server.nic.clone() };
            let frames: Vec<_> = from.queues().outgoing.drain(..).collect();
            for frame in frames {
                self.launch(to_server, frame);
            }
        }
    }

    /// Advances time to the next event, unless that is after `end`. Returns whether there was one.
    fn advance(&mut self, end: u64) -> bool {
        let arrival = self.flying.first_key_value().map(|((at, _), _)| *at);
        let next = [arrival, self.server.next_poll_at, self.client.next_poll_at].into_iter().flatten().min();
        let Some(next) = next.filter(|&at| at <= end) else { return false };
        self.now = self.now.max(next);
        while let Some(entry) = self.flying.first_entry()
            && entry.key().0 <= self.now
        {
            let (to_server, frame) = entry.remove();
            let host = if to_server { &self.server } else { &self.client };
            host.nic.queues().incoming.push_back(frame);
        }
        true
    }

    /// Lets both work until `done` says so. Panics if it has not within `limit` of simulated time.
    pub(super) fn until(&mut self, limit: u64, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let deadline = self.now + limit;
        loop {
            self.poll();
            if done(self) {
                return;
            }
            // It may have given them something to do.
            self.poll();
            assert!(self.advance(deadline) || done(self), "not within {} ms: {what}", limit / MILLISECOND);
        }
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, time: u64) {
        let end = self.now + time;
        self.poll();
        while self.advance(end) {
            self.poll();
        }
        self.now = end;
        self.poll();
    }

    /// A connection between the two: the client's end and the server's.
    pub(super) fn connect(&mut self, listener: ListenerId, port: u16) -> (ConnId, ConnId) {
        let client = self.client.stack.connect(SocketAddrV4::new(SERVER, port), self.now).unwrap();
        let mut server = None;
        self.until(60 * SECOND, "connection", |net| {
            if server.is_none()
                && let Ok((id, peer)) = net.server.stack.accept(listener)
            {
                assert_eq!(peer.ip(), &CLIENT);
                server = Some(id);
            }
            server.is_some() && net.client.stack.state(client) == Ok(State::Established)
        });
        (client, server.unwrap())
    }
}

/// Reads everything up to the end of the stream, which must have come.
pub(super) fn read_all(stack: &mut Stack<Nic, u32>, id: ConnId) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = [0; 700];
    loop {
        match stack.recv(id, &mut buffer) {
            Ok(0) => return all,
            Ok(count) => all.extend_from_slice(&buffer[..count]),
            Err(error) => panic!("{error} after {} bytes", all.len()),
        }
    }
}

/// Whether the stream has ended or failed, or has something to read.
pub(super) fn readable(stack: &mut Stack<Nic, u32>, id: ConnId) -> bool {
    match stack.wait(id, Interest::Readable, 0) {
        Ok(Wait::Ready) => true,
        Ok(Wait::Registered) => {
            stack.forget(id, 0).unwrap();
            false
        }
        Err(Error::InvalidId) => panic!("stale id"),
        Err(error) => panic!("{error}"),
    }
}
