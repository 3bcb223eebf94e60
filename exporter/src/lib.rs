//! Every way out of the machine: exposition formats and the protocols that carry them.
//!
//! Everything here is *sans-IO*: bytes come in as slices, bytes leave into slices, time is an argument (`u64`
//! nanoseconds of a monotonic clock), and what only the running machine knows is asked through [`Site`]. So the whole
//! crate runs under `cargo test`, over std's TCP (`examples/serve.rs`) and in the management thread, unchanged.
//!
//! The rules each part keeps:
//!
//! - **Bounded.** A [`http::Connection`] has less than 8 KiB, whether ten series are served or 100,000: a buffer of 4
//!   KiB, a path, and where its reply stands. For a listing of the tree that includes a copy of a group's numbers, 2
//!   KiB, so that they are of one instant however slowly they are sent.
//! - **Nothing allocated,** but for what compresses ([`gzip`]), once.
//! - **Nothing held.** Between two calls an encoder holds a key, never a reference or a lock, so a client that stalls
//!   in the middle of a scrape delays no thread and keeps no object alive.
//! - **Nothing lost in silence.** Every refusal, timeout and dropped line moves a counter ([`http`] lists them).
//!
//! Not here: sockets, threads and the choice of what connection is served when; those are the kernel's.

#![no_std]
#![forbid(unsafe_code)]

mod civil;
pub mod control;
mod escape;
pub mod exposition;
pub mod gzip;
pub mod http;
mod protobuf;
pub mod push;
mod site;
mod window;

pub use site::{Level, LogRecord, Site};
pub use window::{MAX_LINE, Step, Window};
