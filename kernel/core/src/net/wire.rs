//! What the stack itself must see in a frame before smoltcp does: whom it is for, and the header of a TCP segment. And the
//! two frames it sends itself: an acknowledgment, and an ARP announcement.
//!
//! Checks lengths, not checksums: those are the module `checksum`'s part.

use core::net::{Ipv4Addr, SocketAddrV4};

use smoltcp::{
    phy::{ChecksumCapabilities, TxToken},
    wire::{
        ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, Icmpv4Packet, IpAddress,
        IpProtocol, Ipv4Cidr, Ipv4Packet, Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber, UdpPacket,
    },
};

use super::{Dropped, Protocol, tcp::Tuple};

/// Bytes of an Ethernet header.
pub(super) const ETHERNET_HEADER: usize = 14;

/// Header fields of a TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The connection it belongs to; `local` is the sender of an outgoing segment and the destination of an incoming one.
    pub(super) tuple: Tuple,
    pub(super) sequence: u32,
    /// Meaningful if `ack` is set.
    pub(super) acknowledgment: u32,
    pub(super) syn: bool,
    pub(super) ack: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    /// The window its sender offers, not scaled.
    pub(super) window: u16,
    pub(super) payload_len: usize,
}

impl Segment {
    /// Sequence number after the segment: SYN and FIN count as one each.
    pub(super) fn end(&self) -> u32 {
        self.sequence.wrapping_add(self.payload_len as u32 + u32::from(self.syn) + u32::from(self.fin))
    }

    /// Whether it occupies sequence numbers, so that the peer expects an acknowledgment.
    pub(super) fn occupies_sequence(&self) -> bool {
        self.end() != self.sequence
    }

    /// Whether it asks for a new connection.
    pub(super) fn opens(&self) -> bool {
        self.syn && !self.ack && !self.rst
    }

    fn read(packet: &TcpPacket<&[u8]>, tuple: Tuple) -> Self {
        Self {
            tuple,
            sequence: packet.seq_number().0 as u32,
            acknowledgment: packet.ack_number().0 as u32,
            syn: packet.syn(),
            ack: packet.ack(),
            fin: packet.fin(),
            rst: packet.rst(),
            window: packet.window_len(),
            payload_len: packet.payload().len(),
        }
    }
}

/// Whether sequence number `a` comes after `b`, modulo 2^32.
pub(super) fn after(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}

/// What an incoming frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// An ARP packet, which may tell a hardware address somebody waits for.
    Arp,
    /// A TCP segment for this machine.
    Tcp(Segment),
    /// A UDP datagram to `port`; `broadcast` if it is not for this machine alone.
    Udp { from: SocketAddrV4, port: u16, broadcast: bool, empty: bool },
    /// An ICMP message.
    Icmp,
    /// Everything else smoltcp may answer.
    Other,
}

/// Why a frame is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: Dropped,
    /// The protocol whose header or checksum is wrong, if it is one above IPv4.
    pub(super) protocol: Option<Protocol>,
}

impl Refusal {
    /// Wrong in what `protocol` adds.
    pub(super) fn malformed(protocol: Protocol) -> Self {
        Self { reason: Dropped::Malformed, protocol: Some(protocol) }
    }
}

impl From<Dropped> for Refusal {
    fn from(reason: Dropped) -> Self {
        Self { reason, protocol: None }
    }
}

/// Port of the DHCP client. Its server may send to an address this machine does not have yet (RFC 2131, section 4.1).
const DHCP_CLIENT_PORT: u16 = 68;

