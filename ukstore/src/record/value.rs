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
    /// Nothing to tell now: readers leave the sample out.
    Absent,
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
