//! Who gets in: which peers may connect, how many at once, and who makes way for one more.

use super::client::{Client, Standing};
use crate::memory::map::ram_bytes;
use crate::net::setup::{KernelStack, MANAGEMENT_BUFFER_BYTES};
use core::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use kernel_core::net::{ConnId, ListenerId};
use kernel_core::params::{AllowList, Params};

/// Most clients served at once.
const MAX_PLACES: usize = 64;
/// Fewest: two Prometheus, a probe, and people with browsers, each with a connection to spare.
const MIN_PLACES: usize = 8;
/// A client that has been answered for so long may have to make way: a scrape takes a thousandth of that.
const SLOW_NS: u64 = 2_000_000_000;

ukstore::counter! {
    /// Connections ended because a new client needed the place: idle ones, or else slow readers.
    static EVICTED = "/management/http/evicted_total", "uk_management_http_evicted_total";
}
ukstore::counters! {
    /// Connections to management reset unread: their peer may not connect, or every place was taken by a client that had
    /// just asked.
    static REFUSED = "/management/connections_refused_total", "uk_management_connections_refused_total",
        reason = ["not_allowed", "full"];
}

/// Why a connection was reset unread. Indexes `REFUSED`.
#[derive(Clone, Copy)]
pub(super) enum Reason {
    NotAllowed,
    Full,
}

impl Reason {
    pub(super) fn count(self) {
        REFUSED[self as usize].inc();
    }
}

/// As many clients as a 16th of memory pays for, with their buffers: 64 from 44 MiB on, 23 on 16 MiB.
pub(super) fn places() -> usize {
    let affordable = ram_bytes() as usize / 16 / (size_of::<Client>() + MANAGEMENT_BUFFER_BYTES);
    affordable.clamp(MIN_PLACES, MAX_PLACES)
}

/// Where connections come in.
pub(super) struct Door {
    /// Who may connect; everybody if there is no list.
    allow: Option<&'static AllowList>,
}

impl Door {
    pub(super) fn new(params: &'static Params<'static>) -> Self {
        Self { allow: params.allow.as_ref() }
    }

    /// Whether who is at this address may connect.
    pub(super) fn admits(&self, peer: Ipv4Addr) -> bool {
        self.allow.is_none_or(|allow| allow.admits(peer))
    }

    /// Seats the clients that have connected, and resets those that may not. Whether there were any; there may be more
    /// then.
    ///
    /// To be called after everybody was served, so that who has asked for something is not taken to be idle. Nobody has
    /// to make way in the turn that seated it: it has not been heard yet.
    pub(super) fn accept(
        &self,
        clients: &mut [Client],
        stack: &mut KernelStack,
        listener: ListenerId,
        now: u64,
    ) -> bool {
        let mut came = false;
        loop {
            let place = place(clients, stack, now);
            if came && place.is_none() {
                return true;
            }
            let Ok((connection, peer)) = stack.accept(listener) else { return came };
            came = true;
            if let Err(reason) = self.seat(place, stack, (connection, peer), now) {
                reason.count();
                // It was just accepted: the id is valid.
                let _ = stack.abort(connection, now);
            }
        }
    }

    fn seat(
        &self,
        place: Option<&mut Client>,
        stack: &mut KernelStack,
        (connection, peer): (ConnId, SocketAddrV4),
        now: u64,
    ) -> Result<(), Reason> {
        if !self.admits(*peer.ip()) {
            return Err(Reason::NotAllowed);
        }
        let client = place.ok_or(Reason::Full)?;
        if !client.is_vacant() {
            client.reset(stack, now);
            EVICTED.inc();
        }
        client.seat(connection, IpAddr::V4(*peer.ip()), now);
        Ok(())
    }
}

/// A place for a newcomer: a vacant one, or that of the client that has been idle longest. If none is idle, that of the
/// one that has been answered longest, lest slow readers in all places keep everybody out.
fn place<'c>(clients: &'c mut [Client], stack: &KernelStack, now: u64) -> Option<&'c mut Client> {
    if let Some(vacant) = clients.iter().position(Client::is_vacant) {
        return clients.get_mut(vacant);
    }
    let makes_way = |standing: &Standing| match *standing {
        Standing::Idle { since_ns } => since_ns < now,
        Standing::Answering { since_ns } => now.saturating_sub(since_ns) >= SLOW_NS,
    };
    let standings = clients.iter_mut().filter_map(|client| Some((client.standing(stack).filter(makes_way)?, client)));
    standings.min_by_key(|(standing, _)| *standing).map(|(_, client)| client)
}
