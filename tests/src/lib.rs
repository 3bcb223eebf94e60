//! The host's side of Periscope's tests: it boots guests under QEMU and plays their network, their Prometheus and their
//! adversary. `make run` and `make demo` use the same code, in `src/bin`.
//!
//! A test reads like this:
//! ```no_run
//! use tests::{Guest, Machine, Network, Outcome, Side};
//!
//! let mut guest = Guest::boot(Machine::Q35, "guest").network(Network::best()).words("serve").start();
//! assert_eq!(guest.get(Side::Management, "/-/healthy").status, 200);
//! guest.kill();
//! let mut guest = Guest::boot(Machine::Q35, "guest").words("panic").start();
//! guest.expect_outcome(Outcome::Panic);
//! ```
//! Rules it keeps: whatever it starts ends with the value that stands for it; nothing is waited for without a deadline;
//! a guest's verdict is one exact exit status. It knows guests from outside only and depends on no crate of theirs.

pub mod alertmanager;
pub mod chrony;
pub mod decode;
pub mod deploy;
pub mod dnsmasq;
pub mod documented;
pub mod exposition;
pub mod families;
pub mod garbage;
pub mod host;
pub mod http;
pub mod influxdb;
pub mod libvirt;
pub mod load;
pub mod moody;
pub mod network;
pub mod node_exporter;
pub mod ntp;
pub mod observed;
pub mod prometheus;
pub mod promql;
pub mod pushed;
pub mod relay;
pub mod remote_write;
pub mod rsyslog;
pub mod scraper;
pub mod server;
pub mod sinks;
pub mod skip;
pub mod terminal;
pub mod victoria;

mod daemon;
mod example;
mod files;
mod guest;
mod machine;
mod outcome;
mod process;
mod serial;
mod wait;

pub use example::Example;
pub use files::{Scratch, image, repository};
pub use guest::{Boot, Guest};
pub use machine::{Accelerator, Firmware, Machine};
pub use network::{Network, Side};
pub use outcome::Outcome;
pub use process::{CpuTime, Process, filter};
pub use serial::SerialLog;
pub use wait::{PATIENCE, eventually, let_pass};
