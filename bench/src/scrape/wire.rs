//! A network namespace with two taps, for one guest after the other, and the host at their other end. Needs root.
//!
//! Not [`tests::Network`]: that one is for guests of the tests, which count time as clocks do and boot no other system.

use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::process::Command;

use ::tests::network::Namespace;
use ::tests::{PATIENCE, Process, Side};

use super::error;

/// Two wires. They go with it.
pub(crate) struct Wires(Namespace);

/// Where the guest is told to be on each side, in a network of 256 addresses. The host has the address below.
pub(crate) const fn guest_address(side: Side) -> Ipv4Addr {
    match side {
        Side::Service => Ipv4Addr::new(10, 0, 0, 2),
        Side::Management => Ipv4Addr::new(10, 0, 1, 2),
    }
}

impl Wires {
    /// Makes them.
    pub(crate) fn new() -> Result<Self, String> {
        let wires = Self(Namespace::new().map_err(error("a network namespace"))?);
        for side in [Side::Service, Side::Management] {
            let (tap, guest) = (side.name(), guest_address(side));
            let host = Ipv4Addr::from(u32::from(guest) - 1);
            // With the header in which offloads are described.
            wires.ip(&format!("tuntap add dev {tap} mode tap vnet_hdr"))?;
            wires.ip(&format!("address add {host}/24 dev {tap}"))?;
            wires.ip(&format!("link set {tap} up"))?;
        }
        Ok(wires)
    }

    fn ip(&self, words: &str) -> Result<(), String> {
        let status = self.0.run(|| Command::new("ip").args(words.split(' ')).status()).map_err(error("ip"))?;
        if status.success() { Ok(()) } else { Err(format!("ip {words}: {status}")) }
    }

    /// QEMU's options for a card on the wire of `side`.
    pub(crate) fn card(side: Side) -> [String; 4] {
        let tap = side.name();
        [
            "-netdev".to_owned(),
            format!("tap,id={tap},ifname={tap},script=no,downscript=no"),
            "-device".to_owned(),
            format!("virtio-net-pci,netdev={tap},mac={},disable-legacy=on,romfile=", side.mac()),
        ]
    }

    /// Starts a process that sees the taps.
    pub(crate) fn start(&self, command: &mut Command) -> Result<Process, String> {
        Process::start(command, Some(&self.0)).map_err(error("qemu-system-x86_64"))
    }

    /// Connects to the guest.
    pub(crate) fn connect(&self, side: Side, port: u16) -> std::io::Result<TcpStream> {
        let address = SocketAddrV4::new(guest_address(side), port).into();
        let stream = self.0.run(|| TcpStream::connect_timeout(&address, PATIENCE))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
