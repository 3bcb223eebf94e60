//! Warnings and errors of the log, gathered for a ping a few records at a time. Not when: see `producer`.

use super::body::{MAX_LOG, begin, put_line};
use super::kind::Kind;
use crate::push::Outbox;
use crate::{Level, LogRecord, MAX_LINE, Site};

/// Records looked at in one go, whatever they are: a program may print faster than it has troubles.
const RECORDS_AT_ONCE: usize = 32;

/// What logs in the name of sinks.
const SINKS: &str = "exporter::push";

/// A walk over the log. From its first trouble on the frame that was begun is its, and nobody else may begin one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Troubles {
    next: u64,
    newest: u64,
    /// Bytes of the troubles found.
    len: usize,
}

impl Troubles {
    /// Over the records from `from` to `newest`.
    pub(super) const fn new(from: u64, newest: u64) -> Self {
        Self { next: from, newest, len: 0 }
    }

    /// Looks at some records, and adds the troubles among them to the frame. Whether there are more.
    pub(super) fn gather(&mut self, site: &dyn Site, out: &mut Outbox<'_>) -> bool {
        let mut bytes = [0; MAX_LINE];
        for _ in 0..RECORDS_AT_ONCE {
            let mut len = 0;
            let seq = site.log_next(self.next, Level::Trace, &mut |record| {
                if is_trouble(record, out.stats.name()) {
                    len = put_line(record, &mut bytes);
                }
            });
            let Some(seq) = seq.filter(|&seq| seq <= self.newest && !self.is_cut()) else { return false };
            self.next = seq.saturating_add(1);
            if len > 0 {
                self.add(bytes.get(..len).unwrap_or_default(), out);
            }
        }
        self.next <= self.newest
    }

    /// Adds a line, or if there is no room for it, that there are more.
    fn add(&mut self, line: &[u8], out: &mut Outbox<'_>) {
        if self.len == 0 {
            begin(Kind::Log, out.backlog);
        }
        self.len += line.len();
        out.backlog.append(if self.is_cut() { b"There are more: /log has them.\n" } else { line });
    }

    /// The newest record of the walk.
    pub(super) const fn newest(&self) -> u64 {
        self.newest
    }

    /// Whether there were any.
    pub(super) const fn are_any(&self) -> bool {
        self.len > 0
    }

    /// Whether there were more than a ping has room for.
    pub(super) const fn is_cut(&self) -> bool {
        self.len > MAX_LOG
    }
}

/// Whether the record is a warning or an error, and not the sink's own: a server that asks for a pause would be told of that
/// by the next ping, and so on.
fn is_trouble(record: &LogRecord<'_>, sink: &str) -> bool {
    let is_own = || {
        record.source.starts_with(SINKS)
            && record.message.strip_prefix(sink).is_some_and(|message| message.starts_with(": "))
    };
    matches!(record.level, Level::Warning | Level::Error) && !is_own()
}
