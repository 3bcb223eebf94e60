//! Everything of a stack except the device, and what happens to one received frame.

use core::net::Ipv4Addr;

use smoltcp::{
    iface::{Interface, SocketSet},
    phy::{ChecksumCapabilities, TxToken},
    time::Instant,
    wire::{EthernetAddress, Ipv4Cidr},
};

use super::{
    Dropped, checksum,
    device::{Notes, OneFrame},
    stats::Stats,
    tcp::Tcp,
    udp::Datagrams,
    wire::{self, Frame, Sent, after},
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
        self.stats.frames_received.inc();
        let address = self.network.map(|network| network.address());
        let broadcast = self.network.and_then(|network| network.broadcast());
        let kind = wire::classify(received.frame, self.mac, address, broadcast);
        let kind = kind.and_then(|kind| {
            let holds = checksum::holds(received.frame, &kind, received.vouched, &self.checksums);
            if holds { Ok(kind) } else { Err(Dropped::Malformed) }
        });
        match kind {
            Ok(Frame::Tcp(segment)) => self.segment(&segment, received, wake),
            Ok(Frame::Udp { port, broadcast, empty }) => self.datagram(port, broadcast, empty, received),
            Ok(Frame::Arp) => {
                let notes = received.process(&mut self.iface, &mut self.no_sockets);
                self.count_sent(None, notes);
                self.tcp.rouse_all();
                self.udp.touch();
            }
            Ok(Frame::Other) => {
                let notes = received.process(&mut self.iface, &mut self.no_sockets);
                self.count_sent(None, notes);
            }
            Err(reason) => self.stats.count_drop(reason),
        }
    }

    /// Counts what smoltcp sent, for the socket in `slot` if it was one's.
    pub(super) fn count_sent(&mut self, slot: Option<usize>, notes: Notes) {
        let stats: &Stats = &self.stats;
        stats.frames_sent.add(notes.frames as u64);
        match notes.sent {
            Some(Sent::Tcp(segment)) => {
                stats.segments_sent.add(notes.pieces as u64);
                if segment.rst {
                    stats.resets_sent.inc();
                }
                let Some(slot) = slot else { return };
                let this = &mut self.tcp.slots[slot];
                this.acknowledged = segment.acknowledgment;
                let end = segment.end();
                let Some(sent_to) = this.sent_to.replace(end) else { return };
                if after(end, sent_to) {
                    let repeated = sent_to.wrapping_sub(segment.sequence).cast_signed().max(0);
                    let whole = notes.cut.map_or(0, |cut| repeated as u64 / u64::from(cut.get()));
                    stats.retransmissions.add(whole);
                } else {
                    this.sent_to = Some(sent_to);
                    if segment.occupies_sequence() {
                        stats.retransmissions.add(notes.pieces as u64);
                    }
                }
            }
            Some(Sent::Udp) => stats.datagrams_sent.inc(),
            Some(Sent::Arp | Sent::Other) | None => {}
        }
    }
}
