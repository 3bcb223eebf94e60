//! The log: a ring of records that takes new ones without ever waiting, and overwrites the oldest.
//!
//! Readers (the serial line, `/log`, what is pushed) each keep a [`Cursor`] of their own and take nothing out. One that was too
//! slow is told how many records it missed; one that comes late still finds the boot's lines, if they have not been
//! overwritten. Sequence numbers begin at 1 and have no gaps.
//!
//! The ring has no lock: the kernel keeps it in one, formats before it takes it ([`Text`]) and holds it for one copy of a
//! bounded record.
//!
//! Not here: levels and which lines are kept ([`crate::log_filter`]), and what a line looks like.

mod follower;
mod positions;
#[cfg(test)]
mod tests;
mod text;

pub use follower::Follower;
pub use positions::Positions;
pub use text::{MESSAGE_BYTES, Text};

use crate::log_filter::Level;

/// Most bytes of a record's source that are kept.
pub const SOURCE_BYTES: usize = 64;

/// Most bytes of a thread's name that are kept.
pub const THREAD_BYTES: usize = 32;

/// A record's fixed part: length of source and thread (1 byte each), level, flags, length of the message (2), time (8).
const HEADER_BYTES: usize = 14;

/// Longest record.
const RECORD_BYTES: usize = HEADER_BYTES + SOURCE_BYTES + THREAD_BYTES + MESSAGE_BYTES;

/// In a record's flags: the message was longer.
const TRUNCATED: u8 = 1;

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Time since boot.
    pub time_ns: u64,
    /// Its level.
    pub level: Level,
    /// Crate and module it comes from; cut to [`SOURCE_BYTES`].
    pub source: &'a str,
    /// Name of the thread that wrote it; cut to [`THREAD_BYTES`].
    pub thread: &'a str,
    /// What it says.
    pub message: &'a Text,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number.
    pub seq: u64,
    /// How many records before this one were overwritten before the reader came to them.
    pub missed: u64,
    /// Time since boot.
    pub time_ns: u64,
    /// Its level.
    pub level: Level,
    /// Crate and module it comes from.
    pub source: &'a str,
    /// Name of the thread that wrote it.
    pub thread: &'a str,
    /// What it says. If it was longer, it ends in `…`.
    pub message: &'a str,
    /// Whether it was longer.
    pub truncated: bool,
}

/// Where a reader is. Belongs to one ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Number of the record to read next.
    seq: u64,
    /// Where that one begins, counted in bytes from the first ever written.
    offset: u64,
}

impl Cursor {
    /// Before the first record.
    pub const START: Self = Self { seq: 1, offset: 0 };
}

impl Default for Cursor {
    fn default() -> Self {
        Self::START
    }
}

/// Room for a copy of one record.
#[derive(Debug)]
pub struct RecordBuffer([u8; RECORD_BYTES]);

impl RecordBuffer {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self([0; RECORD_BYTES])
    }
}

impl Default for RecordBuffer {
    fn default() -> Self {
        Self::new()
    }
}

/// A ring of `BYTES` bytes, room for about `BYTES / 100` lines.
#[derive(Debug)]
pub struct LogRing<const BYTES: usize> {
    bytes: [u8; BYTES],
    /// The oldest record.
    oldest: Cursor,
    /// The record that will be written next.
    next: Cursor,
}

impl<const BYTES: usize> LogRing<BYTES> {
    /// An empty ring.
    pub const fn new() -> Self {
        const { assert!(BYTES >= RECORD_BYTES, "the longest record must fit") };
        Self { bytes: [0; BYTES], oldest: Cursor::START, next: Cursor::START }
    }

    /// Appends a record, overwriting as many of the oldest as need be, and returns its number.
    pub fn push(&mut self, entry: Entry<'_>) -> u64 {
        let source = text::cut(entry.source, SOURCE_BYTES).as_bytes();
        let thread = text::cut(entry.thread, THREAD_BYTES).as_bytes();
        let message = entry.message.as_str().as_bytes();
        let mut header = [0; HEADER_BYTES];
        header[0] = source.len() as u8;
        header[1] = thread.len() as u8;
        header[2] = entry.level as u8;
        header[3] = if entry.message.is_truncated() { TRUNCATED } else { 0 };
        header[4..6].copy_from_slice(&(message.len() as u16).to_le_bytes());
        header[6..14].copy_from_slice(&entry.time_ns.to_le_bytes());

        let parts = [&header[..], source, thread, message];
        let end = self.next.offset + parts.iter().map(|part| part.len() as u64).sum::<u64>();
        while end - self.oldest.offset > BYTES as u64 {
            self.oldest = self.following(self.oldest);
        }
        let mut offset = self.next.offset;
        for part in parts {
            self.write(offset, part);
            offset += part.len() as u64;
        }
        let seq = self.next.seq;
        self.next = Cursor { seq: seq + 1, offset };
        seq
    }

