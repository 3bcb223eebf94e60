//! What a stack counts, against what was given to it and what it sent.

use core::net::{Ipv4Addr, SocketAddrV4};

use smoltcp::wire::{
    ArpOperation,
    TcpControl::{Fin, None as Plain, Syn},
};
use ukstore::Label as _;

use super::{network::*, peer::*};
use crate::net::{Config, Dropped, Error, Protocol, Stats};

fn scene() -> Scene {
    Scene::new(&server_config())
}

fn stats(scene: &Scene) -> &Stats {
    scene.host.stack.stats()
}

/// Segments sent again, those of them with a SYN, and times that an acknowledgment did not come in time.
fn again(scene: &Scene) -> [u64; 3] {
    let stats = stats(scene);
    [&stats.retransmissions, &stats.syn_retransmissions, &stats.retransmission_timeouts].map(ukstore::Counter::get)
}

#[test]
fn errors_are_those_of_their_protocol() {
    let mut scene = scene();
    scene.host.stack.listen(80, 4).unwrap();
    scene.host.stack.udp_bind(514).unwrap();
    let tcp = Seg::new(peer(1), server(80), Syn, 100).frame();
    let udp = udp_frame(peer(1), server(514), b"message");
    let icmp = echo_frame(b"who is there");
    // Where each checksum is, behind Ethernet's and IPv4's header.
    for (frame, checksum, times) in [(&tcp, 16, 3), (&udp, 6, 5), (&icmp, 2, 7)] {
        for _ in 0..times {
            let mut wrong = frame.clone();
            wrong[14 + 20 + checksum] ^= 1;
            scene.give(wrong);
        }
    }
    assert_eq!(scene.sent(), []);
    let errors =
        [Protocol::Tcp, Protocol::Udp, Protocol::Icmp].map(|protocol| stats(&scene).errors[protocol.index()].get());
    assert_eq!(errors, [3, 5, 7]);
    assert_eq!(stats(&scene).dropped[Dropped::Malformed.index()].get(), 15);
    assert_eq!((stats(&scene).messages_received.get(), stats(&scene).messages_sent.get()), (7, 0));
    assert_eq!((stats(&scene).segments_received.get(), stats(&scene).datagrams_received.get()), (0, 0));

    // IPv4's own is nobody's but IPv4's.
    let mut wrong = tcp.clone();
    wrong[14 + 10] ^= 1;
    scene.give(wrong);
    // And the rest is as it should be.
    for frame in [tcp, udp, icmp] {
        scene.give(frame);
    }
    assert_eq!(scene.sent().len(), 1);
    assert_eq!(stats(&scene).errors[Protocol::Tcp.index()].get(), 3);
    assert_eq!(stats(&scene).dropped[Dropped::Malformed.index()].get(), 16);
    assert_eq!((stats(&scene).segments_received.get(), stats(&scene).datagrams_received.get()), (1, 1));
    assert_eq!((stats(&scene).messages_received.get(), stats(&scene).messages_sent.get()), (8, 1));
}

#[test]
fn octets_are_those_of_whole_ip_packets() {
    let mut scene = scene();
    let octets = |scene: &Scene| [&stats(scene).octets_received, &stats(scene).octets_sent].map(ukstore::Counter::get);
    assert_eq!(octets(&scene), [0, 0], "ARP is no IP");
    for (number, len) in [0_u64, 1, 100, 1472].into_iter().enumerate() {
        let before = octets(&scene);
        scene.give(echo_frame(&[7; 1472][..len as usize]));
        scene.sent();
        let moved = [octets(&scene)[0] - before[0], octets(&scene)[1] - before[1]];
        assert_eq!(moved, [20 + 8 + len; 2], "echo {number}");
    }
    // What is for another machine is not this one's.
    let before = octets(&scene);
    scene.give(udp_frame(peer(1), SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 9), 514), b"message"));
    assert_eq!(scene.sent(), []);
    assert_eq!(octets(&scene), before);
    // A SYN's answer has options: 20 bytes of header, and what the peer sees.
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let before = octets(&scene);
    let (id, _) = scene.open(listener, 1);
    scene.host.stack.send(id, &[7; 500]).unwrap();
    assert_eq!(scene.sent().len(), 1);
    let [received, sent] = octets(&scene);
    // A SYN with its one option of 4 bytes, and an acknowledgment.
    assert_eq!(received - before[0], 44 + 40);
    assert!((44 + 540..=60 + 540).contains(&(sent - before[1])), "{}", sent - before[1]);
}

