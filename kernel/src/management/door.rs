//! Who gets in: which peers may connect, how many at once, and who makes way for one more.

use super::client::Client;
use crate::memory::map::ram_bytes;
use crate::net::setup::{KernelStack, MANAGEMENT_BUFFER_BYTES};
use core::net::{IpAddr, SocketAddrV4};
use kernel_core::net::{ConnId, ListenerId};
use kernel_core::params::AllowList;

/// Most clients served at once.
const MAX_PLACES: usize = 64;
/// Fewest: two Prometheus, a probe, and people with browsers, each with a connection to spare.
const MIN_PLACES: usize = 8;

ukstore::counter! {
    /// Idle connections closed because a new client needed the place.
    static EVICTED = "/management/http/evicted_total", "uk_management_http_evicted_total";
}
ukstore::counters! {
    /// Connections to management reset unread: their peer may not connect, or every place was taken by a client being
    /// answered.
    static REFUSED = "/management/connections_refused_total", "uk_management_connections_refused_total",
        reason = ["not_allowed", "full"];
}

/// Indexes `REFUSED`.
#[derive(Clone, Copy)]
enum Reason {
    NotAllowed,
    Full,
}

/// As many clients as a 16th of memory pays for, with their buffers: 64 from 44 MiB on, 23 on 16 MiB.
pub(super) fn places() -> usize {
    let affordable = ram_bytes() as usize / 16 / (size_of::<Client>() + MANAGEMENT_BUFFER_BYTES);
    affordable.clamp(MIN_PLACES, MAX_PLACES)
}

/// Where connections come in.
pub(super) struct Door {
    /// Who may connect; everybody if there is no list.
    pub(super) allow: Option<&'static AllowList>,
}

impl Door {
    /// Seats the clients that have connected, and resets those that may not. Whether there were any.
    pub(super) fn accept(
        &self,
        clients: &mut [Client],
        stack: &mut KernelStack,
        listener: ListenerId,
        now: u64,
    ) -> bool {
        let mut came = false;
        while let Ok((connection, peer)) = stack.accept(listener) {
            came = true;
            if let Err(reason) = self.seat(clients, stack, (connection, peer), now) {
                REFUSED[reason as usize].inc();
                // It was just accepted: the id is valid.
                let _ = stack.abort(connection, now);
            }
        }
        came
    }

    fn seat(
        &self,
        clients: &mut [Client],
        stack: &mut KernelStack,
        (connection, peer): (ConnId, SocketAddrV4),
        now: u64,
    ) -> Result<(), Reason> {
        if !self.allow.is_none_or(|allow| allow.admits(*peer.ip())) {
            return Err(Reason::NotAllowed);
        }
        let client = match clients.iter_mut().position(|client| client.is_vacant()) {
            Some(vacant) => &mut clients[vacant],
            None => {
                let idle = clients.iter_mut().filter(|client| client.idle_since_ns().is_some());
                let longest_idle = idle.min_by_key(|client| client.idle_since_ns()).ok_or(Reason::Full)?;
                longest_idle.evict(stack, now);
                EVICTED.inc();
                longest_idle
            }
        };
        client.seat(connection, IpAddr::V4(*peer.ip()), now);
        Ok(())
    }
}
