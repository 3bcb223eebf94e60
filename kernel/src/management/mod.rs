//! Management: one thread, its own NIC, its own stack, its own memory, taken at boot and never after.
//!
//! `server` is the loop of that thread, in which each has a `turn`: `clients` are the connections to its port, `client` is one
//! of them, `door` says who gets in, `control` is the control port, `sinks` whom it tells without being asked, `ntp` whom it
//! asks for the time. `lookup` finds these two's addresses, `farewell` is what it does last, `transport` the stack it works
//! on, `site` what it tells besides ukstore.

mod client;
mod clients;
mod control;
mod door;
pub(crate) mod farewell;
mod lookup;
mod ntp;
mod server;
mod sinks;
mod site;
mod transport;
mod turn;

use crate::net::devices::Nic;
use crate::net::setup::{self, Pools, Sockets};
use crate::thread::{Builder, SpawnError};
use kernel_core::params::{Host, ManagementMode, Params};
use server::Server;
use transport::{Own, Shared};

/// Generous, since it is one: an exposition walks through every library's entries on it.
const STACK_BYTES: usize = 128 * 1024;

/// Starts management on a NIC of its own. Once, at boot.
pub(crate) fn start(nic: Nic, params: &'static Params<'static>, seed: u64) -> Result<(), SpawnError> {
    let interrupt = nic.interrupt;
    let places = door::places();
    let pools = Pools::management(places, sockets(params), names(params));
    let stack = setup::build("management", nic.device, &params.management, params.management_dns, pools, seed);
    let server = Server::new(Own::new(stack, interrupt), params, places);
    spawn(move || server.run())
}

/// Starts management on the service NIC's stack, as `--management=shared` asks for.
pub(crate) fn start_shared(params: &'static Params<'static>) -> Result<(), SpawnError> {
    let server = Server::new(Shared, params, door::places());
    spawn(move || server.run())
}

/// The sockets that management has on the service NIC's stack, beside its clients', and the names that it asks for there:
/// none, unless that is shared.
pub(crate) fn shared(params: &Params<'_>) -> (Sockets, usize) {
    match params.management_mode {
        ManagementMode::Shared => (sockets(params), names(params)),
        ManagementMode::Separate | ManagementMode::Off => (Sockets::default(), 0),
    }
}

/// The sockets of what management does beside serving metrics.
fn sockets(params: &Params<'_>) -> Sockets {
    let Sockets { streams, datagrams } = sinks::sockets(params);
    let control = if params.monitor_adjust.is_some() { control::PLACES } else { 0 };
    Sockets { streams: streams + control, datagrams: datagrams + usize::from(params.ntp.is_some()) }
}

/// How many names may be asked for at a time: each receiver's, and the time server's.
fn names(params: &Params<'_>) -> usize {
    let Params { monitors, syslogs, netconsoles, remote_writes, pings, ntp, .. } = params;
    let receivers = [monitors, syslogs, netconsoles, remote_writes, pings].into_iter().flatten();
    receivers.map(|receiver| receiver.host).chain(*ntp).filter(|host| matches!(host, Host::Name(_))).count()
}

fn spawn(run: impl FnOnce() + Send + 'static) -> Result<(), SpawnError> {
    Builder::new().name("management").stack_bytes(STACK_BYTES).management().spawn(run).map(|_| ())
}