/// Reads a frame's headers. `own` is the hardware address, `address` the IPv4 address if there is one, and
/// `network_broadcast` the one of its network.
pub(super) fn classify(
    frame: &[u8],
    own: EthernetAddress,
    address: Option<Ipv4Addr>,
    network_broadcast: Option<Ipv4Addr>,
) -> Result<Frame, Refusal> {
    let ethernet = EthernetFrame::new_checked(frame).map_err(|_| Dropped::Malformed)?;
    let to_one = ethernet.dst_addr() == own;
    if !to_one && !ethernet.dst_addr().is_multicast() {
        return Err(Dropped::Misaddressed.into());
    }
    match ethernet.ethertype() {
        EthernetProtocol::Arp => {
            ArpPacket::new_checked(ethernet.payload()).map_err(|_| Dropped::Malformed)?;
            return Ok(Frame::Arp);
        }
        EthernetProtocol::Ipv4 => {}
        _ => return Err(Dropped::Protocol.into()),
    }
    let ip = Ipv4Packet::new_checked(ethernet.payload()).map_err(|_| Dropped::Malformed)?;
    if ip.version() != 4 {
        return Err(Dropped::Malformed.into());
    }
    if ip.more_frags() || ip.frag_offset() != 0 {
        return Err(Dropped::Fragment.into());
    }
    let (source, destination) = (ip.src_addr(), ip.dst_addr());
    let own_address = Some(destination) == address;
    let broadcast = destination.is_broadcast() || Some(destination) == network_broadcast;
    match ip.next_header() {
        // A segment to a broadcast address must be discarded silently (RFC 1122, section 4.2.3.10).
        IpProtocol::Tcp if own_address && to_one => {
            let packet = TcpPacket::new_checked(ip.payload()).map_err(|_| Refusal::malformed(Protocol::Tcp))?;
            let tuple = Tuple {
                local: SocketAddrV4::new(destination, packet.dst_port()),
                remote: SocketAddrV4::new(source, packet.src_port()),
            };
            Ok(Frame::Tcp(Segment::read(&packet, tuple)))
        }
        IpProtocol::Udp => {
            let packet = UdpPacket::new_checked(ip.payload()).map_err(|_| Refusal::malformed(Protocol::Udp))?;
            let port = packet.dst_port();
            if own_address || broadcast || port == DHCP_CLIENT_PORT {
                let from = SocketAddrV4::new(source, packet.src_port());
                Ok(Frame::Udp { from, port, broadcast: !own_address, empty: packet.payload().is_empty() })
            } else {
                Err(Dropped::Misaddressed.into())
            }
        }
        IpProtocol::Tcp => Err(Dropped::Misaddressed.into()),
        _ if !own_address && !broadcast => Err(Dropped::Misaddressed.into()),
        IpProtocol::Icmp => {
            Icmpv4Packet::new_checked(ip.payload()).map_err(|_| Refusal::malformed(Protocol::Icmp))?;
            Ok(Frame::Icmp)
        }
        _ => Ok(Frame::Other),
    }
}

/// Hardware address the frame came from.
pub(super) fn source(frame: &[u8]) -> EthernetAddress {
    EthernetFrame::new_unchecked(frame).src_addr()
}

/// Who spoke to `network`'s address in an ARP packet, if it is a neighbor: whose address smoltcp then knows.
pub(super) fn neighbor(frame: &[u8], network: Ipv4Cidr) -> Option<Ipv4Addr> {
    let ethernet = EthernetFrame::new_checked(frame).ok()?;
    let ArpRepr::EthernetIpv4 { operation, source_hardware_addr, source_protocol_addr, target_protocol_addr, .. } =
        ArpRepr::parse(&ArpPacket::new_checked(ethernet.payload()).ok()?).ok()?
    else {
        return None;
    };
    let source = source_protocol_addr;
    let one = !source.is_broadcast() && !source.is_multicast() && !source.is_unspecified();
    let known = matches!(operation, ArpOperation::Request | ArpOperation::Reply)
        && target_protocol_addr == network.address()
        && source_hardware_addr.is_unicast()
        && one
        && network.contains_addr(&source);
    known.then_some(source)
}

/// What an outgoing frame is, for the counters.
pub(super) enum Sent {
    Arp,
    Tcp(Segment),
    Udp,
    Icmp,
    Other,
}

