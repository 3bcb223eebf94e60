//! A message being formatted: bounded, so that it can be on the stack of whoever logs, and marked where it was cut.

use core::fmt;

/// Most bytes of a message that are kept, the mark of its cutting included. An RFC 5424 receiver must take 480 bytes in all
/// and should take 2,048 (section 6.1); with its source and time a message of this length still fits one Ethernet frame.
pub const MESSAGE_BYTES: usize = 512;

/// What a cut message ends in.
const MARK: &str = "…";

/// Formatted text of up to [`MESSAGE_BYTES`]; what goes beyond is dropped. Writing never fails.
#[derive(Clone, Debug)]
pub struct Text {
    bytes: [u8; MESSAGE_BYTES],
    len: usize,
    truncated: bool,
}

impl Text {
    /// No text.
    pub const fn new() -> Self {
        Self { bytes: [0; MESSAGE_BYTES], len: 0, truncated: false }
    }

    /// The text of `arguments`.
    pub fn format(arguments: fmt::Arguments<'_>) -> Self {
        let mut text = Self::new();
        // Our own writes never fail; an error is one that some Display reported, and the text before it is still good.
        if fmt::write(&mut text, arguments).is_err() {
            text.push("(formatting failed)");
        }
        text
    }

    /// The text so far.
    pub fn as_str(&self) -> &str {
        // Only whole characters are written.
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }

    /// Whether something was dropped.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    fn push(&mut self, text: &str) {
        if self.truncated {
            return;
        }
        if text.len() <= MESSAGE_BYTES - self.len {
            self.append(text);
            return;
        }
        self.truncated = true;
        let room = MESSAGE_BYTES - MARK.len();
        if let Some(left) = room.checked_sub(self.len) {
            self.append(cut(text, left));
        } else {
            // The mark needs the place of what was written last.
            self.len = cut(self.as_str(), room).len();
        }
        self.append(MARK);
    }

    /// Appends what is known to fit.
    fn append(&mut self, text: &str) {
        self.bytes[self.len..self.len + text.len()].copy_from_slice(text.as_bytes());
        self.len += text.len();
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}

/// The longest beginning of `text` with at most `max` bytes and only whole characters.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::Write;
    use proptest::prelude::*;
    use std::string::String;

    #[test]
    fn short_text_is_kept() {
        let text = Text::format(format_args!("{} of {}", 1, "two"));
        assert_eq!((text.as_str(), text.is_truncated()), ("1 of two", false));
    }

    #[test]
    fn a_display_that_fails_spoils_nothing() {
        struct Bad;
        impl fmt::Display for Bad {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        assert_eq!(Text::format(format_args!("a{Bad}b")).as_str(), "a(formatting failed)");
    }

    proptest! {
        /// In whatever pieces it comes, text that fits is kept whole, and longer text is cut at a character and marked.
        #[test]
        fn is_bounded(pieces in prop::collection::vec(".{0,90}", 0..12)) {
            let mut text = Text::new();
            for piece in &pieces {
                prop_assert!(text.write_str(piece).is_ok());
            }
            let whole: String = pieces.concat();
            prop_assert_eq!(text.is_truncated(), whole.len() > MESSAGE_BYTES);
            if text.is_truncated() {
                let kept = text.as_str().strip_suffix(MARK).expect("marked");
                prop_assert!(whole.starts_with(kept) && text.len <= MESSAGE_BYTES && text.len > MESSAGE_BYTES - 8);
            } else {
                prop_assert_eq!(text.as_str(), whole);
            }
        }
    }
}
