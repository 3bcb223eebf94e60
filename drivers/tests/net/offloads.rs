//! Checksums and segmentation left to the device, which is played here as the specification has it (5.1.6.2).

use std::collections::VecDeque;
use std::num::NonZeroU16;

use drivers::virtio::net::{CHECKSUM_VOUCHED, Offloads, feature};
use proptest::collection::vec;
use proptest::prelude::*;
use smoltcp::phy::{Checksum, Device as _, PacketMeta, RxToken as _, TxToken as _};
use smoltcp::time::Instant;
use smoltcp::wire::{
    EthernetFrame, EthernetProtocol, IpAddress, IpProtocol, Ipv4Address, Ipv4Packet, TcpPacket, UdpPacket,
};

use crate::device::{Device, Nic, OFFLOADS, Offer, TRANSMIT, start};
use crate::{PATTERN, frame, poll, send};

const FROM: Ipv4Address = Ipv4Address::new(10, 1, 2, 3);
const TO: Ipv4Address = Ipv4Address::new(254, 255, 253, 252);

fn nic(features: u64) -> (Nic, Device) {
    start(Offer { features: features | !OFFLOADS, ..Offer::default() }).expect("a sound device")
}

/// A frame with `len` bytes over IPv4 and no checksum but that of the IPv4 header.
fn packet(protocol: IpProtocol, len: usize) -> Vec<u8> {
    let mut bytes = PATTERN.iter().copied().cycle().take(34 + len).collect::<Vec<_>>();
    let mut ethernet = EthernetFrame::new_unchecked(&mut bytes[..]);
    ethernet.set_ethertype(EthernetProtocol::Ipv4);
    let mut ip = Ipv4Packet::new_unchecked(ethernet.payload_mut());
    ip.set_version(4);
    ip.set_header_len(20);
    ip.set_total_len((20 + len) as u16);
    ip.clear_flags();
    ip.set_next_header(protocol);
    ip.set_src_addr(FROM);
    ip.set_dst_addr(TO);
    ip.fill_checksum();
    match protocol {
        IpProtocol::Tcp => {
            let mut tcp = TcpPacket::new_unchecked(ip.payload_mut());
            tcp.set_header_len(20);
            tcp.set_checksum(0);
        }
        IpProtocol::Udp => {
            let mut udp = UdpPacket::new_unchecked(ip.payload_mut());
            udp.set_len(len as u16);
            udp.set_checksum(0);
        }
        _ => {}
    }
    bytes
}

fn tcp(content: usize) -> Vec<u8> {
    packet(IpProtocol::Tcp, 20 + content)
}

/// Sends a frame to be cut; false if there is no room.
fn send_long(nic: &mut Nic, frame: &[u8], segment: u16) -> bool {
    let Some(mut token) = nic.transmit(Instant::ZERO) else { return false };
    let mut meta = PacketMeta::default();
    meta.segmentation_offload_size = NonZeroU16::new(segment);
    token.set_meta(meta);
    token.consume(frame.len(), |buffer| buffer.copy_from_slice(frame));
    true
}

fn field(header: &[u8; 12], at: usize) -> usize {
    u16::from_le_bytes([header[at], header[at + 1]]).into()
}

/// What a device does whose header says "needs checksum": adds up from where it says, what stands in the field included.
fn complete(header: &[u8; 12], frame: &mut [u8]) {
    let (start, offset) = (field(header, 6), field(header, 8));
    let words = frame[start..].chunks(2).map(|word| u64::from(word[0]) << 8 | u64::from(*word.get(1).unwrap_or(&0)));
    let mut sum = words.sum::<u64>();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    frame[start + offset..][..2].copy_from_slice(&(!sum as u16).to_be_bytes());
}

fn checksum_holds(frame: &[u8]) -> bool {
    let ethernet = EthernetFrame::new_checked(frame).expect("a frame");
    let ip = Ipv4Packet::new_checked(ethernet.payload()).expect("a packet");
    let (from, to) = (IpAddress::Ipv4(ip.src_addr()), IpAddress::Ipv4(ip.dst_addr()));
    ip.verify_checksum()
        && match ip.next_header() {
            IpProtocol::Tcp => TcpPacket::new_checked(ip.payload()).expect("a segment").verify_checksum(&from, &to),
            _ => UdpPacket::new_checked(ip.payload()).expect("a datagram").verify_checksum(&from, &to),
        }
}

