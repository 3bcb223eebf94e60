//! What is in pings: who, how it stands, and lines of the log.

use core::fmt::{self, Write};

use super::kind::Kind;
use crate::exposition::log::put_record;
use crate::exposition::number;
use crate::push::Backlog;
use crate::{Level, MAX_LINE, Site, Window};

/// Most of a body that lines of the log take. Servers keep 10 to 100 kB of it.
pub(super) const MAX_LOG: usize = 8 << 10;

/// How far back the last lines of the log are looked for, in records.
const LAST_RECORDS: u64 = 100;

/// Begins a frame.
pub(super) fn begin(kind: Kind, backlog: &mut Backlog) {
    backlog.begin();
    backlog.append(&kind.prelude());
}

/// Adds to the frame that was begun: who, and how it stands.
pub(super) fn append_who(backlog: &mut Backlog, site: &dyn Site, how: fmt::Arguments<'_>, now_ns: u64) {
    let mut bytes = [0; MAX_LINE];
    let mut out = Window::new(&mut bytes);
    let origin = site.origin();
    // What does not fit is left out, which the window has noted; so is its end, which is added below.
    let _ = write!(out, "{}: {}", origin.name, origin.program);
    if !origin.version.is_empty() {
        let _ = write!(out, " {}", origin.version);
    }
    let _ = write!(out, " {how}\njob={}", origin.job);
    for (name, value) in origin.tags {
        let _ = write!(out, " {name}={value}");
    }
    if !origin.boot_id.is_empty() {
        let _ = write!(out, " boot={}", origin.boot_id);
    }
    out.put(b" uptime=");
    number::put_seconds(now_ns, &mut out);
    backlog.append(out.written());
    backlog.append(b"\n");
}

/// Begins a frame with the warnings and errors from `from` to `newest`, if there are any.
pub(super) fn append_troubles(backlog: &mut Backlog, site: &dyn Site, from: u64, newest: u64) -> bool {
    let mut len = 0;
    each_line(site, from, newest, Level::Warning, |level, line| {
        // What the program prints is no trouble.
        if level == Level::App {
            return true;
        }
        if len == 0 {
            begin(Kind::Log, backlog);
        }
        len += line.len();
        if len > MAX_LOG {
            backlog.append(b"There are more: /log has them.\n");
            return false;
        }
        backlog.append(line)
    });
    len > 0
}

/// Adds the last lines of the log, as many as there is room for.
pub(super) fn append_last_lines(backlog: &mut Backlog, site: &dyn Site) {
    let Some(newest) = site.log_newest() else { return };
    let from = newest.saturating_sub(LAST_RECORDS - 1);
    let mut len = 0;
    each_line(site, from, newest, Level::Info, |_, line| {
        len += line.len();
        true
    });
    each_line(site, from, newest, Level::Info, |_, line| {
        let fits = len <= MAX_LOG;
        len -= line.len().min(len);
        !fits || backlog.append(line)
    });
}

/// Shows the lines of the records from `from` to `newest` that are as severe as `level` or more, until `take` has enough.
fn each_line(site: &dyn Site, from: u64, newest: u64, level: Level, mut take: impl FnMut(Level, &[u8]) -> bool) {
    let mut bytes = [0; MAX_LINE];
    let mut next = from;
    loop {
        let (mut len, mut is) = (0, level);
        let seq = site.log_next(next, level, &mut |record| {
            let mut out = Window::new(&mut bytes);
            put_record(record, &mut out);
            if out.overflowed() {
                // Of a line that is too long the end is missing.
                out.rewind(out.len().min(MAX_LINE - 1));
                out.put(b"\n");
            }
            (len, is) = (out.len(), record.level);
        });
        let Some(seq) = seq.filter(|&seq| seq <= newest) else { return };
        if !take(is, bytes.get(..len).unwrap_or_default()) {
            return;
        }
        next = seq.saturating_add(1);
    }
}
