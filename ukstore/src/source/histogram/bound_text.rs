//! The text of a bucket's bound, the value of its label `le`. Not for other numbers: see the exporter.
//!
//! Every format has the same text, so that a series stays itself whichever format is negotiated. It is the one that
//! Prometheus makes of the numbers it gets in protobuf, and the canonical one of OpenMetrics: the shortest decimal, with
//! an exponent from 1e+06 on and below 0.0001, and with `.0` where it would look like an integer.

use super::scale::steps_per_unit;
use crate::Unit;

/// The most bytes a bound takes.
pub const MAX_BOUND_TEXT: usize = 32;

/// The text of a bound: the bytes, and how many of them. A scale's bounds have no more digits than a double tells apart.
#[must_use]
pub const fn bound_text(steps: u64, unit: Unit) -> ([u8; MAX_BOUND_TEXT], usize) {
    let mut pen = Pen { room: [0; MAX_BOUND_TEXT], len: 0 };
    // The digits that matter, and the power of ten of the first.
    let mut digits = steps;
    while digits > 0 && digits.is_multiple_of(10) {
        digits /= 10;
    }
    let count = if digits == 0 { 1 } else { digits.ilog10() as i32 + 1 };
    let first = if steps == 0 { 0 } else { steps.ilog10() as i32 - steps_per_unit(unit).ilog10() as i32 };
    let mut at = 0;
    if first < -4 || first >= 6 {
        while at < count {
            pen.digit(digits, count, at);
            if at == 0 && count > 1 {
                pen.byte(b'.');
            }
            at += 1;
        }
        pen.byte(b'e');
        pen.byte(if first < 0 { b'-' } else { b'+' });
        // There are twenty digits at most.
        let power = first.unsigned_abs() as u64;
        pen.digit(power, 2, 0);
        pen.digit(power, 2, 1);
    } else {
        // From the units, or before them the first digit, to the last that matters, or after the point one.
        at = if first < 0 { first } else { 0 };
        while at < count || at <= first + 1 {
            if at == first + 1 {
                pen.byte(b'.');
            }
            pen.digit(digits, count, at);
            at += 1;
        }
    }
    (pen.room, pen.len)
}

/// Writes into an array that is large enough.
struct Pen {
    room: [u8; MAX_BOUND_TEXT],
    len: usize,
}

impl Pen {
    const fn byte(&mut self, byte: u8) {
        self.room[self.len] = byte;
        self.len += 1;
    }

    /// The digit at this place of a number of so many; a zero before and after them.
    const fn digit(&mut self, number: u64, count: i32, at: i32) {
        let digit = if 0 <= at && at < count { number / 10_u64.pow((count - 1 - at) as u32) % 10 } else { 0 };
        self.byte(b'0' + digit as u8);
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use proptest::prelude::*;

    use super::*;

    fn text(steps: u64, unit: Unit) -> String {
        let (bytes, len) = bound_text(steps, unit);
        String::from_utf8(bytes[..len].to_vec()).unwrap()
    }

    /// As Go's `strconv.FormatFloat(f, 'g', -1, 64)` prints them, with `.0`.
    #[test]
    fn as_prometheus_spells_them() {
        for (nanos, seconds) in [
            (0, "0.0"),
            (1, "1e-09"),
            (2_500, "2.5e-06"),
            (10_000, "1e-05"),
            (99_999, "9.9999e-05"),
            (100_000, "0.0001"),
            (1_000_000, "0.001"),
            (5_000_000, "0.005"),
            (250_000_000, "0.25"),
            (1_000_000_000, "1.0"),
            (2_500_000_000, "2.5"),
            (10_000_000_000, "10.0"),
            (120_000_000_000, "120.0"),
            (999_999_000_000_000, "999999.0"),
            (999_999_500_000_000, "999999.5"),
            (1_000_000_000_000_000, "1e+06"),
            (1_048_576_500_000_000, "1.0485765e+06"),
        ] {
            assert_eq!(text(nanos, Unit::Seconds), seconds);
            assert_eq!(text(nanos, Unit::Ratio), seconds);
        }
        for (bytes, spelled) in [
            (0, "0.0"),
            (1, "1.0"),
            (100, "100.0"),
            (65_536, "65536.0"),
            (1_048_576, "1.048576e+06"),
            (10_u64.pow(19), "1e+19"),
        ] {
            assert_eq!(text(bytes, Unit::Bytes), spelled);
            assert_eq!(text(bytes, Unit::None), spelled);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(steps in prop_oneof![any::<u64>(), 0..1_u64 << 53, 0..3_000_000_000_u64]) {
            prop_assert_eq!(text(steps, Unit::Bytes).parse::<f64>().unwrap(), steps as f64);
            let exact: f64 = std::format!("{steps}e-9").parse().unwrap();
            prop_assert_eq!(text(steps, Unit::Seconds).parse::<f64>().unwrap(), exact);
        }
    }
}
