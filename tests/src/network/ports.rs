//! Free ports of the host's loopback interface, for TCP and UDP. A port found free may be taken the moment after, by someone
//! else; whoever uses it has to cope with that.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Ports below those that the system gives to whoever connects or binds without naming one (on Linux from 32768 on): one that
/// is free stays so until somebody asks for it by its number.
const UNCLAIMED: Range<u16> = 10_000..32_000;

/// A port that is free for TCP and for UDP, and that this process was not given before.
#[must_use]
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let count = UNCLAIMED.len() as u32;
    // Processes that run at the same time begin in different places.
    let begin = process::id().wrapping_mul(257);
    let next = || UNCLAIMED.start + (begin.wrapping_add(GIVEN.fetch_add(1, Relaxed)) % count) as u16;
    let is_free = |port: &u16| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok() && UdpSocket::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
    };
    (0..count).map(|_| next()).find(is_free).expect("a host has a free port")
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
