//! The network as a program sees it: TCP and UDP over IPv4 on the service NIC, in the manner of std.
//!
//! `devices` finds the NICs and `link` tells of their links, `service` is the service NIC's stack and who drives it, `tcp`
//! and `udp` the sockets. The management NIC has a stack of its own (`crate::management`): nothing here reaches it.

pub(crate) mod devices;
pub(crate) mod link;
pub(crate) mod service;
pub(crate) mod setup;
mod tcp;
mod udp;

pub use core::net::{Ipv4Addr, SocketAddrV4};
pub use kernel_core::net::Error;
pub use tcp::{TcpListener, TcpStream};
pub use udp::UdpSocket;

/// The service NIC's address; `None` while DHCP has not leased one, or without a service NIC.
pub fn address() -> Option<Ipv4Addr> {
    service::with(|stack| stack.address().map(|address| address.address))?
}
