//! Words a program changes while it runs: a cell of a bounded text. Not for words a function writes: see `TextRecord`.

use core::cell::RefCell;
use core::fmt;

use critical_section::Mutex;

/// The most bytes a text cell or a text setting holds.
pub const MAX_TEXT: usize = 255;

/// A copy of a cell's text.
#[derive(Clone, Copy)]
pub struct Text {
    len: u8,
    bytes: [u8; MAX_TEXT],
}

impl Text {
    pub(crate) const EMPTY: Self = Self { len: 0, bytes: [0; MAX_TEXT] };

    /// As much of `text` as fits.
    pub(crate) fn of(text: &str) -> Self {
        let mut copy = Self::EMPTY;
        let text = &text.as_bytes()[..text.floor_char_boundary(MAX_TEXT)];
        copy.bytes[..text.len()].copy_from_slice(text);
        copy.len = text.len() as u8;
        copy
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A text that may be replaced. Reading copies it, in a bounded critical section.
pub struct TextCell(Mutex<RefCell<Text>>);

impl TextCell {
    /// An empty text.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(RefCell::new(Text::EMPTY)))
    }

    /// Replaces the text; what is longer than [`MAX_TEXT`] is cut.
    pub fn set(&self, text: &str) {
        let text = Text::of(text);
        critical_section::with(|cs| *self.0.borrow_ref_mut(cs) = text);
    }

    /// A copy of the text.
    #[must_use]
    pub fn get(&self) -> Text {
        critical_section::with(|cs| *self.0.borrow_ref(cs))
    }
}

impl Default for TextCell {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TextCell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), out)
    }
}
