//! What a device does for its stack: checksums completed and verified, long frames cut into segments. The device is played
//! here; the peer's has no offloads, so that its stack verifies every checksum of what arrives.

use core::num::NonZeroU16;
use std::{vec, vec::Vec};

use proptest::prelude::*;
use smoltcp::wire::{
    EthernetFrame, EthernetProtocol, IpAddress, IpProtocol, Ipv4Packet, TcpControl, TcpPacket, UdpPacket,
};
use ukstore::Label;

use super::{network::*, peer::*};
use crate::net::{Dropped, Interest};

/// Bytes of the longest frame the device takes: eleven segments of Ethernet's usual size.
pub(super) const LONGEST: usize = 54 + 11 * 1460;
/// Ethernet, IPv4 and TCP header without options.
const HEADERS: usize = 54;

/// What the device makes of a frame: itself with its checksum completed, or segments with `segment` bytes of content.
pub(super) fn complete(frame: Vec<u8>, segment: Option<NonZeroU16>) -> Vec<Vec<u8>> {
    let Some(segment) = segment else { return vec![summed(frame)] };
    let segment = usize::from(segment.get());
    assert!(frame.len() <= LONGEST, "longer than the device takes");
    let (headers, content) = frame.split_at(HEADERS);
    assert!(content.len() > segment, "a frame that needs no cutting");
    let count = content.len().div_ceil(segment);
    (content.chunks(segment).enumerate())
        .map(|(number, part)| {
            let mut piece = [headers, part].concat();
            let mut ethernet = EthernetFrame::new_unchecked(&mut piece[..]);
            let mut ip = Ipv4Packet::new_unchecked(ethernet.payload_mut());
            ip.set_total_len((40 + part.len()) as u16);
            ip.fill_checksum();
            let mut tcp = TcpPacket::new_unchecked(ip.payload_mut());
            assert!(!tcp.syn() && !tcp.rst() && tcp.header_len() == 20);
            tcp.set_seq_number(tcp.seq_number() + number * segment);
            if number + 1 < count {
                tcp.set_fin(false);
                tcp.set_psh(false);
            }
            summed(piece)
        })
        .collect()
}

/// The frame with the checksum its stack has left out.
fn summed(mut frame: Vec<u8>) -> Vec<u8> {
    let mut ethernet = EthernetFrame::new_unchecked(&mut frame[..]);
    if ethernet.ethertype() != EthernetProtocol::Ipv4 {
        return frame;
    }
    let mut ip = Ipv4Packet::new_checked(ethernet.payload_mut()).unwrap();
    assert!(ip.verify_checksum(), "the stack's own part");
    let (from, to) = (IpAddress::Ipv4(ip.src_addr()), IpAddress::Ipv4(ip.dst_addr()));
    match ip.next_header() {
        IpProtocol::Tcp => {
            let mut tcp = TcpPacket::new_checked(ip.payload_mut()).unwrap();
            assert_eq!(tcp.checksum(), 0, "summed although the device does it");
            tcp.fill_checksum(&from, &to);
        }
        IpProtocol::Udp => {
            let mut udp = UdpPacket::new_checked(ip.payload_mut()).unwrap();
            assert_eq!(udp.checksum(), 0, "summed although the device does it");
            udp.fill_checksum(&from, &to);
        }
        _ => {}
    }
    frame
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index * index / 7 + index) as u8).collect()
}

/// Sends `len` bytes from the server to the client and returns what arrived.
fn transfer(net: &mut Network, len: usize) -> Vec<u8> {
    let listener = net.server.stack.listen(80, 4).unwrap();
    let (client, server) = net.connect(listener, 80);
    let data = content(len);
    let (mut sent, mut arrived, mut closed) = (0, Vec::new(), false);
    net.until(900 * SECOND, "transfer", |net| {
        while sent < len
            && let Ok(count) = net.server.stack.send(server, &data[sent..])
        {
            sent += count;
        }
        if sent == len && !closed {
            net.server.stack.shutdown_write(server).unwrap();
            closed = true;
        }
        let mut buffer = [0; 4000];
        loop {
            match net.client.stack.recv(client, &mut buffer) {
                Ok(0) => return true,
                Ok(count) => arrived.extend_from_slice(&buffer[..count]),
                Err(_) => return false,
            }
        }
    });
    arrived
}

