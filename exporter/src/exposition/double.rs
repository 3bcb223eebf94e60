//! Values as the doubles that the protobuf format and remote write have for everything. Not for texts: see `number.rs`.

use ukstore::{Unit, Value};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A sample's value: the double that its text reads back as.
pub(crate) fn of_value(value: Value) -> f64 {
    match value {
        Value::U64(number) => number as f64,
        Value::I64(number) => number as f64,
        Value::F64(number) => number,
        Value::Bool(yes) => f64::from(u8::from(yes)),
        Value::Nanos(nanos) => of_nanos(nanos),
        // As in the text format: the walk gives no such sample.
        Value::Word(_) | Value::Absent => f64::NAN,
    }
}

/// A histogram's bound or sum, which is in billionths if the unit is seconds or ratio.
pub(crate) fn of_amount(amount: u64, unit: Unit) -> f64 {
    match unit {
        Unit::Seconds | Unit::Ratio => of_nanos(amount),
        Unit::None | Unit::Bytes => amount as f64,
    }
}

/// Nanoseconds as the double nearest to the seconds they are. Integers all the way: dividing doubles would round twice,
/// and differ from the text in the last digit.
fn of_nanos(nanos: u64) -> f64 {
    if nanos == 0 {
        return 0.0;
    }
    // The quotient with at least 63 bits, of which a double keeps 53: the dividend moved up as far as it goes, then 29
    // bits more from the remainder, which has 30. Of what then remains, it counts only whether it is something.
    let shift = nanos.leading_zeros();
    let (quotient, remainder) = ((nanos << shift) / NANOS_PER_SECOND, (nanos << shift) % NANOS_PER_SECOND);
    let (more, rest) = ((remainder << 29) / NANOS_PER_SECOND, (remainder << 29) % NANOS_PER_SECOND);
    let significand = (quotient << 29 | more | u64::from(rest != 0)) as f64;
    // Its exponent is far from both ends, so taking from it divides by a power of two.
    f64::from_bits(significand.to_bits() - (u64::from(shift + 29) << 52))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::Window;
    use crate::exposition::number::put_seconds;
    use proptest::prelude::*;

    fn parsed(nanos: u64) -> f64 {
        let mut bytes = [0; 64];
        let mut window = Window::new(&mut bytes);
        put_seconds(nanos, &mut window);
        core::str::from_utf8(window.written()).unwrap().parse().unwrap()
    }

    #[test]
    fn seconds() {
        for nanos in
            [0, 1, 2, 999_999_999, 1_000_000_000, 1_000_000_001, 1 << 53, (1 << 53) + 1, u64::MAX - 1, u64::MAX]
        {
            assert_eq!(of_nanos(nanos), parsed(nanos), "{nanos}");
        }
        assert_eq!(of_nanos(2_500_000_000), 2.5);
    }

    proptest! {
        #[test]
        fn every_duration_is_what_its_text_reads_as(bits: u64, shift in 0_u32..64) {
            prop_assert_eq!(of_nanos(bits >> shift).to_bits(), parsed(bits >> shift).to_bits());
        }
    }
}
