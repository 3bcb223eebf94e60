//! Who gets in: backlog, half-open connections, floods of SYNs, and segments that must not get anywhere.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::{vec, vec::Vec};

use smoltcp::wire::TcpControl::{None as Plain, Rst, Syn};

use super::{network::*, peer::*};
use crate::net::{Config, Dropped, Error, Ipv4, State};

fn small(half_open: usize, connections: usize) -> Config {
    let mut config = server_config();
    config.half_open = half_open;
    config.tcp_connections = connections;
    config
}

#[test]
fn a_full_backlog_delays_and_loses_nothing() {
    let mut net = Network::new(&server_config(), &client_config());
    let listener = net.server.stack.listen(80, 2).unwrap();
    let clients: Vec<_> =
        (0..6).map(|_| net.client.stack.connect(SocketAddrV4::new(SERVER, 80), net.now).unwrap()).collect();
    net.pass(10 * MILLISECOND);
    let stats = net.server.stack.stats();
    assert_eq!(stats.passive_opens.get(), 2);
    assert!(stats.accept_overflows.get() >= 4);
    let mut accepted = Vec::new();
    net.until(60 * SECOND, "all six", |net| {
        while let Ok((id, _)) = net.server.stack.accept(listener) {
            accepted.push(id);
        }
        accepted.len() == 6
    });
    for client in clients {
        assert_eq!(net.client.stack.state(client), Ok(State::Established));
    }
    assert_eq!(net.server.stack.stats().resets_sent.get(), 0);
}

#[test]
fn the_oldest_half_open_connection_makes_room() {
    let mut scene = Scene::new(&small(2, 8));
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let first = scene.half_open(1, 80, 100);
    let second = scene.half_open(2, 80, 200);
    let third = scene.half_open(3, 80, 300);
    assert_eq!(scene.host.stack.stats().half_open_recycled.get(), 1);
    let answers = scene.ask(Seg::new(peer(1), server(80), Plain, 101).ack(first + 1));
    assert_eq!(answers.len(), 1);
    assert_eq!((answers[0].control, answers[0].sequence), (Rst, first + 1), "the first is gone");
    for (port, number, theirs) in [(2, 201, second), (3, 301, third)] {
        assert_eq!(scene.ask(Seg::new(peer(port), server(80), Plain, number).ack(theirs + 1)), []);
        assert_eq!(scene.host.stack.accept(listener).unwrap().1, peer(port));
    }
}

/// 10,000 SYNs from as many addresses, none of which ever answers, while an honest client connects, is served on a second
/// port, and goes on using a connection it had before.
#[test]
fn a_flood_of_syns_starves_nobody() {
    // All of them neighbors, so that each costs a question for its hardware address, too.
    let mut config = small(16, 32);
    config.ipv4 = Ipv4::Static { address: SERVER, prefix_len: 8, gateway: None };
    let mut net = Network::new(&config, &client_config());
    let http = net.server.stack.listen(80, 8).unwrap();
    let other = net.server.stack.listen(81, 8).unwrap();
    let (old_client, old_server) = net.connect(http, 80);
    let mut flooded = 0u32;
    let mut flood = |net: &mut Network| {
        for _ in 0..4 {
            flooded += 1;
            let from = SocketAddrV4::new(Ipv4Addr::from_bits(0x0a00_0100 + flooded), 1024 + (flooded % 60000) as u16);
            net.server.nic.queues().incoming.push_back(Seg::new(from, server(80), Syn, flooded).frame());
        }
        flooded
    };
    let mut served = 0u64;
    let mut buffer = [0; 64];
    while flood(&mut net) < 10_000 {
        let (port, listener) = if served.is_multiple_of(2) { (80, http) } else { (81, other) };
        let client = net.client.stack.connect(SocketAddrV4::new(SERVER, port), net.now).unwrap();
        let mut accepted = None;
        net.until(10 * SECOND, "a connection in the flood", |net| {
            flood(net);
            accepted = accepted.or(net.server.stack.accept(listener).ok());
            accepted.is_some() && net.client.stack.state(client) == Ok(State::Established)
        });
        net.client.stack.close(client, net.now).unwrap();
        net.server.stack.close(accepted.unwrap().0, net.now).unwrap();
        net.client.stack.send(old_client, b"still here?").unwrap();
        net.until(SECOND, "the old connection in the flood", |net| {
            flood(net);
            net.server.stack.recv(old_server, &mut buffer) == Ok(11)
        });
        served += 1;
    }
    assert!(served > 50, "only {served} served");
    let stats = net.server.stack.stats();
    assert!(stats.half_open_recycled.get() > 9_000);
    assert_eq!(stats.pool_exhausted.get(), 0);
    assert!(stats.in_state(State::SynReceived).unwrap().get() <= 16, "half-open connections are bounded");
    net.pass(60 * SECOND);
    assert_eq!(net.server.stack.stats().in_state(State::SynReceived).unwrap().get(), 0);
    assert!(net.server.stack.stats().half_open_expired.get() > 0);
    assert_eq!(net.server.stack.state(old_server), Ok(State::Established));
}

