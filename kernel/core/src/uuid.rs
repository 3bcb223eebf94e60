//! Universally unique identifiers, RFC 9562: those made of random bits (version 4), as text. No other version, and no
//! parsing.

use core::fmt::Write;
use heapless::String;

/// Characters of one.
pub const TEXT_BYTES: usize = 36;

/// The UUID made of these bits, but for the six that say what it is: `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`.
pub fn random(bits: u128) -> String<TEXT_BYTES> {
    // Section 5.4: version 4 in bits 48 to 51 from the left, variant 10 in bits 64 and 65.
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let part = |shift: u32, digits: u32| bits >> shift & ((1 << (4 * digits)) - 1);
    let mut text = String::new();
    let [a, b, c, d, e] = [part(96, 8), part(80, 4), part(64, 4), part(48, 4), part(0, 12)];
    // It fits: 32 digits and four dashes.
    let _ = write!(text, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_bits() {
        assert_eq!(random(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(random(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        // The example of RFC 9562, appendix A.3.
        assert_eq!(random(0x919108f7_52d1_1320_5bac_f847db4148a8), "919108f7-52d1-4320-9bac-f847db4148a8");
    }

    proptest! {
        #[test]
        fn all_other_bits_are_kept(bits in any::<u128>(), bit in 0u32..128) {
            let is_fixed = (76..80).contains(&bit) || (62..64).contains(&bit);
            prop_assert_eq!(random(bits) == random(bits ^ 1 << bit), is_fixed);
            prop_assert_eq!(random(bits).len(), TEXT_BYTES);
        }
    }
}
