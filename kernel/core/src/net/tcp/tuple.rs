//! A connection's two ends, and the keyed hash by which they are looked up.

use core::net::SocketAddrV4;

/// The 4-tuple that names a connection, from this machine's point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) struct Tuple {
    pub(in crate::net) local: SocketAddrV4,
    pub(in crate::net) remote: SocketAddrV4,
}

/// Secret of a hash. Peers choose addresses and ports; without a secret they could choose them to meet in one chain.
#[derive(Clone, Copy)]
pub(in crate::net) struct HashKey {
    first: u64,
    second: u64,
}

impl HashKey {
    /// A key from a seed nobody outside knows.
    pub(in crate::net) fn new(seed: u64) -> Self {
        Self { first: mix(seed, 0x9e37_79b9_7f4a_7c15), second: mix(seed, 0xc2b2_ae3d_27d4_eb4f) }
    }

    /// Hash of a whole tuple.
    pub(in crate::net) fn tuple(self, tuple: &Tuple) -> u32 {
        let addresses = u64::from(tuple.local.ip().to_bits()) << 32 | u64::from(tuple.remote.ip().to_bits());
        let ports = u64::from(tuple.local.port()) << 16 | u64::from(tuple.remote.port());
        fold(mix(addresses ^ self.first, ports ^ self.second))
    }

    /// Hash of a destination alone, for the choice of a port towards it.
    pub(in crate::net) fn destination(self, remote: SocketAddrV4) -> u32 {
        fold(mix(u64::from(remote.ip().to_bits()) ^ self.second, u64::from(remote.port()) ^ self.first))
    }
}

/// Both halves of the 128-bit product: one multiplication spreads every bit of either factor.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a | 1) * u128::from(b | 1);
    (product >> 64) as u64 ^ product as u64 ^ a.rotate_left(32) ^ b
}

fn fold(hash: u64) -> u32 {
    (hash >> 32) as u32 ^ hash as u32
}
