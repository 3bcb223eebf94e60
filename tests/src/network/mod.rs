//! The network around one guest: two wires, the service's and management's, and the host at the other end of both.
//!
//! With root it is a namespace of its own with two taps, where every packet can be seen. Without, it is QEMU's user-mode
//! network: no interface and no privilege, but only TCP and UDP ports that were forwarded beforehand.

pub mod frames;
mod namespace;
mod ping;
mod ports;
mod syn;
mod tap;

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream, UdpSocket};
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

pub use namespace::Namespace;
pub use ports::{free_port, free_port_from};
pub use tap::Counters;
use tap::Tap;

use crate::skip::is_root;
use crate::wait::let_pass;

/// Which of the guest's two network cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Where the program serves.
    Service,
    /// Where the guest is watched.
    Management,
}

/// Both sides, in the order in which the guest meets its cards.
pub const SIDES: [Side; 2] = [Side::Service, Side::Management];

impl Side {
    /// Its name, for netdev ids and the guest's `device` label.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Management => "management",
        }
    }

    /// The MAC address of the guest's card: locally administered, in QEMU's range.
    #[must_use]
    pub fn mac(self) -> &'static str {
        match self {
            Self::Service => "52:54:00:12:34:01",
            Self::Management => "52:54:00:12:34:02",
        }
    }

    fn index(self) -> u8 {
        match self {
            Self::Service => 0,
            Self::Management => 1,
        }
    }
}

/// The two wires of one guest. It must outlive the guest, and may serve another one after it. Clones are the same wires,
/// for servers that are there before the guest.
#[derive(Clone, Debug)]
pub struct Network(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Taps { namespace: Option<Namespace>, taps: [Tap; 2] },
    User { forwards: Vec<Forward> },
}

/// One TCP and UDP port of the guest that QEMU makes reachable at a port of the host's loopback interface.
#[derive(Clone, Copy, Debug)]
pub struct Forward {
    /// Which of the guest's cards.
    pub side: Side,
    /// The guest's port.
    pub guest: u16,
    /// The host's port, at 127.0.0.1.
    pub host: u16,
}

impl Network {
    /// Taps if this process may make them, else user mode with the ports that the tests' programs use.
    #[must_use]
    pub fn best() -> Self {
        if is_root() { Self::taps() } else { Self::user() }
    }

    /// Two taps in a namespace of their own. Panics without root: see [`needs_root!`](crate::needs_root).
    #[must_use]
    pub fn taps() -> Self {
        let namespace = Namespace::new().expect("root may make network namespaces");
        let make = |side: Side| Tap::new(side.name(), Ipv4Addr::new(10, 0, side.index(), 1));
        let taps = namespace.run(|| both(make)).expect("root may make taps");
        Self(Arc::new(Kind::Taps { namespace: Some(namespace), taps }))
    }

    /// Two taps on the host itself, for `make run NET=tap`: whoever is at the host reaches the guest. Named
    /// `periscope0`, `periscope1` and so on, with the networks 10.77.0.0/24, 10.77.1.0/24 to match.
    pub fn host_taps() -> io::Result<Self> {
        let free = (0..=252).step_by(2).find(|first| !tap::exists(&format!("periscope{first}")));
        let first = free.ok_or_else(|| io::Error::other("127 guests have their taps here already"))?;
        let taps = both(|side| {
            let number = first + side.index();
            Tap::new(&format!("periscope{number}"), Ipv4Addr::new(10, 77, number, 1))
        })?;
        Ok(Self(Arc::new(Kind::Taps { namespace: None, taps })))
    }

    /// QEMU's user-mode network, with the ports forwarded that the tests' programs use.
    #[must_use]
    pub fn user() -> Self {
        let wanted = [(Side::Service, 7), (Side::Service, 80), (Side::Management, 9100)];
        Self::forwarding(wanted.map(|(side, guest)| Forward { side, guest, host: free_port() }).to_vec())
    }

