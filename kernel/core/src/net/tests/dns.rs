//! Names asked for, and what a name server may answer. The server is a few lines here, which can also answer what no server
//! would.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::{string::String, vec::Vec};

use proptest::prelude::*;
use smoltcp::wire::{ArpOperation, EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet, UdpPacket};
use ukstore::Label;

use super::{network::*, peer::*};
use crate::net::{Config, Error, QueryId, Unresolved};

const FOUND: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const A: u16 = 1;
const CNAME: u16 = 5;

/// A name as it is on the wire.
fn wire_name(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

/// A record of the answer.
fn record(name: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = wire_name(name);
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1, 0, 0, 0, 60]);
    bytes.extend((data.len() as u16).to_be_bytes());
    bytes.extend(data);
    bytes
}

/// A question as the server reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    from: SocketAddrV4,
    to: SocketAddrV4,
    transaction: [u8; 2],
    question: Vec<u8>,
}

impl Asked {
    /// The answer with `rcode` and `records`.
    fn answer(&self, rcode: u8, records: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.transaction.to_vec();
        bytes.extend([0x81, 0x80 | rcode, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
        bytes.extend(&self.question);
        bytes.extend(records.concat());
        bytes
    }

    fn frame(&self, payload: &[u8]) -> Vec<u8> {
        udp_frame(self.to, self.from, payload)
    }
}

/// What the stack asks of the name server until now.
fn asked(scene: &mut Scene) -> Vec<Asked> {
    scene.host.poll(scene.now);
    let frames: Vec<_> = scene.host.nic.queues().outgoing.drain(..).collect();
    let read = |frame: &Vec<u8>| {
        let ethernet = EthernetFrame::new_checked(frame).unwrap();
        if ethernet.ethertype() != EthernetProtocol::Ipv4 {
            return None;
        }
        let ip = Ipv4Packet::new_checked(ethernet.payload()).unwrap();
        if ip.next_header() != IpProtocol::Udp {
            return None;
        }
        let udp = UdpPacket::new_checked(ip.payload()).unwrap();
        let payload = udp.payload();
        assert_eq!(payload[2..12], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0], "one question, recursion desired");
        Some(Asked {
            from: SocketAddrV4::new(ip.src_addr(), udp.src_port()),
            to: SocketAddrV4::new(ip.dst_addr(), udp.dst_port()),
            transaction: [payload[0], payload[1]],
            question: payload[12..].to_vec(),
        })
    };
    frames.iter().filter_map(read).collect()
}

fn config() -> Config {
    Config { dns: Some(CLIENT), dns_queries: 2, tcp_connections: 1, ..server_config() }
}

/// A stack that has asked for `name`, and its question.
fn scene(name: &str) -> (Scene, QueryId, Asked) {
    let mut scene = Scene::new(&config());
    let id = scene.host.stack.resolve(name, 3, scene.now).unwrap();
    let asked = asked(&mut scene);
    let [one] = &asked[..] else { panic!("one question, not {asked:?}") };
    let one = one.clone();
    (scene, id, one)
}

fn failed(scene: &Scene, why: Unresolved) -> u64 {
    scene.host.stack.stats().queries_failed[why.index()].get()
}

#[test]
fn a_name_becomes_an_address() {
    let (mut scene, id, asked) = scene("Telegraf.Example.net.");
    assert_eq!(asked.to, peer(53));
    let question = [wire_name("telegraf.example.net"), Vec::from([0, 1, 0, 1])].concat();
    assert_eq!(asked.question, question, "an A record of class IN");
    assert_eq!(scene.host.stack.resolved(id), Err(Error::WouldBlock));
    assert_eq!(scene.host.woken, []);

    // By an alias, and with two addresses.
    let records = [
        record("telegraf.example.net", CNAME, &wire_name("t.example.net")),
        record("t.example.net", A, &FOUND.octets()),
        record("t.example.net", A, &[192, 0, 2, 8]),
    ];
    scene.give(asked.frame(&asked.answer(0, &records)));
    scene.sent();
    assert_eq!(scene.host.woken, [3]);
    assert_eq!(scene.host.stack.resolved(id), Ok(FOUND));
    assert_eq!(scene.host.stack.resolved(id), Err(Error::InvalidId));
    assert_eq!(scene.host.told("uk_stack_dns_queries_total"), 1);
    let stats = scene.host.stack.stats();
    assert_eq!((stats.datagrams_received.get(), stats.datagrams_no_port.get()), (1, 0));
    assert_eq!(stats.queries_failed.iter().map(ukstore::Counter::get).sum::<u64>(), 0);
    scene.pass(60 * SECOND);
    assert_eq!(scene.host.woken, [3]);
}

#[test]
fn an_answer_without_address_is_a_failure() {
    let other = record("other.example.net", A, &FOUND.octets());
    // Addresses that no host has, which datagrams would be sent to all the same.
    let nobodys = [[255; 4], [224, 0, 0, 1], [0; 4], [127, 0, 0, 1]];
    let nobodys = nobodys.map(|address| (0, Vec::from([record("telegraf.example.net", A, &address)])));
    let without = [(3, Vec::new()), (2, Vec::new()), (5, Vec::new()), (0, Vec::new()), (0, Vec::from([other]))];
    for (rcode, records) in without.into_iter().chain(nobodys) {
        let (mut scene, id, asked) = scene("telegraf.example.net");
        scene.give(asked.frame(&asked.answer(rcode, &records)));
        scene.sent();
        assert_eq!(scene.host.woken, [3]);
        assert_eq!(scene.host.stack.resolved(id), Err(Error::NoName), "rcode {rcode}");
        assert_eq!(failed(&scene, Unresolved::NoName), 1, "uk_stack_dns_failures_total");
    }
}

#[test]
fn a_silent_name_server_is_asked_again_and_given_up() {
    let (mut scene, id, first) = scene("telegraf.example.net");
    let mut times = Vec::new();
    while let Some(next) = scene.host.next_poll_at.filter(|&at| at <= 60 * SECOND) {
        scene.now = next;
        for again in asked(&mut scene) {
            assert_eq!(again, first);
            times.push(next / SECOND);
        }
        if scene.host.woken == [3] {
            break;
        }
    }
    assert_eq!(times, [1, 3, 7]);
    assert_eq!(scene.now, 10 * SECOND);
    assert_eq!(scene.host.stack.resolved(id), Err(Error::TimedOut));
    assert_eq!(failed(&scene, Unresolved::TimedOut), 1);
    // Too late: nobody asks any more.
    scene.give(first.frame(&first.answer(0, &[record("telegraf.example.net", A, &FOUND.octets())])));
    scene.sent();
    assert_eq!(scene.host.stack.stats().datagrams_no_port.get(), 1);
    assert_eq!(scene.host.woken, [3]);
}

#[test]
fn only_the_name_server_answers_and_only_what_was_asked() {
    let (mut scene, id, asked) = scene("telegraf.example.net");
    let records = [record("telegraf.example.net", A, &FOUND.octets())];
    let answer = asked.answer(0, &records);
    let wrong_transaction = Asked { transaction: asked.transaction.map(|byte| !byte), ..asked.clone() };
    let wrong_question = Asked { question: [wire_name("x"), Vec::from([0, 1, 0, 1])].concat(), ..asked.clone() };
    let other_address = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 9), 53);
    let port_beside = SocketAddrV4::new(*asked.from.ip(), asked.from.port() ^ 1);
    for frame in [
        udp_frame(other_address, asked.from, &answer),
        udp_frame(peer(5353), asked.from, &answer),
        udp_frame(peer(54), asked.from, &answer),
        udp_frame(peer(53), port_beside, &answer),
        asked.frame(&wrong_transaction.answer(0, &records)),
        asked.frame(&wrong_transaction.answer(3, &[])),
        asked.frame(&wrong_question.answer(0, &records)),
    ] {
        scene.give(frame);
        scene.sent();
        assert_eq!(scene.host.stack.resolved(id), Err(Error::WouldBlock));
    }
    scene.give(asked.frame(&answer));
    scene.sent();
    assert_eq!(scene.host.stack.resolved(id), Ok(FOUND));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut scene = Scene::new(&config());
    let stack = &mut scene.host.stack;
    let long_label = String::from_utf8(Vec::from([b'a'; 64])).unwrap();
    let long_name = String::from_utf8(Vec::from([b'a'; 63])).unwrap() + ".";
    for name in ["", ".", "a..b", &long_label, &(long_name.repeat(3) + &long_name[..62])] {
        assert_eq!(stack.resolve(name, 3, 0), Err(Error::NoName), "{name:?}");
    }
    let longest = long_name.repeat(3) + &long_name[..61];
    let first = stack.resolve(&longest, 1, 0).unwrap();
    let second = stack.resolve("b", 2, 0).unwrap();
    assert_eq!(stack.resolve("c", 3, 0), Err(Error::Exhausted));
    assert_eq!(stack.cancel_query(first), Ok(()));
    assert_eq!(stack.cancel_query(first), Err(Error::InvalidId));
    assert_eq!(stack.resolved(first), Err(Error::InvalidId));
    let third = stack.resolve("c", 3, 0).unwrap();
    assert_ne!(first, third);
    assert_eq!(stack.resolved(second), Err(Error::WouldBlock));
    scene.pass(11 * SECOND);
    scene.host.woken.sort();
    assert_eq!(scene.host.woken, [2, 3], "not who has cancelled");

    let nobody = Config { dns: None, ..config() };
    assert_eq!(Host::new(&nobody).stack.resolve("a", 1, 0), Err(Error::NoNameServer));
    let far = Config { dns: Some(Ipv4Addr::new(8, 8, 8, 8)), ..config() };
    assert_eq!(Host::new(&far).stack.resolve("a", 1, 0), Err(Error::Unreachable));
    let none = Config { dns_queries: 0, ..config() };
    assert_eq!(Host::new(&none).stack.resolve("a", 1, 0), Err(Error::Exhausted));
}

