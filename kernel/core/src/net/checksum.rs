//! Checksums of received frames, verified once and here: smoltcp is told that the device does it, since it can only be told
//! for all frames, and a device vouches for some. So a frame that is not what its sender sent is dropped before anything
//! acts on it, and counted, whatever it holds.
//!
//! Not here: those of frames going out.

use smoltcp::{
    phy::{Checksum, ChecksumCapabilities, PacketMeta},
    wire::{EthernetFrame, Icmpv4Packet, IpAddress, Ipv4Packet, TcpPacket, UdpPacket},
};

use super::{
    Dropped, Protocol,
    wire::{Frame, Refusal},
};

/// The `id` a device gives the [`PacketMeta`] of a received frame when it knows the TCP or UDP checksum to be right, or
/// that the frame never left this host and has none yet. A device that says nothing has all its frames verified.
///
/// It is a word between this stack and a driver: `drivers::virtio::net` has the same, and the kernel, which knows both,
/// asserts that (`kernel/src/net/setup.rs`).
pub const CHECKSUM_VOUCHED: u32 = 1;

/// Whether the device vouches for a frame's TCP or UDP checksum.
pub(super) fn is_vouched(meta: PacketMeta) -> bool {
    meta.id == CHECKSUM_VOUCHED
}

/// What smoltcp is told of a device that leaves `device` to software: nothing is left to verify.
pub(super) fn verified(device: &ChecksumCapabilities) -> ChecksumCapabilities {
    let sending = |checksum: Checksum| if checksum.tx() { Checksum::Tx } else { Checksum::None };
    let mut told = device.clone();
    told.ipv4 = sending(device.ipv4);
    told.tcp = sending(device.tcp);
    told.udp = sending(device.udp);
    told.icmpv4 = sending(device.icmpv4);
    told
}

/// Verifies the checksums of a frame that `classify` found to be `kind`, as far as they are left to software.
pub(super) fn verify(frame: &[u8], kind: &Frame, vouched: bool, device: &ChecksumCapabilities) -> Result<(), Refusal> {
    if *kind == Frame::Arp {
        return Ok(()); // it has none
    }
    let ethernet = EthernetFrame::new_unchecked(frame);
    let ip = Ipv4Packet::new_unchecked(ethernet.payload());
    if device.ipv4.rx() && !ip.verify_checksum() {
        return Err(Dropped::Malformed.into());
    }
    let (source, destination) = (IpAddress::Ipv4(ip.src_addr()), IpAddress::Ipv4(ip.dst_addr()));
    let (protocol, holds) = match kind {
        Frame::Tcp(_) if !vouched && device.tcp.rx() => {
            (Protocol::Tcp, TcpPacket::new_unchecked(ip.payload()).verify_checksum(&source, &destination))
        }
        Frame::Udp { .. } if !vouched && device.udp.rx() => {
            (Protocol::Udp, UdpPacket::new_unchecked(ip.payload()).verify_checksum(&source, &destination))
        }
        Frame::Icmp if device.icmpv4.rx() => {
            (Protocol::Icmp, Icmpv4Packet::new_unchecked(ip.payload()).verify_checksum())
        }
        _ => return Ok(()),
    };
    if holds { Ok(()) } else { Err(Refusal::malformed(protocol)) }
}
