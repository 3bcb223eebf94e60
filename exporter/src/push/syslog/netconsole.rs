//! Bare lines, as on the serial console: `[    0.012345] warning net: service link is down`.

use core::fmt::Write as _;

use crate::{Level, LogRecord, Window};

use super::Made;
use super::field::put_text;

/// Writes the line of `record`.
pub(super) fn put(record: &LogRecord<'_>, window: &mut Window<'_>) -> Made {
    let (seconds, micros) = (record.since_boot_ns / 1_000_000_000, record.since_boot_ns % 1_000_000_000 / 1_000);
    // A window that overflows says so itself, here and below.
    let _ = write!(window, "[{seconds:5}.{micros:06}] ");
    if record.level != Level::App {
        let source = record.source.split("::").next().unwrap_or(record.source);
        let _ = write!(window, "{} {source}: ", record.level.name());
    }
    put_text(record.message, window)
}
