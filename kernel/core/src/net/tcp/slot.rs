//! One socket of the pool and what this stack knows about it besides smoltcp.

use alloc::{boxed::Box, vec, vec::Vec};
use core::num::NonZeroU16;

use smoltcp::{
    iface::{SocketHandle, SocketSet, SocketStorage},
    socket::tcp::{self, SocketBuffer},
};

pub use smoltcp::socket::tcp::State;

use super::Tuple;
use crate::net::{
    Config, Error, Interest,
    collections::MAX_MEMBERS,
    waiters::Waiters,
    wire::{Segment, after},
};

/// Names a connection. Stale once the connection is closed, never another one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnId {
    pub(in crate::net) index: u16,
    pub(in crate::net) generation: u32,
}

/// Whose a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) enum Phase {
    /// Nobody's.
    Free,
    /// A listener's, in the handshake.
    HalfOpen { listener: u16 },
    /// A listener's, waiting to be accepted.
    Queued { listener: u16 },
    /// The program's, which holds its [`ConnId`].
    Owned,
    /// Let go by the program; the stack brings it to its end.
    Orphan,
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) enum End {
    /// Both sides closed.
    Orderly,
    Reset,
    Refused,
    TimedOut,
}

impl End {
    pub(in crate::net) fn error(self) -> Error {
        match self {
            End::Orderly => Error::BrokenPipe,
            End::Reset => Error::Reset,
            End::Refused => Error::Refused,
            End::TimedOut => Error::TimedOut,
        }
    }
}

/// One socket.
pub(in crate::net) struct Slot<W> {
    /// The socket, alone in its set: given to smoltcp with a segment, it is the only one that can take it.
    pub(in crate::net) set: SocketSet<'static>,
    pub(in crate::net) handle: SocketHandle,
    pub(in crate::net) generation: u32,
    pub(in crate::net) phase: Phase,
    /// While set, segments are delivered to the socket and it may send.
    pub(in crate::net) tuple: Option<Tuple>,
    /// The last tuple, kept for the program after the connection is over.
    pub(in crate::net) ends: Option<Tuple>,
    pub(in crate::net) end: Option<End>,
    /// Waits for a neighbor's hardware address.
    pub(in crate::net) stalled: bool,
    /// smoltcp has put the socket off because a neighbor did not answer, and does so whatever it is used for next.
    pub(in crate::net) put_off: bool,
    /// Something is sent and not acknowledged, so the peer must be heard from in time.
    pub(in crate::net) expects: bool,
    /// Its deadline has come, and it has not had its turn since.
    pub(in crate::net) due: bool,
    /// When the phase began, ns.
    pub(in crate::net) since: u64,
    /// When the peer was last heard, or was first expected to be, ns.
    pub(in crate::net) heard_at: u64,
    /// Sequence number of the peer's SYN, while half-open.
    pub(in crate::net) peer_syn: u32,
    /// Highest sequence number sent, once something was.
    pub(in crate::net) sent_to: Option<u32>,
    /// The peer has no room: what is sent again meanwhile asks for news of that.
    pub(in crate::net) peer_closed_window: bool,
    /// Last acknowledgment sent.
    pub(in crate::net) acknowledged: u32,
    /// When the last challenge was answered, ns.
    pub(in crate::net) challenged_at: Option<u64>,
    /// State it is counted under.
    pub(in crate::net) counted: State,
    pub(in crate::net) waiters: Waiters<W>,
}

/// Makes the pool. The buffers and sockets live as long as the machine, as the stack does: they are leaked, because smoltcp
/// without its own allocation takes only borrowed ones.
pub(super) fn pool<W: Copy + PartialEq>(config: &Config) -> Box<[Slot<W>]> {
    let count = config.tcp_connections;
    assert!(count > 0 && count <= MAX_MEMBERS, "a stack has 1 to 65,534 TCP sockets");
    let (receive_len, transmit_len) = (config.receive_buffer_bytes.max(1), config.transmit_buffer_bytes.max(1));
    let receive = vec![0; count * receive_len].leak().chunks_mut(receive_len);
    let transmit = vec![0; count * transmit_len].leak().chunks_mut(transmit_len);
    let storage: Vec<SocketStorage<'static>> = (0..count).map(|_| SocketStorage::EMPTY).collect();
    storage
        .leak()
        .chunks_mut(1)
        .zip(receive.zip(transmit))
        .map(|(storage, (rx, tx))| Slot::new(storage, rx, tx))
        .collect()
}

