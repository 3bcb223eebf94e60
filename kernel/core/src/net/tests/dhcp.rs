//! The address from a DHCP server: asked for by name, applied, renewed, lost. The server is a few lines here.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::{vec, vec::Vec};

use smoltcp::wire::{
    DhcpMessageType, DhcpPacket, DhcpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet,
    TcpControl, UdpPacket,
};

use super::{network::*, peer::*};
use crate::net::{Address, Config, Error, Interest, Ipv4, State, Wait};

const LEASE_S: u32 = 600;
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 254);
const DNS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 53);

/// What the server read in a request.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    kind: DhcpMessageType,
    host_name: Vec<u8>,
    for_address: Option<Ipv4Addr>,
}

/// Answers what the stack has asked, if it has, leasing `lease`; others' frames are thrown away.
fn serve(scene: &mut Scene, lease: Option<Ipv4Addr>) -> Vec<Asked> {
    let mut all = Vec::new();
    loop {
        scene.host.poll(scene.now);
        let frames: Vec<_> = scene.host.nic.queues().outgoing.drain(..).collect();
        let asked: Vec<_> = frames.iter().filter_map(|frame| read(frame)).collect();
        if asked.is_empty() {
            return all;
        }
        for (request, transaction) in asked {
            if let Some(lease) = lease {
                let kind = match request.kind {
                    DhcpMessageType::Discover => DhcpMessageType::Offer,
                    _ => DhcpMessageType::Ack,
                };
                scene.give(answer(kind, transaction, lease));
            }
            all.push(request);
        }
    }
}

fn read(frame: &[u8]) -> Option<(Asked, u32)> {
    let ethernet = EthernetFrame::new_checked(frame).unwrap();
    if ethernet.ethertype() != EthernetProtocol::Ipv4 {
        return None;
    }
    let ip = Ipv4Packet::new_checked(ethernet.payload()).unwrap();
    if ip.next_header() != IpProtocol::Udp {
        return None;
    }
    let udp = UdpPacket::new_checked(ip.payload()).unwrap();
    assert_eq!((udp.src_port(), udp.dst_port()), (68, 67));
    let packet = DhcpPacket::new_checked(udp.payload()).unwrap();
    let repr = DhcpRepr::parse(&packet).unwrap();
    assert_eq!(repr.client_hardware_address, EthernetAddress(SERVER_MAC));
    let host_name =
        packet.options().find(|option| option.kind == 12).map(|option| option.data.to_vec()).unwrap_or_default();
    Some((Asked { kind: repr.message_type, host_name, for_address: repr.requested_ip }, repr.transaction_id))
}

fn answer(kind: DhcpMessageType, transaction_id: u32, lease: Ipv4Addr) -> Vec<u8> {
    let dhcp = DhcpRepr {
        message_type: kind,
        transaction_id,
        secs: 0,
        client_hardware_address: EthernetAddress(SERVER_MAC),
        client_ip: Ipv4Addr::UNSPECIFIED,
        your_ip: lease,
        server_ip: CLIENT,
        router: Some(GATEWAY),
        subnet_mask: Some(Ipv4Addr::new(255, 255, 255, 0)),
        relay_agent_ip: Ipv4Addr::UNSPECIFIED,
        broadcast: false,
        requested_ip: None,
        client_identifier: None,
        server_identifier: Some(CLIENT),
        parameter_request_list: None,
        dns_servers: Some([DNS].into_iter().collect()),
        max_size: None,
        lease_duration: Some(LEASE_S),
        renew_duration: None,
        rebind_duration: None,
        additional_options: &[],
    };
    let mut payload = vec![0; dhcp.buffer_len()];
    dhcp.emit(&mut DhcpPacket::new_unchecked(&mut payload[..])).unwrap();
    udp_frame(SocketAddrV4::new(CLIENT, 67), SocketAddrV4::new(lease, 68), &payload)
}

fn config() -> Config {
    Config { ipv4: Ipv4::Dhcp { hostname: "uk-000001" }, ..server_config() }
}

fn scene() -> Scene {
    Scene { host: Host::new(&config()), now: 0, listeners: Vec::new() }
}

/// Polls when the stack wants it, for `time`, answering with `lease`.
fn pass(scene: &mut Scene, time: u64, lease: Option<Ipv4Addr>) -> Vec<Asked> {
    let end = scene.now + time;
    let mut asked = serve(scene, lease);
    while let Some(next) = scene.host.next_poll_at.filter(|&at| at <= end) {
        scene.now = scene.now.max(next);
        asked.extend(serve(scene, lease));
        if lease.is_some() {
            scene.give(arp(smoltcp::wire::ArpOperation::Request, CLIENT, [0; 6]));
            asked.extend(serve(scene, lease));
        }
    }
    scene.now = end;
    asked.extend(serve(scene, lease));
    asked
}

