//! Why a write was refused, in words for whoever wrote.

use core::fmt;

use crate::Value;

/// Why a setting was not written. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refused {
    /// Nothing has this path.
    NotFound,
    /// What is at the path cannot be written.
    NotASetting,
    /// It takes a number, and this is none, or none that fits.
    NotANumber,
    /// It takes a duration, and this is none: a number of seconds, or a number and `ns`, `us`, `ms`, `s`, `m` or `h`.
    NotADuration,
    /// It is on or off, and this is neither.
    NotABool,
    /// It takes what lies between the two, both included.
    OutOfRange(Value, Value),
    /// It takes one of these words.
    NotOneOf(&'static [&'static str]),
    /// It takes a text of at most this many bytes.
    TooLong(usize),
    /// The setting's own check has this to say.
    Check(&'static str),
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotFound => out.write_str("no such path"),
            Self::NotASetting => out.write_str("not a setting"),
            Self::NotANumber => out.write_str("not a number it can hold"),
            Self::NotADuration => out.write_str("not a duration: write seconds, or a number and ns, us, ms, s, m or h"),
            Self::NotABool => out.write_str("neither on nor off"),
            Self::OutOfRange(low, high) => write!(out, "out of range: {low} to {high}"),
            Self::NotOneOf(words) => {
                out.write_str("not one of ")?;
                list(words, out)
            }
            Self::TooLong(most) => write!(out, "longer than {most} bytes"),
            Self::Check(reason) => out.write_str(reason),
        }
    }
}

impl core::error::Error for Refused {}

/// Writes `a, b or c`.
pub(super) fn list(words: &[&str], out: &mut dyn fmt::Write) -> fmt::Result {
    for (index, word) in words.iter().enumerate() {
        out.write_str(match index {
            0 => "",
            last if last == words.len() - 1 => " or ",
            _ => ", ",
        })?;
        out.write_str(word)?;
    }
    Ok(())
}
