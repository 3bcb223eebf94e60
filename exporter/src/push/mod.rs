//! The roads out that the machine takes by itself: measurements, log lines and pings, pushed to whom the boot parameters name.
//!
//! Each road is a [`Sink`]: a [`Producer`] makes frames, they wait in a [`Backlog`], a [`Consumer`] takes them to the
//! receiver. The machine has the sockets and the clock, and drives sinks as [`Stream`] or [`Datagrams`].
//!
//! What all keep:
//!
//! - **Memory** is taken once, when a sink is made.
//! - **Nothing waits.** A receiver that is absent, slow, refusing or restarting costs the backlog's memory and a try now and
//!   then: [`Backoff`] says when.
//! - **Nothing is lost in silence.** What was taken has arrived, waits, or was dropped and counted by reason: see [`Stats`].
//!
//! Not here: names and addresses of receivers, which the machine knows.

mod backlog;
mod capture;
mod date;
mod drive;
mod flow;
pub mod http;
pub mod influx;
mod link;
mod origin;
mod outbox;
mod parts;
pub mod ping;
pub mod remote_write;
mod sink;
pub mod snappy;
mod stats;
pub mod syslog;

pub use backlog::{Backlog, Dropped, Frame};
pub use capture::Capture;
pub use drive::{Datagrams, Stream};
pub use flow::Flow;
pub use link::{Backoff, Ended, Wish};
pub use origin::Origin;
pub use outbox::Outbox;
pub use parts::{Consumer, Ending, Producer, Unacknowledged};
pub use sink::Sink;
pub use stats::{Failure, Reason, SINKS, Stats};