#[test]
fn an_address_is_leased_by_name() {
    let mut scene = scene();
    assert_eq!(scene.host.stack.address(), None);
    assert_eq!(scene.host.stack.connect(peer(80), 0).unwrap_err(), Error::Unreachable);
    let asked = serve(&mut scene, Some(SERVER));
    let name = b"uk-000001".to_vec();
    assert_eq!(
        asked,
        [
            Asked { kind: DhcpMessageType::Discover, host_name: name.clone(), for_address: None },
            Asked { kind: DhcpMessageType::Request, host_name: name, for_address: Some(SERVER) },
        ]
    );
    let expected = Address { address: SERVER, prefix_len: 24, gateway: Some(GATEWAY), dns: Some(DNS) };
    assert_eq!(scene.host.stack.address(), Some(expected));
    assert_eq!(scene.host.told("uk_stack_dhcp_leases_total"), 1);
    assert!(scene.host.stack.connect(SocketAddrV4::new(Ipv4Addr::new(1, 1, 1, 1), 80), 0).is_ok(), "by the gateway");
}

#[test]
fn a_silent_server_is_asked_again() {
    let mut scene = scene();
    let asked = pass(&mut scene, 30 * SECOND, None);
    assert!((6..=9).contains(&asked.len()), "every few seconds: {}", asked.len());
    assert!(asked.iter().all(|asked| asked.kind == DhcpMessageType::Discover));
    serve(&mut scene, Some(SERVER));
    pass(&mut scene, 5 * SECOND, Some(SERVER));
    assert!(scene.host.stack.address().is_some());
}

#[test]
fn a_lease_is_renewed_and_connections_live_on() {
    let mut scene = scene();
    serve(&mut scene, Some(SERVER));
    let listener = scene.host.stack.listen(80, 4).unwrap();
    scene.give(arp(smoltcp::wire::ArpOperation::Request, CLIENT, [0; 6]));
    let (id, _) = scene.open(listener, 1);
    let asked = pass(&mut scene, 3000 * SECOND, Some(SERVER));
    assert!(asked.len() >= 5, "at half of each lease of {LEASE_S} s: {}", asked.len());
    assert!(asked.iter().all(|asked| asked.kind == DhcpMessageType::Request));
    assert_eq!(scene.host.stack.state(id), Ok(State::Established));
    assert_eq!(scene.host.told("uk_stack_dhcp_leases_total"), 1, "nothing has changed");
}

#[test]
fn a_lost_lease_ends_what_used_it() {
    let mut scene = scene();
    serve(&mut scene, Some(SERVER));
    let listener = scene.host.stack.listen(80, 4).unwrap();
    scene.give(arp(smoltcp::wire::ArpOperation::Request, CLIENT, [0; 6]));
    let (id, _) = scene.open(listener, 1);
    assert_eq!(scene.host.stack.wait(id, Interest::Readable, 5), Ok(Wait::Registered));
    scene.half_open(2, 80, 100);
    pass(&mut scene, u64::from(LEASE_S - 5) * SECOND, None);
    let question = scene.host.stack.resolve("name", 6, scene.now).unwrap();
    pass(&mut scene, 8 * SECOND, None);
    assert_eq!(scene.host.stack.address(), None);
    assert_eq!(scene.host.stack.resolved(question), Err(Error::Unreachable));
    assert_eq!(scene.host.told("uk_stack_dhcp_leases_lost_total"), 1);
    assert_eq!(scene.host.stack.resolve("name", 1, scene.now), Err(Error::NoNameServer));
    assert_eq!(scene.host.woken, [5, 6]);
    assert_eq!(scene.host.stack.recv(id, &mut [0; 4]), Err(Error::Reset));
    scene.host.stack.close(id, scene.now).unwrap();
    pass(&mut scene, SECOND, None);
    assert_eq!(scene.host.stack.stats().sockets_in_use(), 0);

    // Another address, and the listener is still there.
    pass(&mut scene, 20 * SECOND, Some(Ipv4Addr::new(10, 0, 0, 7)));
    assert_eq!(scene.host.stack.address().map(|address| address.address), Some(Ipv4Addr::new(10, 0, 0, 7)));
    scene.give(Seg::new(peer(9), SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 7), 80), TcpControl::Syn, 1).frame());
    scene.host.poll(scene.now);
    assert_eq!(scene.host.stack.stats().in_state(State::SynReceived).unwrap().get(), 1);
}

#[test]
fn a_frame_cannot_pass_for_an_answer() {
    let mut scene = scene();
    scene.host.poll(0);
    scene.host.nic.queues().outgoing.clear();
    // An offer nobody asked for, by its transaction.
    scene.give(answer(DhcpMessageType::Ack, 0xdead_beef, SERVER));
    scene.host.poll(0);
    assert_eq!(scene.host.stack.address(), None);
    // And one that is no message at all.
    scene.give(udp_frame(SocketAddrV4::new(CLIENT, 67), SocketAddrV4::new(SERVER, 68), &[0; 300]));
    scene.host.poll(0);
    assert_eq!(scene.host.stack.address(), None);
}
