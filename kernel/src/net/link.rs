//! The NICs' links: asked for their state once for each scrape, and `node_network_info`, which tells it beside what each
//! NIC is called. The numbers of a NIC are its driver's to tell, this state among them.

use super::devices::Device;
use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use drivers::virtio::Link;
use drivers::virtio::net::Duplex;
use spin::Once;
use ukstore::Value;

/// Where Ethernet reaches everybody.
const BROADCAST: &str = "ff:ff:ff:ff:ff:ff";

/// The service's and management's.
static TOLD: [Once<Told>; 2] = [const { Once::new() }; 2];

struct Told {
    device: &'static str,
    address: &'static str,
    duplex: &'static str,
    /// If the device tells its state.
    link: Option<Arc<Link>>,
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
    if let Some(place) = TOLD.iter().find(|place| !place.is_completed()) {
        place.call_once(|| Told { device, address, duplex, link: nic.link() });
    }
    address
}

/// Asks each device for the state of its link: an exit to the hypervisor each. For whoever is about to show it.
pub(crate) fn ask() {
    TOLD.iter().filter_map(|place| place.get()?.link.as_ref()).for_each(|link| link.ask());
}

impl Told {
    fn state(&self) -> &'static str {
        match self.link.as_ref().map(|link| link.is_up()) {
            Some(true) => "up",
            Some(false) => "down",
            None => "unknown",
        }
    }
}

ukstore::listed! {
    /// Always 1. Its labels tell of a network device: hardware address, where everybody is reached, whether both ends may
    /// send at a time, and whether its link is up, as the device says: it is asked once for each scrape.
    gauge "/link/info", "node_network_info", { address, broadcast, device, duplex, ifalias, operstate }
        => prompt |position| {
            let told = TOLD.get(*position as usize)?.get()?;
            let labels = [told.address, BROADCAST, told.device, told.duplex, "", told.state()];
            Some((labels, Value::U64(1)))
        };
}
