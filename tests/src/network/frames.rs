//! Ethernet frames made by hand and put on a wire as they are: what no honest host would send, or nobody on this one.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::ping::checksum;

/// Where Ethernet reaches everybody.
pub const BROADCAST: [u8; 6] = [0xff; 6];
/// A group's address: all hosts of IPv4 (RFC 1112).
pub const ALL_HOSTS: [u8; 6] = [1, 0, 0x5e, 0, 0, 1];

/// `ethertype` of IPv4 and ARP, and one that IEEE 802 leaves to experiments.
const IPV4: u16 = 0x0800;
const ARP: u16 = 0x0806;
/// A protocol nobody speaks.
pub const NO_PROTOCOL: u16 = 0x88b5;

/// The shortest frame, its check sequence apart.
const SHORTEST: usize = 60;

/// A frame from a host that does not exist.
#[must_use]
pub fn ethernet(to: [u8; 6], ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = to.to_vec();
    frame.extend(sender([0; 4]));
    frame.extend(ethertype.to_be_bytes());
    frame.extend(payload);
    frame.resize(frame.len().max(SHORTEST), 0);
    frame
}

/// The question of `from` for the hardware address of `to` (RFC 826).
#[must_use]
pub fn arp_request(from: Ipv4Addr, to: Ipv4Addr) -> Vec<u8> {
    let mut payload = vec![0, 1, 8, 0, 6, 4, 0, 1];
    payload.extend(sender(from.octets()));
    payload.extend(from.octets());
    payload.extend([0; 6]);
    payload.extend(to.octets());
    ethernet(BROADCAST, ARP, &payload)
}

/// An IPv4 packet to the host at `mac`, whose content nobody looks at.
#[must_use]
pub fn ipv4(mac: [u8; 6], [from, to]: [Ipv4Addr; 2], protocol: u8, content: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + content.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
    packet.extend(from.octets());
    packet.extend(to.octets());
    let sum = checksum(&packet);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend(content);
    ethernet(mac, IPV4, &packet)
}

/// A hardware address of its own for each IPv4 address, locally administered.
fn sender([a, b, c, d]: [u8; 4]) -> [u8; 6] {
    [2, 0, a, b, c, d]
}

/// Sends frames by the interface `name`. To be called where that is; needs root.
pub(super) fn send(name: &str, frames: &[Vec<u8>]) -> io::Result<()> {
    let raw = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None)?;
    // SAFETY: `sockaddr_ll` is plain numbers, for which all zeroes is a value.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_ifindex = nix::net::if_::if_nametoindex(name)?.cast_signed();
    let len = size_of_val(&address) as libc::socklen_t;
    // SAFETY: a whole `sockaddr_ll` that outlives the call, which only reads it (packet(7)).
    if unsafe { libc::bind(raw.as_raw_fd(), (&raw const address).cast(), len) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // std has no packet sockets, but its datagram sockets are just what one needs to send on one.
    let socket = UdpSocket::from(raw);
    frames.iter().try_for_each(|frame| socket.send(frame).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::{BROADCAST, Ipv4Addr, arp_request, ipv4};

    #[test]
    fn frames_are_as_on_the_wire() {
        let [host, guest] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];
        let arp = arp_request(host, guest);
        assert_eq!((arp.len(), &arp[..6], &arp[12..14]), (60, &BROADCAST[..], &[8, 6][..]));
        assert_eq!(
            (&arp[22..28], &arp[28..32], &arp[38..42]),
            (&[2, 0, 10, 0, 0, 1][..], &[10, 0, 0, 1][..], &[10, 0, 0, 2][..])
        );
        let packet = ipv4([2; 6], [host, guest], 17, &[7; 100]);
        assert_eq!((packet.len(), &packet[14..18]), (14 + 120, &[0x45, 0, 0, 120][..]));
        assert_eq!(super::checksum(&packet[14..34]), 0, "a header with its checksum sums up to nothing");
    }
}
