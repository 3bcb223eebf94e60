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
