//! Text from the machine inside JSON, HTML and lines of text, so that it cannot be taken for anything else.

use core::fmt::{self, Write as _};

use super::Format;
use crate::Window;

/// Writes `text` so that `format` shows it as it is.
pub(super) fn put(text: &str, format: Format, window: &mut Window<'_>) {
    for character in text.chars() {
        put_char(character, format, window);
    }
}

fn put_char(character: char, format: Format, window: &mut Window<'_>) {
    let escaped: &[u8] = match (format, character) {
        (Format::Json, '"') => b"\\\"",
        (Format::Json, '\\') => b"\\\\",
        (Format::Json, '\n') => b"\\n",
        (Format::Html, '&') => b"&amp;",
        (Format::Html, '<') => b"&lt;",
        (Format::Html, '>') => b"&gt;",
        (Format::Html, '"') => b"&quot;",
        (Format::Html, '\'') => b"&#39;",
        (Format::Json, control) if control.is_ascii_control() => {
            // A window that overflows says so itself.
            let _ = write!(window, "\\u{:04x}", u32::from(control));
            return;
        }
        (_, plain) => return window.put(plain.encode_utf8(&mut [0; 4]).as_bytes()),
    };
    window.put(escaped);
}

/// Writes at most `most` bytes of words on one line: line breaks and other controls become spaces.
pub(super) fn put_line(words: &dyn fmt::Display, most: usize, format: Format, window: &mut Window<'_>) {
    // An error is only that the words were cut, or that the window overflowed, which says so itself.
    let _ = write!(Line { left: most, format, window }, "{words}");
}

struct Line<'w, 'b> {
    left: usize,
    format: Format,
    window: &'w mut Window<'b>,
}

impl fmt::Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(character.len_utf8()).ok_or(fmt::Error)?;
            put_char(if character.is_control() { ' ' } else { character }, self.format, self.window);
        }
        Ok(())
    }
}

/// How far words were written.
pub(super) struct Written {
    /// So many of their bytes were written, now or before.
    pub(super) bytes: usize,
    /// There are more.
    pub(super) more: bool,
    /// What is written ends a line.
    pub(super) ends_line: bool,
}

/// Writes as much of the words as fits from their byte `from` on.
pub(super) fn put_from(words: &dyn fmt::Display, from: usize, format: Format, window: &mut Window<'_>) -> Written {
    let so_far = Written { bytes: from, more: false, ends_line: false };
    let mut rest = Rest { at: 0, written: so_far, format, window };
    // An error is only that the window is full.
    let _ = write!(rest, "{words}");
    rest.written
}

struct Rest<'w, 'b> {
    /// Bytes seen, written or not.
    at: usize,
    written: Written,
    format: Format,
    window: &'w mut Window<'b>,
}

impl fmt::Write for Rest<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.at >= self.written.bytes {
                let mark = self.window.len();
                put_char(character, self.format, self.window);
                if !self.window.end_line(mark) {
                    self.written.more = true;
                    return Err(fmt::Error);
                }
                self.written.bytes = self.at + character.len_utf8();
            }
            self.written.ends_line = character == '\n';
            self.at += character.len_utf8();
        }
        Ok(())
    }
}