/// Reads a frame smoltcp has just written.
pub(super) fn read_sent(frame: &[u8]) -> Sent {
    let Ok(ethernet) = EthernetFrame::new_checked(frame) else { return Sent::Other };
    match ethernet.ethertype() {
        EthernetProtocol::Arp => return Sent::Arp,
        EthernetProtocol::Ipv4 => {}
        _ => return Sent::Other,
    }
    let Ok(ip) = Ipv4Packet::new_checked(ethernet.payload()) else { return Sent::Other };
    match ip.next_header() {
        IpProtocol::Tcp => match TcpPacket::new_checked(ip.payload()) {
            Ok(packet) => {
                let tuple = Tuple {
                    local: SocketAddrV4::new(ip.src_addr(), packet.src_port()),
                    remote: SocketAddrV4::new(ip.dst_addr(), packet.dst_port()),
                };
                Sent::Tcp(Segment::read(&packet, tuple))
            }
            Err(_) => Sent::Other,
        },
        IpProtocol::Udp => Sent::Udp,
        IpProtocol::Icmp => Sent::Icmp,
        _ => Sent::Other,
    }
}

/// Tells everybody on the network that `address` is at `own` now: an ARP announcement (RFC 5227, section 2.3), which is a
/// request for one's own address.
pub(super) fn announce(token: impl TxToken, own: EthernetAddress, address: Ipv4Addr) {
    let arp = ArpRepr::EthernetIpv4 {
        operation: ArpOperation::Request,
        source_hardware_addr: own,
        source_protocol_addr: address,
        target_hardware_addr: EthernetAddress([0; 6]),
        target_protocol_addr: address,
    };
    token.consume(EthernetFrame::<&[u8]>::buffer_len(arp.buffer_len()), |buffer| {
        let mut ethernet = EthernetFrame::new_unchecked(buffer);
        ethernet.set_src_addr(own);
        ethernet.set_dst_addr(EthernetAddress::BROADCAST);
        ethernet.set_ethertype(EthernetProtocol::Arp);
        arp.emit(&mut ArpPacket::new_unchecked(ethernet.payload_mut()));
    });
}

/// An acknowledgment without data, for a connection smoltcp does not hold or would stay silent on.
pub(super) struct Acknowledgment {
    pub(super) tuple: Tuple,
    /// Next sequence number of ours.
    pub(super) sequence: u32,
    /// Next sequence number expected from the peer.
    pub(super) acknowledgment: u32,
    pub(super) window: u16,
}

impl Acknowledgment {
    /// Its bytes: an IPv4 and a TCP header without options.
    pub(super) const OCTETS: u64 = 40;

    /// Sends it from hardware address `own` to `peer`, where the segment it answers came from.
    pub(super) fn send(
        &self,
        token: impl TxToken,
        own: EthernetAddress,
        peer: EthernetAddress,
        device: &ChecksumCapabilities,
    ) {
        let tcp = TcpRepr {
            src_port: self.tuple.local.port(),
            dst_port: self.tuple.remote.port(),
            control: TcpControl::None,
            seq_number: TcpSeqNumber(self.sequence as i32),
            ack_number: Some(TcpSeqNumber(self.acknowledgment as i32)),
            window_len: self.window,
            window_scale: None,
            max_seg_size: None,
            sack_permitted: false,
            sack_ranges: [None; 3],
            timestamp: None,
            payload: &[],
        };
        let ip = Ipv4Repr {
            src_addr: *self.tuple.local.ip(),
            dst_addr: *self.tuple.remote.ip(),
            next_header: IpProtocol::Tcp,
            payload_len: tcp.buffer_len(),
            hop_limit: 64,
        };
        token.consume(EthernetFrame::<&[u8]>::buffer_len(ip.buffer_len() + tcp.buffer_len()), |buffer| {
            let mut ethernet = EthernetFrame::new_unchecked(buffer);
            ethernet.set_src_addr(own);
            ethernet.set_dst_addr(peer);
            ethernet.set_ethertype(EthernetProtocol::Ipv4);
            let mut packet = Ipv4Packet::new_unchecked(ethernet.payload_mut());
            ip.emit(&mut packet, device);
            let mut segment = TcpPacket::new_unchecked(packet.payload_mut());
            tcp.emit(&mut segment, &IpAddress::Ipv4(ip.src_addr), &IpAddress::Ipv4(ip.dst_addr), device);
        });
    }
}