#[test]
fn takes_segmentation_only_with_checksums() {
    let all = Offloads { checksum: true, guest_checksum: true, segmentation: true };
    let cases = [
        (OFFLOADS, OFFLOADS, all, "transmit checksums, receive checksums, TCP segmentation"),
        (feature::HOST_TSO4, 0, Offloads::default(), "none"),
        (feature::CSUM, feature::CSUM, Offloads { checksum: true, ..Offloads::default() }, "transmit checksums"),
        (
            OFFLOADS & !feature::CSUM,
            feature::GUEST_CSUM,
            Offloads { guest_checksum: true, ..Offloads::default() },
            "receive checksums",
        ),
    ];
    for (offered, accepted, offloads, told) in cases {
        let (nic, device) = nic(offered);
        assert_eq!(device.transport.state().accepted & OFFLOADS, accepted);
        assert_eq!(nic.offloads(), offloads);
        assert_eq!(offloads.to_string(), told);
        let capabilities = nic.capabilities();
        assert_eq!(!capabilities.checksum.tcp.tx(), offloads.checksum);
        assert_eq!(!capabilities.checksum.udp.tx(), offloads.checksum);
        assert!(capabilities.checksum.tcp.rx() && capabilities.checksum.udp.rx(), "each frame tells for itself");
        assert!(
            matches!(capabilities.checksum.ipv4, Checksum::Both)
                && matches!(capabilities.checksum.icmpv4, Checksum::Both)
        );
        assert_eq!(capabilities.segmentation.tcpv4.is_some(), offloads.segmentation);
    }
}

#[test]
fn the_longest_frame_holds_whole_segments() {
    for (mtu, longest) in [(1500, 54 + 11 * 1460), (1400, 54 + 11 * 1360), (576, 54 + 30 * 536)] {
        let (nic, _device) = start(Offer { features: u64::MAX, mtu, ..Offer::default() }).expect("a sound device");
        assert_eq!(nic.capabilities().segmentation.tcpv4.map(usize::from), Some(longest), "MTU {mtu}");
    }
}

#[test]
fn what_has_no_such_checksum_is_left_alone() {
    let (mut nic, mut device) = nic(OFFLOADS);
    let mut ipv6 = tcp(100);
    ipv6[12..14].copy_from_slice(&[0x86, 0xdd]);
    let mut short = tcp(100);
    short[14 + 20 + 12] = 0xf0; // a TCP header of 60 bytes, and
    short.truncate(14 + 20 + 30);
    short[16..18].copy_from_slice(&50_u16.to_be_bytes());
    for frame in [frame(1), packet(IpProtocol::Icmp, 64), ipv6, short, vec![0; 14]] {
        assert!(send(&mut nic, &frame));
        nic.flush();
        assert_eq!(device.take_frame(), Some(frame));
    }
}

#[test]
fn a_long_frame_is_one_buffer_and_says_how_to_cut_it() {
    let (mut nic, mut device) = nic(OFFLOADS);
    let long = tcp(11 * 1460);
    assert!(send_long(&mut nic, &long, 1460));
    nic.flush();
    let (header, mut got) = device.take_with_header().expect("it was sent");
    // NEEDS_CSUM and TCPV4; then length of the headers, content of a segment, start and offset of the checksum.
    assert_eq!(header[..2], [1, 1]);
    assert_eq!([2, 4, 6, 8].map(|at| field(&header, at)), [54, 1460, 34, 16]);
    assert_eq!((got.len(), got[54..] == long[54..]), (long.len(), true));
    complete(&header, &mut got);
    assert!(checksum_holds(&got));
    let stats = nic.stats();
    assert_eq!((stats.transmit_packets.get(), stats.transmit_segmented.get()), (1, 1));
    assert_eq!(stats.transmit_bytes.get(), long.len() as u64);
    assert!(send(&mut nic, &tcp(1000)));
    nic.flush();
    assert_eq!((nic.stats().transmit_packets.get(), nic.stats().transmit_segmented.get()), (2, 1));
}

