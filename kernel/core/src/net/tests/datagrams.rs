//! UDP, ICMP echo, and the announcement of an address.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::vec::Vec;

use smoltcp::{
    phy::ChecksumCapabilities,
    wire::{EthernetFrame, IcmpRepr, Icmpv4DstUnreachable, Icmpv4Packet, Icmpv4Repr, IpProtocol, Ipv4Packet},
};

use super::{network::*, peer::*};
use crate::net::{Dropped, Error, Interest, Wait};
use ukstore::Label;

fn network() -> Network {
    Network::new(&server_config(), &client_config())
}

#[test]
fn there_and_back() {
    let mut net = network();
    let server_id = net.server.stack.udp_bind(514).unwrap();
    let client_id = net.client.stack.udp_bind(0).unwrap();
    let from = net.client.stack.udp_local(client_id).unwrap();
    assert!(from.port() >= 49152);
    assert_eq!(net.server.stack.udp_wait(server_id, Interest::Readable, 1), Ok(Wait::Registered));
    net.client.stack.udp_send(client_id, b"message", server(514)).unwrap();
    net.pass(SECOND);
    assert_eq!(net.server.woken, [1]);
    let mut buffer = [0; 16];
    assert_eq!(net.server.stack.udp_receive(server_id, &mut buffer), Ok((7, from)));
    assert_eq!(&buffer[..7], b"message");
    assert_eq!(net.server.stack.udp_receive(server_id, &mut buffer), Err(Error::WouldBlock));
    net.server.stack.udp_send(server_id, b"a long answer", from).unwrap();
    net.pass(SECOND);
    assert_eq!(net.client.stack.udp_receive(client_id, &mut buffer[..6]), Ok((6, server(514))), "the rest is lost");
    assert_eq!(net.client.stack.udp_receive(client_id, &mut buffer), Err(Error::WouldBlock));
    for host in [&net.server, &net.client] {
        let stats = host.stack.stats();
        assert_eq!((stats.datagrams_sent.get(), stats.datagrams_received.get()), (1, 1));
        assert_eq!(stats.datagrams_no_port.get() + stats.datagrams_dropped.get(), 0);
    }
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let mut net = network();
    let stack = &mut net.server.stack;
    let id = stack.udp_bind(514).unwrap();
    assert_eq!(stack.udp_bind(514), Err(Error::AddressInUse));
    assert_eq!(stack.udp_send(id, &[0; 1473], peer(1)), Err(Error::TooLong), "no fragments are sent");
    assert_eq!(stack.udp_send(id, &[0; 1472], peer(1)), Ok(()));
    assert_eq!(stack.udp_send(id, b"x", peer(0)), Err(Error::InvalidAddress));
    assert_eq!(stack.udp_send(id, b"x", SocketAddrV4::new(Ipv4Addr::new(8, 8, 8, 8), 53)), Err(Error::Unreachable));
    let mut queued = 1;
    while stack.udp_send(id, &[0; 8], peer(1)).is_ok() {
        queued += 1;
    }
    assert_eq!(stack.udp_send(id, &[0; 8], peer(1)), Err(Error::WouldBlock));
    assert_eq!(queued, 32);
    assert_eq!(stack.udp_wait(id, Interest::Writable, 3), Ok(Wait::Registered));
    net.pass(2 * SECOND);
    assert_eq!(net.server.woken, [3]);
    assert_eq!(net.server.stack.stats().datagrams_sent.get(), 32);
    assert_eq!(net.client.stack.stats().datagrams_no_port.get(), 32);
}

/// smoltcp says that there is room as long as another datagram can be described; its bytes may not fit all the same.
#[test]
fn room_for_bytes_is_waited_for() {
    let mut net = network();
    let stack = &mut net.server.stack;
    let id = stack.udp_bind(514).unwrap();
    assert_eq!(stack.udp_wait(id, Interest::Writable, 5), Ok(Wait::Ready));
    let mut queued = 0;
    while stack.udp_send(id, &[0; 1400], peer(1)).is_ok() {
        queued += 1;
    }
    assert!(queued < 32, "descriptions are left");
    assert_eq!(stack.udp_wait(id, Interest::Writable, 5), Ok(Wait::Registered));
    net.pass(SECOND);
    assert_eq!(net.server.woken, [5]);
    assert_eq!(net.server.stack.udp_send(id, &[0; 1400], peer(1)), Ok(()));
}

#[test]
fn a_neighbor_that_is_not_there_is_given_up() {
    let mut scene = Scene::new(&server_config());
    let id = scene.host.stack.udp_bind(514).unwrap();
    let [a, b, c, _] = SERVER.octets();
    let nobody = SocketAddrV4::new(Ipv4Addr::new(a, b, c, 77), 9);
    for round in 1..=2 {
        scene.host.stack.udp_send(id, b"to nobody", nobody).unwrap();
        scene.host.stack.udp_send(id, b"behind it", peer(9)).unwrap();
        scene.pass(2 * SECOND);
        assert_eq!(scene.host.stack.udp_unsent(id), Ok(18));
        assert_eq!(scene.host.told("uk_udp_queues_dropped_total"), round - 1, "it may still answer");
        scene.pass(3 * SECOND);
        assert_eq!(scene.host.told("uk_udp_queues_dropped_total"), round);
        assert_eq!(scene.host.stack.stats().datagrams_sent.get(), round - 1);
        scene.host.stack.udp_send(id, b"to somebody", peer(9)).unwrap();
        scene.pass(2 * SECOND);
        assert_eq!(scene.host.stack.udp_unsent(id), Ok(0));
        assert_eq!(scene.host.stack.stats().datagrams_sent.get(), round);
    }
    scene.give(udp_frame(peer(9), server(514), b"still bound"));
    scene.pass(SECOND);
    assert_eq!(scene.host.stack.udp_receive(id, &mut [0; 16]), Ok((11, peer(9))));
}

