//! Management: one thread, its own NIC, its own stack, its own memory, taken at boot and never after.
//!
//! `server` is the loop of that thread, `door` who gets in, `client` one connection of it, `control` the control port,
//! `sinks` whom it tells without being asked, `ntp` whom it asks for the time, `farewell` what it does last, `transport` the
//! stack it works on, `site` what it tells besides ukstore.

mod client;
mod control;
mod door;
pub(crate) mod farewell;
mod ntp;
mod server;
mod sinks;
mod site;
mod transport;

use crate::net::devices::Nic;
use crate::net::setup::{self, Pools, Sockets};
use crate::thread::{Builder, SpawnError};
use kernel_core::params::{ManagementMode, Params};
use server::Server;
use transport::{Own, Shared};

/// Generous, since it is one: an exposition walks through every library's entries on it.
const STACK_BYTES: usize = 128 * 1024;

/// Starts management on a NIC of its own. Once, at boot.
pub(crate) fn start(nic: Nic, params: &'static Params<'static>, seed: u64) -> Result<(), SpawnError> {
    let interrupt = nic.interrupt;
    let places = door::places();
    let control = if params.monitor_adjust.is_some() { control::PLACES } else { 0 };
    let pools = Pools::management(places + control, sinks::sockets(params));
    let stack = setup::build("management", nic.device, &params.management, params.management_dns, pools, seed);
    let server = Server::new(Own::new(stack, interrupt), params, places, seed);
    spawn(move || server.run())
}

/// Starts management on the service NIC's stack, as `--management=shared` asks for.
pub(crate) fn start_shared(params: &'static Params<'static>, seed: u64) -> Result<(), SpawnError> {
    let server = Server::new(Shared, params, door::places(), seed);
    spawn(move || server.run())
}

/// The sockets of what management sends by itself on the service NIC's stack: none, unless that is shared.
pub(crate) fn shared_sockets(params: &Params<'_>) -> Sockets {
    match params.management_mode {
        ManagementMode::Shared => sinks::sockets(params),
        ManagementMode::Separate | ManagementMode::Off => Sockets::default(),
    }
}

fn spawn(run: impl FnOnce() + Send + 'static) -> Result<(), SpawnError> {
    Builder::new().name("management").stack_bytes(STACK_BYTES).management().spawn(run).map(|_| ())
}
