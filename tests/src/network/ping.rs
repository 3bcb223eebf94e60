//! ICMP echo (RFC 792): one request, or many on their way at once.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};

/// The length of an IPv4 header without options, which is how Linux hands over what came.
const IP_HEADER_BYTES: usize = 20;
const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST: u8 = 8;
const IDENTIFIER: u16 = 0x7073;

/// Sends `count` echo requests of `payload_bytes`, at most `window` of them unanswered, and returns how many were
/// answered, each with what was sent. To be called where `address` is reached; needs root.
///
/// A request not answered within `patience` is given up, and all that were on their way with it.
pub(super) fn ping(
    address: Ipv4Addr,
    count: u32,
    window: u32,
    payload_bytes: usize,
    patience: Duration,
) -> io::Result<u32> {
    let raw = socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Icmp)?;
    // std has no raw sockets, but its datagram sockets are just what one needs to send and receive on one.
    let socket = UdpSocket::from(raw);
    socket.connect(SocketAddrV4::new(address, 0))?;
    socket.set_read_timeout(Some(patience))?;
    let mut reply = vec![0; IP_HEADER_BYTES + 8 + payload_bytes + 1];
    let (mut sent, mut answered, mut given_up) = (0, 0, 0);
    while answered + given_up < count {
        while sent < count && sent - answered - given_up < window {
            socket.send(&echo(ECHO_REQUEST, sent as u16, payload_bytes))?;
            sent += 1;
        }
        let deadline = Instant::now() + patience;
        match socket.recv(&mut reply) {
            Ok(len) if is_answer(&reply[..len], payload_bytes) => answered += 1,
            // Something else that came in meanwhile; one flooded with it must still end.
            Ok(_) if Instant::now() < deadline => {}
            _ => given_up = sent - answered,
        }
    }
    Ok(answered)
}

fn is_answer(packet: &[u8], payload_bytes: usize) -> bool {
    let Some(icmp) = packet.get(IP_HEADER_BYTES..) else { return false };
    let Some(&[high, low]) = icmp.get(6..8) else { return false };
    icmp == echo(ECHO_REPLY, u16::from_be_bytes([high, low]), payload_bytes)
}

fn echo(kind: u8, sequence: u16, payload_bytes: usize) -> Vec<u8> {
    let mut packet = vec![kind, 0, 0, 0];
    packet.extend(IDENTIFIER.to_be_bytes());
    packet.extend(sequence.to_be_bytes());
    packet.extend((0..payload_bytes).map(|index| (index as u16 ^ sequence) as u8));
    let checksum = checksum(&packet);
    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// The Internet checksum (RFC 1071).
pub(super) fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::{ECHO_REPLY, ECHO_REQUEST, IP_HEADER_BYTES, checksum, echo, is_answer};

    #[test]
    fn checksums_a_known_packet() {
        // An echo request without data, identifier 1, sequence 9, as Wireshark shows it.
        assert_eq!(checksum(&[8, 0, 0, 0, 0, 1, 0, 9]), 0xf7f5);
        assert_eq!(checksum(&echo(ECHO_REQUEST, 7, 13)), 0, "a packet with its checksum sums up to nothing");
    }

    #[test]
    fn only_a_whole_reply_is_an_answer() {
        let mut packet = vec![0x45; IP_HEADER_BYTES];
        packet.extend(echo(ECHO_REPLY, 300, 5));
        assert!(is_answer(&packet, 5));
        assert!(!is_answer(&packet, 4));
        assert!(!is_answer(&packet[..IP_HEADER_BYTES + 3], 5));
        let last = packet.len() - 1;
        packet[last] ^= 1;
        assert!(!is_answer(&packet, 5));
    }
}