#[test]
fn a_flood_displaces_its_own_port_only() {
    let mut scene = Scene::new(&small(4, 8));
    let quiet = scene.host.stack.listen(81, 4).unwrap();
    scene.host.stack.listen(80, 4).unwrap();
    let theirs = scene.half_open(1, 81, 100);
    for port in 100..200 {
        scene.half_open(port, 80, u32::from(port));
    }
    assert_eq!(scene.ask(Seg::new(peer(1), server(81), Plain, 101).ack(theirs + 1)), []);
    assert!(scene.host.stack.accept(quiet).is_ok());
}

#[test]
fn a_half_open_connection_ends_with_its_time_or_a_reset() {
    let mut scene = Scene::new(&small(4, 8));
    scene.host.stack.listen(80, 4).unwrap();
    scene.half_open(1, 80, 100);
    let again = scene.pass(60 * SECOND);
    assert_eq!(again.len(), 4, "the SYN-ACK is sent again after 1, 3, 7 and 15 s: {again:?}");
    assert_eq!(scene.host.stack.stats().half_open_expired.get(), 1);
    assert_eq!(scene.host.stack.stats().retransmissions.get(), 4);

    scene.half_open(2, 80, 100);
    assert_eq!(scene.host.stack.stats().in_state(State::SynReceived).unwrap().get(), 1);
    scene.ask(Seg::new(peer(2), server(80), Rst, 101).ack(0));
    assert_eq!(scene.host.stack.stats().in_state(State::SynReceived).unwrap().get(), 0);
    assert_eq!(scene.host.stack.stats().half_open_expired.get(), 1);
}

#[test]
fn a_second_syn_is_a_duplicate_or_a_new_beginning() {
    let mut scene = Scene::new(&small(4, 8));
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let first = scene.half_open(1, 80, 100);
    assert_eq!(scene.ask(Seg::new(peer(1), server(80), Syn, 100)), [], "the same: its answer is on its way");
    let second = scene.half_open(1, 80, 5000);
    assert_ne!(first, second);
    assert_eq!(scene.ask(Seg::new(peer(1), server(80), Plain, 5001).ack(second + 1)), []);
    assert_eq!(scene.host.stack.stats().passive_opens.get(), 1);

    // Established now; the peer restarts and uses the same port again. It is asked, and says so.
    let (id, _) = scene.host.stack.accept(listener).unwrap();
    let challenge = scene.ask(Seg::new(peer(1), server(80), Syn, 9000));
    assert_eq!(challenge.len(), 1);
    assert_eq!(
        (challenge[0].control, challenge[0].sequence, challenge[0].acknowledgment),
        (Plain, second + 1, Some(5001))
    );
    assert_eq!(scene.ask(Seg::new(peer(1), server(80), Syn, 9000)), [], "not more than one a second");
    assert_eq!(scene.ask(Seg::new(peer(1), server(80), Rst, 5001)), []);
    assert_eq!(scene.host.stack.recv(id, &mut [0; 4]), Err(Error::Reset));
    scene.half_open(1, 80, 9000);
}

