//! Where the bounds of exponential buckets lie within an octave, in integers. Not for octaves: see `exponential.rs`.
//!
//! Bounds that grow by a constant factor have the same leading bits in every octave, whatever they are multiplied with.
//! So each number is shifted until its highest bit is bit 63, and one small table serves all octaves.

use super::scale::steps_per_unit;
use crate::Unit;

/// The finest schema a histogram may have: sixteen buckets an octave.
pub(super) const MAX_SCHEMA: u32 = 4;

/// 2^(j/16) in units of 2⁻⁹⁶, rounded down. The test below computes them again.
const ROOTS: [u128; 16] = [
    0x1_0000_0000_0000_0000_0000_0000,
    0x1_0b55_86cf_9890_f629_8b92_b718,
    0x1_172b_83c7_d517_adcd_f7c8_c50e,
    0x1_2387_a6e7_5623_866c_1fad_b1c1,
    0x1_306f_e0a3_1b71_52de_8d5a_4630,
    0x1_3dea_64c1_2342_235b_4122_3e13,
    0x1_4bfd_ad53_62a2_71d4_397a_fec4,
    0x1_5ab0_7dd4_8542_958c_9301_5191,
    0x1_6a09_e667_f3bc_c908_b2fb_1366,
    0x1_7a11_473e_b018_6d7d_5102_3f6c,
    0x1_8ace_5422_aa0d_b5ba_7c55_a192,
    0x1_9c49_182a_3f09_01c7_c46b_071f,
    0x1_ae89_f995_ad3a_d5e8_734d_1773,
    0x1_c199_bdd8_5529_c222_0cb1_2a09,
    0x1_d581_8dcf_ba48_725d_a05a_eb66,
    0x1_ea4a_fa2a_490d_9858_f73a_18f5,
];

/// An octave is cut into this many slots of one length, so short that none has two bounds.
const SLOTS: usize = 32;

/// The bounds of one schema within an octave, found by an observation's leading bits.
#[derive(Debug)]
pub(super) struct Mantissas {
    /// The bound in each slot; if there is none, the largest number.
    bound: [u64; SLOTS],
    /// How many bounds lie in the slots before.
    before: [u8; SLOTS],
    /// What takes the position among all octaves of whole steps to Prometheus' index, which counts from one unit.
    pub(super) offset: i32,
}

impl Mantissas {
    pub(super) const fn new(unit: Unit, schema: u32) -> Self {
        assert!(schema <= MAX_SCHEMA, "ukstore: an exponential histogram's schema is 0 to 4");
        let mut bound = [u64::MAX; SLOTS];
        let mut offset = 0;
        let mut lowest = u64::MAX;
        let mut index = 0;
        while index < 1 << schema {
            // Below 2⁹⁷·2³⁰.
            let exact = ROOTS[index << (MAX_SCHEMA - schema)] * steps_per_unit(unit) as u128;
            let mantissa = ((exact << exact.leading_zeros()) >> 64) as u64;
            let slot = slot(mantissa);
            assert!(bound[slot] == u64::MAX, "two bounds in one slot");
            bound[slot] = mantissa;
            if mantissa < lowest {
                lowest = mantissa;
                offset = ((exact.ilog2() as i32 - 96) << schema) - index as i32;
            }
            index += 1;
        }
        let mut before = [0; SLOTS];
        let mut slot = 1;
        while slot < SLOTS {
            before[slot] = before[slot - 1] + (bound[slot - 1] != u64::MAX) as u8;
            slot += 1;
        }
        Self { bound, before, offset }
    }

    /// How many of an octave's bounds are below the number, whose bit 63 is set.
    #[inline]
    pub(super) fn below(&self, mantissa: u64) -> u32 {
        let slot = slot(mantissa);
        u32::from(self.before[slot]) + u32::from(mantissa > self.bound[slot])
    }
}

#[inline]
const fn slot(mantissa: u64) -> usize {
    (mantissa >> 58) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;

    /// Little-endian digits of 32 bits.
    fn times(left: &[u32], right: &[u32]) -> Vec<u32> {
        let mut product = vec![0; left.len() + right.len()];
        for (at, &digit) in left.iter().enumerate() {
            let mut carry = 0;
            for (place, &other) in product[at..].iter_mut().zip(right.iter().chain([&0])) {
                let sum = u64::from(*place) + u64::from(digit) * u64::from(other) + carry;
                (*place, carry) = (sum as u32, sum >> 32);
            }
        }
        product
    }

    /// Whether root¹⁶ is below 2^(16·96 + power).
    fn is_below(root: u128, power: usize) -> bool {
        let mut number: Vec<u32> = (0..4).map(|digit| (root >> (32 * digit)) as u32).collect();
        for _ in 0..4 {
            number = times(&number, &number);
        }
        number
            .iter()
            .rposition(|&digit| digit != 0)
            .is_some_and(|highest| highest * 32 + (number[highest].ilog2() as usize) < 16 * 96 + power)
    }

    #[test]
    fn roots_are_exact_and_rounded_down() {
        assert_eq!(ROOTS[0], 1 << 96);
        for (power, &root) in ROOTS.iter().enumerate().skip(1) {
            assert!(is_below(root, power) && !is_below(root + 1, power), "{power}");
        }
    }
}
