//! Addresses of names, asked of one name server by smoltcp's client: the server that was configured, else the one of the
//! DHCP lease. A name's aliases are followed as the server tells them; of several addresses the first counts.
//!
//! Whoever asks has a place for the question until the answer is taken; the places are fixed in number, and each question is
//! over after ten seconds. Not here: a cache (who asks keeps the address for as long as it serves), other records than A,
//! multicast DNS, search lists, and answers over TCP: one address fits a datagram.

use alloc::{boxed::Box, vec::Vec};
use core::net::{Ipv4Addr, SocketAddrV4};

use smoltcp::{
    iface::{SocketHandle, SocketSet},
    socket::dns::{self, GetQueryResultError, QueryHandle, StartQueryError},
    wire::{DnsQueryType, IpAddress},
};
use ukstore::Label as _;

use super::{Config, Error, counting::Unresolved, engine::Engine};
use crate::address::is_unicast;

/// How long a question may take, ns. smoltcp asks at once and after 1, 3 and 7 seconds.
const PATIENCE_NS: u64 = 10_000_000_000;
/// Longest name, without the dot at its end (RFC 1035, section 2.3.4: 255 bytes on the wire).
const LONGEST_NAME: usize = 253;
const SERVER_PORT: u16 = 53;
/// From here answers of multicast DNS come, which is not spoken here. smoltcp 0.14 would take them from anybody.
const MULTICAST_PORT: u16 = 5353;

/// Names a question. Stale once it was answered or cancelled, never another one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryId {
    index: u16,
    generation: u32,
}

enum State {
    Free,
    Asked { query: QueryHandle, until: u64 },
    Over(Result<Ipv4Addr, Error>),
}

struct Slot<W> {
    generation: u32,
    state: State,
    waiter: Option<W>,
}

/// All questions of one stack.
pub(super) struct Resolver<W> {
    handle: SocketHandle,
    configured: Option<Ipv4Addr>,
    slots: Box<[Slot<W>]>,
    /// Questions without an answer yet.
    asked: usize,
    /// When the first of them is over, or was.
    pub(super) deadline: Option<u64>,
}

/// Whom a datagram that no socket is bound to is from.
pub(super) enum Stranger {
    /// The name server, with a question open.
    NameServer,
    /// A speaker of multicast DNS.
    Multicast,
    Other,
}

impl<W: Copy + PartialEq> Resolver<W> {
    pub(super) fn new(config: &Config, set: &mut SocketSet<'static>) -> Self {
        let queries: Vec<_> = (0..config.dns_queries).map(|_| None).collect();
        let handle = set.add(dns::Socket::new(&[], queries.leak()));
        let slots = (0..config.dns_queries).map(|_| Slot { generation: 0, state: State::Free, waiter: None }).collect();
        Self { handle, configured: config.dns, slots, asked: 0, deadline: None }
    }

    fn slot(&self, id: QueryId) -> Result<usize, Error> {
        let index = usize::from(id.index);
        match self.slots.get(index) {
            Some(slot) if slot.generation == id.generation && !matches!(slot.state, State::Free) => Ok(index),
            _ => Err(Error::InvalidId),
        }
    }

    /// Frees a place, and the place smoltcp has for it if that has not ended.
    fn free(&mut self, index: usize, set: &mut SocketSet<'static>) {
        let slot = &mut self.slots[index];
        if let State::Asked { query, .. } = slot.state {
            set.get_mut::<dns::Socket<'_>>(self.handle).cancel_query(query);
            self.asked -= 1;
        }
        slot.state = State::Free;
        slot.waiter = None;
        slot.generation = slot.generation.wrapping_add(1);
    }

    fn note_deadline(&mut self) {
        let until = self.slots.iter().filter_map(|slot| match slot.state {
            State::Asked { until, .. } => Some(until),
            State::Free | State::Over(_) => None,
        });
        self.deadline = until.min();
    }
}

impl<W: Copy + PartialEq> Engine<W> {
    pub(super) fn name_server(&self) -> Option<Ipv4Addr> {
        self.udp.resolver.configured.or_else(|| self.udp.dhcp.as_ref()?.dns)
    }

    pub(super) fn stranger(&self, from: SocketAddrV4) -> Stranger {
        match from.port() {
            MULTICAST_PORT => Stranger::Multicast,
            SERVER_PORT if self.udp.resolver.asked > 0 && self.name_server() == Some(*from.ip()) => {
                Stranger::NameServer
            }
            _ => Stranger::Other,
        }
    }

