//! Who gets in: which peers may connect, how many at once, and who makes way for one more.

use super::client::{Client, Standing};
use crate::memory::map::ram_bytes;
use crate::net::setup::{KernelStack, MANAGEMENT_BUFFER_BYTES};
use core::net::{IpAddr, SocketAddrV4};
use kernel_core::net::{ConnId, ListenerId};
use kernel_core::params::{AllowList, Params};

/// Most clients served at once.
const MAX_PLACES: usize = 64;
/// Fewest: two Prometheus, a probe, and people with browsers, each with a connection to spare.
const MIN_PLACES: usize = 8;
/// A client that has been answered for so long may have to make way: a scrape takes a thousandth of that.
const SLOW_NS: u64 = 2_000_000_000;

ukstore::counters! {
    /// Connections to management reset unread: their peer may not connect, or every place was taken by a client that had
    /// just asked.
    static REFUSED = "/management/connections_refused_total", "uk_management_connections_refused_total",
        reason = ["not_allowed", "full"];
}

/// Why a connection was reset unread. Indexes `REFUSED`.
#[derive(Clone, Copy)]
enum Reason {
    NotAllowed,
    Full,
}

/// A place that a connection can have.
pub(super) trait Seat {
    /// Whether none has it.
    fn is_vacant(&self) -> bool;

    /// Gives it to `connection` with `peer`, which has just been accepted.
    fn take(&mut self, connection: ConnId, peer: IpAddr, now: u64);

    /// Resets the connection that has it, and counts that it had to make way.
    fn evict(&mut self, stack: &mut KernelStack, now: u64);
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
            let Ok(accepted) = stack.accept(listener) else { return came };
            came = true;
            self.admit(accepted, place, stack, now);
        }
    }

    /// Gives a connection that was just accepted this place, or resets it: there is none, or its peer may not connect.
    pub(super) fn admit(
        &self,
        (connection, peer): (ConnId, SocketAddrV4),
        place: Option<&mut impl Seat>,
        stack: &mut KernelStack,
        now: u64,
    ) {
        let refused = match place {
            _ if self.allow.is_some_and(|allow| !allow.admits(*peer.ip())) => Reason::NotAllowed,
            None => Reason::Full,
            Some(place) => {
                if !place.is_vacant() {
                    place.evict(stack, now);
                }
                return place.take(connection, IpAddr::V4(*peer.ip()), now);
            }
        };
        REFUSED[refused as usize].inc();
        // It was just accepted: the id is valid.
        let _ = stack.abort(connection, now);
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
