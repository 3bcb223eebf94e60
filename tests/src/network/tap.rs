//! Tap devices: a network interface of the host whose other end is a file that QEMU reads and writes frames on.
//!
//! Configured through the ioctls of netdevice(7) and the kernel's `tuntap.rst`, so that no `ip` command is needed.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use libc::{IFF_NO_PI, IFF_TAP, IFF_UP, IFF_VNET_HDR, ifreq, in_addr, sockaddr_in};

nix::ioctl_write_ptr_bad!(set_interface, libc::TUNSETIFF, ifreq);
nix::ioctl_write_ptr_bad!(set_address, libc::SIOCSIFADDR, ifreq);
nix::ioctl_write_ptr_bad!(set_netmask, libc::SIOCSIFNETMASK, ifreq);
nix::ioctl_write_ptr_bad!(set_flags, libc::SIOCSIFFLAGS, ifreq);

/// A tap in the network namespace it was made in. It is gone when this and QEMU's copy of the file are closed.
#[derive(Debug)]
pub(crate) struct Tap {
    file: File,
    name: String,
    address: Ipv4Addr,
}

/// What an interface has counted, from the host's side: what it received is what the guest sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// Bytes the guest sent.
    pub receive_bytes: u64,
    /// Packets the guest sent.
    pub receive_packets: u64,
    /// Bytes sent to the guest.
    pub transmit_bytes: u64,
    /// Packets sent to the guest.
    pub transmit_packets: u64,
}

impl Tap {
    /// Makes a tap `name` in the calling thread's namespace, with `address`/24, up. Needs root.
    pub(crate) fn new(name: &str, address: Ipv4Addr) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open("/dev/net/tun")?;
        // Frames as they are (no packet information), with the header in which offloads are described.
        let mut request = request_for(name);
        request.ifr_ifru.ifru_flags = (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR) as i16;
        // SAFETY: the request is a whole `ifreq` and outlives the call, which only reads it.
        unsafe { set_interface(file.as_raw_fd(), &raw const request) }?;

        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        let socket = socket.as_raw_fd();
        request.ifr_ifru.ifru_addr = ipv4(address);
        // SAFETY: as above.
        unsafe { set_address(socket, &raw const request) }?;
        request.ifr_ifru.ifru_netmask = ipv4(Ipv4Addr::new(255, 255, 255, 0));
        // SAFETY: as above.
        unsafe { set_netmask(socket, &raw const request) }?;
        bring_up(name)?;
        Ok(Self { file, name: name.to_owned(), address })
    }

    /// The end QEMU takes with `-netdev tap,fd=`.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// The interface's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The host's address on this wire.
    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// What it has counted. To be called in the namespace it was made in.
    pub(crate) fn counters(&self) -> io::Result<Counters> {
        let table = fs::read_to_string("/proc/thread-self/net/dev")?;
        counters_in(&table, &self.name).ok_or_else(|| io::Error::other(format!("no counters for {}", self.name)))
    }
}

/// Switches the interface `name` on.
pub(crate) fn bring_up(name: &str) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    let mut request = request_for(name);
    request.ifr_ifru.ifru_flags = IFF_UP as i16;
    // SAFETY: the request is a whole `ifreq` and outlives the call, which only reads it.
    unsafe { set_flags(socket.as_raw_fd(), &raw const request) }?;
    Ok(())
}

/// proc(5), `/proc/net/dev`: eight columns received (bytes and packets first), then eight transmitted.
fn counters_in(table: &str, name: &str) -> Option<Counters> {
    let row = table.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix(':'))?;
    let columns: Vec<u64> = row.split_ascii_whitespace().map_while(|column| column.parse().ok()).collect();
    Some(Counters {
        receive_bytes: *columns.first()?,
        receive_packets: *columns.get(1)?,
        transmit_bytes: *columns.get(8)?,
        transmit_packets: *columns.get(9)?,
    })
}

fn request_for(name: &str) -> ifreq {
    assert!(name.len() < libc::IFNAMSIZ, "an interface name has at most 15 bytes");
    // SAFETY: `ifreq` is an array and a union of plain numbers, for which all zeroes is a value.
    let mut request: ifreq = unsafe { std::mem::zeroed() };
    for (target, byte) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *target = byte.cast_signed();
    }
    request
}

fn ipv4(address: Ipv4Addr) -> libc::sockaddr {
    let address = sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: 0,
        sin_addr: in_addr { s_addr: u32::from(address).to_be() },
        sin_zero: [0; 8],
    };
    // SAFETY: both are plain data of one size: sockaddr is the form all addresses are handed over in (sockaddr(3type)).
    unsafe { std::mem::transmute::<sockaddr_in, libc::sockaddr>(address) }
}

/// Whether an interface `name` exists in the calling thread's namespace.
pub(crate) fn exists(name: &str) -> bool {
    nix::net::if_::if_nametoindex(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Counters, counters_in};

    #[test]
    fn reads_the_kernels_table() {
        let table = "Inter-|   Receive                                                |  Transmit\n \
            face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop\n    \
            lo:       0       0    0    0    0     0          0         0        0       0    0    0\n\
            tap10: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n  \
            tap1:    1500      10    0    0    0     0          0         0     3000      20    0    0\n";
        let expected =
            Counters { receive_bytes: 1500, receive_packets: 10, transmit_bytes: 3000, transmit_packets: 20 };
        assert_eq!(counters_in(table, "tap1"), Some(expected));
        assert_eq!(counters_in(table, "tap2"), None);
    }
}
