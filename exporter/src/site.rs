//! What the exporter must ask of the machine it runs in, and cannot read from ukstore.
//!
//! The kernel implements [`Site`] once; tests and the host example implement it over fixed values. Measurements do not
//! belong here: they are ukstore entries.

use crate::gzip::Compressor;
use crate::http::Credentials;
use crate::push::Origin;

/// The machine as its exporter sees it.
///
/// Every method is called on the management thread and must answer from memory: none may block or wait for a lock that
/// a program can hold. What a machine does not say is that it is ready, knows no date, keeps no log, and lets nothing be
/// written.
pub trait Site {
    /// The machine's name (`--name`), as in `nodename`.
    fn node(&self) -> &str;

    /// What is running, for people: the program and its version, such as `web 0.1.0`.
    fn program(&self) -> &str;

    /// Who this is, for receivers of what is pushed.
    fn origin(&self) -> Origin<'_> {
        let (name, program) = (self.node(), self.program());
        Origin { name, job: "periscope", tags: &[], program, version: "", boot_id: "" }
    }

    /// Whether the program is ready for work: what `/-/ready` answers.
    fn ready(&self) -> bool {
        true
    }

    /// What a client must know for everything but `/-/healthy` and `/-/ready` (`--metrics-auth`); nothing if `None`.
    fn credentials(&self) -> Option<Credentials<'_>> {
        None
    }

    /// What `/metrics` is compressed with (`--metrics-gzip=on`); nothing if `None`.
    fn compressor(&self) -> Option<&Compressor> {
        None
    }

    /// Whether settings may be written from outside (`--monitor-adjust`).
    fn adjustable(&self) -> bool {
        false
    }

    /// Whether faults may be provoked (`--debug-faults=on`), which writing them needs besides.
    fn faults(&self) -> bool {
        false
    }

    /// Prepares what is to be shown now: reads what is too dear to be read for each value, and has values sampled. Called once
    /// for each request that shows any, when it was read at `now_ns`. `None` if there is nothing to wait for; else a ticket
    /// to ask [`prepared`](Self::prepared) with. Whoever drives the connection must be woken when the answer changes. A
    /// ticket may be forgotten.
    fn prepare(&self, now_ns: u64) -> Option<u64> {
        let _ = now_ns;
        None
    }

    /// Whether the samples that `ticket` stands for are there.
    fn prepared(&self, ticket: u64) -> bool {
        let _ = ticket;
        true
    }

    /// Monotonic time since boot. Used to measure how long replies take; deadlines use the `now_ns` arguments.
    fn now_ns(&self) -> u64;

    /// Nanoseconds since the Unix epoch, when the machine knows the date. Without it replies carry no `Date`, and nothing
    /// with a time is pushed.
    fn unix_ns(&self) -> Option<u64> {
        None
    }

    /// Whether somebody is being asked for the date (`--ntp`) and has not answered yet: it is not known, or may be wrong. What
    /// can wait a little for it should.
    fn awaits_date(&self) -> bool {
        false
    }

    /// When the machine started, since the Unix epoch, if scrapes are to tell since when counters are counted
    /// (`--metrics-created`) and it is known. It must not change.
    fn created_unix_ns(&self) -> Option<u64> {
        None
    }

    /// The sequence number of the newest log record, if there is any.
    fn log_newest(&self) -> Option<u64> {
        None
    }

    /// Shows the oldest record still held that is numbered `from` or higher and is as severe as `level` or more, and
    /// returns its number; `None`, without calling `show`, when there is no such record.
    ///
    /// The record must be copied out first: `show` runs outside any critical section.
    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let _ = (from, level, show);
        None
    }
}

/// Severity of a log record, the most severe first. `App` is the program's own output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What the program prints: always shown.
    App,
    /// Something failed.
    Error,
    /// Something is odd, and was dealt with.
    Warning,
    /// Landmarks of normal life.
    Info,
    /// For the developer of the part that logs.
    Debug,
    /// For the developer, and plenty.
    Trace,
}

impl Level {
    const ALL: [Self; 6] = [Self::App, Self::Error, Self::Warning, Self::Info, Self::Debug, Self::Trace];

    /// The level's name in `/log` lines and in `?level=`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The level called `name`, exactly.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// One log record, copied out of wherever the machine keeps it.
#[derive(Clone, Copy, Debug)]
pub struct LogRecord<'a> {
    /// Its place in the log: one more than the record before it. A gap means records that are gone or filtered out.
    pub seq: u64,
    /// When it was written, since boot.
    pub since_boot_ns: u64,
    /// When it was written, since the Unix epoch, if the machine knew.
    pub unix_ns: Option<u64>,
    /// How severe it is.
    pub level: Level,
    /// The part that wrote it; no spaces.
    pub source: &'a str,
    /// The thread that wrote it.
    pub thread: &'a str,
    /// The message, without the newline that ended it.
    pub message: &'a str,
    /// Whether the message was longer, and its rest is lost.
    pub truncated: bool,
}