/// Each scene has one cause, and the sum is as large as that.
#[test]
fn requests_are_lost_to_each_want_of_room() {
    let scene = |half_open, tcp_connections| Scene::new(&Config { half_open, tcp_connections, ..server_config() });
    let answered = |scene: &mut Scene, ports: core::ops::Range<u16>| -> usize {
        ports.map(|port| scene.ask(Seg::new(peer(port), server(80), Syn, 1000)).len()).sum()
    };
    // Of five half-open connections two find room, each newer one in the place of an older one.
    let mut recycling = scene(2, 8);
    recycling.host.stack.listen(80, 4).unwrap();
    assert_eq!(answered(&mut recycling, 1..6), 5);
    assert_eq!(stats(&recycling).half_open_recycled.get(), 3);
    assert_eq!(stats(&recycling).listen_drops(), 3);

    // No socket is left.
    let mut exhausted = scene(1, 2);
    let listener = exhausted.host.stack.listen(80, 4).unwrap();
    let _open = [1, 2].map(|port| exhausted.open(listener, port));
    assert_eq!(answered(&mut exhausted, 3..7), 0);
    assert_eq!(stats(&exhausted).pool_exhausted.get(), 4);
    assert_eq!(stats(&exhausted).listen_drops(), 4);

    // One waits to be accepted, which is as many as may.
    let mut overflowing = scene(4, 8);
    overflowing.host.stack.listen(80, 1).unwrap();
    let theirs = overflowing.half_open(1, 80, 1000).wrapping_add(1);
    assert_eq!(overflowing.ask(Seg::new(peer(1), server(80), Plain, 1001).ack(theirs)), []);
    assert_eq!(answered(&mut overflowing, 2..7), 0);
    assert_eq!(stats(&overflowing).accept_overflows.get(), 5);
    assert_eq!(stats(&overflowing).listen_drops(), 5);
}

#[test]
fn neighbors_are_those_who_spoke() {
    let mut scene = scene();
    let count = |scene: &Scene| stats(scene).neighbors.get();
    assert_eq!(count(&scene), 1, "the peer has asked");
    for last in 10..30 {
        for _ in 0..2 {
            scene.give(arp(ArpOperation::Request, Ipv4Addr::new(10, 0, 0, last), [0; 6]));
        }
    }
    // Of another network, of none, of all, and something else than a question or an answer.
    for address in [Ipv4Addr::new(10, 0, 1, 7), Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST] {
        scene.give(arp(ArpOperation::Request, address, [0; 6]));
    }
    scene.give(arp(ArpOperation::Unknown(9), Ipv4Addr::new(10, 0, 0, 77), [0; 6]));
    // Who only sends IP is asked for his address when he is to be answered, and not before.
    scene.give(udp_frame(SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 99), 7), server(514), b"message"));
    scene.sent();
    assert_eq!(count(&scene), 21);
}

#[test]
fn sockets_are_counted_from_opening_to_end() {
    let mut scene = scene();
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let other = scene.host.stack.listen(81, 4).unwrap();
    let gauges = |scene: &Scene| {
        let stats = stats(scene);
        [&stats.listeners, &stats.sockets_taken, &stats.orphans, stats.time_wait()].map(ukstore::Gauge::get)
    };
    assert_eq!(gauges(&scene), [2, 0, 0, 0]);
    let (id, mut numbers) = scene.open(listener, 1);
    let (kept, _) = scene.open(listener, 2);
    assert_eq!(gauges(&scene), [2, 2, 0, 0]);
    scene.host.stack.close(id, scene.now).unwrap();
    let fin = scene.sent();
    assert_eq!((fin.len(), gauges(&scene)), (1, [2, 2, 1, 0]));
    numbers.theirs = numbers.theirs.wrapping_add(1);
    assert_eq!(scene.ask(numbers.segment(Fin)).len(), 1);
    assert_eq!(gauges(&scene), [2, 1, 0, 1], "TIME-WAIT needs no socket");
    scene.host.stack.abort(kept, scene.now).unwrap();
    assert_eq!(scene.sent().len(), 1);
    // One that nobody has accepted is let go with its listener.
    let theirs = scene.half_open(3, 81, 1000).wrapping_add(1);
    assert_eq!(scene.ask(Seg::new(peer(3), server(81), Plain, 1001).ack(theirs)), []);
    assert_eq!(gauges(&scene), [2, 1, 0, 1]);
    scene.host.stack.close_listener(other, scene.now).unwrap();
    assert_eq!(scene.sent().len(), 1);
    scene.pass(40 * SECOND);
    assert_eq!(gauges(&scene), [1, 0, 0, 0]);

    let bound = |scene: &Scene| stats(scene).datagram_sockets.get();
    let id = scene.host.stack.udp_bind(514).unwrap();
    scene.host.stack.udp_bind(515).unwrap();
    assert_eq!(scene.host.stack.udp_bind(515), Err(Error::AddressInUse));
    assert_eq!(bound(&scene), 2);
    scene.host.stack.udp_close(id).unwrap();
    assert_eq!(bound(&scene), 1);
    let config = server_config();
    let tcp = config.tcp_connections * (config.receive_buffer_bytes + config.transmit_buffer_bytes);
    assert_eq!(stats(&scene).buffer_bytes.get(), tcp as i64);
    assert_eq!(stats(&scene).datagram_buffer_bytes.get(), 2 * (config.udp_sockets * config.udp_buffer_bytes) as i64);
}

