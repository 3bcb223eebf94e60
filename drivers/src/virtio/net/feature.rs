//! Feature negotiation and the device's configuration (specification 3.1.1 and 5.1).
//!
//! For: settling with the device what both can do. Not for: what becomes of it; offloads are used in `offload`.

use virtio_drivers::transport::{DeviceStatus, Transport};

use super::offload::Offloads;
use super::ring::MAX_FRAME_BYTES;
use super::{ETHERNET_HEADER, Error};

/// The device completes the checksums of frames sent.
pub const CSUM: u64 = 1 << 0;
/// The driver takes frames without a checksum.
pub const GUEST_CSUM: u64 = 1 << 1;
/// The device tells the largest IP packet.
pub const MTU: u64 = 1 << 3;
/// The device has a hardware address.
pub const MAC: u64 = 1 << 5;
/// The device cuts long frames into TCP segments over IPv4.
pub const HOST_TSO4: u64 = 1 << 11;
/// The device tells the state of its link.
pub const STATUS: u64 = 1 << 16;
/// The device tells speed and duplex of its link.
pub const SPEED_DUPLEX: u64 = 1 << 63;
/// The device has the modern interface.
pub const VERSION_1: u64 = 1 << 32;

/// What the driver takes of the device's offer. Not EVENT_IDX; see the module above.
const WANTED: u64 = CSUM | GUEST_CSUM | MTU | MAC | HOST_TSO4 | STATUS | SPEED_DUPLEX | VERSION_1;

/// Offsets in the device's configuration (specification 5.1.4).
mod config {
    pub(super) const MAC: usize = 0;
    pub(super) const MTU: usize = 10;
    pub(super) const SPEED: usize = 12;
    pub(super) const DUPLEX: usize = 16;
}

/// Ethernet's usual largest IP packet, and the smallest every IPv4 host accepts.
const MTU_BYTES: core::ops::RangeInclusive<u16> = 68..=1500;
/// Reads of the status register before a device counts as stuck in reset.
const RESET_POLLS: u32 = 1_000_000;

/// What was settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Negotiated {
    pub(super) mac: [u8; 6],
    /// Largest IP packet in bytes.
    pub(super) mtu: usize,
    /// The status field is valid.
    pub(super) tells_status: bool,
    /// Speed of the link in Mbit/s, if the device knows it.
    pub(super) speed_mbit: Option<u32>,
    pub(super) duplex: Option<Duplex>,
    pub(super) offloads: Offloads,
}

/// Whether both ends of a link may send at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplex {
    /// One at a time.
    Half,
    /// Both.
    Full,
}

/// Resets the device and negotiates: up to FEATURES_OK, before any queue is set up.
pub(super) fn negotiate(transport: &mut impl Transport) -> Result<Negotiated, Error> {
    let mut status = DeviceStatus::ACKNOWLEDGE | DeviceStatus::DRIVER;
    if !reset(transport) {
        return Err(Error::Refused);
    }
    transport.set_status(DeviceStatus::ACKNOWLEDGE);
    transport.set_status(status);
    let mut features = transport.read_device_features() & WANTED;
    if features & VERSION_1 == 0 || transport.requires_legacy_layout() {
        return Err(Error::Legacy);
    }
    if features & MAC == 0 {
        return Err(Error::NoMac);
    }
    // Accepting MTU promises buffers of that size, so a device with larger packets is left without (5.1.4.2).
    let mut mtu = usize::from(*MTU_BYTES.end());
    if features & MTU != 0 {
        let offered: u16 = read(transport, config::MTU)?;
        if MTU_BYTES.contains(&offered) {
            mtu = usize::from(offered);
        } else if usize::from(offered) + ETHERNET_HEADER > MAX_FRAME_BYTES {
            features &= !MTU;
        }
    }
    // A device may offer what it cannot do alone; the driver may not accept it so (5.1.3.1).
    if features & CSUM == 0 {
        features &= !HOST_TSO4;
    }
    transport.write_driver_features(features);
    status |= DeviceStatus::FEATURES_OK;
    transport.set_status(status);
    if !transport.get_status().contains(DeviceStatus::FEATURES_OK) {
        return Err(Error::Refused);
    }
    let mac = read(transport, config::MAC)?;
    let offloads = Offloads {
        checksum: features & CSUM != 0,
        guest_checksum: features & GUEST_CSUM != 0,
        segmentation: features & HOST_TSO4 != 0,
    };
    let (mut speed_mbit, mut duplex) = (None, None);
    if features & SPEED_DUPLEX != 0 {
        // From 2^31 on a speed is unknown.
        speed_mbit = Some(read(transport, config::SPEED)?).filter(|speed| *speed < 1 << 31);
        duplex = match read(transport, config::DUPLEX)? {
            0_u8 => Some(Duplex::Half),
            1 => Some(Duplex::Full),
            _ => None,
        };
    }
    let tells_status = features & STATUS != 0;
    Ok(Negotiated { mac, mtu, tells_status, speed_mbit, duplex, offloads })
}

/// Resets the device and waits for it, which PCI devices may take a moment for. False if it does not come back.
pub(super) fn reset(transport: &mut impl Transport) -> bool {
    transport.set_status(DeviceStatus::empty());
    (0..RESET_POLLS).any(|_| transport.get_status() == DeviceStatus::empty())
}

fn read<V: zerocopy::FromBytes + zerocopy::IntoBytes>(transport: &impl Transport, offset: usize) -> Result<V, Error> {
    // A field wider than its bus is read in parts, between which the device may change it.
    transport.read_consistent(|| transport.read_config_space(offset)).map_err(|_| Error::Refused)
}
