//! The BSD syslog protocol, RFC 3164, as its receivers read it:
//!
//! ```text
//! <28>Mar  1 12:00:00 uk-1 web[main]: service link is down
//! ```
//!
//! The RFC's TAG is letters and digits; every receiver takes `-`, `_` and `.` too, and programs are named so. While the
//! date is not known there is no timestamp, and the host's name comes first: receivers then stamp the message themselves.

use core::fmt::Write as _;

use crate::civil::Civil;
use crate::{LogRecord, Window};

use super::field::{put_name, put_text};
use super::{Made, Origin, priority};

/// Section 5.3: the most characters of TAG.
const TAG: usize = 32;
/// A name's longest, as DNS has it; threads' names are shorter.
const NAME: usize = 255;

/// Writes the message of `record`.
pub(super) fn put(origin: &Origin<'_>, record: &LogRecord<'_>, window: &mut Window<'_>) -> Made {
    // A window that overflows says so itself, here and below.
    let _ = write!(window, "<{}>", priority(record.level));
    if let Some(unix_ns) = record.unix_ns {
        let _ = Civil::from_unix_ns(unix_ns).write_rfc3164(window);
        window.put(b" ");
    }
    put_name(origin.name, NAME, is_word, window);
    window.put(b" ");
    put_name(origin.program, TAG, is_word, window);
    if !record.thread.is_empty() {
        window.put(b"[");
        put_name(record.thread, NAME, is_word, window);
        window.put(b"]");
    }
    window.put(b": ");
    put_text(record.message, window)
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}
