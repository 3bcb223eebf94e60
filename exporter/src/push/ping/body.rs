//! What is in pings: who, how it stands, and lines of the log. Not which lines are troubles: see `troubles`.

use core::fmt::{self, Write};

use super::kind::Kind;
use crate::exposition::log::put_record;
use crate::exposition::number;
use crate::push::Backlog;
use crate::{Level, LogRecord, MAX_LINE, Site, Window};

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

/// Adds the last lines of the log, as many as there is room for.
pub(super) fn append_last_lines(backlog: &mut Backlog, site: &dyn Site) {
    let Some(newest) = site.log_newest() else { return };
    let from = newest.saturating_sub(LAST_RECORDS - 1);
    let mut len = 0;
    each_line(site, from, newest, |line| len += line.len());
    each_line(site, from, newest, |line| {
        if len <= MAX_LOG {
            backlog.append(line);
        }
        len -= line.len().min(len);
    });
}

/// Shows the lines of the records from `from` to `newest`, without those for developers.
fn each_line(site: &dyn Site, from: u64, newest: u64, mut show: impl FnMut(&[u8])) {
    let mut bytes = [0; MAX_LINE];
    let mut next = from;
    loop {
        let mut len = 0;
        let seq = site.log_next(next, Level::Info, &mut |record| len = put_line(record, &mut bytes));
        let Some(seq) = seq.filter(|&seq| seq <= newest) else { return };
        show(bytes.get(..len).unwrap_or_default());
        next = seq.saturating_add(1);
    }
}

/// Writes the line of a record, and returns its length. Of a line that is too long the end is missing.
pub(super) fn put_line(record: &LogRecord<'_>, bytes: &mut [u8; MAX_LINE]) -> usize {
    let mut out = Window::new(bytes);
    put_record(record, &mut out);
    if out.overflowed() {
        out.rewind(out.len().min(MAX_LINE - 1));
        out.put(b"\n");
    }
    out.len()
}