#[test]
fn a_full_ring_has_no_room_for_the_longest_frame() {
    let (mut nic, mut device) = nic(OFFLOADS);
    let long = tcp(11 * 1460);
    for number in 0..32 {
        assert!(send_long(&mut nic, &long, 1460), "frame {number}");
    }
    assert!(!send(&mut nic, &frame(1)), "how long the next frame is comes too late to be asked for");
    assert_eq!(nic.stats().full[TRANSMIT].get(), 1);
    assert!(!nic.enable_interrupts());
    assert!(device.transmit.interrupt_wanted());
    assert!(device.take_with_header().is_some());
    device.complete(0);
    assert!(nic.enable_interrupts(), "there is room for what was turned away");
    assert!(send_long(&mut nic, &long, 1460));
}

#[test]
fn a_device_vouches_for_frames_if_that_was_agreed() {
    for (features, agreed) in [(OFFLOADS, true), (feature::GUEST_CSUM, true), (OFFLOADS & !feature::GUEST_CSUM, false)]
    {
        let (mut nic, mut device) = nic(features);
        // NEEDS_CSUM, DATA_VALID, both, and a flag that says something else.
        for (flags, vouched) in [(0, false), (1, agreed), (2, agreed), (3, agreed), (4, false)] {
            assert!(device.deliver_with(flags, &frame(9)));
            let (token, _) = nic.receive(Instant::ZERO).expect("a frame");
            assert_eq!(token.meta().id == CHECKSUM_VOUCHED, vouched, "flags {flags}");
            token.consume(|got| assert_eq!(got, frame(9)));
        }
        assert_eq!(poll(&mut nic), None);
    }
}

#[test]
fn a_ring_out_of_order_drops_and_counts_long_frames() {
    let (mut nic, mut device) = nic(OFFLOADS);
    device.transmit.push_used(7, 0);
    for _ in 0..100 {
        assert!(send_long(&mut nic, &tcp(9000), 1460));
    }
    nic.flush();
    let stats = nic.stats();
    assert_eq!(
        (stats.transmit_packets.get(), stats.transmit_segmented.get(), stats.transmit_dropped.get()),
        (0, 0, 100)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn checksums_of_all_sizes_are_completed(content in 0..1460_usize, udp in any::<bool>()) {
        let (mut nic, mut device) = nic(feature::CSUM);
        let sent = if udp { packet(IpProtocol::Udp, 8 + content) } else { tcp(content) };
        prop_assert!(send(&mut nic, &sent));
        nic.flush();
        let (header, mut got) = device.take_with_header().expect("it was sent");
        prop_assert_eq!(&header[..6], &[1, 0, 0, 0, 0, 0]);
        complete(&header, &mut got);
        prop_assert!(checksum_holds(&got));
    }

    /// Frames of all lengths leave whole and in order, however their buffers come back. (That the driver does not touch
    /// what the device has is looked at when it comes back.)
    #[test]
    fn long_and_short_frames_share_the_ring(steps in vec((1..6_usize, 0..12 * 1460_usize, 0..12_usize, any::<usize>()), 1..40)) {
        let (mut nic, mut device) = nic(OFFLOADS);
        let mut outward = VecDeque::new();
        for (count, content, back, which) in steps {
            let content = content.min(11 * 1460);
            for _ in 0..count {
                let frame = tcp(content);
                let sent = if content > 1460 { send_long(&mut nic, &frame, 1460) } else { send(&mut nic, &frame) };
                prop_assert!(sent || !(device.in_flight.is_empty() && outward.is_empty()), "an empty ring has room");
                if sent { outward.push_back(frame) }
            }
            nic.flush();
            while let Some((header, mut got)) = device.take_with_header() {
                let sent = outward.pop_front().expect("no frame from nowhere");
                prop_assert_eq!(header[1] == 1, sent.len() > 1514);
                prop_assert_eq!((got.len(), got[54..] == sent[54..]), (sent.len(), true));
                complete(&header, &mut got);
                prop_assert!(checksum_holds(&got));
            }
            for round in 0..back.min(device.in_flight.len()) {
                device.complete(which.rotate_left(round as u32) % device.in_flight.len());
            }
        }
        prop_assert_eq!(nic.stats().transmit_errors.get() + nic.stats().transmit_dropped.get(), 0);
    }
}