/// A well-formed answer with some bytes altered and its end cut off; or anything at all.
fn hostile() -> impl Strategy<Value = (bool, Vec<(usize, u8)>, usize, Vec<u8>)> {
    let changes = prop::collection::vec((2usize..140, any::<u8>()), 0..6);
    (any::<bool>(), changes, 2usize..160, prop::collection::vec(any::<u8>(), 0..300))
}

proptest! {
    /// Whatever the name server sends, the question ends in time with an address or a reason, and the next one can be asked.
    #[test]
    fn no_answer_upsets_the_stack(answers in prop::collection::vec(hostile(), 1..5)) {
        let (mut scene, id, asked) = scene("telegraf.example.net");
        let good = asked.answer(0, &[
            record("telegraf.example.net", CNAME, &[1, b't', 0xc0, 21]),
            record("t.example.net", A, &FOUND.octets()),
        ]);
        for (from_good, changes, cut, anything) in answers {
            let mut bytes = good.clone();
            if !from_good {
                bytes.truncate(2);
                bytes.extend(anything);
            }
            for (at, byte) in changes {
                if let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
            }
            bytes.truncate(cut);
            scene.give(asked.frame(&bytes));
            scene.sent();
        }
        scene.pass(11 * SECOND);
        prop_assert_eq!(&scene.host.woken[..], &[3]);
        let outcome = scene.host.stack.resolved(id);
        prop_assert!(matches!(outcome, Ok(_) | Err(Error::NoName | Error::TimedOut)), "{:?}", outcome);
        prop_assert!(scene.host.stack.resolve("again", 4, scene.now).is_ok());
    }
}

#[test]
fn a_name_server_that_does_not_answer_arp_costs_only_time() {
    let mut host = Host::new(&config());
    let id = host.stack.resolve("a", 3, 0).unwrap();
    let mut now = 0;
    while host.woken.is_empty() {
        host.poll(now);
        let Some(next) = host.next_poll_at else { break };
        now = next.max(now + 1);
        assert!(now < 11 * SECOND);
    }
    assert_eq!(host.stack.resolved(id), Err(Error::TimedOut));
    // It answers now.
    host.nic.queues().incoming.push_back(arp(ArpOperation::Request, CLIENT, [0; 6]));
    let id = host.stack.resolve("a", 3, now).unwrap();
    let mut scene = Scene { host, now, listeners: Vec::new() };
    scene.pass(SECOND / 2);
    assert_eq!(scene.host.stack.resolved(id), Err(Error::WouldBlock));
    assert!(scene.host.stack.stats().datagrams_sent.get() > 0);
}
