//! What a stack is built from. Everything a stack will ever need in memory follows from these numbers.

use core::net::Ipv4Addr;

/// One NIC's stack.
#[derive(Clone, Debug)]
pub struct Config {
    /// Label of everything it counts: `service` or `management`.
    pub name: &'static str,
    /// Hardware address of the NIC.
    pub mac: [u8; 6],
    /// Where the IPv4 address comes from.
    pub ipv4: Ipv4,
    /// TCP sockets, each with its two buffers: open, half-open and closing ones together. At most 65,534.
    pub tcp_connections: usize,
    /// How many of them may be half-open (SYN received, handshake not finished) at a time.
    pub half_open: usize,
    /// Receive buffer of each TCP socket, bytes. The window that is advertised.
    pub receive_buffer_bytes: usize,
    /// Transmit buffer of each TCP socket, bytes.
    pub transmit_buffer_bytes: usize,
    /// TCP ports that can be listened on at a time.
    pub listeners: usize,
    /// UDP sockets.
    pub udp_sockets: usize,
    /// Receive and transmit buffer of each UDP socket, bytes each. Also the largest datagram.
    pub udp_buffer_bytes: usize,
    /// Name server; without one, the one that the DHCP server names.
    pub dns: Option<Ipv4Addr>,
    /// Names that can be asked for at a time.
    pub dns_queries: usize,
    /// Entries of the TIME-WAIT table, 40 bytes each. At most 65,534.
    pub time_wait: usize,
    /// Secret that initial sequence numbers, ephemeral ports and hashes start from. Must differ at each boot and not be
    /// guessable.
    pub random_seed: u64,
}

/// Where the address comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ipv4 {
    /// It is given.
    Static {
        /// Own address.
        address: Ipv4Addr,
        /// Length of the network's prefix, 0 to 32.
        prefix_len: u8,
        /// Default router.
        gateway: Option<Ipv4Addr>,
    },
    /// A DHCP server leases it.
    Dhcp {
        /// Sent as option 12, so that the operator's DHCP server and its DNS know the machine by name. At most 63 bytes are
        /// sent; an empty one is not.
        hostname: &'static str,
    },
}

impl Config {
    /// A configuration with small pools: 32 connections with 8 KiB buffers.
    pub fn new(name: &'static str, mac: [u8; 6], ipv4: Ipv4) -> Self {
        Self {
            name,
            mac,
            ipv4,
            tcp_connections: 32,
            half_open: 16,
            receive_buffer_bytes: 8 * 1024,
            transmit_buffer_bytes: 8 * 1024,
            listeners: 8,
            udp_sockets: 4,
            udp_buffer_bytes: 4 * 1024,
            dns: None,
            dns_queries: 8,
            time_wait: 1024,
            random_seed: 0,
        }
    }
}
