//! A peer played by hand: it writes its segments itself, so that it can do what no honest stack would.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::{vec, vec::Vec};

use smoltcp::{
    phy::ChecksumCapabilities,
    wire::{
        ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, Icmpv4Packet, Icmpv4Repr,
        IpAddress, IpProtocol, Ipv4Packet, Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber, UdpPacket, UdpRepr,
    },
};

use super::network::*;
use crate::net::{Config, ConnId, ListenerId};

/// A segment as the tests write and read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seg {
    pub(super) from: SocketAddrV4,
    pub(super) to: SocketAddrV4,
    pub(super) control: TcpControl,
    pub(super) sequence: u32,
    pub(super) acknowledgment: Option<u32>,
    pub(super) payload: &'static [u8],
    /// What the sender has room for.
    pub(super) window: u16,
}

/// The window that the peer offers.
const WINDOW: u16 = 8000;

/// The peer's address with `port`.
pub(super) fn peer(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(CLIENT, port)
}

/// The stack's address with `port`.
pub(super) fn server(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(SERVER, port)
}

impl Seg {
    pub(super) fn new(from: SocketAddrV4, to: SocketAddrV4, control: TcpControl, sequence: u32) -> Self {
        Self { from, to, control, sequence, acknowledgment: None, payload: &[], window: WINDOW }
    }

    pub(super) fn ack(mut self, acknowledgment: u32) -> Self {
        self.acknowledgment = Some(acknowledgment);
        self
    }

    pub(super) fn payload(mut self, payload: &'static [u8]) -> Self {
        self.payload = payload;
        self
    }

    /// With a window that is closed.
    pub(super) fn closed(mut self) -> Self {
        self.window = 0;
        self
    }

    pub(super) fn frame(&self) -> Vec<u8> {
        let tcp = TcpRepr {
            src_port: self.from.port(),
            dst_port: self.to.port(),
            control: self.control,
            seq_number: TcpSeqNumber(self.sequence as i32),
            ack_number: self.acknowledgment.map(|number| TcpSeqNumber(number as i32)),
            window_len: self.window,
            window_scale: None,
            max_seg_size: (self.control == TcpControl::Syn).then_some(1460),
            sack_permitted: false,
            sack_ranges: [None; 3],
            timestamp: None,
            payload: self.payload,
        };
        ip_frame(*self.from.ip(), *self.to.ip(), IpProtocol::Tcp, tcp.buffer_len(), |payload| {
            tcp.emit(
                &mut TcpPacket::new_unchecked(payload),
                &IpAddress::Ipv4(*self.from.ip()),
                &IpAddress::Ipv4(*self.to.ip()),
                &ChecksumCapabilities::default(),
            );
        })
    }
}

/// An Ethernet frame from the peer's MAC to the stack's, with an IPv4 packet.
pub(super) fn ip_frame(
    from: Ipv4Addr,
    to: Ipv4Addr,
    protocol: IpProtocol,
    payload_len: usize,
    payload: impl FnOnce(&mut [u8]),
) -> Vec<u8> {
    let ip = Ipv4Repr { src_addr: from, dst_addr: to, next_header: protocol, payload_len, hop_limit: 64 };
    let mut frame = vec![0; 14 + 20 + payload_len];
    let mut ethernet = EthernetFrame::new_unchecked(&mut frame);
    ethernet.set_src_addr(EthernetAddress(CLIENT_MAC));
    ethernet.set_dst_addr(EthernetAddress(SERVER_MAC));
    ethernet.set_ethertype(EthernetProtocol::Ipv4);
    let mut packet = Ipv4Packet::new_unchecked(ethernet.payload_mut());
    ip.emit(&mut packet, &ChecksumCapabilities::default());
    payload(packet.payload_mut());
    frame
}

