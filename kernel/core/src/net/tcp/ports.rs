//! Ephemeral ports: where to begin looking, so that they are hard to guess and seldom collide (RFC 6056, section 3.3.3).

use core::net::SocketAddrV4;

use super::tuple::HashKey;

/// First of the dynamic ports (RFC 6335, section 6); the last is 65535.
const FIRST: u16 = 49152;
/// How many there are.
const COUNT: u32 = 65536 - FIRST as u32;
/// Candidates tried before giving up: bounds the work of one call, and fails only if the range is nearly full.
const TRIES: u32 = 512;

/// The choice of ports towards destinations.
#[derive(Clone, Copy)]
pub(in crate::net) struct EphemeralPorts {
    key: HashKey,
    /// Moves on with every choice, so that a port is not offered again soon.
    counter: u32,
}

impl EphemeralPorts {
    pub(in crate::net) fn new(seed: u64) -> Self {
        let key = HashKey::new(!seed);
        Self { key, counter: key.destination(SocketAddrV4::new(core::net::Ipv4Addr::UNSPECIFIED, 0)) }
    }

    /// The first port from a start that depends on the destination and a secret, for which `usable` holds.
    pub(in crate::net) fn choose(&mut self, remote: SocketAddrV4, usable: impl Fn(u16) -> bool) -> Option<u16> {
        let offset = self.key.destination(remote);
        for _ in 0..TRIES {
            let port = FIRST + (offset.wrapping_add(self.counter) % COUNT) as u16;
            self.counter = self.counter.wrapping_add(1);
            if usable(port) {
                return Some(port);
            }
        }
        None
    }
}
