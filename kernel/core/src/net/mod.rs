//! One NIC's TCP/IP stack: smoltcp for the protocols, and around it what a server needs and smoltcp leaves out. A backlog, a
//! bounded pool of half-open connections, TIME-WAIT outside the sockets, ids that cannot name another's connection, waiters,
//! and a bound on the work of every call.
//!
//! ```text
//!   program ── Stack: listen accept connect recv send close wait ──┐
//!                                                                  │ marks sockets ready
//!   device ── frame ─► wire ─► tcp::ingress ─► one socket of smoltcp, or TIME-WAIT, or a listener
//!          ◄─ frames ─ egress ◄─ ready sockets in turns, deadlines ┘
//! ```
//!
//! smoltcp's own way, to offer each packet to every socket and to ask every socket for packets, costs time in proportion to
//! the number of sockets. Here each TCP socket is alone in its socket set: a segment is looked up by its 4-tuple and given to
//! that one, and only sockets with something to do are asked to send. So a flood on one port costs the others nothing but
//! the packets themselves.
//!
//! Time and randomness are arguments, the device is a type parameter, and memory is taken once, in [`Stack::new`]. A stack
//! has no lock: its owner has. Not here: drivers, threads, and the sockets a program sees (the kernel's part), IPv6, and
//! reassembly of IPv4 fragments (counted and dropped).

mod checksum;
mod collections;
mod config;
mod counting;
mod device;
mod dhcp;
mod dns;
mod egress;
mod engine;
mod error;
mod stack;
mod tcp;
mod udp;
mod waiters;
mod wire;

#[cfg(test)]
mod tests;

pub use checksum::CHECKSUM_VOUCHED;
pub use config::{Config, Ipv4};
pub use counting::{Dropped, Protocol, STACKS, Stats, Unresolved};
pub use dhcp::Address;
pub use dns::QueryId;
pub use error::Error;
pub use stack::{Polled, Stack};
pub use tcp::{ConnId, ListenerId, State};
pub use udp::UdpId;
pub use waiters::{Interest, Wait};
