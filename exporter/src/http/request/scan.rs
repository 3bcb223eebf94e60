//! Finds the end of a request head while its bytes arrive, however they are cut.
//!
//! It also refuses, at the byte where it happens, what would make two readers disagree about where a line or a head ends:
//! control bytes, bare CR, bare LF, folded lines. What the lines mean is `request`'s business.

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
pub(in crate::http) enum Scan {
    /// All bytes belong to the head, and more must follow.
    More,
    /// The head ends after this many of the bytes.
    Complete(usize),
}

/// The scanner of one head.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Scanner {
    place: Place,
    lines: u16,
}

impl Scanner {
    /// Before the first byte of a head.
    pub(in crate::http) const fn new() -> Self {
        Self { place: Place::Before, lines: 0 }
    }

    /// Whether the request line is complete.
    pub(in crate::http) fn past_request_line(&self) -> bool {
        self.lines > 0
    }

    /// How many of `bytes` belong to empty lines before the request line. They are no part of the head, and no other
    /// reading follows until there is a byte that does.
    pub(in crate::http) fn skip(&mut self, bytes: &[u8]) -> usize {
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
    pub(in crate::http) fn read(&mut self, bytes: &[u8]) -> Result<Scan, Refusal> {
        for (index, &byte) in bytes.iter().enumerate() {
            self.place = match (self.place, byte) {
                (Place::Line, b'\t' | b' '..=b'~' | 0x80..) => continue,
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
        }
        Ok(Scan::More)
    }
}
