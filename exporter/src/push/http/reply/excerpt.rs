//! The beginning of what a server says, made fit for one log line.

/// How much of it is kept, in bytes.
pub(super) const MAX_EXCERPT: usize = 200;

/// Printable ASCII: white space of any kind and length becomes one space, and what is neither a question mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excerpt {
    bytes: [u8; MAX_EXCERPT],
    len: usize,
    /// White space came, and nothing after it yet.
    gap: bool,
    /// Nothing more is taken.
    whole: bool,
}

impl Excerpt {
    /// Takes `text` for all that the server says.
    pub(super) fn set(&mut self, text: &[u8]) {
        *self = Self::default();
        self.append(text);
        self.whole = true;
    }

    /// Takes more text, as long as there is room.
    pub(super) fn append(&mut self, text: &[u8]) {
        for &byte in text {
            if self.whole {
                return;
            }
            if byte.is_ascii_whitespace() {
                self.gap = self.len > 0;
                continue;
            }
            if core::mem::take(&mut self.gap) {
                self.push(b' ');
            }
            self.push(if byte.is_ascii_graphic() { byte } else { b'?' });
        }
    }

    fn push(&mut self, byte: u8) {
        match self.bytes.get_mut(self.len) {
            Some(place) => {
                *place = byte;
                self.len += 1;
            }
            None => self.whole = true,
        }
    }

    /// What was kept.
    pub(super) fn as_str(&self) -> &str {
        let text = core::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default()).unwrap_or_default();
        // The space before what had no room.
        text.trim_ascii_end()
    }
}

impl Default for Excerpt {
    fn default() -> Self {
        Self { bytes: [0; MAX_EXCERPT], len: 0, gap: false, whole: false }
    }
}
