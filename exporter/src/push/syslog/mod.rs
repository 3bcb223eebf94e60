//! The log, told to a log server: as syslog in either format, or as bare lines (netconsole).
//!
//! | field | RFC 5424 | RFC 3164 |
//! |---|---|---|
//! | facility | `user` for what the program prints, `daemon` for all else | the same |
//! | severity | `err`, `warning`, `info`, `debug` by level; what the program prints is `info` | the same |
//! | time | UTC, microseconds; `-` while the date is not known | UTC, seconds; left out while the date is not known |
//! | host | `--name` | `--name` |
//! | program | APP-NAME | TAG |
//! | thread | PROCID, and `thread` | in brackets behind TAG |
//! | source | MSGID, and `source` | – |
//! | `boot`, `seq`, `job`, tags, `truncated` | structured data `uk@32473` | – |
//!
//! Header fields have limits and are ASCII: other characters become `_`, and what is longer is cut. The structured data has
//! thread and source in full. 32473 is the number that RFC 5612 keeps for examples.
//!
//! A message is UTF-8 without a byte order mark: rsyslog would keep the mark as the message's first character. Its control
//! characters are escaped as in `/log`, so that a line is one record for every receiver.
//!
//! Not here: what becomes of lines on their way, which is every sink's, and the serial console, which is the kernel's.

mod field;
mod netconsole;
mod octet_counting;
mod producer;
mod rfc3164;
mod rfc5424;

use crate::{Level, LogRecord, Window};

use super::Origin;

pub use producer::LogLines;

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Syslog with structured data.
    Rfc5424,
    /// Syslog as it was before: no year, no fraction of a second, no structured data.
    Rfc3164,
    /// As on the serial console, without any header.
    Netconsole,
}

/// How a line's end is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// A line is a datagram.
    Datagrams,
    /// Before each line stands its length (RFC 6587, section 3.4.1).
    OctetCounting,
}

impl Framing {
    /// The longest message. A datagram of this length is not cut up on any common path; the longer one is what rsyslog and
    /// syslog-ng take over TCP unless they are told otherwise.
    const fn limit(self) -> usize {
        match self {
            Self::Datagrams => 1_400,
            Self::OctetCounting => 8_192,
        }
    }
}

/// Whether a message was made, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    /// All of it is there.
    Whole,
    /// Its text is cut to what there is room for, and ends in a mark.
    Cut,
    /// There is no room for what stands before the text.
    TooLong,
}

impl Format {
    /// The longest message, framed so. RFC 3164, section 4.1, knows none above 1,024 bytes.
    const fn limit(self, framing: Framing) -> usize {
        match self {
            Self::Rfc3164 => 1_024,
            Self::Rfc5424 | Self::Netconsole => framing.limit(),
        }
    }

    /// Whether lines carry their numbers, so that a receiver sees which are missing.
    const fn is_numbered(self) -> bool {
        matches!(self, Self::Rfc5424)
    }

    fn put(self, origin: &Origin<'_>, record: &LogRecord<'_>, window: &mut Window<'_>) -> Made {
        match self {
            Self::Rfc5424 => rfc5424::put(origin, record, window),
            Self::Rfc3164 => rfc3164::put(origin, record, window),
            Self::Netconsole => netconsole::put(record, window),
        }
    }
}

/// The PRI of a line of this level, RFC 5424's section 6.2.1: facility times eight, and severity.
const fn priority(level: Level) -> u8 {
    const USER: u8 = 1;
    const DAEMON: u8 = 3;
    let (facility, severity) = match level {
        Level::App => (USER, 6),
        Level::Error => (DAEMON, 3),
        Level::Warning => (DAEMON, 4),
        Level::Info => (DAEMON, 6),
        Level::Debug | Level::Trace => (DAEMON, 7),
    };
    facility * 8 + severity
}
