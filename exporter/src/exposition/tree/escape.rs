//! Text from the machine inside JSON, HTML and lines of text, so that it cannot be taken for anything else.

use core::fmt::{self, Write as _};

use super::Format;
use crate::Window;

/// Writes `text` so that `format` shows it as it is.
pub(crate) fn put(text: &str, format: Format, window: &mut Window<'_>) {
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

/// Writes words on one line, in at most `most` bytes and, if that is not all, `…`. Where words are shown as they are,
/// line breaks and other controls become spaces.
pub(super) fn put_line(words: &dyn fmt::Display, most: usize, format: Format, window: &mut Window<'_>) {
    let mut line = Line { left: most, cut: false, format, window };
    // An error is only that the words were cut, or that the window overflowed, which says so itself.
    let _ = write!(line, "{words}");
    if line.cut {
        window.put("…".as_bytes());
    }
}

struct Line<'w, 'b> {
    /// Bytes that may still be written, as they are once escaped.
    left: usize,
    cut: bool,
    format: Format,
    window: &'w mut Window<'b>,
}

impl fmt::Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.cut || self.window.overflowed() {
                return Err(fmt::Error);
            }
            let mark = self.window.len();
            let breaks = self.format != Format::Json && character.is_control();
            put_char(if breaks { ' ' } else { character }, self.format, self.window);
            match self.left.checked_sub(self.window.len() - mark) {
                Some(left) => self.left = left,
                None => {
                    self.window.rewind(mark);
                    self.cut = true;
                }
            }
        }
        Ok(())
    }
}

/// How far words were written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    /// So many of their bytes were written, now or before.
    pub(super) bytes: usize,
    /// There are more.
    pub(super) more: bool,
    /// What was written last ends a line.
    pub(super) ends_line: bool,
}

/// Writes as much of the words as fits, from where `before` says they were left.
pub(super) fn put_from(words: &dyn fmt::Display, before: Written, format: Format, window: &mut Window<'_>) -> Written {
    let mut rest = Rest { at: 0, written: Written { more: false, ..before }, format, window };
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
        // Whoever writes the words may not heed that there is no room for more.
        if self.written.more {
            return Err(fmt::Error);
        }
        let skipped = text.ceil_char_boundary(self.written.bytes.saturating_sub(self.at));
        self.at += skipped;
        for character in text.get(skipped..).unwrap_or_default().chars() {
            let mark = self.window.len();
            put_char(character, self.format, self.window);
            if !self.window.end_line(mark) {
                self.written.more = true;
                return Err(fmt::Error);
            }
            self.at += character.len_utf8();
            self.written.bytes = self.at;
            self.written.ends_line = character == '\n';
        }
        Ok(())
    }
}
