//! The log: a ring in memory that never blocks who writes; readers come at their own pace.
//!
//! Everyone logs with the `log` crate's macros; what programs print arrives as lines of level `app`.

mod follower;
mod levels;
mod print;

use crate::time::{self, now_ns};
use crate::{console, housekeeper, thread};
use core::cell::RefCell;
use core::fmt::{self, Write};
use critical_section::Mutex;
use kernel_core::log_filter::Level;
use kernel_core::log_ring::{Cursor, Entry, LogRing, Record, RecordBuffer, Text};
use levels::passes;
use log::Metadata;

pub(crate) use follower::Following;
pub(crate) use levels::{Sources, default_level, level_of, set_filter};
pub(crate) use print::flush_print_buffer;
#[doc(hidden)]
pub use print::print;

/// The bytes of log kept.
const RING_BYTES: usize = 64 * 1024;

static RING: Mutex<RefCell<LogRing<RING_BYTES>>> = Mutex::new(RefCell::new(LogRing::new()));

ukstore::counters! {
    /// Lines written to the log.
    static LINES = "/log/lines_total", "uk_log_lines_total", level = ["app", "error", "warning", "info", "debug"];
}
ukstore::computed! {
    /// Lines overwritten in the log's ring.
    counter "/log/overwritten_total", "uk_log_overwritten_total" => prompt || {
        ukstore::Value::U64(critical_section::with(|cs| RING.borrow(cs).borrow().overwritten()))
    };
}

struct KernelLog;

impl log::Log for KernelLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        passes(metadata.target(), metadata.level().into())
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            write(record.level().into(), record.target(), *record.args());
        }
    }

    fn flush(&self) {}
}

/// Takes the `log` crate's lines from now on.
pub(crate) fn init() {
    static LOG: KernelLog = KernelLog;
    // An error would mean a second init; there is one.
    let _ = log::set_logger(&LOG);
    log::set_max_level(log::LevelFilter::Info);
}

/// Writes a line. Formatted before the ring is taken: the section is one bounded copy.
fn write(level: Level, source: &str, message: fmt::Arguments<'_>) {
    let message = Text::format(message);
    thread::name_of_current(|thread| {
        let entry = Entry { time_ns: now_ns(), level, source, thread, message: &message };
        critical_section::with(|cs| RING.borrow(cs).borrow_mut().push(entry));
    });
    LINES[(level as usize).saturating_sub(1)].inc();
    follower::tell();
    if housekeeper::works() {
        housekeeper::wake();
    } else {
        console::drain();
    }
}

/// The next line for a reader, copied out. Nothing while a line is being written, which only who
/// reports a fault in the middle of that can see.
pub(crate) fn read<'a>(cursor: &mut Cursor, buffer: &'a mut RecordBuffer) -> Option<Record<'a>> {
    critical_section::with(|cs| RING.borrow(cs).try_borrow().ok()?.read(cursor, buffer))
}

/// A cursor behind line number `seq`.
pub(crate) fn cursor_after(seq: u64) -> Cursor {
    critical_section::with(|cs| RING.borrow(cs).borrow().cursor_after(seq))
}

/// The number of the last line written; 0 before the first.
pub(crate) fn last_seq() -> u64 {
    critical_section::with(|cs| RING.borrow(cs).borrow().last_seq())
}

/// The wall-clock time of a moment of this life, if a clock has told the time.
pub(crate) fn unix_ns(time_ns: u64) -> Option<u64> {
    // Every reader of a line is told the same, however the clock is put right meanwhile.
    Some(time::course()?.unix_ns_of(time_ns))
}

/// A line for a person: `[    0.012345] warning net: text`.
pub(crate) fn write_line(record: &Record<'_>, out: &mut dyn Write) -> fmt::Result {
    let (seconds, micros) = (record.time_ns / 1_000_000_000, record.time_ns % 1_000_000_000 / 1000);
    if record.missed > 0 {
        writeln!(out, "({} lines were overwritten before they could be written here)", record.missed)?;
    }
    write!(out, "[{seconds:5}.{micros:06}] ")?;
    if record.level != Level::App {
        // The crate is what a person looks for; /log has the whole module path.
        let source = record.source.split("::").next().unwrap_or(record.source);
        write!(out, "{} {source}: ", record.level.name())?;
    }
    writeln!(out, "{}", record.message)
}
