//! What one stack counts. Written by whoever holds the stack, read by anybody: relaxed atomics, and nothing computed until read.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number others may read while the stack is in use.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(super) fn inc(&self) {
        self.add(1);
    }

    pub(super) fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    pub(super) fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
    }
}

/// Counters and gauges of one stack.
#[derive(Debug, Default)]
pub struct Stats {
    /// Frames taken from the device.
    pub frames_received: Count,
    /// Frames given to the device.
    pub frames_sent: Count,
    /// Frames dropped: shorter than their headers say, or with a wrong checksum where this stack checks it.
    pub dropped_malformed: Count,
    /// Frames dropped: for another machine.
    pub dropped_not_for_us: Count,
    /// Frames dropped: fragments.
    pub dropped_fragments: Count,
    /// Frames dropped: neither IPv4 nor ARP.
    pub dropped_protocol: Count,
    /// SYNs dropped: from an address no answer could reach.
    pub dropped_unroutable: Count,

    /// Connections opened from here.
    pub active_opens: Count,
    /// Connections opened by a peer whose handshake was completed.
    pub passive_opens: Count,
    /// Segments received.
    pub segments_received: Count,
    /// Segments sent, retransmitted ones included.
    pub segments_sent: Count,
    /// Segments sent again.
    pub retransmissions: Count,
    /// Segments with RST received for a connection.
    pub resets_received: Count,
    /// Segments with RST sent.
    pub resets_sent: Count,
    /// Segments to a port nobody listens on and of no connection; each is answered with RST.
    pub no_connection: Count,
    /// Half-open connections given up for a newer SYN.
    pub half_open_recycled: Count,
    /// Half-open connections whose handshake was not completed in time.
    pub half_open_expired: Count,
    /// SYNs and final handshake segments dropped because the accept queue was full.
    pub accept_overflows: Count,
    /// SYNs dropped because no socket was free.
    pub pool_exhausted: Count,
    /// Connections given up because the peer stopped answering.
    pub timeouts: Count,
    /// Closed connections given up because the peer did not finish them.
    pub orphans_expired: Count,

    /// Connections that went to TIME-WAIT.
    pub time_wait_total: Count,
    /// Connections in TIME-WAIT.
    pub time_wait: Count,
    /// Connections dropped from TIME-WAIT before their time, for want of room.
    pub time_wait_evicted: Count,
    /// TIME-WAIT entries ended by a new connection of the same peer.
    pub time_wait_reopened: Count,
    /// Segments that a TIME-WAIT entry acknowledged again.
    pub time_wait_acknowledged: Count,

    /// Sockets by state, in the order of [`STATES`].
    pub sockets: [Count; STATES.len()],

    /// UDP datagrams received for a bound port.
    pub datagrams_received: Count,
    /// UDP datagrams sent.
    pub datagrams_sent: Count,
    /// UDP datagrams to a port nobody is bound to.
    pub datagrams_no_port: Count,
    /// UDP datagrams for a bound port that were dropped: queue full or wrong checksum.
    pub datagrams_dropped: Count,

    /// DHCP leases obtained or changed.
    pub dhcp_configured: Count,
    /// DHCP leases lost.
    pub dhcp_lost: Count,
}

/// Names of the states counted in [`Stats::sockets`]. TIME-WAIT is not among them: see [`Stats::time_wait`].
pub const STATES: [&str; 9] = [
    "free",
    "syn_sent",
    "syn_received",
    "established",
    "fin_wait_1",
    "fin_wait_2",
    "close_wait",
    "closing",
    "last_ack",
];

/// The counters of one stack, as the stack holds them.
pub(super) type StatsHandle = alloc::boxed::Box<Stats>;

impl Stats {
    /// New counters, all zero, for the stack called `name`.
    pub(super) fn register(_name: &'static str) -> StatsHandle {
        alloc::boxed::Box::default()
    }
}
