//! Finds the end of a request head while its bytes arrive, however they are cut.
//!
//! It also refuses, at the byte where it happens, what would make two readers disagree about where a line or a head
//! ends: control bytes, bare CR, bare LF, folded lines. What the lines mean is `request`'s business; heads of replies
//! that others send are scanned alike (`push::http`).

use super::refusal::Refusal;

/// What the byte before the next one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the request line; empty lines here are skipped (RFC 9112, 2.2).
    Before,
    /// A CR before the request line.
    BeforeCr,
    /// Inside a line.
    Line,
    /// After a CR inside a line.
    LineCr,
    /// At the first byte of a field line.
    LineStart,
    /// After the CR of the empty line that ends the head.
    EndCr,
}

/// How far a head has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// All bytes belong to the head, and more must follow.
    More,
    /// The head ends after this many of the bytes.
    Complete(usize),
}

/// The scanner of one head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scanner {
    place: Place,
    lines: u16,
}

impl Scanner {
    /// Before the first byte of a head.
    pub(crate) const fn new() -> Self {
        Self { place: Place::Before, lines: 0 }
    }

    /// Whether the request line is complete.
    pub(crate) fn past_request_line(&self) -> bool {
        self.lines > 0
    }

    /// How many of `bytes` belong to empty lines before the request line. They are no part of the head, and no other
    /// reading follows until there is a byte that does.
    pub(crate) fn skip(&mut self, bytes: &[u8]) -> usize {
        let mut skipped = 0;
        for &byte in bytes {
            self.place = match (self.place, byte) {
                (Place::Before, b'\r') => Place::BeforeCr,
                (Place::BeforeCr, b'\n') => Place::Before,
                _ => break,
            };
            skipped += 1;
        }
        skipped
    }

    /// Reads on; `bytes` are those after the ones skipped and read before.
    ///
    /// # Errors
    /// At the first byte that no head can have in its place.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<Scan, Refusal> {
        let mut index = 0;
        while let Some(&byte) = bytes.get(index) {
            self.place = match (self.place, byte) {
                (Place::Line, b'\t' | b' '..=b'~' | 0x80..) => {
                    index += 1 + plain_words(bytes.get(index + 1..).unwrap_or_default());
                    continue;
                }
                (Place::Line, b'\r') => Place::LineCr,
                (Place::LineCr, b'\n') => {
                    self.lines = self.lines.saturating_add(1);
                    Place::LineStart
                }
                (Place::LineStart, b'\r') => Place::EndCr,
                (Place::EndCr, b'\n') => return Ok(Scan::Complete(index + 1)),
                (Place::LineCr | Place::EndCr | Place::BeforeCr, _) | (_, b'\n') => return Err(Refusal::LineEnding),
                (Place::LineStart, b' ' | b'\t') => return Err(Refusal::Folding),
                (Place::Before | Place::LineStart, b' '..=b'~' | 0x80..) => Place::Line,
                _ => return Err(Refusal::ControlByte),
            };
            index += 1;
        }
        Ok(Scan::More)
    }
}

/// How many bytes at the beginning have no control byte among them, in whole words: the rest is for who looks at each.
fn plain_words(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHS: u64 = 0x80 * ONES;
    let is_plain = |word: &&[u8; 8]| {
        let word = u64::from_ne_bytes(**word);
        // A byte's high bit is set if it is below a space, or the delete byte, and its own high bit is not set.
        let below_space = word.wrapping_sub(0x20 * ONES);
        let delete = (word ^ (0x7f * ONES)).wrapping_sub(ONES);
        (below_space | delete) & !word & HIGHS == 0
    };
    8 * bytes.as_chunks().0.iter().take_while(is_plain).count()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    /// How a head is read in pieces of this size.
    fn scan(head: &[u8], piece: usize) -> (usize, Result<Scan, Refusal>) {
        let mut scanner = Scanner::new();
        let mut read = 0;
        for piece in head.chunks(piece) {
            match scanner.read(piece) {
                Ok(Scan::More) => read += piece.len(),
                Ok(Scan::Complete(len)) => return (read + len, Ok(Scan::Complete(0))),
                refused => return (0, refused),
            }
        }
        (read, Ok(Scan::More))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Wherever a byte stands in a line, it is looked at.
        #[test]
        fn no_byte_is_passed_over(
            before in "[ -~]{0,40}",
            byte: u8,
            after in prop::collection::vec(prop_oneof![8 => 0x20..0x7f_u8, 1 => any::<u8>()], 0..40),
        ) {
            let line = [b"G", before.as_bytes(), &[byte], &after].concat();
            let head = [&line, &b"\r\n\r\n"[..]].concat();
            let is_plain = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
            let whole = scan(&head, usize::MAX);
            prop_assert_eq!(matches!(whole.1, Ok(Scan::Complete(_))), line.iter().all(is_plain), "{:?}", line);
            prop_assert_eq!(&whole, &scan(&head, 1));
            prop_assert_eq!(&whole, &scan(&head, 7));
        }
    }

    #[test]
    fn words_without_control_bytes() {
        let plain: Vec<u8> = (0x20..0x7f).chain(0x80..=0xff).collect();
        assert_eq!(plain_words(&plain), plain.len() / 8 * 8);
        for byte in (0..0x20).chain([0x7f]) {
            for at in 0..24 {
                let mut bytes = [b'a'; 24];
                bytes[at] = byte;
                assert_eq!(plain_words(&bytes), at / 8 * 8, "{byte} at {at}");
            }
        }
    }
}
