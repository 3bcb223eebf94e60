//! How long a client waits for its reply, as it says itself. Not for waiting: see the connection's timeouts.

use super::head::Request;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The nanoseconds that Prometheus' field says a scrape may take; of several fields by the first. `None` for what is no
/// decimal number above zero: a client that says nonsense is served as one that says nothing.
pub(in crate::http) fn patience_ns(request: &Request<'_>) -> Option<u64> {
    let value = request.values("x-prometheus-scrape-timeout-seconds").next()?;
    parse_seconds(value).filter(|&nanos| nanos > 0)
}

/// Reads `10` and `0.5` as nanoseconds. What is below one is cut off, and more than fits is the most that does.
fn parse_seconds(text: &[u8]) -> Option<u64> {
    let mut parts = text.splitn(2, |&byte| byte == b'.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or(b"0"));
    if [whole, fraction].iter().any(|digits| digits.is_empty() || !digits.iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let number = |digits: &[u8]| {
        let digits = digits.iter().map(|digit| u64::from(digit - b'0'));
        digits.fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(digit))
    };
    let nanos = fraction.iter().chain([b'0'; 9].iter()).take(9).map(|digit| u64::from(digit - b'0'));
    let nanos = nanos.fold(0, |nanos, digit| nanos * 10 + digit);
    Some(number(whole).saturating_mul(NANOS_PER_SECOND).saturating_add(nanos))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::format;

    use super::*;

    #[test]
    fn seconds() {
        for (text, nanos) in [
            ("10", 10_000_000_000),
            ("0.5", 500_000_000),
            ("9.500", 9_500_000_000),
            ("007", 7_000_000_000),
            ("0.000000001", 1),
            ("0.0000000019", 1),
            ("0", 0),
            ("0.0000000009", 0),
            ("18446744073", 18_446_744_073_000_000_000),
            ("18446744074", u64::MAX),
            ("99999999999999999999999999", u64::MAX),
        ] {
            assert_eq!(parse_seconds(text.as_bytes()), Some(nanos), "{text}");
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1 ", "1.5.2", "0x1", "1s", "NaN", "Inf", "1,5", "\u{661}"]
        {
            assert_eq!(parse_seconds(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_duration_is_read_exactly(nanos: u64) {
            let text = format!("{}.{:09}", nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
            prop_assert_eq!(parse_seconds(text.as_bytes()), Some(nanos));
        }
    }
}
