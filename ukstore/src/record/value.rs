//! One value as it was read. Not for encodings of whole samples: those are the exporter's.

use core::fmt;

/// A value copied out of the machine. Its `Display` is what the Prometheus text format takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A number that cannot be negative.
    U64(u64),
    /// A number that can.
    I64(i64),
    /// A share or a measurement. Costly to format on a soft-float target.
    F64(f64),
    /// Shown as 1 or 0.
    Bool(bool),
    /// A duration in nanoseconds, shown in seconds with every decimal it has and no more.
    Nanos(u64),
    /// One of a fixed set of words.
    Word(Word),
    /// Nothing to tell now: readers leave the sample out.
    Absent,
}

impl Value {
    /// What the tree calls its type; empty for [`Value::Absent`].
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::U64(_) => "u64",
            Self::I64(_) => "i64",
            Self::F64(_) => "f64",
            Self::Bool(_) => "bool",
            Self::Nanos(_) => "duration",
            Self::Word(_) => "enum",
            Self::Absent => "",
        }
    }
}

/// A word of a constant list, small enough to be part of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(&'static &'static str);

impl Word {
    /// The word at this place of a list, if it is that long.
    #[must_use]
    pub fn of(words: &'static [&'static str], index: usize) -> Option<Self> {
        words.get(index).map(Self)
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::U64(number) => write!(out, "{number}"),
            Self::I64(number) => write!(out, "{number}"),
            Self::F64(number) if number.is_nan() => out.write_str("NaN"),
            Self::F64(number) if number.is_infinite() => out.write_str(if number > 0.0 { "+Inf" } else { "-Inf" }),
            Self::F64(number) => write!(out, "{number}"),
            Self::Bool(yes) => out.write_str(if yes { "1" } else { "0" }),
            Self::Nanos(nanos) => seconds(out, nanos),
            Self::Word(word) => out.write_str(word.as_str()),
            Self::Absent => Ok(()),
        }
    }
}

const NANOS_PER_SECOND: u64 = 1_000_000_000;

fn seconds(out: &mut fmt::Formatter<'_>, nanos: u64) -> fmt::Result {
    write!(out, "{}", nanos / NANOS_PER_SECOND)?;
    let mut fraction = nanos % NANOS_PER_SECOND;
    if fraction == 0 {
        return Ok(());
    }
    let mut digits = 9;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        digits -= 1;
    }
    write!(out, ".{fraction:0digits$}")
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::{Value, Word};

    #[test]
    fn a_value_is_two_words() {
        assert_eq!(size_of::<Value>(), 16);
    }

    #[test]
    fn values_as_prometheus_takes_them() {
        for (value, text) in [
            (Value::U64(u64::MAX), "18446744073709551615"),
            (Value::I64(-5), "-5"),
            (Value::F64(0.5), "0.5"),
            (Value::F64(f64::NAN), "NaN"),
            (Value::F64(f64::INFINITY), "+Inf"),
            (Value::F64(f64::NEG_INFINITY), "-Inf"),
            (Value::Bool(true), "1"),
            (Value::Bool(false), "0"),
            (Value::Nanos(0), "0"),
            (Value::Nanos(1), "0.000000001"),
            (Value::Nanos(1_500_000_000), "1.5"),
            (Value::Nanos(20_000_000_000), "20"),
            (Value::Nanos(u64::MAX), "18446744073.709551615"),
            (Value::Absent, ""),
            (Word::of(&["off", "on"], 1).map_or(Value::Absent, Value::Word), "on"),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn durations_lose_nothing(nanos: u64) {
            let text = Value::Nanos(nanos).to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            let digits = std::format!("{whole}{fraction:0<9}");
            prop_assert_eq!(digits.parse::<u64>(), Ok(nanos));
            prop_assert!(!fraction.ends_with('0'));
        }
    }
}