    /// QEMU's user-mode network with `forwards`.
    #[must_use]
    pub fn forwarding(forwards: Vec<Forward>) -> Self {
        Self(Arc::new(Kind::User { forwards }))
    }

    /// The words for the guest's command line: fixed addresses on taps, none (that is, DHCP) in user mode.
    #[must_use]
    pub fn boot_words(&self) -> String {
        match &*self.0 {
            Kind::User { .. } => String::new(),
            Kind::Taps { .. } => format!(
                "--ipv4={}/24 --management-ipv4={}/24",
                self.guest_address(Side::Service),
                self.guest_address(Side::Management)
            ),
        }
    }

    /// The guest's address on `side`, as the guest itself knows it.
    #[must_use]
    pub fn guest_address(&self, side: Side) -> Ipv4Addr {
        match &*self.0 {
            Kind::Taps { .. } => Ipv4Addr::from(u32::from(self.host_address(side)) + 1),
            // The first address QEMU's DHCP server leases.
            Kind::User { .. } => Ipv4Addr::new(10, 0, 2 + side.index(), 15),
        }
    }

    /// The host's address on `side`'s wire.
    #[must_use]
    pub fn host_address(&self, side: Side) -> Ipv4Addr {
        match &*self.0 {
            Kind::Taps { taps, .. } => taps[usize::from(side.index())].address(),
            Kind::User { .. } => Ipv4Addr::new(10, 0, 2 + side.index(), 2),
        }
    }

    /// Where the guest's `port` on `side` is reached from the host. Panics for a port that user mode does not forward.
    #[must_use]
    pub fn address(&self, side: Side, port: u16) -> SocketAddrV4 {
        match &*self.0 {
            Kind::Taps { .. } => SocketAddrV4::new(self.guest_address(side), port),
            Kind::User { forwards } => {
                let forward = forwards.iter().find(|forward| forward.side == side && forward.guest == port);
                let host = forward.expect("only forwarded ports can be reached in user mode").host;
                SocketAddrV4::new(Ipv4Addr::LOCALHOST, host)
            }
        }
    }

    /// What a server binds to that the guest is to reach: every address of the namespace, or this host's loopback
    /// interface, where user mode leads to. Tests reach it at 127.0.0.1, inside.
    #[must_use]
    pub fn server_ip(&self) -> Ipv4Addr {
        match self.namespace() {
            Some(_) => Ipv4Addr::UNSPECIFIED,
            None => Ipv4Addr::LOCALHOST,
        }
    }

    /// Where the guest reaches such a server, on the management network.
    #[must_use]
    pub fn server(&self, port: u16) -> SocketAddrV4 {
        SocketAddrV4::new(self.host_address(Side::Management), port)
    }

