//! Virtio 1.2: finding network devices on PCI and in memory, wiring their interrupts, driving them.
//!
//! For: virtio-net by the modern interface only. Not for: legacy devices (QEMU's `virtio-mmio` needs
//! `-global virtio-mmio.force-legacy=false`), packed rings, or other device types.
//!
//! The layers, from the device up: `virtio_drivers` speaks the transports and the split virtqueue; [`Wired`] adds what
//! it leaves out (MSI-X vectors, doorbells without extra exits, silencing from an interrupt handler); [`net::VirtioNet`]
//! moves frames. "The specification" below is OASIS "Virtual I/O Device (VIRTIO) Version 1.2".

mod dma;
#[cfg(test)]
mod fake;
mod indices;
mod interrupt;
pub mod mmio;
pub mod net;
pub mod pci;
mod wired;

use core::fmt;

use virtio_drivers::transport::{DeviceType, SomeTransport, Transport};

pub use interrupt::Silencer;
pub use virtio_drivers::{BufferDirection, Hal, PhysAddr};
pub use wired::{Link, Wired};

use crate::pci::DeviceFunction;

/// The transport of every NIC found on a real machine. (Tests have their own.)
pub type NicTransport = Wired<SomeTransport<'static>>;

/// A virtio network device that was found and not yet started.
#[derive(Debug)]
pub struct Nic {
    /// Where it was found.
    pub location: Location,
    /// Its hardware address, if the device has one; [`net::VirtioNet::new`] refuses a device that has none.
    pub mac: Option<[u8; 6]>,
    /// What [`net::VirtioNet::new`] takes.
    pub transport: NicTransport,
}

impl Nic {
    fn new(location: Location, mut transport: NicTransport) -> Self {
        let has_mac = transport.read_device_features() & net::feature::MAC != 0;
        // The specification lets a driver read the configuration before it accepts features (3.1.1, step 4).
        let mac = has_mac.then(|| transport.read_config_space::<[u8; 6]>(0).ok()).flatten();
        Self { location, mac, transport }
    }
}

/// Where a device sits, for the log and for a stable order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// A PCI function.
    Pci(DeviceFunction),
    /// A virtio-mmio register window at this physical address.
    Mmio(u64),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pci(function) => write!(f, "PCI {function}"),
            Self::Mmio(address) => write!(f, "MMIO {address:#x}"),
        }
    }
}

fn is_network(transport: &impl Transport) -> bool {
    transport.device_type() == DeviceType::Network
}
