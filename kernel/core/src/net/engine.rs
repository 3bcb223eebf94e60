//! Everything of a stack except the device, and what happens to one received frame.

use core::net::Ipv4Addr;

use smoltcp::{
    iface::{Interface, SocketSet},
    phy::{ChecksumCapabilities, TxToken},
    time::Instant,
    wire::{EthernetAddress, Ipv4Cidr},
};
use ukstore::Label as _;

use super::{
    Protocol, Stats, checksum,
    counting::{Neighbors, Tally},
    device::{Notes, OneFrame},
    tcp::Tcp,
    udp::Datagrams,
    wire::{self, ETHERNET_HEADER, Frame, Refusal, Sent},
};

/// A stack without its device, so that a frame can be borrowed from the device while the stack works on it.
pub(super) struct Engine<W> {
    pub(super) name: &'static str,
    pub(super) iface: Interface,
    pub(super) mac: EthernetAddress,
    pub(super) network: Option<Ipv4Cidr>,
    pub(super) gateway: Option<Ipv4Addr>,
    /// Announcements of the address still to be sent, and when the next is.
    pub(super) announcements: (u8, u64),
    /// Which checksums the device leaves to software.
    pub(super) checksums: ChecksumCapabilities,
    /// Window in acknowledgments this stack sends itself.
    pub(super) window: u16,
    pub(super) tcp: Tcp<W>,
    pub(super) udp: Datagrams<W>,
    /// For segments of no connection: smoltcp finds no socket and sends a reset.
    pub(super) no_sockets: SocketSet<'static>,
    pub(super) neighbors: Neighbors,
    pub(super) tally: Tally,
    pub(super) stats: ukstore::Object<Stats>,
}

/// smoltcp's form of a time in nanoseconds.
pub(super) fn instant(ns: u64) -> Instant {
    Instant::from_micros((ns / 1000) as i64)
}

/// Nanoseconds of a time of smoltcp's.
pub(super) fn nanoseconds(at: Instant) -> u64 {
    u64::try_from(at.total_micros()).unwrap_or(0).saturating_mul(1000)
}

/// A received frame, and room for one answer.
pub(super) struct Received<'f, T> {
    pub(super) now: u64,
    pub(super) frame: &'f [u8],
    /// The device knows the TCP or UDP checksum to be right.
    pub(super) vouched: bool,
    pub(super) answer: Option<T>,
}

impl<T: TxToken> Received<'_, T> {
    /// Has smoltcp process the frame for the sockets of `set`.
    pub(super) fn process(&mut self, iface: &mut Interface, set: &mut SocketSet<'static>) -> Notes {
        let mut device = OneFrame { frame: Some(self.frame), answer: &mut self.answer, notes: Notes::default() };
        iface.poll_ingress_single(instant(self.now), &mut device, set);
        device.notes
    }
}

impl<W: Copy + PartialEq> Engine<W> {
    /// Handles one frame.
    pub(super) fn receive<T: TxToken>(&mut self, mut received: Received<'_, T>, wake: &mut dyn FnMut(W)) {
        self.tally.frames_received += 1;
        let address = self.network.map(|network| network.address());
        let broadcast = self.network.and_then(|network| network.broadcast());
        let kind = wire::classify(received.frame, self.mac, address, broadcast);
        let kind = kind
            .and_then(|kind| checksum::verify(received.frame, &kind, received.vouched, &self.checksums).map(|()| kind));
        if matches!(kind, Ok(ref kind) if *kind != Frame::Arp) {
            self.tally.octets_received += (received.frame.len() - ETHERNET_HEADER) as u64;
        }
        match kind {
            Ok(Frame::Tcp(segment)) => self.segment(&segment, received, wake),
            Ok(Frame::Udp { from, port, broadcast, empty }) => self.datagram(from, port, broadcast, empty, received),
            Ok(Frame::Arp) => {
                if let Some(neighbor) = self.network.and_then(|network| wire::neighbor(received.frame, network)) {
                    self.stats.neighbors.set(self.neighbors.enter(neighbor) as i64);
                }
                let notes = received.process(&mut self.iface, &mut self.no_sockets);
                self.count_sent(None, notes);
                self.tcp.rouse_all();
                self.udp.touch();
            }
            Ok(kind @ (Frame::Icmp | Frame::Other)) => {
                if kind == Frame::Icmp {
                    self.stats.messages_received.inc();
                }
                let notes = received.process(&mut self.iface, &mut self.no_sockets);
                self.count_sent(None, notes);
            }
            Err(refusal) => self.refuse(refusal),
        }
    }

    fn refuse(&mut self, Refusal { reason, protocol }: Refusal) {
        self.stats.count_drop(reason);
        let Some(protocol) = protocol else { return };
        self.stats.errors[protocol.index()].inc();
        if protocol == Protocol::Icmp {
            self.stats.messages_received.inc();
        }
    }

    /// Counts what smoltcp sent, for the socket in `slot` if it was one's. Returns whether that socket has sent something
    /// again.
    pub(super) fn count_sent(&mut self, slot: Option<usize>, notes: Notes) -> bool {
        self.tally.frames_sent += notes.frames as u64;
        self.tally.octets_sent += notes.octets as u64;
        self.tally.datagrams_sent += notes.datagrams as u64;
        if notes.messages > 0 {
            self.stats.messages_sent.add(notes.messages as u64);
        }
        let Some(Sent::Tcp(segment)) = notes.sent else { return false };
        self.tally.segments_sent += notes.pieces as u64;
        if segment.rst {
            self.stats.resets_sent.inc();
        }
        let Some(slot) = slot else { return false };
        let this = &mut self.tcp.slots[slot];
        this.acknowledged = segment.acknowledgment;
        let again = this.note_sent(&segment, notes.pieces, notes.cut);
        if again > 0 {
            self.stats.retransmissions.add(again);
            if segment.syn {
                self.stats.syn_retransmissions.add(again);
            }
        }
        again > 0
    }
}
