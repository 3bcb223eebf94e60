//! Doubles to whole steps, in integer arithmetic: the kernel has no floating point. Not for formatting.

/// `number` units in steps, rounded to the nearest, halves up. `None` for what is negative, infinite, not a number, or
/// not below 2⁶⁴ steps.
#[inline]
pub(super) const fn steps(number: f64, steps_per_unit: u64) -> Option<u64> {
    /// The bits of a double's fraction (IEEE 754, binary64).
    const FRACTION: u32 = 52;
    let bits = number.to_bits();
    if bits == (-0.0_f64).to_bits() {
        return Some(0);
    }
    // The sign is the highest bit, so a negative number has an exponent field beyond 2046 too.
    let (exponent, fraction) = ((bits >> FRACTION) as u32, bits & ((1 << FRACTION) - 1));
    if exponent >= 2047 {
        return None;
    }
    if exponent == 0 {
        // Less than 2⁻¹⁰²² units.
        return Some(0);
    }
    // number = significand · 2^(exponent - 1075); a billion of them are below 2⁸³.
    let product = ((1 << FRACTION) | fraction) as u128 * steps_per_unit as u128;
    let steps = if exponent < 1075 {
        let shift = 1075 - exponent;
        if shift > 84 {
            return Some(0);
        }
        ((product >> (shift - 1)) + 1) >> 1
    } else {
        let shift = exponent - 1075;
        if shift > 11 {
            return None;
        }
        product << shift
    };
    if steps > u64::MAX as u128 { None } else { Some(steps as u64) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::steps;

    const BILLION: u64 = 1_000_000_000;

    #[test]
    fn edges() {
        for bad in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -f64::MIN_POSITIVE, -5e-324, f64::MAX]
        {
            assert_eq!((steps(bad, 1), steps(bad, BILLION)), (None, None), "{bad}");
        }
        for (number, billionths) in [
            (0.0, Some(0)),
            (-0.0, Some(0)),
            (5e-324, Some(0)),
            (f64::MIN_POSITIVE, Some(0)),
            (0.49e-9, Some(0)),
            (0.51e-9, Some(1)),
            (1e-9, Some(1)),
            (0.0005, Some(500_000)),
            (0.1, Some(100_000_000)),
            (1.0, Some(BILLION)),
            (1.000_000_001, Some(BILLION + 1)),
            // 2⁶⁴ billionths lie between these two doubles.
            (18_446_744_073.709_55, Some(18_446_744_073_709_548_950)),
            (18_446_744_073.709_552, None),
        ] {
            assert_eq!(steps(number, BILLION), billionths, "{number}");
        }
        for (number, whole) in [
            (0.5, Some(1)),
            (0.499, Some(0)),
            (2.5, Some(3)),
            (4_503_599_627_370_495.5, Some(1 << 52)),
            (9_007_199_254_740_992.0, Some(1 << 53)),
            (18_446_744_073_709_549_568.0, Some(u64::MAX - 2047)),
            (18_446_744_073_709_551_616.0, None),
        ] {
            assert_eq!(steps(number, 1), whole, "{number}");
        }
    }

    proptest! {
        #[test]
        fn decimals_come_back(billionths in 0..1_u64 << 52) {
            prop_assert_eq!(steps(billionths as f64 / 1e9, BILLION), Some(billionths));
        }

        #[test]
        fn whole_ones_are_rounded_as_std_does(number in prop_oneof![any::<f64>(), 0.0..2e19, 0.0..1e3]) {
            let holds = (0.0..18_446_744_073_709_551_616.0).contains(&number);
            prop_assert_eq!(steps(number, 1), holds.then(|| number.round() as u64));
        }
    }
}