#[test]
fn a_stale_id_is_an_error() {
    let mut net = network();
    let stack = &mut net.server.stack;
    let old = stack.udp_bind(514).unwrap();
    assert_eq!(stack.udp_wait(old, Interest::Readable, 4), Ok(Wait::Registered));
    stack.udp_close(old).unwrap();
    let new = stack.udp_bind(514).unwrap();
    assert_ne!(old, new);
    assert_eq!(stack.udp_receive(old, &mut [0; 4]), Err(Error::InvalidId));
    assert_eq!(stack.udp_send(old, b"x", peer(1)), Err(Error::InvalidId));
    assert_eq!(stack.udp_close(old), Err(Error::InvalidId));
    for _ in 1..4 {
        stack.udp_bind(0).unwrap();
    }
    assert_eq!(stack.udp_bind(0), Err(Error::Exhausted));
    net.pass(SECOND);
    assert_eq!(net.server.woken, [4], "who waited on the closed socket, though its place is taken again");
}

#[test]
fn a_full_queue_and_a_wrong_checksum_are_counted() {
    let mut scene = Scene::new(&server_config());
    let id = scene.host.stack.udp_bind(514).unwrap();
    for _ in 0..40 {
        scene.give(udp_frame(peer(9), server(514), b"flood"));
    }
    let mut bad = udp_frame(peer(9), server(514), b"flood");
    *bad.last_mut().unwrap() ^= 1;
    scene.give(bad);
    assert_eq!(scene.sent(), []);
    let stats = scene.host.stack.stats();
    assert_eq!((stats.datagrams_received.get(), scene.host.told("uk_udp_datagrams_dropped_total")), (32, 8));
    assert_eq!(stats.dropped[Dropped::Malformed.index()].get(), 1);
    let mut buffer = [0; 8];
    while scene.host.stack.udp_receive(id, &mut buffer).is_ok() {}
    scene.give(udp_frame(peer(9), server(514), b""));
    assert_eq!(scene.sent(), []);
    assert_eq!(scene.host.stack.udp_receive(id, &mut buffer), Ok((0, peer(9))), "an empty datagram is one, too");
    assert_eq!(scene.host.stack.stats().datagrams_received.get(), 33);
}

fn icmp_sent(scene: &mut Scene) -> Vec<Vec<u8>> {
    scene.host.poll(scene.now);
    let frames: Vec<_> = scene.host.nic.queues().outgoing.drain(..).collect();
    let payload = |frame: &Vec<u8>| {
        let ethernet = EthernetFrame::new_checked(&frame[..]).unwrap();
        let ip = Ipv4Packet::new_checked(ethernet.payload()).unwrap();
        assert_eq!(ip.next_header(), IpProtocol::Icmp);
        ip.payload().to_vec()
    };
    frames.iter().map(payload).collect()
}

#[test]
fn a_port_nobody_is_bound_to_is_said_to_be() {
    let mut scene = Scene::new(&server_config());
    scene.give(udp_frame(peer(9), server(515), b"anybody?"));
    let sent = icmp_sent(&mut scene);
    assert_eq!(sent.len(), 1);
    let packet = Icmpv4Packet::new_checked(&sent[0][..]).unwrap();
    let repr = Icmpv4Repr::parse(&packet, &ChecksumCapabilities::default()).unwrap();
    assert!(matches!(repr, Icmpv4Repr::DstUnreachable { reason: Icmpv4DstUnreachable::PortUnreachable, .. }));
    assert_eq!(scene.host.stack.stats().datagrams_no_port.get(), 1);
}

#[test]
fn an_echo_is_answered() {
    let mut scene = Scene::new(&server_config());
    let request = Icmpv4Repr::EchoRequest { ident: 7, seq_no: 1, data: b"ping" };
    let ping = |to| {
        ip_frame(CLIENT, to, IpProtocol::Icmp, request.buffer_len(), |buffer| {
            request.emit(&mut Icmpv4Packet::new_unchecked(buffer), &ChecksumCapabilities::default());
        })
    };
    scene.give(ping(SERVER));
    let sent = icmp_sent(&mut scene);
    let packet = Icmpv4Packet::new_checked(&sent[0][..]).unwrap();
    let repr = IcmpRepr::Ipv4(Icmpv4Repr::parse(&packet, &ChecksumCapabilities::default()).unwrap());
    assert_eq!(repr, IcmpRepr::Ipv4(Icmpv4Repr::EchoReply { ident: 7, seq_no: 1, data: b"ping" }));
    scene.give(ping(Ipv4Addr::new(10, 0, 0, 9)));
    assert_eq!(icmp_sent(&mut scene).len(), 0);
}

#[test]
fn a_new_address_is_announced_to_the_neighbors() {
    let mut host = Host::new(&server_config());
    let mut announced = Vec::new();
    let mut now = 0;
    loop {
        host.poll(now);
        for frame in host.nic.queues().outgoing.drain(..) {
            assert_eq!(frame[..6], [0xff; 6]);
            assert_eq!(frame[12..14], [0x08, 0x06]);
            // Sender and target are this machine; the question is its own address.
            assert_eq!((&frame[22..28], &frame[28..32]), (&SERVER_MAC[..], &SERVER.octets()[..]));
            assert_eq!(frame[38..42], SERVER.octets());
            announced.push(now);
        }
        let Some(next) = host.next_poll_at else { break };
        now = next;
    }
    assert_eq!(announced, [0, 2 * SECOND]);
}
