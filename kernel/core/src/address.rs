//! What an IPv4 address may be used for, whoever named it: an operator, or a name server.

use core::net::Ipv4Addr;

/// Whether one host of a network can have this address.
pub(crate) fn is_unicast(address: Ipv4Addr) -> bool {
    // 240.0.0.0/4 is reserved and holds the limited broadcast address (RFC 1112 section 4).
    !address.is_multicast() && !address.is_loopback() && (1..240).contains(&address.octets()[0])
}