fn network(offloads: bool, client_mtu: usize) -> Network {
    let (mut server, mut client) = (server_config(), client_config());
    server.transmit_buffer_bytes = 40_000;
    client.receive_buffer_bytes = 60_000;
    let mut net = Network::new(&server, &client);
    if offloads {
        net.server = Host::with(Nic::offloading(), &server);
    }
    let nic = Nic::default();
    nic.queues().mtu = Some(client_mtu);
    net.client = Host::with(nic, &client);
    net
}

#[test]
fn a_long_reply_leaves_in_few_frames() {
    let mut net = network(true, 1500);
    assert_eq!(transfer(&mut net, 1_000_000), content(1_000_000));
    let stats = net.server.stack.stats();
    let (frames, segments) = (stats.frames_sent.get(), stats.segments_sent.get());
    assert!(segments >= 1_000_000 / 1460 && frames < segments / 4, "{frames} frames, {segments} segments");
    assert_eq!(stats.retransmissions.get(), 0);
    assert_eq!(net.client.stack.stats().dropped.iter().map(|dropped| dropped.get()).sum::<u64>(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    /// Whatever the size, the peer's largest segment and the wire: the same bytes, in packets the peer's network can carry
    /// (which its device asserts), with right checksums.
    #[test]
    fn the_same_bytes_arrive_with_and_without(
        len in prop_oneof![0..5000_usize, 0..150_000_usize],
        client_mtu in 576..=1500_usize,
        loss in prop_oneof![Just(0), 0..8_u64],
        reordering in prop_oneof![Just(0), 0..8_u64],
    ) {
        for offloads in [false, true] {
            let mut net = network(offloads, client_mtu);
            net.faults = Faults { loss, duplication: loss, reordering };
            prop_assert!(transfer(&mut net, len) == content(len), "offloads: {}", offloads);
            let malformed = net.client.stack.stats().dropped[Dropped::Malformed.index()].get();
            prop_assert_eq!(malformed, 0);
        }
    }
}

#[test]
fn a_long_frame_counts_for_its_segments() {
    let mut config = server_config();
    config.transmit_buffer_bytes = 1 << 20;
    let mut scene = Scene::with(Nic::offloading(), &config);
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (greedy, mut numbers) = scene.open(listener, 1);
    // The congestion window opens with each acknowledgment.
    for _ in 0..20 {
        while scene.host.stack.send(greedy, &[7; 4000]).is_ok() {}
        let sent = scene.sent();
        numbers.theirs += sent.iter().map(|segment| segment.payload.len() as u32).sum::<u32>();
        scene.give(numbers.segment(TcpControl::None).frame());
    }
    for (budget, sent) in [(0, 0), (4, 6), (4, 0)] {
        let before = scene.host.stack.stats().segments_sent.get();
        scene.host.stack.poll(scene.now, budget, &mut |_| {});
        let segments = scene.host.stack.stats().segments_sent.get() - before;
        assert_eq!(
            segments, sent,
            "with a budget of {budget}: one frame, which fills the peer's window of 8,000 bytes"
        );
    }
}

/// As [`super::bounds`] has it for short frames: a turn of eight is over after one frame of eleven segments.
#[test]
fn sockets_send_long_frames_in_turns() {
    let mut net = network(true, 1500);
    let listener = net.server.stack.listen(80, 4).unwrap();
    let data = content(500_000);
    let mut ends =
        [net.connect(listener, 80), net.connect(listener, 80)].map(|(client, server)| (client, server, 0, 0));
    let mut buffer = [0; 4000];
    net.until(60 * SECOND, "both streams", |net| {
        for (client, server, sent, received) in &mut ends {
            *sent += net.server.stack.send(*server, &data[*sent..]).unwrap_or(0);
            while let Ok(count) = net.client.stack.recv(*client, &mut buffer) {
                *received += count;
            }
        }
        let (first, second) = (ends[0].3, ends[1].3);
        assert!(first.abs_diff(second) <= 64 * 1024, "{first} and {second} bytes: one keeps the other waiting");
        first == data.len() && second == data.len()
    });
}

#[test]
fn only_whole_old_segments_count_as_sent_again() {
    let mut config = server_config();
    config.transmit_buffer_bytes = 1 << 16;
    let mut scene = Scene::with(Nic::offloading(), &config);
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, mut numbers) = scene.open(listener, 1);
    scene.host.stack.send(id, &[7; 20_000]).unwrap();
    let lens = |sent: &[Seg]| sent.iter().map(|segment| segment.payload.len()).collect::<Vec<_>>();
    let first = scene.sent();
    assert_eq!(lens(&first), [1460, 588], "one frame: all the congestion window allows");
    let again = scene.pass(2 * SECOND);
    assert_eq!(lens(&again), [1460], "the first segment alone");
    assert_eq!((again[0].sequence, scene.host.stack.stats().retransmissions.get()), (first[0].sequence, 1));
    numbers.theirs += 1460;
    let on = scene.ask(numbers.segment(TcpControl::None));
    assert_eq!((on[0].sequence, lens(&on)), (first[1].sequence, vec![1460, 1460]), "the old end, and new content");
    assert_eq!(scene.host.stack.stats().retransmissions.get(), 1);
}

/// Flips a bit of the frame's last byte, which is content.
fn damaged(mut frame: Vec<u8>) -> Vec<u8> {
    *frame.last_mut().unwrap() ^= 1;
    frame
}

fn malformed(scene: &Scene) -> u64 {
    scene.host.stack.stats().dropped[Dropped::Malformed.index()].get()
}

#[test]
fn what_nobody_vouches_for_is_verified() {
    for nic in [Nic::default(), Nic::offloading()] {
        let mut scene = Scene::with(nic, &server_config());
        let listener = scene.host.stack.listen(80, 4).unwrap();
        let (id, numbers) = scene.open(listener, 1);
        let datagrams = scene.host.stack.udp_bind(514).unwrap();
        let whole = numbers.segment(TcpControl::Psh).payload(b"hello").frame();
        scene.give(damaged(whole.clone()));
        scene.give(damaged(udp_frame(peer(9), server(514), b"hello")));
        let mut header = whole.clone();
        header[14 + 8] ^= 1; // the time to live
        scene.give(header);
        assert_eq!(scene.sent(), [], "nothing is answered");
        assert_eq!(malformed(&scene), 3);
        assert_eq!(scene.host.stack.stats().datagrams_dropped.get(), 0, "it is counted once");
        assert!(scene.host.stack.udp_receive(datagrams, &mut [0; 9]).is_err());
        scene.give(whole);
        scene.sent();
        assert!(readable(&mut scene.host.stack, id));
        assert_eq!(malformed(&scene), 3);
    }
}

/// A frame that comes from the device's own host holds the sum over the pseudo-header, which is no checksum.
#[test]
fn what_the_device_vouches_for_is_not_verified_but_its_ip_header_is() {
    let mut scene = Scene::new(&server_config());
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, numbers) = scene.open(listener, 1);
    let datagrams = scene.host.stack.udp_bind(514).unwrap();
    scene.host.nic.queues().vouches = true;
    let mut partial = numbers.segment(TcpControl::Psh).payload(b"hello").frame();
    partial[14 + 20 + 16..][..2].copy_from_slice(&[0x12, 0x34]);
    let mut header = partial.clone();
    header[14 + 8] ^= 1;
    scene.give(header);
    assert_eq!(scene.sent(), []);
    assert_eq!(malformed(&scene), 1);
    scene.give(partial);
    let mut datagram = udp_frame(peer(9), server(514), b"hello");
    datagram[14 + 20 + 6..][..2].copy_from_slice(&[0x12, 0x34]);
    scene.give(datagram);
    scene.sent();
    let mut buffer = [0; 9];
    assert!(scene.host.stack.wait(id, Interest::Readable, 0).is_ok());
    assert_eq!(scene.host.stack.recv(id, &mut buffer), Ok(5));
    assert_eq!(scene.host.stack.udp_receive(datagrams, &mut buffer), Ok((5, peer(9))));
    assert_eq!(malformed(&scene), 1);
}
