//! What a name server may answer to the question for `NAME`. An input is a list of answers, each behind its length in two
//! bytes; in place of an answer's first two bytes stands what the question had there.
//!
//! The question ends with an address that the server told, or with a reason, and in time; the next one can be asked.
#![no_main]

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Mutex;

use kernel_core::net::{Config, Error, Ipv4, Stack};
use libfuzzer_sys::fuzz_target;
use smoltcp::phy::{ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet,
    Ipv4Repr, UdpPacket, UdpRepr,
};

const NAME: &str = "host.example";
const GUEST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const GUEST_MAC: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 2]);
const SERVER_MAC: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 1]);
const SECOND: u64 = 1_000_000_000;

/// One guest for all inputs: its memory is taken for good.
static GUESTS: Mutex<Option<Guest>> = Mutex::new(None);

fuzz_target!(|input: &[u8]| {
    let mut guests = GUESTS.lock().expect("a panic ends the process");
    guests.get_or_insert_with(Guest::new).ask(input);
});

struct Guest {
    stack: Stack<Nic, ()>,
    now: u64,
}

impl Guest {
    fn new() -> Self {
        let ipv4 = Ipv4::Static { address: GUEST, prefix_len: 24, gateway: None };
        let config = Config { dns: Some(SERVER), dns_queries: 1, ..Config::new("guest", GUEST_MAC.0, ipv4) };
        Self { stack: Stack::new(Nic::default(), &config, 0), now: 0 }
    }

    /// Asks, is given the answers of `input`, and waits for the end.
    fn ask(&mut self, mut input: &[u8]) {
        // What the guest knows of its neighbors it forgets with time.
        self.give(arp());
        let id = self.stack.resolve(NAME, (), self.now).expect("the last question is over");
        let (from, question) = self.poll().expect("the question goes out at once");
        let mut told = Vec::new();
        while let Some((len, rest)) = input.split_first_chunk::<2>() {
            let (answer, rest) = rest.split_at(usize::from(u16::from_be_bytes(*len)).min(rest.len()).min(1_400));
            input = rest;
            let mut answer = answer.to_vec();
            if let Some(transaction) = answer.get_mut(..2) {
                transaction.copy_from_slice(&question[..2]);
            }
            self.give(datagram(from, &answer));
            told.push(answer);
        }
        let mut outcome = self.stack.resolved(id);
        let until = self.now + 11 * SECOND;
        while outcome == Err(Error::WouldBlock) {
            assert!(self.now < until, "the question does not end");
            self.now += SECOND;
            self.poll();
            outcome = self.stack.resolved(id);
        }
        match outcome {
            Ok(address) => {
                let is_told = |answer: &Vec<u8>| answer.windows(4).any(|bytes| bytes == address.octets());
                assert!(told.iter().any(is_told), "{address} is in no answer");
            }
            Err(why) => assert!(matches!(why, Error::NoName | Error::TimedOut), "{why}"),
        }
    }

    fn give(&mut self, frame: Vec<u8>) {
        self.stack.device_mut().incoming.push_back(frame);
        self.poll();
    }

    /// Lets the stack work. The datagram that it has sent, if it has: its port, and its content.
    fn poll(&mut self) -> Option<(u16, Vec<u8>)> {
        while self.stack.poll(self.now, 8, &mut |()| {}).more {}
        let frames = std::mem::take(&mut self.stack.device_mut().outgoing);
        frames.iter().find_map(|frame| {
            let ethernet = EthernetFrame::new_checked(&frame[..]).ok()?;
            let ip = Ipv4Packet::new_checked(ethernet.payload()).ok()?;
            let is_udp = ethernet.ethertype() == EthernetProtocol::Ipv4 && ip.next_header() == IpProtocol::Udp;
            let udp = UdpPacket::new_checked(ip.payload()).ok().filter(|_| is_udp)?;
            Some((udp.src_port(), udp.payload().to_vec()))
        })
    }
}

/// The name server's question for the guest's hardware address, by which the guest learns the server's.
fn arp() -> Vec<u8> {
    let arp = ArpRepr::EthernetIpv4 {
        operation: ArpOperation::Request,
        source_hardware_addr: SERVER_MAC,
        source_protocol_addr: SERVER,
        target_hardware_addr: EthernetAddress([0; 6]),
        target_protocol_addr: GUEST,
    };
    frame(EthernetProtocol::Arp, arp.buffer_len(), |buffer| arp.emit(&mut ArpPacket::new_unchecked(buffer)))
}

/// A datagram of the name server to the guest's `port`.
fn datagram(port: u16, payload: &[u8]) -> Vec<u8> {
    let checksums = ChecksumCapabilities::default();
    let udp = UdpRepr { src_port: 53, dst_port: port };
    let payload_len = udp.header_len() + payload.len();
    let ip = Ipv4Repr { src_addr: SERVER, dst_addr: GUEST, next_header: IpProtocol::Udp, payload_len, hop_limit: 64 };
    frame(EthernetProtocol::Ipv4, ip.buffer_len() + payload_len, |buffer| {
        let mut packet = Ipv4Packet::new_unchecked(buffer);
        ip.emit(&mut packet, &checksums);
        let mut inner = UdpPacket::new_unchecked(packet.payload_mut());
        let (from, to) = (SERVER.into(), GUEST.into());
        udp.emit(&mut inner, &from, &to, payload.len(), |space| space.copy_from_slice(payload), &checksums);
    })
}

fn frame(protocol: EthernetProtocol, len: usize, fill: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut frame = vec![0; EthernetFrame::<&[u8]>::buffer_len(len)];
    let mut ethernet = EthernetFrame::new_unchecked(&mut frame);
    ethernet.set_src_addr(SERVER_MAC);
    ethernet.set_dst_addr(GUEST_MAC);
    ethernet.set_ethertype(protocol);
    fill(ethernet.payload_mut());
    frame
}

/// A NIC with two queues.
#[derive(Default)]
struct Nic {
    incoming: VecDeque<Vec<u8>>,
    outgoing: Vec<Vec<u8>>,
}

struct Taken(Vec<u8>);
struct Room<'n>(&'n mut Vec<Vec<u8>>);

impl RxToken for Taken {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = vec![0; len];
        let result = f(&mut frame);
        self.0.push(frame);
        result
    }
}

impl Device for Nic {
    type RxToken<'a> = Taken;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, _now: Instant) -> Option<(Taken, Room<'_>)> {
        Some((Taken(self.incoming.pop_front()?), Room(&mut self.outgoing)))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Room<'_>> {
        Some(Room(&mut self.outgoing))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1_514;
        capabilities
    }
}