    /// Copies the record at `cursor`, or the oldest if that one was overwritten, and moves the cursor behind it. `None`:
    /// nothing new, and the cursor stays.
    pub fn read<'b>(&self, cursor: &mut Cursor, buffer: &'b mut RecordBuffer) -> Option<Record<'b>> {
        let at = if cursor.seq < self.oldest.seq { self.oldest } else { *cursor };
        if at.seq >= self.next.seq {
            return None;
        }
        let missed = at.seq - cursor.seq;
        *cursor = self.following(at);
        let record = &mut buffer.0[..(cursor.offset - at.offset) as usize];
        self.copy(at.offset, record);

        let (header, texts) = record.split_first_chunk::<HEADER_BYTES>()?;
        let &[source_len, thread_len, level, flags, _, _, time @ ..] = header;
        let (source, texts) = texts.split_at_checked(source_len.into())?;
        let (thread, message) = texts.split_at_checked(thread_len.into())?;
        // Only whole strings are written, so none of these is ever replaced.
        let text = |bytes| core::str::from_utf8(bytes).unwrap_or("?");
        Some(Record {
            seq: at.seq,
            missed,
            time_ns: u64::from_le_bytes(time),
            level: Level::ALL.get(usize::from(level)).copied().unwrap_or(Level::Error),
            source: text(source),
            thread: text(thread),
            message: text(message),
            truncated: flags & TRUNCATED != 0,
        })
    }

    /// Copies the first record after number `seq` (0: after none). For one record; a [`Cursor`] reads many without
    /// searching.
    pub fn read_after<'b>(&self, seq: u64, buffer: &'b mut RecordBuffer) -> Option<Record<'b>> {
        self.read(&mut self.cursor_after(seq), buffer)
    }

    /// A cursor behind record number `seq`, found by walking the ring. Of numbers not given yet, none will be missed.
    pub fn cursor_after(&self, seq: u64) -> Cursor {
        let wanted = seq.saturating_add(1);
        if wanted < self.oldest.seq {
            // What lies there is gone: `read` sees that by the number alone.
            return Cursor { seq: wanted, offset: 0 };
        }
        let mut cursor = self.oldest;
        while cursor.seq < wanted.min(self.next.seq) {
            cursor = self.following(cursor);
        }
        cursor
    }

    /// Number of the newest record; 0 if there never was one.
    pub fn last_seq(&self) -> u64 {
        self.next.seq - 1
    }

    /// How many records were overwritten.
    pub fn overwritten(&self) -> u64 {
        self.oldest.seq - 1
    }

    /// The place after the record at `at`, which must be in the ring.
    fn following(&self, at: Cursor) -> Cursor {
        let mut header = [0; HEADER_BYTES];
        self.copy(at.offset, &mut header);
        let message_len = u64::from(u16::from_le_bytes([header[4], header[5]]));
        let len = HEADER_BYTES as u64 + u64::from(header[0]) + u64::from(header[1]) + message_len;
        Cursor { seq: at.seq + 1, offset: at.offset + len }
    }

    fn write(&mut self, offset: u64, part: &[u8]) {
        let start = (offset % BYTES as u64) as usize;
        let (before_end, from_start) = part.split_at(part.len().min(BYTES - start));
        self.bytes[start..start + before_end.len()].copy_from_slice(before_end);
        self.bytes[..from_start.len()].copy_from_slice(from_start);
    }

    fn copy(&self, offset: u64, out: &mut [u8]) {
        let start = (offset % BYTES as u64) as usize;
        let (before_end, from_start) = out.split_at_mut(out.len().min(BYTES - start));
        before_end.copy_from_slice(&self.bytes[start..start + before_end.len()]);
        from_start.copy_from_slice(&self.bytes[..from_start.len()]);
    }
}

impl<const BYTES: usize> Default for LogRing<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}
