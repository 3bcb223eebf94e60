//! Numbers as Prometheus' text formats spell them.
//!
//! Integers and durations are printed with integer arithmetic alone, because the machine has no floating-point unit to
//! itself: a duration in nanoseconds becomes its exact decimal number of seconds. Only a value that is an `f64` already
//! meets floating-point code.
//!
//! These are most of what a scrape costs. Eight digits are made at once, in the bytes of a word, and an array with the
//! text is copied whole: a few moves of fixed size instead of a loop or a call.

use core::fmt::Write as _;

use ukstore::{MAX_BOUND_TEXT, Unit};

use crate::Window;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Writes an unsigned integer.
#[inline]
pub fn put_u64(value: u64, window: &mut Window<'_>) {
    Text::put(window, |text| text.u64(value));
}

/// Writes a signed integer.
#[inline]
pub fn put_i64(value: i64, window: &mut Window<'_>) {
    Text::put(window, |text| text.i64(value));
}

/// Writes nanoseconds as seconds, exactly and without trailing zeros: 1,500,000,000 is `1.5`.
#[inline]
pub fn put_seconds(nanos: u64, window: &mut Window<'_>) {
    Text::put(window, |text| text.seconds(nanos));
}

/// Bytes of the array a number is written in: the longest number, a few bytes around it, and seven that the last word
/// may reach behind it.
pub(super) const ROOM: usize = 32;

/// The text of a number, and of what stands around it in a line, being written.
#[derive(Debug)]
pub(super) struct Text<'a> {
    bytes: &'a mut [u8; ROOM],
    len: usize,
}

impl Text<'_> {
    /// Appends to the window what `write` writes.
    #[inline]
    pub(super) fn put(window: &mut Window<'_>, write: impl FnOnce(&mut Text<'_>)) {
        window.put_some(|bytes| Text::write(bytes, write));
    }

    /// Has `write` write into an array. How many bytes it wrote.
    #[inline]
    pub(super) fn write(bytes: &mut [u8; ROOM], write: impl FnOnce(&mut Text<'_>)) -> usize {
        let mut text = Text { bytes, len: 0 };
        write(&mut text);
        text.len
    }

    /// Appends a few bytes; four at most in all, besides one number.
    #[inline]
    pub(super) fn bytes<const N: usize>(&mut self, bytes: &[u8; N]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + N) {
            room.copy_from_slice(bytes);
            self.len += N;
        }
    }

    /// Appends an unsigned integer.
    #[inline]
    pub(super) fn u64(&mut self, number: u64) {
        // Most numbers.
        if number < 10 {
            return self.bytes(&[b'0' + number as u8]);
        }
        if number < EIGHT { self.first_digits(number) } else { self.long_u64(number) }
    }

    /// Appends an integer of more than eight digits. Rare enough not to stand in the way of the others.
    #[inline(never)]
    fn long_u64(&mut self, number: u64) {
        let (first, rest) = (number / EIGHT, number % EIGHT);
        if first < EIGHT {
            self.first_digits(first);
        } else {
            self.first_digits(first / EIGHT);
            self.all_digits(first % EIGHT);
        }
        self.all_digits(rest);
    }

    /// Appends a signed integer.
    #[inline]
    pub(super) fn i64(&mut self, number: i64) {
        if number < 0 {
            self.bytes(b"-");
        }
        self.u64(number.unsigned_abs());
    }

    /// Appends nanoseconds as seconds.
    #[inline]
    pub(super) fn seconds(&mut self, nanos: u64) {
        self.u64(nanos / NANOS_PER_SECOND);
        let fraction = nanos % NANOS_PER_SECOND;
        if fraction != 0 {
            self.bytes(&[b'.', b'0' + (fraction / EIGHT) as u8]);
            let rest = digits(fraction % EIGHT);
            let zeros = rest.leading_zeros() / u8::BITS;
            self.word(rest | ASCII, 8 - zeros);
        }
    }

    /// Appends a number below 10⁸, and not zero, without zeros in front.
    #[inline]
    fn first_digits(&mut self, number: u64) {
        let digits = digits(number);
        let zeros = digits.trailing_zeros() / u8::BITS;
        self.word((digits | ASCII) >> (zeros * u8::BITS), 8 - zeros);
    }

    /// Appends the eight digits of a number below 10⁸.
    #[inline]
    fn all_digits(&mut self, number: u64) {
        self.word(digits(number) | ASCII, 8);
    }

    /// Appends so many of the bytes of a word, the lowest first.
    #[inline]
    fn word(&mut self, bytes: u64, count: u32) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + 8) {
            room.copy_from_slice(&bytes.to_le_bytes());
            self.len += count as usize;
        }
    }
}