#[test]
fn segments_that_must_not_get_anywhere() {
    let mut scene = Scene::new(&small(1, 1));
    scene.host.stack.listen(80, 4).unwrap();
    let good = Seg::new(peer(1), server(80), Syn, 100);

    let mut wrong_checksum = good.frame();
    wrong_checksum[14 + 20 + 16] ^= 1;
    scene.give(wrong_checksum);
    assert_eq!(scene.sent(), []);
    assert_eq!(scene.host.stack.stats().dropped[Dropped::Malformed as usize].get(), 1);

    for len in 0..good.frame().len() {
        scene.give(good.frame()[..len].to_vec());
    }
    assert_eq!(scene.sent(), []);

    let mut broadcast = good.frame();
    broadcast[..6].copy_from_slice(&[0xff; 6]);
    scene.give(broadcast);
    let mut other_mac = good.frame();
    other_mac[5] ^= 1;
    scene.give(other_mac);
    scene.give(Seg::new(peer(1), SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 9), 80), Syn, 1).frame());
    scene.give(Seg::new(peer(1), SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 255), 80), Syn, 1).frame());
    assert_eq!(scene.sent(), []);
    assert_eq!(scene.host.stack.stats().dropped[Dropped::Misaddressed as usize].get(), 4);

    let mut fragment = good.frame();
    fragment[14 + 6] |= 0x20;
    scene.give(fragment);
    assert_eq!(scene.sent(), []);
    assert_eq!(scene.host.stack.stats().dropped[Dropped::Fragment as usize].get(), 1);

    for from in
        [SERVER, Ipv4Addr::LOCALHOST, Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1), Ipv4Addr::new(192, 168, 9, 9)]
    {
        assert_eq!(scene.ask(Seg::new(SocketAddrV4::new(from, 7), server(80), Syn, 1)), [], "from {from}");
    }
    assert_eq!(scene.host.stack.stats().dropped[Dropped::Unroutable as usize].get(), 5);

    let mut ipv6 = vec![0; 100];
    ipv6[..6].copy_from_slice(&SERVER_MAC);
    ipv6[12..14].copy_from_slice(&[0x86, 0xdd]);
    scene.give(ipv6);
    assert_eq!(scene.sent(), []);
    assert_eq!(scene.host.stack.stats().dropped[Dropped::Protocol as usize].get(), 1);
    assert_eq!(scene.host.stack.stats().sockets_in_use(), 0);

    // Nobody there: a reset, but never for a reset.
    let answers = scene.ask(Seg::new(peer(1), server(99), Syn, 100));
    assert_eq!((answers[0].control, answers[0].acknowledgment), (Rst, Some(101)));
    assert_eq!(scene.ask(Seg::new(peer(1), server(99), Rst, 100)), []);
    assert_eq!(scene.host.stack.stats().no_connection.get(), 1);

    // The one socket there is was never lost to any of these.
    scene.half_open(1, 80, 100);
}

#[test]
fn a_pool_without_room_is_counted() {
    let mut scene = Scene::new(&small(1, 2));
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let open: Vec<_> = (1..=2).map(|port| scene.open(listener, port)).collect();
    assert_eq!(scene.ask(Seg::new(peer(3), server(80), Syn, 1)), [], "no reset: the client will try again");
    assert_eq!(scene.host.stack.stats().pool_exhausted.get(), 1);
    scene.host.stack.abort(open[0].0, scene.now).unwrap();
    assert_eq!(scene.sent().len(), 1);
    scene.half_open(3, 80, 1);
}

#[test]
fn a_closed_listener_resets_who_was_waiting() {
    let mut scene = Scene::new(&small(4, 8));
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let theirs = scene.half_open(1, 80, 100);
    assert_eq!(scene.ask(Seg::new(peer(1), server(80), Plain, 101).ack(theirs + 1)), []);
    scene.half_open(2, 80, 100);
    scene.host.stack.close_listener(listener, scene.now).unwrap();
    let sent = scene.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].control, sent[0].to), (Rst, peer(1)));
    assert_eq!(scene.host.stack.stats().sockets_in_use(), 0);
    assert_eq!(scene.ask(Seg::new(peer(3), server(80), Syn, 1))[0].control, Rst);
}

#[test]
fn a_closed_listener_wakes_who_waits_for_connections() {
    let mut scene = Scene::new(&server_config());
    let old = scene.host.stack.listen(80, 4).unwrap();
    assert!(scene.host.stack.wait_accept(old, 7).is_ok());
    scene.host.stack.close_listener(old, 0).unwrap();
    scene.host.stack.listen(80, 4).unwrap();
    scene.sent();
    assert_eq!(scene.host.woken, [7], "though its place is taken again");
}

#[test]
fn ports_are_taken_once() {
    let mut scene = Scene::new(&server_config());
    let stack = &mut scene.host.stack;
    let first = stack.listen(80, 1).unwrap();
    assert_eq!(stack.listen(80, 1), Err(Error::AddressInUse));
    let any = stack.listen(0, 1).unwrap();
    assert!(stack.listener_port(any).unwrap() >= 49152);
    stack.close_listener(first, 0).unwrap();
    assert!(stack.listen(80, 1).is_ok());
    for _ in 2..8 {
        stack.listen(0, 1).unwrap();
    }
    assert_eq!(stack.listen(0, 1), Err(Error::Exhausted));
}
