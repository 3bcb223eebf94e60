//! Numbers as Prometheus' text formats spell them.
//!
//! Integers and durations are printed with integer arithmetic alone, because the machine has no floating-point unit to
//! itself: a duration in nanoseconds becomes its exact decimal number of seconds. Only a value that is an `f64` already
//! meets floating-point code.

use core::fmt::Write as _;

use ukstore::Unit;

use crate::Window;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Writes an unsigned integer.
#[inline]
pub fn put_u64(value: u64, window: &mut Window<'_>) {
    window.put(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a signed integer.
#[inline]
pub fn put_i64(value: i64, window: &mut Window<'_>) {
    window.put(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes nanoseconds as seconds, exactly and without trailing zeros: 1,500,000,000 is `1.5`.
pub fn put_seconds(nanos: u64, window: &mut Window<'_>) {
    put_u64(nanos / NANOS_PER_SECOND, window);
    let mut fraction = nanos % NANOS_PER_SECOND;
    if fraction == 0 {
        return;
    }
    let mut digits = *b".000000000";
    let mut len = digits.len();
    // From the last digit to the first; the zeros at the end are cut off on the way.
    for place in (1..digits.len()).rev() {
        let digit = (fraction % 10) as u8;
        if digit == 0 && len == place + 1 {
            len = place;
        }
        digits[place] = b'0' + digit;
        fraction /= 10;
    }
    window.put(digits.get(..len).unwrap_or_default());
}

/// Writes a histogram's bound or sum, which is in billionths if the unit is seconds or ratio.
pub fn put_amount(amount: u64, unit: Unit, window: &mut Window<'_>) {
    match unit {
        Unit::Seconds | Unit::Ratio => put_seconds(amount, window),
        Unit::None | Unit::Bytes => put_u64(amount, window),
    }
}

/// Writes the bound of a histogram's bucket as the label `le` has it.
pub fn put_bound(steps: u64, unit: Unit, window: &mut Window<'_>) {
    let (text, len) = ukstore::bound_text(steps, unit);
    window.put(text.get(..len).unwrap_or_default());
}

/// Writes the shortest decimal that reads back as the same `f64`; `NaN`, `+Inf` and `-Inf` as Prometheus has them.
pub fn put_f64(value: f64, window: &mut Window<'_>) {
    if value.is_nan() {
        return window.put(b"NaN");
    }
    if value.is_infinite() {
        return window.put(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    let magnitude = value.abs();
    // A window that overflows says so itself. Without an exponent the smallest numbers would take 326 digits.
    let _ = if magnitude == 0.0 || (1e-5..1e17).contains(&magnitude) {
        write!(window, "{value}")
    } else {
        write!(window, "{value:e}")
    };
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::string::{String, ToString};

    fn text(put: impl FnOnce(&mut Window<'_>)) -> String {
        let mut bytes = [0; 64];
        let mut window = Window::new(&mut bytes);
        put(&mut window);
        assert!(!window.overflowed());
        String::from_utf8(window.written().to_vec()).unwrap()
    }

    #[test]
    fn seconds() {
        for (nanos, seconds) in [
            (0, "0"),
            (1, "0.000000001"),
            (10, "0.00000001"),
            (999_999_999, "0.999999999"),
            (1_000_000_000, "1"),
            (1_500_000_000, "1.5"),
            (60_000_000_001, "60.000000001"),
            (1_020_300_000, "1.0203"),
            (u64::MAX, "18446744073.709551615"),
        ] {
            assert_eq!(text(|window| put_seconds(nanos, window)), seconds);
        }
    }

    #[test]
    fn floats() {
        for (value, spelled) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (-1.5, "-1.5"),
            (1e16, "10000000000000000"),
            (1e21, "1e21"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(text(|window| put_f64(value, window)), spelled);
        }
    }

    proptest! {
        #[test]
        fn every_duration_is_exact(nanos: u64) {
            let seconds = text(|window| put_seconds(nanos, window));
            let (whole, fraction) = seconds.split_once('.').unwrap_or((&seconds, ""));
            prop_assert!(!fraction.ends_with('0') && fraction.len() <= 9);
            let padded = std::format!("{whole}{fraction:0<9}");
            prop_assert_eq!(padded.parse::<u64>().unwrap(), nanos);
        }

        #[test]
        fn every_float_reads_back(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(text(|window| put_f64(value, window)).parse::<f64>().unwrap().to_bits(), bits);
        }

        #[test]
        fn integers(unsigned: u64, signed: i64) {
            prop_assert_eq!(text(|window| put_u64(unsigned, window)), unsigned.to_string());
            prop_assert_eq!(text(|window| put_i64(signed, window)), signed.to_string());
        }
    }
}