impl<W: Copy + PartialEq> Slot<W> {
    fn new(
        storage: &'static mut [SocketStorage<'static>],
        receive: &'static mut [u8],
        transmit: &'static mut [u8],
    ) -> Self {
        let mut set = SocketSet::new(storage);
        let handle = set.add(tcp::Socket::new(SocketBuffer::new(receive), SocketBuffer::new(transmit)));
        Self {
            set,
            handle,
            generation: 0,
            phase: Phase::Free,
            tuple: None,
            ends: None,
            end: None,
            stalled: false,
            put_off: false,
            expects: false,
            due: false,
            since: 0,
            heard_at: 0,
            peer_syn: 0,
            sent_to: None,
            peer_closed_window: false,
            acknowledged: 0,
            challenged_at: None,
            counted: State::Closed,
            waiters: Waiters::new(),
        }
    }

    pub(in crate::net) fn socket(&self) -> &tcp::Socket<'static> {
        self.set.get(self.handle)
    }

    pub(in crate::net) fn socket_mut(&mut self) -> &mut tcp::Socket<'static> {
        self.set.get_mut(self.handle)
    }

    /// Makes the socket as new, in state CLOSED; nothing is sent.
    pub(in crate::net) fn clear(&mut self, now: u64) {
        if core::mem::take(&mut self.put_off) {
            // smoltcp keeps that beside the socket, in the set; a socket that is new to the set is put off by nothing.
            let socket = self.set.remove(self.handle);
            self.handle = self.set.add(socket);
        }
        let socket = self.socket_mut();
        socket.abort();
        // Small writes are gathered until the next poll already; holding them back for an acknowledgment would only delay them.
        socket.set_nagle_enabled(false);
        socket.set_congestion_control(tcp::CongestionControl::Reno);
        self.tuple = None;
        self.ends = None;
        self.end = None;
        self.expects = false;
        self.due = false;
        self.since = now;
        self.heard_at = now;
        self.sent_to = None;
        self.peer_closed_window = false;
        self.challenged_at = None;
    }

    /// The socket has sent `segment`, in `pieces` with `cut` bytes of content each if the device cuts it. Returns how many
    /// of them hold nothing new: a probe of the peer's closed window does not count.
    pub(in crate::net) fn note_sent(&mut self, segment: &Segment, pieces: usize, cut: Option<NonZeroU16>) -> u64 {
        let end = segment.end();
        let Some(sent_to) = self.sent_to else {
            self.sent_to = Some(end);
            return 0;
        };
        let again = if after(end, sent_to) {
            self.sent_to = Some(end);
            let repeated = sent_to.wrapping_sub(segment.sequence).cast_signed().max(0);
            cut.map_or(0, |cut| repeated as u64 / u64::from(cut.get()))
        } else if segment.occupies_sequence() {
            pieces as u64
        } else {
            0
        };
        if self.peer_closed_window { 0 } else { again }
    }

    /// Whether `interest` is satisfied, or can never be.
    pub(in crate::net) fn satisfies(&self, interest: Interest) -> bool {
        satisfied(self.socket(), interest)
    }

    /// Wakes those whose interest is satisfied.
    pub(in crate::net) fn wake(&mut self, wake: &mut dyn FnMut(W)) {
        let socket: &tcp::Socket<'static> = self.set.get(self.handle);
        self.waiters.wake(|interest| satisfied(socket, interest), wake);
    }
}

fn satisfied(socket: &tcp::Socket<'static>, interest: Interest) -> bool {
    let connecting = matches!(socket.state(), State::SynSent | State::SynReceived);
    match interest {
        Interest::Readable => !connecting && (socket.can_recv() || !socket.may_recv()),
        // Waking a writer for every acknowledged byte would have it write in crumbs.
        Interest::Writable if socket.may_send() => {
            socket.send_capacity() - socket.send_queue() >= socket.send_capacity().div_ceil(4)
        }
        Interest::Writable | Interest::Connected => !connecting,
        Interest::Sent => socket.send_queue() == 0 || socket.state() == State::Closed,
        Interest::Acceptable => true,
    }
}
