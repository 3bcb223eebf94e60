//! `node_network_info`: what each NIC is called and whether its link is up, as labels. The numbers of a NIC are its driver's
//! to tell.

use super::devices::Device;
use alloc::boxed::Box;
use alloc::format;
use drivers::virtio::LinkStatus;
use drivers::virtio::net::Duplex;
use spin::Once;
use ukstore::Value;

/// Where Ethernet reaches everybody.
const BROADCAST: &str = "ff:ff:ff:ff:ff:ff";

/// The service's and management's.
static LINKS: [Once<Link>; 2] = [const { Once::new() }; 2];

struct Link {
    device: &'static str,
    address: &'static str,
    duplex: &'static str,
    status: Option<LinkStatus>,
}

/// Tells of a started NIC from now on. Once for each, at boot. Returns its hardware address, written out.
pub(super) fn tell(device: &'static str, nic: &Device) -> &'static str {
    let [a, b, c, d, e, f] = nic.mac();
    let address = Box::leak(format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}").into_boxed_str());
    let duplex = match nic.duplex() {
        Some(Duplex::Full) => "full",
        Some(Duplex::Half) => "half",
        None => "unknown",
    };
    if let Some(place) = LINKS.iter().find(|place| !place.is_completed()) {
        place.call_once(|| Link { device, address, duplex, status: nic.link() });
    }
    address
}

impl Link {
    fn state(&self) -> &'static str {
        match self.status.as_ref().map(LinkStatus::is_up) {
            Some(true) => "up",
            Some(false) => "down",
            None => "unknown",
        }
    }
}

ukstore::listed! {
    /// Always 1. Its labels tell of a network device: hardware address, where everybody is reached, whether both ends may
    /// send at a time, and whether its link is up, as the device says.
    gauge "/link/info", "node_network_info", { address, broadcast, device, duplex, ifalias, operstate }
        => prompt |position| {
            let link = LINKS.get(*position as usize)?.get()?;
            let labels = [link.address, BROADCAST, link.device, link.duplex, "", link.state()];
            Some((labels, Value::U64(1)))
        };
}
