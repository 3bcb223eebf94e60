//! TIME-WAIT: what each kind of late segment meets, and the table against a simpler one.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::vec::Vec;

use proptest::prelude::*;
use smoltcp::wire::TcpControl::{Fin, None as Plain, Psh, Rst, Syn};

use super::{network::*, peer::*};
use crate::net::{
    tcp::{HashKey, TimeWaitTable, Tuple, Verdict},
    wire::{Segment, after},
};

/// Lifetime of an entry, as the table's documentation promises it.
const LIFETIME: u64 = 30 * SECOND;

/// A connection the stack has closed first and the peer last, and the acknowledgment that ended it.
fn closed_by_server() -> (Scene, Numbers, Seg) {
    let mut scene = Scene::new(&server_config());
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, mut numbers) = scene.open(listener, 1);
    scene.host.stack.close(id, scene.now).unwrap();
    let sent = scene.sent();
    assert_eq!((sent.len(), sent[0].control), (1, Fin));
    numbers.theirs += 1;
    assert_eq!(scene.ask(numbers.segment(Plain)), []);
    let last = scene.ask(numbers.segment(Fin));
    assert_eq!(last.len(), 1, "the FIN is acknowledged once");
    numbers.ours += 1;
    assert_eq!(
        (last[0].control, last[0].sequence, last[0].acknowledgment),
        (Plain, numbers.theirs, Some(numbers.ours))
    );
    let stats = scene.host.stack.stats();
    assert_eq!((stats.time_wait_total.get(), stats.time_wait().get()), (1, 1));
    assert_eq!(stats.sockets_in_use(), 0, "the socket is free at once");
    (scene, numbers, last[0])
}

#[test]
fn a_repeated_fin_is_acknowledged_again_and_prolongs_it() {
    let (mut scene, numbers, last) = closed_by_server();
    let mut fin = numbers.segment(Fin);
    fin.sequence -= 1;
    for _ in 0..3 {
        scene.pass(20 * SECOND);
        assert_eq!(scene.ask(fin), [last]);
    }
    assert_eq!(scene.host.told("uk_tcp_time_wait_acknowledged_total"), 3);
    scene.pass(LIFETIME + SECOND);
    assert_eq!(scene.host.stack.stats().time_wait().get(), 0);
    assert_eq!(scene.ask(fin)[0].control, Rst, "forgotten");
}

#[test]
fn old_data_is_acknowledged_and_a_bare_acknowledgment_is_not() {
    let (mut scene, numbers, last) = closed_by_server();
    let mut old = numbers.segment(Psh).payload(b"late");
    old.sequence -= 5;
    assert_eq!(scene.ask(old), [last]);
    assert_eq!(scene.ask(numbers.segment(Plain)), [], "or two stacks in TIME-WAIT would talk for ever");
}

#[test]
fn a_reset_does_not_end_it() {
    let (mut scene, numbers, last) = closed_by_server();
    assert_eq!(scene.ask(numbers.segment(Rst)), []);
    let mut fin = numbers.segment(Fin);
    fin.sequence -= 1;
    assert_eq!(scene.ask(fin), [last]);
}

#[test]
fn a_new_connection_needs_a_higher_sequence_number() {
    let (mut scene, numbers, last) = closed_by_server();
    for old in [numbers.ours, numbers.ours - 1, numbers.ours.wrapping_sub(1 << 30)] {
        assert_eq!(scene.ask(Seg::new(peer(1), server(80), Syn, old)), [last], "an old SYN is answered, not followed");
    }
    scene.half_open(1, 80, numbers.ours + 1);
    assert_eq!(scene.host.told("uk_tcp_time_wait_reopened_total"), 1);
    assert_eq!(scene.host.stack.stats().time_wait().get(), 0);
}

#[test]
fn a_wrong_checksum_changes_nothing() {
    let (mut scene, numbers, _) = closed_by_server();
    let mut frame = Seg::new(peer(1), server(80), Syn, numbers.ours + 1).frame();
    frame[14 + 20 + 16] ^= 1;
    scene.give(frame);
    assert_eq!(scene.sent(), []);
    assert_eq!(scene.host.stack.stats().time_wait().get(), 1);
}

#[test]
fn the_last_data_may_come_with_the_fin() {
    let mut scene = Scene::new(&server_config());
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, mut numbers) = scene.open(listener, 1);
    scene.host.stack.shutdown_write(id).unwrap();
    assert_eq!(scene.sent().len(), 1);
    numbers.theirs += 1;
    let last = scene.ask(numbers.segment(Fin).payload(b"and goodbye"));
    assert_eq!(last.len(), 1);
    assert_eq!((last[0].sequence, last[0].acknowledgment), (numbers.theirs, Some(numbers.ours + 12)));
    assert_eq!(read_all(&mut scene.host.stack, id), b"and goodbye");
    scene.host.stack.close(id, scene.now).unwrap();
    assert_eq!(scene.sent(), []);
}

