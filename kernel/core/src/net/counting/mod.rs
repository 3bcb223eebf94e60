//! What the stacks count, and how it is told. Not for when something counts: that is where it happens, in the stack.
//!
//! `stats` has each stack's counters, by device, and `tally` what a poll adds to them at its end; `neighbors` counts what
//! smoltcp does not tell. `netstat`, `sockstat` and `softnet` tell Linux's sums over the stacks.

mod neighbors;
mod netstat;
mod sockstat;
mod softnet;
mod stats;
mod tally;

pub(super) use neighbors::Neighbors;
pub use stats::{Dropped, Protocol, STACKS, Stats, Unresolved};
pub(super) use tally::Tally;