/// One more than the largest number of eight digits.
const EIGHT: u64 = 100_000_000;

/// Makes eight digits eight ASCII characters.
const ASCII: u64 = 0x3030_3030_3030_3030;

/// The digits of a number below 10⁸, one a byte, the first in the lowest: halves, then pairs, then digits are parted
/// side by side in one word, each division being a multiplication that is exact for numbers so small.
#[inline]
fn digits(number: u64) -> u64 {
    let halves = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let pairs = hundreds | ((halves - 100 * hundreds) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((pairs - 10 * tens) << 8)
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

/// The same as a text in `room`.
pub(crate) fn bound_str(steps: u64, unit: Unit, room: &mut [u8; MAX_BOUND_TEXT]) -> &str {
    let (text, len) = ukstore::bound_text(steps, unit);
    *room = text;
    room.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Writes the shortest decimal that reads back as the same `f64`, as Go's `g` spells it and with it Prometheus:
/// `0.0001`, `1e-05`, `100000`, `1e+06`; `NaN`, `+Inf` and `-Inf`. Bounds of buckets are spelled alike.
pub fn put_f64(value: f64, window: &mut Window<'_>) {
    if value.is_nan() {
        return window.put(b"NaN");
    }
    if value.is_infinite() {
        return window.put(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e6).contains(&magnitude) {
        // A window that overflows says so itself.
        let _ = write!(window, "{value}");
        return;
    }
    // Such as `-2.2250738585072014e-308`.
    let mut room = [0; 24];
    let mut text = Window::new(&mut room);
    let _ = write!(text, "{value:e}");
    let text = text.written();
    let (digits, power) = text.split_at(text.iter().position(|&byte| byte == b'e').unwrap_or(text.len()));
    // Of the power a sign and two digits are always written.
    let (sign, power) = match power {
        [b'e', b'-', power @ ..] => (b"e-", power),
        power => (b"e+", power.get(1..).unwrap_or_default()),
    };
    let zero: &[u8] = if power.len() < 2 { b"0" } else { b"" };
    for part in [digits, sign, zero, power] {
        window.put(part);
    }
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
            // What Go's `strconv.FormatFloat(value, 'g', -1, 64)` gives.
            (100_000.0, "100000"),
            (999_999.999, "999999.999"),
            (1e6, "1e+06"),
            (1_048_576.0, "1.048576e+06"),
            (-123_456_789.0, "-1.23456789e+08"),
            (1e21, "1e+21"),
            (1e100, "1e+100"),
            (0.0001, "0.0001"),
            (0.000_099, "9.9e-05"),
            (1e-6, "1e-06"),
            (5e-324, "5e-324"),
            (-f64::MIN_POSITIVE, "-2.2250738585072014e-308"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(text(|window| put_f64(value, window)), spelled);
        }
    }

    #[test]
    fn integers_of_every_length() {
        let mut number = 0_u64;
        while let Some(longer) = number.checked_mul(10).and_then(|number| number.checked_add(9)) {
            number = longer;
            for near in [number / 10, number - 1, number, number.saturating_add(1)] {
                assert_eq!(text(|window| put_u64(near, window)), near.to_string());
                let _ = i64::try_from(near).map(|near| {
                    assert_eq!(text(|window| put_i64(-near, window)), (-near).to_string());
                });
            }
        }
        assert_eq!(text(|window| put_u64(u64::MAX, window)), u64::MAX.to_string());
        assert_eq!(text(|window| put_i64(i64::MIN, window)), i64::MIN.to_string());
    }

    #[test]
    fn all_pairs_of_digits_everywhere() {
        for number in 0..10_000 {
            for shifted in [number, number * 10_000, number * 10_000 + 9_999 - number] {
                let expected = std::format!("{shifted:08}");
                assert_eq!((digits(shifted) | ASCII).to_le_bytes(), *expected.as_bytes());
            }
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

        /// Bounds are such numbers too, with a point or an exponent at least.
        #[test]
        fn floats_and_bounds_agree(bound in 1_u64..1_000_000_000_000_000) {
            let whole = text(|window| put_f64(bound as f64, window));
            let whole = if whole.contains(['.', 'e']) { whole } else { whole + ".0" };
            prop_assert_eq!(text(|window| put_bound(bound, Unit::Bytes, window)), whole);
        }

        #[test]
        fn integers(unsigned: u64, signed: i64) {
            prop_assert_eq!(text(|window| put_u64(unsigned, window)), unsigned.to_string());
            prop_assert_eq!(text(|window| put_i64(signed, window)), signed.to_string());
        }
    }
}