#[test]
fn an_ephemeral_port_in_time_wait_is_not_used() {
    let mut scene = Scene::new(&client_config_at_server());
    let id = scene.host.stack.connect(peer(80), 0).unwrap();
    let syn = scene.sent()[0];
    let port = syn.from.port();
    let theirs = syn.sequence + 1;
    assert_eq!(scene.ask(Seg::new(peer(80), syn.from, Syn, 500).ack(theirs)).len(), 1);
    scene.host.stack.close(id, scene.now).unwrap();
    assert_eq!(scene.sent()[0].control, Fin);
    assert_eq!(scene.ask(Seg::new(peer(80), syn.from, Fin, 501).ack(theirs + 1)).len(), 1);
    assert_eq!(scene.host.stack.stats().time_wait().get(), 1);
    // All the other ports come before this one is offered again, and then it is passed over.
    for _ in 0..17_000 {
        let id = scene.host.stack.connect(peer(80), scene.now).unwrap();
        assert_ne!(scene.host.stack.ends(id).unwrap().0.port(), port);
        scene.host.stack.abort(id, scene.now).unwrap();
        scene.sent();
        scene.now += MILLISECOND;
    }
}

fn client_config_at_server() -> crate::net::Config {
    config("server", SERVER, SERVER_MAC)
}

/// A tuple out of few, so that they repeat.
fn tuple(number: u16) -> Tuple {
    Tuple { local: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80), remote: SocketAddrV4::new(Ipv4Addr::LOCALHOST, number) }
}

#[derive(Clone, Debug)]
enum Step {
    Insert { tuple: u16, send: u32, receive: u32 },
    Judge { tuple: u16, offset: i32, flags: u8, payload: usize },
    Expire,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..12u16, any::<u32>(), any::<u32>()).prop_map(|(tuple, send, receive)| Step::Insert { tuple, send, receive }),
        4 => (0..12u16, -3..4i32, 0..16u8, 0..3usize)
            .prop_map(|(tuple, offset, flags, payload)| Step::Judge { tuple, offset, flags, payload }),
        1 => Just(Step::Expire),
        1 => (0..LIFETIME).prop_map(Step::Pass),
    ]
}

proptest! {
    /// The table does what a plain list, searched from end to end, would do.
    #[test]
    fn the_table_agrees_with_a_list(steps in prop::collection::vec(step(), 0..120)) {
        const CAPACITY: usize = 6;
        let mut table = TimeWaitTable::new(CAPACITY, HashKey::new(1));
        // (tuple, SND.NXT, RCV.NXT, end), in the order they will end.
        let mut list: Vec<(Tuple, u32, u32, u64)> = Vec::new();
        let mut now = 0;
        for step in steps {
            match step {
                Step::Insert { tuple: number, send, receive } => {
                    list.retain(|entry| entry.0 != tuple(number));
                    let evicted = list.len() == CAPACITY && list.remove(0).3 > now;
                    list.push((tuple(number), send, receive, now + LIFETIME));
                    prop_assert_eq!(table.insert(tuple(number), send, receive, now), evicted);
                }
                Step::Judge { tuple: number, offset, flags, payload } => {
                    let at = list.iter().position(|entry| entry.0 == tuple(number));
                    let receive = at.map_or(0, |at| list[at].2);
                    let segment = Segment {
                        tuple: tuple(number),
                        sequence: receive.wrapping_add_signed(offset),
                        acknowledgment: 0,
                        syn: flags & 1 != 0,
                        ack: flags & 2 != 0,
                        fin: flags & 4 != 0,
                        rst: flags & 8 != 0,
                        window: 1000,
                        payload_len: payload,
                    };
                    let expected = match at {
                        None => Verdict::Unknown,
                        Some(at) if list[at].3 <= now => {
                            list.remove(at);
                            Verdict::Unknown
                        }
                        Some(_) if segment.rst => Verdict::Ignore,
                        Some(at) if segment.syn && !segment.ack && offset > 0 => {
                            list.remove(at);
                            Verdict::Reopen
                        }
                        Some(at) => {
                            let entry = list[at];
                            if segment.fin {
                                list.remove(at);
                                list.push((entry.0, entry.1, entry.2, now + LIFETIME));
                            }
                            if segment.syn || segment.fin || payload > 0 {
                                Verdict::Acknowledge { sequence: entry.1, acknowledgment: entry.2 }
                            } else {
                                Verdict::Ignore
                            }
                        }
                    };
                    prop_assert_eq!(table.judge(&segment, now), expected);
                }
                Step::Expire => {
                    list.retain(|entry| entry.3 > now);
                    table.expire(now, usize::MAX);
                }
                Step::Pass(time) => now += time,
            }
            prop_assert_eq!(table.len(), list.len());
            prop_assert_eq!(table.next_expiry(), list.first().map(|entry| entry.3));
            for number in 0..12 {
                prop_assert_eq!(table.contains(&tuple(number)), list.iter().any(|entry| entry.0 == tuple(number)));
            }
        }
    }

    /// Sequence numbers are compared as distances around the circle.
    #[test]
    fn after_is_a_distance(a: u32, distance in 1..i32::MAX as u32) {
        prop_assert!(after(a.wrapping_add(distance), a));
        prop_assert!(!after(a, a.wrapping_add(distance)));
        prop_assert!(!after(a, a));
    }
}
