//! Who this machine is: its name, and what it was built from.

use crate::arch::{cpu, tsc};
use crate::program;
use core::fmt::Write;
use heapless::String;
use kernel_core::params::Params;
use spin::Once;

/// The longest name: a DNS label's length.
const NAME_BYTES: usize = 63;

pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The source revision; make passes it.
pub(crate) const REVISION: &str = match option_env!("PERISCOPE_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};

static NAME: Once<String<NAME_BYTES>> = Once::new();

ukstore::info! {
    /// What this image was built from.
    "/build", "uk_build_info", {
        version = VERSION, revision = REVISION, app => prompt program::name, app_version => prompt program::version
    };
}

ukstore::info! {
    /// This machine in uname's words.
    "/uname", "node_uname_info", {
        sysname = "Periscope", release = VERSION, version = REVISION, machine = "x86_64", nodename => prompt name,
        domainname = "(none)"
    };
}

ukstore::text! {
    /// This machine's name: --name, or uk- and the last three bytes of its management MAC.
    "/name" => prompt |out| out.write_str(name());
}

/// The machine's name; empty before [`settle`].
pub(crate) fn name() -> &'static str {
    NAME.get().map_or("", |name| name.as_str())
}

/// Settles the name: the one given, else one made of the management NIC's MAC, or the service NIC's
/// where there is only that. Without any NIC it is `uk`.
pub(crate) fn settle(params: &Params<'_>, mac: Option<[u8; 6]>) {
    NAME.call_once(|| {
        let mut name = String::new();
        // Both fit: the parser bounds a given name, and the other is nine bytes long.
        let _ = match (params.name, mac) {
            (Some(given), _) => name.push_str(given.as_str()).map_err(|_| core::fmt::Error),
            (None, Some([_, _, _, a, b, c])) => write!(name, "uk-{a:02x}{b:02x}{c:02x}"),
            (None, None) => name.push_str("uk").map_err(|_| core::fmt::Error),
        };
        name
    });
}

/// The first line of the log.
pub(crate) fn log_banner(clock: &str) {
    let hypervisor = cpu::hypervisor();
    let host = match &hypervisor {
        Some(name) if name.starts_with(b"TCG") => "QEMU TCG",
        Some(name) if name.starts_with(b"KVM") => "KVM",
        Some(_) => "an unknown hypervisor",
        None => "bare metal",
    };
    let mib = crate::memory::map::ram_bytes() >> 20;
    log::info!("Periscope {VERSION} ({REVISION}) on {host}, {mib} MiB");
    log::info!("clock: {} MHz, from {clock}", tsc::hz() / 1_000_000);
}
