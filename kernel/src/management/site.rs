//! What the exporter asks of the machine besides ukstore.

use super::ntp;
use crate::net::link;
use crate::{boot_id, identity, kernel_log, program, sampler, time};
use core::cell::RefCell;
use exporter::gzip::Compressor;
use exporter::http::{Credentials, MAX_USER};
use exporter::push::Origin;
use exporter::{Level, LogRecord, Site};
use kernel_core::log_filter;
use kernel_core::log_ring::{Cursor, Positions, RecordBuffer};
use kernel_core::params::{Auth, Params};

// A user that is taken at boot and never let in would be worse than one refused at boot.
const _: () = assert!(kernel_core::params::MAX_USER <= MAX_USER);

/// Readers of the log that need not search for where they were: every sink that there can be, and some clients.
const LOG_READERS: usize = 16;

/// This machine.
pub(super) struct KernelSite {
    /// Where the readers of the log have come to.
    log_positions: RefCell<Positions<LOG_READERS>>,
    /// Whether somebody is asked for the date.
    asks_date: bool,
    credentials: Option<Credentials<'static>>,
    compressor: Option<Compressor>,
    job: &'static str,
    tags: &'static [(&'static str, &'static str)],
    tells_created: bool,
    adjustable: bool,
    faults: bool,
}

impl KernelSite {
    /// Takes the memory to compress with, if that is asked for.
    pub(super) fn new(params: &'static Params<'static>) -> Self {
        Self {
            log_positions: RefCell::new(Positions::new()),
            asks_date: params.ntp.is_some(),
            credentials: params.metrics_auth.map(credentials),
            compressor: params.metrics_gzip.then(Compressor::new),
            job: params.job,
            tags: params.tags.as_slice(),
            tells_created: params.metrics_created,
            adjustable: params.monitor_adjust.is_some(),
            faults: params.debug_faults,
        }
    }
}

impl Site for KernelSite {
    fn node(&self) -> &str {
        identity::name()
    }

    fn program(&self) -> &str {
        program::title()
    }

    fn origin(&self) -> Origin<'_> {
        Origin {
            name: identity::name(),
            job: self.job,
            tags: self.tags,
            program: program::name(),
            version: program::version(),
            boot_id: boot_id::get(),
        }
    }

    fn ready(&self) -> bool {
        program::runs()
    }

    fn credentials(&self) -> Option<Credentials<'_>> {
        self.credentials
    }

    fn compressor(&self) -> Option<&Compressor> {
        self.compressor.as_ref()
    }

    fn adjustable(&self) -> bool {
        self.adjustable
    }

    fn faults(&self) -> bool {
        self.faults
    }

    fn prepare(&self, now_ns: u64) -> Option<u64> {
        link::ask();
        sampler::ask(now_ns)
    }

    fn prepared(&self, ticket: u64) -> bool {
        sampler::is_over(ticket)
    }

    fn now_ns(&self) -> u64 {
        time::now_ns()
    }

    fn unix_ns(&self) -> Option<u64> {
        Some(time::SystemTime::now()?.since_epoch().as_nanos() as u64)
    }

    fn awaits_date(&self) -> bool {
        self.asks_date && (self.unix_ns().is_none() || !ntp::has_asked())
    }

    fn created_unix_ns(&self) -> Option<u64> {
        if self.tells_created { time::booted_unix_ns() } else { None }
    }

    fn log_newest(&self) -> Option<u64> {
        Some(kernel_log::last_seq()).filter(|&seq| seq > 0)
    }

    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let known = self.log_positions.borrow_mut().take(from);
        let mut cursor = known.unwrap_or_else(|| kernel_log::cursor_after(from.saturating_sub(1)));
        let shown = show_line(&mut cursor, level, show);
        self.log_positions.borrow_mut().keep(cursor);
        shown
    }
}

/// Shows the next line at `cursor` that is as severe as `level`, and moves the cursor behind it.
fn show_line(cursor: &mut Cursor, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
    // A program that logs faster than this reads must not keep it here.
    let newest = kernel_log::last_seq();
    let mut buffer = RecordBuffer::new();
    loop {
        let record = kernel_log::read(cursor, &mut buffer)?;
        let record_level = exporter_level(record.level);
        if record_level <= level {
            show(&LogRecord {
                seq: record.seq,
                since_boot_ns: record.time_ns,
                unix_ns: kernel_log::unix_ns(record.time_ns),
                level: record_level,
                source: record.source,
                thread: record.thread,
                message: record.message,
                truncated: record.truncated,
            });
            return Some(record.seq);
        }
        if record.seq >= newest {
            return None;
        }
    }
}

fn credentials(auth: Auth<'static>) -> Credentials<'static> {
    match auth {
        Auth::Basic { user, digest } => Credentials::Basic { user, digest: *digest.bytes() },
        Auth::Bearer { digest } => Credentials::Bearer { digest: *digest.bytes() },
    }
}

fn exporter_level(level: log_filter::Level) -> Level {
    match level {
        log_filter::Level::Quiet | log_filter::Level::App => Level::App,
        log_filter::Level::Error => Level::Error,
        log_filter::Level::Warning => Level::Warning,
        log_filter::Level::Info => Level::Info,
        log_filter::Level::Debug => Level::Debug,
    }
}
