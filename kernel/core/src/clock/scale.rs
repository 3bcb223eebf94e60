//! Multiplication by a fixed ratio without division: `x * mult >> shift`, as clocks need it many times a millisecond.

/// The ratio of two frequencies, as precise as 64 bits make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    mult: u64,
    shift: u32,
}

impl Scale {
    /// Turns counts at `from_hz` into counts at `to_hz`. `None` if either is 0.
    pub const fn new(from_hz: u64, to_hz: u64) -> Option<Self> {
        if from_hz == 0 || to_hz == 0 {
            return None;
        }
        // The largest shift (at most 63) with which the factor still fits in 64 bits. Below 2^64 / from_hz it cannot
        // overflow, and at shift 0 the factor is at most `to_hz`, so the loop ends with one that fits.
        let mut shift = 63;
        loop {
            let mult = ((to_hz as u128) << shift) / from_hz as u128;
            if mult <= u64::MAX as u128 {
                return Some(Self { mult: mult as u64, shift });
            }
            shift -= 1;
        }
    }

    /// `x * mult >> shift`, for ratios that are given in this form. `None` if the shift is above 63.
    pub const fn from_parts(mult: u64, shift: u32) -> Option<Self> {
        if shift < 64 { Some(Self { mult, shift }) } else { None }
    }

    /// `x` times the ratio, rounded down; the largest number if that does not fit.
    pub const fn apply(self, x: u64) -> u64 {
        let product = (x as u128 * self.mult as u128) >> self.shift;
        if product > u64::MAX as u128 { u64::MAX } else { product as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exact_ratios_are_exact() {
        assert_eq!(Scale::new(1_000, 1_000).map(|scale| scale.apply(u64::MAX)), Some(u64::MAX));
        assert_eq!(Scale::new(4, 1).map(|scale| scale.apply(11)), Some(2));
        assert_eq!(Scale::new(1, 3).map(|scale| scale.apply(u64::MAX)), Some(u64::MAX));
        assert_eq!(Scale::new(0, 1), None);
        assert_eq!(Scale::from_parts(3, 1).map(|scale| scale.apply(5)), Some(7));
        assert_eq!(Scale::from_parts(1, 64), None);
    }

    proptest! {
        #[test]
        fn agrees_with_division(from in 1_000_000u64..1 << 34, to in 1_000_000u64..1 << 34, x in 0u64..1 << 50) {
            let exact = u128::from(x) * u128::from(to) / u128::from(from);
            let scaled = u128::from(Scale::new(from, to).expect("not 0").apply(x));
            prop_assert!(scaled <= exact && exact - scaled <= 1, "{scaled} {exact}");
        }
    }
}
