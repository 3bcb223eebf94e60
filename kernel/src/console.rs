//! The serial console: one of the log's readers, at its own pace.
//!
//! Until the housekeeper works, and when a life ends, whoever logs or ends writes the lines out itself.

use crate::kernel_log;
use crate::sync::PreemptLock;
use core::fmt::{self, Write};
use drivers::serial::Serial;
use heapless::String;
use kernel_core::log_ring::{Cursor, MESSAGE_BYTES, RecordBuffer, SOURCE_BYTES};

/// A line with its time, level and source, and a note on lines that were missed.
const LINE_BYTES: usize = MESSAGE_BYTES + SOURCE_BYTES + 128;

struct Console {
    serial: Serial,
    /// The line to read next.
    cursor: Cursor,
    /// The number of the line that was read last.
    seq: u64,
    /// That line, and how much of it is written.
    line: String<LINE_BYTES>,
    sent: usize,
}

static CONSOLE: PreemptLock<Console> =
    PreemptLock::new(Console { serial: port(), cursor: Cursor::START, seq: 0, line: String::new(), sent: 0 });

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

/// What a step of writing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Some bytes were written.
    Wrote,
    /// The port takes none now.
    Blocked,
    /// There is nothing to write.
    Idle,
}

impl Console {
    /// What is left to write of the current line, after reading the next one if none is; empty if there is none.
    fn rest(&mut self) -> &[u8] {
        if self.sent == self.line.len() {
            let mut buffer = RecordBuffer::new();
            self.line.clear();
            self.sent = 0;
            if let Some(record) = kernel_log::read(&mut self.cursor, &mut buffer) {
                self.seq = record.seq;
                // It fits; if it did not, it would be cut.
                let _ = kernel_log::write_line(&record, &mut self.line);
            }
        }
        &self.line.as_bytes()[self.sent..]
    }

    fn step(&mut self) -> Step {
        if self.rest().is_empty() {
            return Step::Idle;
        }
        let written = self.serial.try_write(&self.line.as_bytes()[self.sent..]);
        self.sent += written;
        if written == 0 { Step::Blocked } else { Step::Wrote }
    }

    fn drain(&mut self) {
        while !self.rest().is_empty() {
            self.serial.write(&self.line.as_bytes()[self.sent..]);
            self.sent = self.line.len();
        }
    }
}

/// Writes as much as the port takes at once, at most its FIFO: that long, no other thread runs.
pub(crate) fn write_some() -> Step {
    CONSOLE.with(Console::step)
}

/// Writes all lines, waiting for the port. Where it is taken (by what the life that ends was doing), nothing.
pub(crate) fn drain() {
    CONSOLE.try_with(Console::drain);
}

/// The number of the last line that is written whole.
pub(crate) fn written() -> u64 {
    CONSOLE.with(|console| if console.sent == console.line.len() { console.seq } else { console.seq.saturating_sub(1) })
}

/// The port itself, for the end of a life: no lock, no log.
pub(crate) struct RawSerial;

impl Write for RawSerial {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        port().write(text.as_bytes());
        Ok(())
    }
}
