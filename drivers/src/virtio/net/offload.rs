//! What is left to the device, and the header before each frame that tells so (specification 5.1.6).
//!
//! For: checksums and segmentation of outgoing frames, and whether the device vouches for an incoming one. The stack above
//! leaves a checksum out where `capabilities` says that the device does it; the partial sum that the device goes on from is
//! written here. Not for: which features there are, see `feature`.

use core::fmt;
use core::num::NonZeroU16;

use smoltcp::wire::{EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet, TcpPacket};

use super::ETHERNET_HEADER;
use super::ring::HEADER_BYTES;

/// The checksum is still to be completed.
const NEEDS_CSUM: u8 = 1;
/// The device has found the checksum to be right.
const DATA_VALID: u8 = 2;
/// The frame is to be cut into TCP segments over IPv4.
const GSO_TCPV4: u8 = 1;

/// Offsets of the checksum in its header: RFC 9293, section 3.1, and RFC 768.
const TCP_CHECKSUM: usize = 16;
const UDP_CHECKSUM: usize = 6;

/// What was agreed to leave to the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offloads {
    /// TCP and UDP checksums of frames sent.
    pub checksum: bool,
    /// TCP and UDP checksums of frames received, where the device says so.
    pub guest_checksum: bool,
    /// Cutting of long frames into TCP segments; only with `checksum`.
    pub segmentation: bool,
}

impl fmt::Display for Offloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.checksum, "transmit checksums"),
            (self.guest_checksum, "receive checksums"),
            (self.segmentation, "TCP segmentation"),
        ];
        let mut agreed = names.iter().filter(|(agreed, _)| *agreed).map(|(_, name)| name);
        f.write_str(agreed.next().unwrap_or(&"none"))?;
        agreed.try_for_each(|name| write!(f, ", {name}"))
    }
}

/// The header of a frame to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    flags: u8,
    gso_type: u8,
    len: u16,
    segment: u16,
    checksum_start: u16,
    checksum_offset: u16,
}

impl Header {
    /// Has the device complete the checksum of `frame`, if it is one of TCP or UDP over IPv4, and cut it into segments with
    /// `segment` bytes of content. The checksum field is made what the device starts from: the sum over the pseudo-header.
    pub(super) fn describe(frame: &mut [u8], segment: Option<NonZeroU16>) -> Self {
        let Some(transport) = Transport::find(frame) else { return Self::default() };
        let Some(field) = frame.get_mut(transport.start + transport.checksum..).and_then(|rest| rest.first_chunk_mut())
        else {
            return Self::default();
        };
        *field = transport.pseudo_header_sum.to_be_bytes();
        let mut header = Self {
            flags: NEEDS_CSUM,
            checksum_start: transport.start as u16,
            checksum_offset: transport.checksum as u16,
            ..Self::default()
        };
        if let (Some(segment), Some(content)) = (segment, transport.tcp_content) {
            header.gso_type = GSO_TCPV4;
            header.len = content as u16;
            header.segment = segment.get();
        }
        header
    }

    /// As it lies before the frame.
    pub(super) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = self.flags;
        bytes[1] = self.gso_type;
        let fields = [self.len, self.segment, self.checksum_start, self.checksum_offset];
        for (place, field) in bytes[2..].chunks_exact_mut(2).zip(fields) {
            place.copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }
}

/// Whether the header of a received frame says that its TCP or UDP checksum needs no verifying: the device found it right,
/// or the frame comes from this very host and was never given one.
pub(super) fn vouches(header: &[u8]) -> bool {
    header.first().is_some_and(|flags| flags & (NEEDS_CSUM | DATA_VALID) != 0)
}

/// Where a frame's TCP or UDP header is, and what its checksum starts from.
struct Transport {
    start: usize,
    /// Offset of the checksum from there.
    checksum: usize,
    pseudo_header_sum: u16,
    /// Where the content of a TCP segment begins in the frame.
    tcp_content: Option<usize>,
}

impl Transport {
    /// The stack sends no fragments, so every TCP or UDP packet has its header.
    fn find(frame: &[u8]) -> Option<Self> {
        let ethernet = EthernetFrame::new_checked(frame).ok()?;
        if ethernet.ethertype() != EthernetProtocol::Ipv4 {
            return None;
        }
        let ip = Ipv4Packet::new_checked(ethernet.payload()).ok()?;
        let start = ETHERNET_HEADER + usize::from(ip.header_len());
        let (checksum, tcp_content) = match ip.next_header() {
            IpProtocol::Tcp => {
                let tcp = TcpPacket::new_checked(ip.payload()).ok()?;
                (TCP_CHECKSUM, Some(start + usize::from(tcp.header_len())))
            }
            IpProtocol::Udp => (UDP_CHECKSUM, None),
            _ => return None,
        };
        let addresses = [ip.src_addr().octets(), ip.dst_addr().octets()];
        let words = addresses.as_flattened().chunks_exact(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
        let sum =
            words.sum::<u32>() + u32::from(u8::from(ip.next_header())) + u32::try_from(ip.payload().len()).ok()?;
        Some(Self { start, checksum, pseudo_header_sum: fold(sum), tcp_content })
    }
}

/// The sum in 16 bits, carries added (RFC 1071). Two steps, since the first may carry again.
fn fold(sum: u32) -> u16 {
    let sum = (sum & 0xffff) + (sum >> 16);
    ((sum & 0xffff) + (sum >> 16)) as u16
}
