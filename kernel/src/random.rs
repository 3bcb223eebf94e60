//! Seeds for what peers must not guess: initial sequence numbers and ports.

use crate::arch::{cpu, tsc};

/// 64 bits from the CPU's random number generator. Without one, mixed from the time stamp counter:
/// different in every life, but not secret, and said so once.
pub(crate) fn seed() -> u64 {
    static WARNED: spin::Once = spin::Once::new();
    cpu::hardware_random().unwrap_or_else(|| {
        WARNED.call_once(|| {
            log::warn!("the CPU has no RDRAND: sequence numbers are seeded from the time (give QEMU -cpu max)")
        });
        // SplitMix64's finalizer (Steele, Lea, Flood 2014) spreads the counter's low bits.
        let mut bits = tsc::read().wrapping_add(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    })
}