    pub(super) fn resolve(&mut self, name: &str, waiter: W, now: u64) -> Result<QueryId, Error> {
        let server = self.name_server().ok_or(Error::NoNameServer)?;
        self.route(server)?;
        // Case means nothing in names (RFC 4343), and answers may have another one; smoltcp 0.14 compares bytes.
        let mut lower = heapless::String::<LONGEST_NAME>::new();
        lower.push_str(name.strip_suffix('.').unwrap_or(name)).map_err(|_| Error::NoName)?;
        lower.make_ascii_lowercase();
        let resolver = &mut self.udp.resolver;
        let free = resolver.slots.iter().position(|slot| matches!(slot.state, State::Free));
        let index = free.ok_or(Error::Exhausted)?;
        let socket = self.udp.set.get_mut::<dns::Socket<'_>>(resolver.handle);
        socket.update_servers(&[IpAddress::Ipv4(server)]);
        let query = socket.start_query(self.iface.context(), &lower, DnsQueryType::A).map_err(|error| match error {
            StartQueryError::NoFreeSlot => Error::Exhausted,
            StartQueryError::InvalidName | StartQueryError::NameTooLong => Error::NoName,
        })?;
        let slot = &mut resolver.slots[index];
        slot.state = State::Asked { query, until: now.saturating_add(PATIENCE_NS) };
        slot.waiter = Some(waiter);
        let id = QueryId { index: index as u16, generation: slot.generation };
        resolver.asked += 1;
        resolver.note_deadline();
        self.stats.queries.inc();
        self.udp.touch();
        Ok(id)
    }

    pub(super) fn resolved(&mut self, id: QueryId) -> Result<Ipv4Addr, Error> {
        let resolver = &mut self.udp.resolver;
        let index = resolver.slot(id)?;
        let State::Over(outcome) = resolver.slots[index].state else { return Err(Error::WouldBlock) };
        resolver.free(index, &mut self.udp.set);
        outcome
    }

    pub(super) fn cancel_query(&mut self, id: QueryId) -> Result<(), Error> {
        let resolver = &mut self.udp.resolver;
        let index = resolver.slot(id)?;
        resolver.free(index, &mut self.udp.set);
        resolver.note_deadline();
        Ok(())
    }

    /// Takes what smoltcp has come to, and ends the questions whose time is over. What has failed has failed for the reason
    /// `failed`: smoltcp tells none, but it takes answers and sends questions at different times.
    pub(super) fn settle_queries(&mut self, now: u64, failed: Unresolved, wake: &mut dyn FnMut(W)) {
        let resolver = &mut self.udp.resolver;
        if resolver.asked == 0 {
            return;
        }
        for slot in &mut resolver.slots {
            let State::Asked { query, until } = slot.state else { continue };
            let socket = self.udp.set.get_mut::<dns::Socket<'_>>(resolver.handle);
            let outcome = match socket.get_query_result(query) {
                Ok(addresses) => match addresses.first() {
                    // Nobody is called what a group, or everybody, is.
                    Some(IpAddress::Ipv4(address)) if is_unicast(*address) => Ok(*address),
                    _ => Err(failed),
                },
                Err(GetQueryResultError::Failed) => Err(failed),
                Err(GetQueryResultError::Pending) if until <= now => {
                    socket.cancel_query(query);
                    Err(Unresolved::TimedOut)
                }
                Err(GetQueryResultError::Pending) => continue,
            };
            if let Err(why) = outcome {
                self.stats.queries_failed[why.index()].inc();
            }
            slot.state = State::Over(outcome.map_err(|why| match why {
                Unresolved::NoName => Error::NoName,
                Unresolved::TimedOut => Error::TimedOut,
                Unresolved::Unreachable => Error::Unreachable,
            }));
            resolver.asked -= 1;
            if let Some(waiter) = slot.waiter.take() {
                wake(waiter);
            }
        }
        resolver.note_deadline();
    }

    /// The name server may be another one, or none: questions go on with it.
    pub(super) fn renew_name_server(&mut self) {
        let server = self.name_server().map(IpAddress::Ipv4);
        self.udp.set.get_mut::<dns::Socket<'_>>(self.udp.resolver.handle).update_servers(server.as_slice());
    }
}
