//! The log as text, one record a line:
//!
//! ```text
//! 17 12.345678901 2026-03-01T12:00:00.123456Z warning net management: service link is down
//! ```
//!
//! sequence number, seconds since boot, wall clock (`-` when unknown), level, source, thread, message. The columns
//! before the colon have no spaces, so the lines suit `awk`; control characters in a message are escaped, so a record
//! can never look like two. A reply ends with the record that was newest when it began: a log written faster than it is
//! read still comes to an end.

use super::number;
use crate::civil::Civil;
use crate::escape::put_escaped;
use crate::{Level, LogRecord, Site, Step, Window};

/// The `Content-Type` of it.
pub const CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// Where a reader of the log stands.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    from: u64,
    newest: Option<u64>,
    level: Level,
}

impl Lines {
    /// The records numbered from `from` to `newest` that are as severe as `level` or more; none without a `newest`.
    #[must_use]
    pub fn new(from: u64, level: Level, newest: Option<u64>) -> Self {
        Self { from, newest, level }
    }

    /// Writes up to `limit` lines.
    pub fn write(&mut self, site: &dyn Site, window: &mut Window<'_>, limit: usize) -> Step {
        for _ in 0..limit {
            let mark = window.len();
            let Some(seq) = self.find(site, &mut |record| put_record(record, window)) else {
                window.rewind(mark);
                return Step::End;
            };
            if !window.end_line(mark) {
                return Step::Full;
            }
            self.from = seq.saturating_add(1);
        }
        Step::More
    }

    /// Passes over the next line.
    pub fn skip(&mut self, site: &dyn Site) {
        if let Some(seq) = self.find(site, &mut |_| ()) {
            self.from = seq.saturating_add(1);
        }
    }

    fn find(&self, site: &dyn Site, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let newest = self.newest?;
        site.log_next(self.from, self.level, show).filter(|&seq| seq <= newest)
    }
}

pub(crate) fn put_record(record: &LogRecord<'_>, window: &mut Window<'_>) {
    number::put_u64(record.seq, window);
    window.put(b" ");
    number::put_seconds(record.since_boot_ns, window);
    window.put(b" ");
    match record.unix_ns {
        // A window that overflows says so itself.
        Some(unix_ns) => drop(Civil::from_unix_ns(unix_ns).write_rfc3339(window)),
        None => window.put(b"-"),
    }
    for word in [record.level.name(), record.source, record.thread] {
        window.put(b" ");
        put_word(word, window);
    }
    window.put(b": ");
    put_escaped(record.message, window);
    window.put(b"\n");
}

/// Writes a name as one word: `-` if it is empty, `_` for spaces.
fn put_word(word: &str, window: &mut Window<'_>) {
    if word.is_empty() {
        return window.put(b"-");
    }
    for (index, part) in word.split(' ').enumerate() {
        if index > 0 {
            window.put(b"_");
        }
        put_escaped(part, window);
    }
}
