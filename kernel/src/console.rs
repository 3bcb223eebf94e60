//! The serial console: one of the log's readers, at its own pace.
//!
//! Until the housekeeper works, and when a life ends, whoever logs or ends writes the lines out itself.

use crate::kernel_log;
use crate::sync::PreemptLock;
use core::fmt;
use drivers::serial::Serial;
use kernel_core::log_ring::{Cursor, RecordBuffer};

struct Console {
    serial: Serial,
    /// The line to write next.
    cursor: Cursor,
    written: u64,
}

static CONSOLE: PreemptLock<Console> = PreemptLock::new(Console { serial: port(), cursor: Cursor::START, written: 0 });

/// The first serial port.
#[expect(unsafe_code, reason = "the port's constructor")]
const fn port() -> Serial {
    // SAFETY: the kernel runs in ring 0. There are two users: the console, and what ends a life,
    // after which the console writes no more.
    unsafe { Serial::com1() }
}

/// Sets the port up; without one, lines stay in the log.
pub(crate) fn init() {
    // Absent is no failure: a machine may have no serial port.
    let _ = CONSOLE.with(|console| console.serial.init());
}

impl Console {
    /// Writes the next line; whether there was one.
    fn write_line(&mut self) -> bool {
        let mut buffer = RecordBuffer::new();
        let Some(record) = kernel_log::read(&mut self.cursor, &mut buffer) else { return false };
        self.written = record.seq;
        // The port never fails.
        let _ = kernel_log::write_line(&record, &mut Port(&mut self.serial));
        true
    }
}

/// The port as a place for text.
struct Port<'a>(&'a mut Serial);

impl fmt::Write for Port<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// Writes the next line; whether there was one. A line is the longest time the writing thread keeps the CPU.
pub(crate) fn write_some() -> bool {
    CONSOLE.with(Console::write_line)
}

/// Writes all lines. Where the port is taken (by what the life that ends was doing), nothing.
pub(crate) fn drain() {
    CONSOLE.try_with(|console| while console.write_line() {});
}

/// Whether there are lines to write.
pub(crate) fn behind() -> bool {
    CONSOLE.with(|console| console.written < kernel_log::last_seq())
}

/// The port itself, for the end of a life: no lock, no log.
pub(crate) struct RawSerial;

impl fmt::Write for RawSerial {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        Port(&mut port()).write_str(text)
    }
}
