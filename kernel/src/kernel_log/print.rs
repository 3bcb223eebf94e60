//! `print!` and `println!`: what a program prints, line by line, becomes log lines of level `app`.

use super::levels::passes;
use super::{Level, write};
use crate::thread;
use core::fmt::{self, Write};

/// What the macros call.
#[doc(hidden)]
pub fn print(arguments: fmt::Arguments<'_>) {
    // Cannot fail: `Lines` takes everything.
    let _ = Lines.write_fmt(arguments);
}

/// Collects text into lines.
struct Lines;

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive('\n') {
            let (part, complete) = match part.strip_suffix('\n') {
                Some(part) => (part, true),
                None => (part, false),
            };
            append(part);
            if complete {
                flush_print_buffer_even_if_empty();
            }
        }
        Ok(())
    }
}

/// Adds to the thread's line; one that outgrows the buffer goes out in pieces.
fn append(mut text: &str) {
    while !text.is_empty() {
        let taken = thread::print_buffer(|buffer| {
            let room = buffer.capacity() - buffer.len();
            let end = text.floor_char_boundary(room.min(text.len()));
            // It fits by the line before.
            let _ = buffer.push_str(&text[..end]);
            end
        });
        let Some(taken) = taken else {
            return emit(text); // before there are threads: as it comes
        };
        text = &text[taken..];
        if !text.is_empty() {
            flush_print_buffer_even_if_empty();
        }
    }
}

fn flush_print_buffer_even_if_empty() {
    if let Some(line) = thread::print_buffer(core::mem::take) {
        emit(&line);
    }
}

/// Writes out a line that was begun and not ended.
pub(crate) fn flush_print_buffer() {
    if let Some(line) = thread::print_buffer(core::mem::take).filter(|line| !line.is_empty()) {
        emit(&line);
    }
}

fn emit(line: &str) {
    if passes("app", Level::App) {
        write(Level::App, "app", format_args!("{line}"));
    }
}

/// Prints to the log, without ending the line.
#[macro_export]
macro_rules! print {
    ($($argument:tt)*) => { $crate::__print(::core::format_args!($($argument)*)) };
}

/// Prints a line to the log.
#[macro_export]
macro_rules! println {
    () => { $crate::__print(::core::format_args!("\n")) };
    ($($argument:tt)*) => { $crate::__print(::core::format_args!("{}\n", ::core::format_args!($($argument)*))) };
}
