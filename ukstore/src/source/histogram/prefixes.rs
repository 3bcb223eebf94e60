//! A static histogram's line prefixes, put together by the compiler. Nothing here runs in the machine.

use super::scale::steps_per_unit;
use crate::Unit;
use crate::text::{Pen, text};

impl Pen<'_> {
    /// `count` decimal digits of the number's lowest.
    const fn digits(&mut self, number: u64, count: u32) {
        let mut power = 10_u64.pow(count - 1);
        while power > 0 {
            let digit = (number / power % 10) as usize;
            self.text("0123456789".split_at(digit).1.split_at(1).0);
            power /= 10;
        }
    }

    /// Steps in the unit, with all their decimals and no more.
    const fn bound(&mut self, steps: u64, steps_per_unit: u64) {
        let whole = steps / steps_per_unit;
        self.digits(whole, if whole == 0 { 1 } else { whole.ilog10() + 1 });
        let mut fraction = steps % steps_per_unit;
        if fraction > 0 {
            let mut decimals = steps_per_unit.ilog10();
            while fraction.is_multiple_of(10) {
                fraction /= 10;
                decimals -= 1;
            }
            self.text(".");
            self.digits(fraction, decimals);
        }
    }
}

/// The bytes `texts` needs.
#[doc(hidden)]
#[must_use]
pub const fn texts_len(name: &str, unit: Unit, bounds: &[u64]) -> usize {
    join(name, unit, bounds, &mut [])
}

/// All prefixes, one after the other. `LEN` is their `texts_len`.
#[doc(hidden)]
#[must_use]
pub const fn texts<const LEN: usize>(name: &str, unit: Unit, bounds: &[u64]) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    assert!(join(name, unit, bounds, &mut bytes) == LEN);
    bytes
}

const fn join(name: &str, unit: Unit, bounds: &[u64], room: &mut [u8]) -> usize {
    let mut pen = Pen { room, len: 0 };
    let mut index = 0;
    while index <= bounds.len() {
        pen.text(name);
        pen.text("_bucket{le=\"");
        if index < bounds.len() {
            pen.bound(bounds[index], steps_per_unit(unit))
        } else {
            pen.text("+Inf")
        }
        pen.text("\"}");
        index += 1;
    }
    pen.text(name);
    pen.text("_sum");
    pen.text(name);
    pen.text("_count");
    pen.len
}

/// The prefixes, cut out of what `texts` made for this name. `N` is three more than there are bounds.
#[doc(hidden)]
#[must_use]
pub const fn prefixes<const N: usize>(name: &str, bytes: &'static [u8]) -> [&'static str; N] {
    let mut prefixes = [""; N];
    let mut rest = bytes;
    let mut index = 0;
    while index < N {
        let mut end = name.len() + "_sum".len();
        if index == N - 1 {
            end = rest.len();
        } else if index < N - 2 {
            // A metric name has no brace.
            end = 1;
            while rest[end - 1] != b'}' {
                end += 1;
            }
        }
        let (prefix, after) = rest.split_at(end);
        prefixes[index] = text(prefix);
        rest = after;
        index += 1;
    }
    prefixes
}

#[cfg(test)]
mod tests {
    use std::{format, str};

    use proptest::prelude::*;

    use super::*;
    use crate::Value;

    proptest! {
        #[test]
        fn bounds_are_written_as_values_are(bound in prop_oneof![any::<u64>(), 0..3_000_000_000_u64]) {
            for (unit, value) in [
                (Unit::Seconds, Value::Nanos(bound)),
                (Unit::Ratio, Value::Nanos(bound)),
                (Unit::Bytes, Value::U64(bound)),
                (Unit::None, Value::U64(bound)),
            ] {
                let mut room = [0; 32];
                let mut pen = Pen { room: &mut room, len: 0 };
                pen.bound(bound, steps_per_unit(unit));
                let len = pen.len;
                prop_assert_eq!(str::from_utf8(&room[..len]).unwrap(), format!("{value}"));
            }
        }
    }
}
