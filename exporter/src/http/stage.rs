//! A connection's one buffer: the head of the request while one is read, then its body, and the output that did not fit
//! while it is answered.
//!
//! One buffer serves all because they never overlap: by the time a body or a reply starts, everything before has been
//! read into values, and the next request stays with the transport until the reply is out. The buffer is also what
//! bounds a request head and a line of output.

use core::fmt;

use super::reply::CHUNK_OVERHEAD;
use crate::MAX_LINE;

/// Size of the buffer: the longest request head, and the longest piece of output, which is a line as a chunk.
pub const STAGE_BYTES: usize = MAX_LINE + CHUNK_OVERHEAD;

/// The buffer, and which part of it is in use. What it holds may be secret, so it is never shown.
pub(super) struct Stage {
    bytes: [u8; STAGE_BYTES],
    start: usize,
    end: usize,
}

impl Stage {
    /// An empty stage.
    pub(super) const fn new() -> Self {
        Self { bytes: [0; STAGE_BYTES], start: 0, end: 0 }
    }

    /// Forgets the content.
    pub(super) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Forgets the content and leaves nothing of it in memory: for what may have had credentials in it.
    pub(super) fn wipe(&mut self) {
        self.bytes.get_mut(..self.end).unwrap_or_default().fill(0);
        self.clear();
    }

    /// Whether nothing is held.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// What is held.
    pub(super) fn held(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Bytes that can still be appended.
    pub(super) fn room(&self) -> usize {
        self.bytes.len() - self.end
    }

    /// Appends as much of `more` as there is room for, and returns how much that is.
    pub(super) fn append(&mut self, more: &[u8]) -> usize {
        let taken = more.len().min(self.room());
        let range = self.end..self.end + taken;
        if let (Some(to), Some(from)) = (self.bytes.get_mut(range), more.get(..taken)) {
            to.copy_from_slice(from);
            self.end += taken;
        }
        taken
    }

    /// Replaces the content by what `fill` leaves, the returned number of bytes at the front of the buffer.
    pub(super) fn refill<T>(&mut self, fill: impl FnOnce(&mut [u8]) -> (usize, T)) -> T {
        let (len, result) = fill(&mut self.bytes);
        (self.start, self.end) = (0, len.min(self.bytes.len()));
        result
    }

    /// Moves as much as fits to `out`, and returns how much that is.
    pub(super) fn drain(&mut self, out: &mut [u8]) -> usize {
        let len = out.len().min(self.end - self.start);
        let range = self.start..self.start + len;
        if let (Some(to), Some(from)) = (out.get_mut(..len), self.bytes.get(range)) {
            to.copy_from_slice(from);
            self.start += len;
        }
        len
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("start", &self.start).field("end", &self.end).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn what_was_held_is_neither_shown_nor_left_behind() {
        let mut stage = Stage::new();
        stage.append(b"open sesame");
        stage.drain(&mut [0; 4]);
        assert_eq!(std::format!("{stage:?}"), "Stage { start: 4, end: 11, .. }");
        stage.wipe();
        assert!(stage.is_empty() && stage.bytes.iter().all(|&byte| byte == 0));
    }
}
