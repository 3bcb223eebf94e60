//! The syslog protocol, RFC 5424:
//!
//! ```text
//! <28>1 2026-03-01T12:00:00.123456Z uk-1 web main net - [uk@32473 boot="…" seq="17" …] service link is down
//! ```

use core::fmt::Write as _;

use crate::civil::Civil;
use crate::escape::put_escaped_char;
use crate::{LogRecord, Window};

use super::field::{put_name, put_text};
use super::{Made, Origin, priority};

/// Section 6: the most characters of each field.
const HOSTNAME: usize = 255;
const APP_NAME: usize = 48;
const PROCID: usize = 128;
const MSGID: usize = 32;
const SD_NAME: usize = 32;

/// Writes the message of `record`.
pub(super) fn put(origin: &Origin<'_>, record: &LogRecord<'_>, window: &mut Window<'_>) -> Made {
    let begin = window.len();
    put_head(origin, record, record.truncated, window);
    let made = put_text(record.message, window);
    if made == Made::Whole || record.truncated {
        return made;
    }
    // Its head must say that it is cut.
    window.rewind(begin);
    put_head(origin, record, true, window);
    put_text(record.message, window)
}

/// Writes everything before the text.
fn put_head(origin: &Origin<'_>, record: &LogRecord<'_>, truncated: bool, window: &mut Window<'_>) {
    // A window that overflows says so itself, here and below.
    let _ = write!(window, "<{}>1 ", priority(record.level));
    match record.unix_ns {
        Some(unix_ns) => drop(Civil::from_unix_ns(unix_ns).write_rfc3339(window)),
        None => window.put(b"-"),
    }
    let fields = [(origin.name, HOSTNAME), (origin.program, APP_NAME), (record.thread, PROCID), (record.source, MSGID)];
    for (field, most) in fields {
        window.put(b" ");
        put_name(field, most, |character| character.is_ascii_graphic(), window);
    }
    window.put(b" [uk@32473");
    put_param("boot", origin.boot_id, window);
    let _ = write!(window, " seq=\"{}\"", record.seq);
    put_param("job", origin.job, window);
    for (name, value) in origin.tags {
        put_param(name, value, window);
    }
    put_param("thread", record.thread, window);
    put_param("source", record.source, window);
    if truncated {
        put_param("truncated", "1", window);
    }
    window.put(b"] ");
}

/// Writes a parameter of the structured data, section 6.3.3.
fn put_param(name: &str, value: &str, window: &mut Window<'_>) {
    window.put(b" ");
    let is_allowed = |character: char| character.is_ascii_graphic() && !matches!(character, '=' | ']' | '"');
    put_name(name, SD_NAME, is_allowed, window);
    window.put(b"=\"");
    for character in value.chars() {
        match character {
            '"' | '\\' | ']' => {
                window.put_byte(b'\\');
                window.put_byte(character as u8);
            }
            // The backslash that it is escaped with is one of the value's.
            control if control.is_control() => {
                window.put_byte(b'\\');
                put_escaped_char(control, window);
            }
            _ => put_escaped_char(character, window),
        }
    }
    window.put_byte(b'"');
}