/// A frame with a UDP datagram.
pub(super) fn udp_frame(from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> Vec<u8> {
    let udp = UdpRepr { src_port: from.port(), dst_port: to.port() };
    ip_frame(*from.ip(), *to.ip(), IpProtocol::Udp, udp.header_len() + payload.len(), |buffer| {
        udp.emit(
            &mut UdpPacket::new_unchecked(buffer),
            &IpAddress::Ipv4(*from.ip()),
            &IpAddress::Ipv4(*to.ip()),
            payload.len(),
            |buffer| buffer.copy_from_slice(payload),
            &ChecksumCapabilities::default(),
        );
    })
}

/// A frame with an ICMP echo request.
pub(super) fn echo_frame(payload: &[u8]) -> Vec<u8> {
    let echo = Icmpv4Repr::EchoRequest { ident: 7, seq_no: 1, data: payload };
    ip_frame(CLIENT, SERVER, IpProtocol::Icmp, echo.buffer_len(), |buffer| {
        echo.emit(&mut Icmpv4Packet::new_unchecked(buffer), &ChecksumCapabilities::default());
    })
}

/// A stack whose peer is the test.
pub(super) struct Scene {
    pub(super) host: Host,
    pub(super) now: u64,
    /// For tests that listen on several ports.
    pub(super) listeners: Vec<ListenerId>,
}

impl Scene {
    pub(super) fn new(config: &Config) -> Self {
        Self::with(Nic::default(), config)
    }

    pub(super) fn with(nic: Nic, config: &Config) -> Self {
        let mut scene = Self { host: Host::with(nic, config), now: 0, listeners: Vec::new() };
        // The stack learns the peer's hardware address from being asked for its own.
        scene.give(arp(ArpOperation::Request, CLIENT, [0; 6]));
        assert_eq!(scene.sent(), []);
        scene
    }

    pub(super) fn give(&mut self, frame: Vec<u8>) {
        self.host.nic.queues().incoming.push_back(frame);
    }

    /// Polls and returns the TCP segments the stack has sent, their checksums verified. Questions for the peer's hardware
    /// address are answered, others' are not.
    pub(super) fn sent(&mut self) -> Vec<Seg> {
        let mut segments = Vec::new();
        loop {
            self.host.poll(self.now);
            let frames: Vec<_> = self.host.nic.queues().outgoing.drain(..).collect();
            segments.extend(frames.iter().filter_map(|frame| read(frame)));
            if !frames.iter().any(|frame| asks_for_peer(frame)) {
                return segments;
            }
            self.give(arp(ArpOperation::Reply, CLIENT, SERVER_MAC));
        }
    }

    /// Gives a segment and returns the answers.
    pub(super) fn ask(&mut self, segment: Seg) -> Vec<Seg> {
        self.give(segment.frame());
        self.sent()
    }

    /// Lets time pass, polling whenever the stack wants it, and returns what it has sent.
    pub(super) fn pass(&mut self, time: u64) -> Vec<Seg> {
        let end = self.now + time;
        let mut all = self.sent();
        while let Some(next) = self.host.next_poll_at.filter(|&at| at <= end) {
            self.now = self.now.max(next);
            all.extend(self.sent());
        }
        self.now = end;
        all.extend(self.sent());
        all
    }

    /// The peer's SYN from `port` and the stack's answer to it, whose sequence number is returned.
    pub(super) fn half_open(&mut self, port: u16, to: u16, sequence: u32) -> u32 {
        let answers = self.ask(Seg::new(peer(port), server(to), TcpControl::Syn, sequence));
        let [answer] = answers[..] else { panic!("one answer to a SYN, not {answers:?}") };
        assert_eq!((answer.control, answer.acknowledgment), (TcpControl::Syn, Some(sequence + 1)));
        answer.sequence
    }

    /// An accepted connection from the peer's `port`: its id, and the numbers of both sides to go on with.
    pub(super) fn open(&mut self, listener: ListenerId, port: u16) -> (ConnId, Numbers) {
        let to = self.host.stack.listener_port(listener).unwrap();
        let theirs = self.half_open(port, to, 1000).wrapping_add(1);
        assert_eq!(self.ask(Seg::new(peer(port), server(to), TcpControl::None, 1001).ack(theirs)), []);
        let (id, from) = self.host.stack.accept(listener).unwrap();
        assert_eq!(from, peer(port));
        (id, Numbers { from: peer(port), to: server(to), ours: 1001, theirs })
    }
}

/// Where a connection stands, from the peer's point of view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    from: SocketAddrV4,
    to: SocketAddrV4,
    pub(super) ours: u32,
    pub(super) theirs: u32,
}

impl Numbers {
    /// The peer's next segment.
    pub(super) fn segment(&self, control: TcpControl) -> Seg {
        Seg::new(self.from, self.to, control, self.ours).ack(self.theirs)
    }
}

/// An ARP packet about `address`, from the peer's hardware address.
pub(super) fn arp(operation: ArpOperation, address: Ipv4Addr, target: [u8; 6]) -> Vec<u8> {
    let repr = ArpRepr::EthernetIpv4 {
        operation,
        source_hardware_addr: EthernetAddress(CLIENT_MAC),
        source_protocol_addr: address,
        target_hardware_addr: EthernetAddress(target),
        target_protocol_addr: SERVER,
    };
    let mut frame = vec![0; 14 + repr.buffer_len()];
    let mut ethernet = EthernetFrame::new_unchecked(&mut frame);
    ethernet.set_src_addr(EthernetAddress(CLIENT_MAC));
    ethernet.set_dst_addr(EthernetAddress(SERVER_MAC));
    ethernet.set_ethertype(EthernetProtocol::Arp);
    repr.emit(&mut ArpPacket::new_unchecked(ethernet.payload_mut()));
    frame
}

fn asks_for_peer(frame: &[u8]) -> bool {
    let ethernet = EthernetFrame::new_checked(frame).unwrap();
    ethernet.ethertype() == EthernetProtocol::Arp && {
        let arp = ArpPacket::new_checked(ethernet.payload()).unwrap();
        arp.operation() == ArpOperation::Request && arp.target_protocol_addr() == CLIENT.octets()
    }
}

fn read(frame: &[u8]) -> Option<Seg> {
    let ethernet = EthernetFrame::new_checked(frame).unwrap();
    if ethernet.ethertype() != EthernetProtocol::Ipv4 {
        return None;
    }
    assert_eq!(ethernet.src_addr(), EthernetAddress(SERVER_MAC));
    assert_eq!(ethernet.dst_addr(), EthernetAddress(CLIENT_MAC));
    let ip = Ipv4Packet::new_checked(ethernet.payload()).unwrap();
    let ip_repr = Ipv4Repr::parse(&ip, &ChecksumCapabilities::default()).unwrap();
    if ip_repr.next_header != IpProtocol::Tcp {
        return None;
    }
    let packet = TcpPacket::new_checked(ip.payload()).unwrap();
    let (from, to) = (IpAddress::Ipv4(ip_repr.src_addr), IpAddress::Ipv4(ip_repr.dst_addr));
    let tcp = TcpRepr::parse(&packet, &from, &to, &ChecksumCapabilities::default()).unwrap();
    Some(Seg {
        from: SocketAddrV4::new(ip_repr.src_addr, tcp.src_port),
        to: SocketAddrV4::new(ip_repr.dst_addr, tcp.dst_port),
        control: tcp.control,
        sequence: tcp.seq_number.0 as u32,
        acknowledgment: tcp.ack_number.map(|number| number.0 as u32),
        payload: tcp.payload.to_vec().leak(),
        window: tcp.window_len,
    })
}
