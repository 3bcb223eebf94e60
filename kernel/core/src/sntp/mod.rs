//! The time from an NTP server, as a simple client asks for it (RFC 4330, and RFC 5905 where that is newer), without I/O:
//! time and randomness are arguments, and the caller sends and receives.
//!
//! ```text
//!   Client ── request ─► server ── reply ─► packet ── Sample ─► Client: the best of a round ── Sample ─► Discipline ─► Course
//! ```
//!
//! [`Client`] says when to ask: in rounds of one to four requests, from every 16 s to every 1024 s. [`Reply`] believes nothing
//! it need not. [`Discipline`] decides what a sample means for the clock: a step while the time is unknown or far off, a slew
//! and a correction of the rate otherwise ([`clock::Course`](crate::clock::Course)).
//!
//! One server, because a guest's clock needs one near it, not an election: whoever wants several names a host that has them.
//! Not here: authentication (a management network is private), leap seconds (half a second and more off is seen as such, and
//! stepped), and names of servers.

mod client;
mod discipline;
mod packet;
mod timestamp;

#[cfg(test)]
mod tests;

pub use client::{Client, Ended};
pub use discipline::{Discipline, Judgement, Synchronized};
pub use packet::{Kiss, Rejected, Reply, Request, Sample};
pub use timestamp::unix_ns;
