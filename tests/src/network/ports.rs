//! Free TCP and UDP ports of the host's loopback interface. A port found free may be taken the moment after, by someone else;
//! whoever uses it has to cope with that.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};

/// A port nobody listens on, picked by the system.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a host has a free port");
    listener.local_addr().expect("a listener has an address").port()
}

/// The same, for datagrams.
#[must_use]
pub fn free_udp_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a host has a free port");
    socket.local_addr().expect("a socket has an address").port()
}

/// The first port from `first` on that nobody listens on, among a hundred.
#[must_use]
pub fn free_port_from(first: u16) -> Option<u16> {
    // A port bound only on another address would not hinder us, but would puzzle whoever types `localhost`.
    let free = |port: &u16| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
            && TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok()
    };
    (first..first.saturating_add(100)).find(free)
}

#[cfg(test)]
mod tests {
    use super::{free_port, free_port_from};
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn passes_over_a_taken_port() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let found = free_port_from(port);
        assert!(found.is_some_and(|found| found > port));
        assert_ne!(free_port(), port);
    }
}
