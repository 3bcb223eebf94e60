//! Numbers with units as people write them: `64KiB`, `250ms`. Exact: no floats on the way.

use super::Refused;

const SIZES: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];

const TIMES: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// A whole number: digits only.
pub(super) fn whole(text: &str) -> Result<u64, Refused> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(Refused::NotANumber)
}

/// A number of bytes, with or without `KiB`, `MiB`, `GiB` or `B` behind it.
pub(super) fn bytes(text: &str) -> Result<u64, Refused> {
    let (digits, unit) =
        SIZES.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).unwrap_or((text, 1));
    whole(digits.trim_ascii_end())?.checked_mul(unit).ok_or(Refused::NotANumber)
}

/// A duration in nanoseconds: a decimal number of seconds, or of the unit behind it. What is less than a nanosecond is
/// refused, not rounded.
pub(super) fn nanos(text: &str) -> Result<u64, Refused> {
    // `ms` ends in `s` and `ns` too: the first match in the order of the table is the whole unit.
    let (number, unit) =
        TIMES.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).unwrap_or((text, TIMES[3].1));
    let (whole_part, fraction) = number.trim_ascii_end().split_once('.').unwrap_or((number.trim_ascii_end(), "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refused::NotADuration);
    }
    let seconds = whole(whole_part).ok().and_then(|number| number.checked_mul(unit));
    let mut nanos = seconds.ok_or(Refused::NotADuration)?;
    let mut digit_worth = unit;
    for digit in fraction.bytes().map(|byte| u64::from(byte - b'0')) {
        // Behind the last digit that is worth anything, zero is a multiple too.
        let exact = digit_worth > 0 && digit_worth.is_multiple_of(10);
        digit_worth /= 10;
        if digit > 0 && !exact {
            return Err(Refused::NotADuration);
        }
        nanos = nanos.checked_add(digit * digit_worth).ok_or(Refused::NotADuration)?;
    }
    Ok(nanos)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("5", 5_000_000_000),
            ("1.5", 1_500_000_000),
            ("0.000000001", 1),
            ("250ms", 250_000_000),
            ("1.5 ms", 1_500_000),
            ("7us", 7_000),
            ("3ns", 3),
            ("2m", 120_000_000_000),
            ("0.5h", 1_800_000_000_000),
            ("0", 0),
        ] {
            assert_eq!(nanos(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "s",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1 2",
            "0.0000000001",
            "0.00000000001",
            "1.5ns",
            "1.05ns",
            "18446744074",
            "1x",
            "1.x",
        ] {
            assert_eq!(nanos(text), Err(Refused::NotADuration), "{text}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(
            (bytes("512"), bytes("64KiB"), bytes("1 GiB"), bytes("3B")),
            (Ok(512), Ok(65536), Ok(1 << 30), Ok(3))
        );
        for text in ["", "KiB", "-1", "1KB", "1.5KiB", "18446744073709551615KiB"] {
            assert_eq!(bytes(text), Err(Refused::NotANumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_duration_as_it_is_shown_is_understood(number: u64) {
            prop_assert_eq!(nanos(&std::format!("{}", crate::Value::Nanos(number))), Ok(number));
        }

        #[test]
        fn anything_is_answered(text: std::string::String) {
            let _ = (nanos(&text), bytes(&text), whole(&text));
        }
    }
}
