//! The one reply of a session: a text of bounded length.

use core::fmt;

/// The longest reply, in bytes. A list that is longer is an error that says so.
pub(super) const MAX_REPLY: usize = 4096;

/// A text that is being made, or sent.
pub(super) struct Reply {
    text: [u8; MAX_REPLY],
    len: usize,
    sent: usize,
}

impl Reply {
    pub(super) const fn new() -> Self {
        Self { text: [0; MAX_REPLY], len: 0, sent: 0 }
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        (self.len, self.sent) = (0, 0);
    }

    /// Moves what is still to be sent, as far as there is room.
    pub(super) fn send(&mut self, out: &mut [u8]) -> usize {
        let rest = self.text.get(self.sent..self.len).unwrap_or_default();
        let count = rest.len().min(out.len());
        out.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.sent += count;
        count
    }

    /// Whether all of it was sent.
    pub(super) fn is_sent(&self) -> bool {
        self.sent == self.len
    }
}

/// Fails where the text would become too long; what was written before then stands.
impl fmt::Write for Reply {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let place = self.text.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}
