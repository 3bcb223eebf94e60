//! What a call may cost at most, however much there is to do; and that what is counted can be read by name.

use core::net::SocketAddrV4;
use std::vec::Vec;

use smoltcp::wire::TcpControl::{None as Plain, Syn};
use ukstore::Value;

use super::{network::*, peer::*};
use crate::net::Error;

#[test]
fn a_poll_handles_a_budget_of_frames_and_no_more() {
    let mut config = server_config();
    config.tcp_connections = 64;
    config.half_open = 64;
    let mut scene = Scene::new(&config);
    let listener = scene.host.stack.listen(80, 64).unwrap();
    let open: Vec<_> = (1..=40).map(|port| scene.open(listener, port)).collect();
    for &(id, _) in &open {
        while scene.host.stack.send(id, &[7; 4000]).is_ok() {}
    }
    for port in 1000..1500 {
        scene.give(Seg::new(peer(port), server(80), Syn, 1).frame());
        scene.give(Seg::new(peer(port), server(81), Syn, 1).frame());
        scene.give(udp_frame(peer(port), server(82), b"x"));
    }
    for budget in [1, 2, 7, 32] {
        for _ in 0..20 {
            scene.host.nic.queues().taken = 0;
            let polled = scene.host.stack.poll(scene.now, budget, &mut |_| {});
            let mut queues = scene.host.nic.queues();
            assert_eq!(queues.taken, budget);
            // Each frame may be answered at once, and as many are sent besides.
            assert!(queues.outgoing.len() <= 2 * budget, "{} frames", queues.outgoing.len());
            assert!(queues.outgoing.len() >= budget, "it sends beside a flood");
            queues.outgoing.clear();
            drop(queues);
            assert!(polled.more);
        }
    }
    scene.host.nic.queues().incoming.clear();
    scene.sent();
    let polled = scene.host.stack.poll(scene.now, 8, &mut |_| {});
    assert!(!polled.more && polled.next_poll_at.is_some_and(|at| at > scene.now), "and comes to rest");
}

#[test]
fn a_device_without_room_is_not_polled_in_a_loop() {
    let mut scene = Scene::new(&server_config());
    let listener = scene.host.stack.listen(80, 64).unwrap();
    let (id, _) = scene.open(listener, 1);
    let udp = scene.host.stack.udp_bind(9).unwrap();
    scene.host.stack.send(id, b"stuck").unwrap();
    scene.host.nic.queues().room = Some(0);
    for with_datagram in [false, true] {
        if with_datagram {
            scene.host.stack.udp_send(udp, b"stuck, too", peer(9)).unwrap();
        }
        let polled = scene.host.stack.poll(scene.now, 8, &mut |_| {});
        assert!(!polled.more);
        assert_eq!(polled.next_poll_at, Some(scene.now + MILLISECOND));
    }
    scene.host.nic.queues().room = None;
    assert_eq!(scene.pass(MILLISECOND).len(), 1);
    assert_eq!(scene.host.stack.stats().datagrams_sent.get(), 1);
}

/// One connection with much to send does not keep the others waiting.
#[test]
fn sockets_send_in_turns() {
    let mut config = server_config();
    config.transmit_buffer_bytes = 1 << 20;
    let mut scene = Scene::new(&config);
    let listener = scene.host.stack.listen(80, 64).unwrap();
    let (greedy, _) = scene.open(listener, 1);
    let (modest, _) = scene.open(listener, 2);
    while scene.host.stack.send(greedy, &[7; 4000]).is_ok() {}
    scene.host.stack.send(modest, b"one line").unwrap();
    scene.host.stack.poll(scene.now, 12, &mut |_| {});
    let sent = scene.sent();
    let place = sent.iter().position(|segment| segment.to == peer(2));
    assert!(place.is_some_and(|place| place <= 8), "{place:?} of {}", sent.len());
}

#[test]
fn what_is_counted_can_be_read_by_name() {
    let mut config = server_config();
    config.name = "read_by_name";
    let mut scene = Scene::new(&config);
    scene.host.stack.listen(80, 4).unwrap();
    scene.half_open(1, 80, 1);
    scene.ask(Seg::new(SocketAddrV4::new(CLIENT, 5), server(99), Plain, 1).ack(1));
    let read = |entry: &str| ukstore::read(&std::format!("/stacks/read_by_name/{entry}"));
    assert_eq!(read("tcp_connections/syn_received"), Ok(Value::I64(1)));
    assert_eq!(read("tcp_sockets"), Ok(Value::I64(32)));
    assert_eq!(read("tcp_segments_received_total"), Ok(Value::U64(2)));
    assert_eq!(read("tcp_segments_sent_total"), Ok(Value::U64(2)));
    assert_eq!(read("tcp_resets_sent_total"), Ok(Value::U64(1)));
    assert_eq!(read("tcp_no_connection_total"), Ok(Value::U64(1)));
    // The question for the stack's hardware address and its answer are frames, too, and the announcement of its address.
    assert_eq!(read("frames_received_total"), Ok(Value::U64(3)));
    assert_eq!(read("frames_sent_total"), Ok(Value::U64(4)));
    drop(scene);
    assert!(read("tcp_sockets").is_err());
}

#[test]
fn waiters_have_a_bound() {
    let mut scene = Scene::new(&server_config());
    let listener = scene.host.stack.listen(80, 4).unwrap();
    for waiter in 0..8 {
        assert!(scene.host.stack.wait_accept(listener, waiter).is_ok());
    }
    assert_eq!(scene.host.stack.wait_accept(listener, 8), Err(Error::TooManyWaiters));
    scene.host.stack.forget_accept(listener, 3).unwrap();
    assert!(scene.host.stack.wait_accept(listener, 8).is_ok());
}
