//! A bounded place to write a piece of output, and to take it back when it does not fit.
//!
//! This is the only way output is made in this crate: encoders write into a [`Window`] over free transmit space, look
//! whether it overflowed, and rewind to the last whole line if it did, which [`Step`] tells their caller. It allocates
//! nothing and never fails half way unnoticed. It is not a ring and not a queue: it is made, filled and measured within
//! one call.

use core::fmt;

/// The longest line there may be, in bytes. A longer one is left out through however large a window, because through a
/// small one it could not be sent: what is served must not depend on how it is sent.
pub const MAX_LINE: usize = 4088;

/// Writes into a borrowed slice; what does not fit sets [`overflowed`](Window::overflowed) and is left out.
///
/// Overflow is sticky: after the first write that does not fit nothing more is taken until [`rewind`](Window::rewind),
/// so the content is always a prefix of what was written.
#[derive(Debug)]
pub struct Window<'a> {
    bytes: &'a mut [u8],
    len: usize,
    /// What the end of everything written must be below: one more than there are bytes, and nothing once something did
    /// not fit, so that one comparison tells both.
    limit: usize,
}

impl<'a> Window<'a> {
    /// An empty window over `bytes`.
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a mut [u8]) -> Self {
        let limit = bytes.len() + 1;
        Self { bytes, len: 0, limit }
    }

    /// Appends all of `text`, or nothing of it.
    #[inline]
    pub fn put(&mut self, text: &[u8]) {
        let end = self.len + text.len();
        match self.bytes.get_mut(self.len..end) {
            Some(room) if end < self.limit => {
                room.copy_from_slice(text);
                self.len = end;
            }
            _ => self.limit = 0,
        }
    }

    /// Appends one byte.
    #[inline]
    pub fn put_byte(&mut self, byte: u8) {
        self.put(&[byte]);
    }

    /// Appends what `write` leaves at the beginning of an array: as many bytes as it says. In place, if there is room
    /// for the whole array.
    #[inline]
    pub fn put_some<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize) {
        if let Some(room) = self.free().first_chunk_mut() {
            let len = write(room).min(N);
            self.len += len;
        } else {
            let mut bytes = [0; N];
            let len = write(&mut bytes).min(N);
            self.put(bytes.get(..len).unwrap_or_default());
        }
    }

    /// Where the next bytes are written; nothing once something did not fit. [`advance`](Self::advance) says how many
    /// were.
    #[inline]
    pub fn free(&mut self) -> &mut [u8] {
        let free = self.bytes.get_mut(self.len..).unwrap_or_default();
        if self.limit == 0 { &mut [] } else { free }
    }

    /// Takes so many bytes of [`free`](Self::free) as written.
    #[inline]
    pub fn advance(&mut self, len: usize) {
        self.len = self.bytes.len().min(self.len + len);
    }

    /// Bytes written so far; as a mark, what [`rewind`](Self::rewind) takes.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written yet.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether something did not fit since the window was made or last rewound.
    #[inline]
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.limit == 0
    }

    /// Takes back everything after `mark`, an earlier [`len`](Self::len), and forgets the overflow.
    #[inline]
    pub fn rewind(&mut self, mark: usize) {
        self.len = self.len.min(mark);
        self.limit = self.bytes.len() + 1;
    }

    /// Ends the line, or the few lines that belong together, begun at `mark`: if it did not fit, or is longer than
    /// [`MAX_LINE`], takes it back and returns false.
    #[inline]
    #[must_use]
    pub fn end_line(&mut self, mark: usize) -> bool {
        let whole = !self.overflowed() && self.len - mark <= MAX_LINE;
        if !whole {
            self.rewind(mark);
        }
        whole
    }

    /// What was written so far.
    #[inline]
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Why a producer of lines stopped writing. What it wrote is whole lines, newlines included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It wrote as many as it was asked for.
    More,
    /// The next line does not fit. Nothing of it was written, and asking again with more room gives the same line; room
    /// for [`MAX_LINE`] is enough for every line that is not to be passed over.
    Full,
    /// There are no more lines.
    End,
}

impl fmt::Write for Window<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        if self.overflowed() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_is_sticky_and_rewind_forgets_it() {
        let mut bytes = [0; 6];
        let mut window = Window::new(&mut bytes);
        window.put(b"abcd");
        let mark = window.len();
        window.put(b"efg");
        window.put(b"x");
        assert!(window.overflowed(), "a later write that would fit must not follow one that did not");
        assert_eq!(window.written(), b"abcd");
        window.rewind(mark);
        window.put(b"xy");
        assert!(!window.overflowed());
        assert_eq!(window.written(), b"abcdxy");
    }

    #[test]
    fn some_of_an_array_and_free_room() {
        fn write<const N: usize>(room: &mut [u8; N], bytes: &[u8; N], len: usize) -> usize {
            *room = *bytes;
            len
        }
        let mut bytes = [0; 8];
        let mut window = Window::new(&mut bytes);
        window.put_some(|room| write(room, b"ab----", 2));
        window.put_some(|room| write(room, b"cd----", 2));
        assert_eq!((window.written(), window.overflowed()), (&b"abcd"[..], false));
        window.free()[..2].copy_from_slice(b"bc");
        window.advance(2);
        assert_eq!((window.written(), window.overflowed()), (&b"abcdbc"[..], false));
        window.put(b"xyz");
        assert!(window.free().is_empty());
        window.put_some(|room| write(room, b"e---", 1));
        assert_eq!((window.written(), window.overflowed()), (&b"abcdbc"[..], true));
        window.rewind(6);
        window.put_some(|room| write(room, b"efg", 3));
        assert!(window.overflowed());
        window.rewind(6);
        window.put_some(|room| write(room, b"ef--", 2));
        assert_eq!((window.written(), window.overflowed()), (&b"abcdbcef"[..], false));
    }

    #[test]
    fn an_empty_window_overflows() {
        let mut window = Window::new(&mut []);
        window.put(b"");
        assert!(!window.overflowed());
        window.put(b"a");
        assert!(window.overflowed(), "although its limit was zero before");
    }

    #[test]
    fn a_line_that_did_not_fit_is_taken_back() {
        let mut bytes = [0; 4];
        let mut window = Window::new(&mut bytes);
        window.put(b"ab\n");
        assert!(window.end_line(0));
        window.put(b"c");
        window.put(b"d\n");
        assert!(!window.end_line(3));
        assert_eq!((window.written(), window.overflowed()), (&b"ab\n"[..], false));
    }

    #[test]
    fn the_longest_line_and_one_longer() {
        let mut bytes = [0; MAX_LINE + 2];
        let mut window = Window::new(&mut bytes);
        window.put(b"\n");
        window.put(&[b'x'; MAX_LINE]);
        assert!(window.end_line(1));
        window.rewind(1);
        window.put(&[b'x'; MAX_LINE + 1]);
        assert!(!window.end_line(1));
        assert_eq!(window.len(), 1);
    }

    #[test]
    fn exactly_full_is_not_overflowed() {
        let mut bytes = [0; 3];
        let mut window = Window::new(&mut bytes);
        window.put(b"abc");
        window.put(b"");
        assert!(!window.overflowed());
    }
}