    /// Runs `work` where the guest can be reached. See [`Namespace::run`].
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match self.namespace() {
            Some(namespace) => namespace.run(work),
            None => work(),
        }
    }

    /// Connects to the guest, waiting at most `patience` for it and, later, for each read and write.
    pub fn connect(&self, side: Side, port: u16, patience: Duration) -> io::Result<TcpStream> {
        let address = self.address(side, port).into();
        self.run(|| {
            let stream = TcpStream::connect_timeout(&address, patience)?;
            stream.set_read_timeout(Some(patience))?;
            stream.set_write_timeout(Some(patience))?;
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }

    /// A UDP socket that talks with the guest's `port`, waiting at most `patience` for each datagram.
    pub fn udp(&self, side: Side, port: u16, patience: Duration) -> io::Result<UdpSocket> {
        let address = self.address(side, port);
        self.run(|| {
            let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
            socket.connect(address)?;
            socket.set_read_timeout(Some(patience))?;
            Ok(socket)
        })
    }

    /// Sends `count` ICMP echo requests with `payload_bytes` each, at most `window` of them unanswered, and returns how
    /// many were answered. Needs taps, and so root.
    pub fn ping(&self, side: Side, count: u32, window: u32, payload_bytes: usize) -> io::Result<u32> {
        let address = self.guest_address(side);
        self.run(|| ping::ping(address, count, window, payload_bytes, Duration::from_secs(2)))
    }

    /// Sends `bursts` times `burst` requests for connections to `port` that nobody will finish, 5 ms from burst to burst.
    /// Needs taps, and so root.
    pub fn half_open(&self, side: Side, port: u16, bursts: u32, burst: u32) -> io::Result<()> {
        let target = self.address(side, port);
        self.run(|| {
            let mut flood = syn::Flood::new(target)?;
            for _ in 0..bursts {
                flood.send(burst)?;
                let_pass(Duration::from_millis(5));
            }
            Ok(())
        })
    }

    /// Puts frames on `side`'s wire, as they are. Needs taps, and so root.
    pub fn send_frames(&self, side: Side, frames: &[Vec<u8>]) -> io::Result<()> {
        let Kind::Taps { taps, .. } = &*self.0 else { return Err(io::ErrorKind::Unsupported.into()) };
        self.run(|| frames::send(taps[usize::from(side.index())].name(), frames))
    }

    /// What `side`'s tap has counted; `None` in user mode, which counts nothing.
    #[must_use]
    pub fn counters(&self, side: Side) -> Option<Counters> {
        let Kind::Taps { taps, .. } = &*self.0 else { return None };
        let tap = &taps[usize::from(side.index())];
        Some(self.run(|| tap.counters()).expect("the interface of a tap that is held exists"))
    }

    /// The namespace, where there is one.
    #[must_use]
    pub fn namespace(&self) -> Option<&Namespace> {
        match &*self.0 {
            Kind::Taps { namespace, .. } => namespace.as_ref(),
            Kind::User { .. } => None,
        }
    }

    /// QEMU's `-netdev` for `side`, and the file it has to inherit.
    pub(crate) fn backend(&self, side: Side) -> (String, Option<BorrowedFd<'_>>) {
        let id = side.name();
        match &*self.0 {
            Kind::Taps { taps, .. } => {
                let tap = taps[usize::from(side.index())].as_fd();
                (format!("tap,id={id},fd={}", std::os::fd::AsRawFd::as_raw_fd(&tap)), Some(tap))
            }
            Kind::User { forwards } => {
                let mut backend = format!("user,id={id},net=10.0.{}.0/24", 2 + side.index());
                for Forward { host, guest, .. } in forwards.iter().filter(|forward| forward.side == side) {
                    for protocol in ["tcp", "udp"] {
                        backend += &format!(",hostfwd={protocol}:127.0.0.1:{host}-:{guest}");
                    }
                }
                (backend, None)
            }
        }
    }
}

/// One of each side.
fn both<T>(mut make: impl FnMut(Side) -> io::Result<T>) -> io::Result<[T; 2]> {
    Ok([make(Side::Service)?, make(Side::Management)?])
}

#[cfg(test)]
mod tests {
    use super::{Network, SIDES, Side};
    use crate::needs_root;

    #[test]
    fn namespaces_do_not_meet() {
        needs_root!("namespaces_do_not_meet");
        let (one, other) = (Network::taps(), Network::taps());
        for side in SIDES {
            // The host's end answers, and only in its own namespace is it there at all.
            let host = one.host_address(side);
            let answered = one.run(|| super::ping::ping(host, 10, 4, 1400, std::time::Duration::from_secs(5)));
            assert_eq!(answered.unwrap(), 10);
            assert_eq!(one.counters(side).unwrap().transmit_packets, 0, "loopback traffic is not on the wire");
            assert_ne!(one.guest_address(side), host);
        }
        let listener = one.run(|| std::net::TcpListener::bind((one.host_address(Side::Service), 0)).unwrap());
        let address = listener.local_addr().unwrap();
        assert!(one.run(|| std::net::TcpStream::connect(address)).is_ok());
        assert!(other.run(|| std::net::TcpStream::connect(address)).is_err());
    }
}
