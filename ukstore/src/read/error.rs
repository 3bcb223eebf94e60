//! Why a path gave nothing.

use core::fmt;

/// Why a path gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Nothing has this path, or the object is gone: give up, or list the directory above.
    NotFound,
    /// It is a directory, words, or a histogram: look it up and read its content.
    NotOneValue,
    /// It has no value now: ask again later.
    Absent,
    /// Its source is off: switch it on.
    Off,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotFound => "no such path",
            Self::NotOneValue => "the path leads to more than one value",
            Self::Absent => "no value at present",
            Self::Off => "its source is switched off",
        })
    }
}

impl core::error::Error for Error {}