#[test]
fn an_answer_to_a_request_is_sent_again_when_its_time_has_come() {
    let mut scene = scene();
    scene.host.stack.listen(80, 4).unwrap();
    scene.half_open(1, 80, 1000);
    let repeated = scene.pass(10 * SECOND);
    assert!(repeated.len() >= 2 && repeated.iter().all(|segment| segment.control == Syn), "{repeated:?}");
    assert_eq!(again(&scene), [repeated.len() as u64; 3]);
    let sent = stats(&scene).segments_sent.get();
    assert_eq!(sent, 1 + repeated.len() as u64);
}

#[test]
fn a_timeout_counts_once_whatever_is_sent_again() {
    let mut scene = scene();
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, numbers) = scene.open(listener, 1);
    // The peer's window is wide; the first flight is several segments, none of which is acknowledged.
    scene.ask(numbers.segment(Plain));
    scene.host.stack.send(id, &[7; 4000]).unwrap();
    let flight = scene.sent();
    assert!(flight.len() >= 2, "{}", flight.len());
    let repeated = scene.pass(5 * SECOND);
    let beginnings = repeated.iter().filter(|segment| segment.sequence == flight[0].sequence).count();
    assert!(beginnings >= 2, "{repeated:?}");
    assert_eq!(again(&scene), [repeated.len() as u64, 0, beginnings as u64]);
}

#[test]
fn a_loss_that_the_peer_tells_of_is_no_timeout() {
    let mut scene = scene();
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, numbers) = scene.open(listener, 1);
    scene.host.stack.send(id, &[7; 4000]).unwrap();
    let flight = scene.sent();
    assert!(flight.len() >= 2);
    let mut repeated = 0;
    for _ in 0..4 {
        let sent = scene.ask(numbers.segment(Plain));
        repeated += sent.iter().filter(|segment| segment.sequence == flight[0].sequence).count();
    }
    assert_eq!(repeated, 1, "three acknowledgments of the same are a loss");
    let [retransmissions, _, timeouts] = again(&scene);
    assert_eq!((retransmissions, timeouts), (1, 0));
}

#[test]
fn a_probe_of_a_closed_window_is_nothing_sent_again() {
    let mut scene = scene();
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, numbers) = scene.open(listener, 1);
    scene.ask(numbers.segment(Plain).closed());
    scene.host.stack.send(id, &[7; 100]).unwrap();
    let probes = scene.pass(10 * SECOND);
    assert!(probes.len() >= 3 && probes.iter().all(|probe| probe.payload.len() <= 1), "{probes:?}");
    assert_eq!(again(&scene), [0; 3]);
}

#[test]
fn a_poll_that_leaves_work_is_squeezed() {
    let mut scene = scene();
    assert_eq!(stats(&scene).squeezed.get(), 0);
    for _ in 0..2 * BUDGET + 3 {
        scene.give(echo_frame(b"flood"));
    }
    scene.sent();
    assert_eq!(stats(&scene).squeezed.get(), 2);
    assert_eq!(stats(&scene).messages_sent.get(), 2 * BUDGET as u64 + 3);
}

#[test]
fn frames_of_a_protocol_it_does_not_speak_are_dropped() {
    let mut scene = scene();
    for _ in 0..3 {
        let mut ipv6 = echo_frame(b"");
        ipv6[12..14].copy_from_slice(&[0x86, 0xdd]);
        scene.give(ipv6);
    }
    scene.sent();
    assert_eq!(stats(&scene).dropped[Dropped::Protocol.index()].get(), 3);
}

#[test]
fn every_datagram_counts() {
    let mut scene = scene();
    let ids: std::vec::Vec<_> = (0..4).map(|_| scene.host.stack.udp_bind(0).unwrap()).collect();
    for id in &ids {
        scene.host.stack.udp_send(*id, b"one each, and all in one poll", peer(9)).unwrap();
    }
    scene.sent();
    assert_eq!(stats(&scene).datagrams_sent.get(), 4);
}
