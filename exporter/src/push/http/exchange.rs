//! One request on its way: which frame it carries, and how far it has come.

use super::{MAX_PRELUDE, Outgoing};
use crate::push::{Backlog, Frame};

/// A request that is not answered yet.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) frame: Frame,
    /// Bytes of its head.
    pub(super) head_len: usize,
    /// When it is given up, unless something happens.
    pub(super) deadline_ns: u64,
    prelude: [u8; MAX_PRELUDE],
    prelude_len: usize,
    /// Bytes written, and of them those that the server's machine has acknowledged.
    written: usize,
    acknowledged: usize,
}

impl Exchange {
    /// A request whose body is `frame` without the first `prelude_len` bytes.
    pub(super) fn new(frame: Frame, prelude_len: usize, backlog: &Backlog, deadline_ns: u64) -> Self {
        let mut prelude = [0; MAX_PRELUDE];
        let prelude_len = backlog.read(&frame, 0, prelude.get_mut(..prelude_len).unwrap_or_default());
        Self { frame, head_len: 0, deadline_ns, prelude, prelude_len, written: 0, acknowledged: 0 }
    }

    /// What a protocol must know of it.
    pub(super) fn outgoing<'a>(&'a self, sink: &'a str) -> Outgoing<'a> {
        Outgoing {
            sink,
            seq: self.frame.seq,
            prelude: self.prelude.get(..self.prelude_len).unwrap_or_default(),
            items: self.frame.items,
            stamp_ns: self.frame.stamp_ns,
        }
    }

    pub(super) fn body_len(&self) -> usize {
        self.frame.len.saturating_sub(self.prelude_len)
    }

    /// How much of the body was written.
    pub(super) fn body_written(&self) -> u64 {
        self.written.saturating_sub(self.head_len) as u64
    }

    pub(super) fn is_written(&self) -> bool {
        self.written == self.head_len + self.body_len()
    }

    /// Whether the frame was dropped, and not all of it is written: the request cannot be completed.
    pub(super) fn is_torn(&self, backlog: &Backlog) -> bool {
        !self.is_written() && backlog.front().is_none_or(|front| front.seq != self.frame.seq)
    }

    /// Writes what comes next of `head` and the body, and returns how much that is.
    pub(super) fn write(&mut self, head: &[u8], backlog: &Backlog, room: &mut [u8]) -> usize {
        let head = head.get(self.written..self.head_len).unwrap_or_default();
        let (head_room, body_room) = room.split_at_mut(head.len().min(room.len()));
        head_room.copy_from_slice(head.get(..head_room.len()).unwrap_or_default());
        self.written += head_room.len();
        let from = self.prelude_len + self.body_written() as usize;
        let body = if self.written < self.head_len { 0 } else { backlog.read(&self.frame, from, body_room) };
        self.written += body;
        head_room.len() + body
    }

    /// So many of the bytes written are not acknowledged. Whether fewer are than when this was last told.
    pub(super) fn acknowledge(&mut self, missing: usize) -> bool {
        let acknowledged = self.written.saturating_sub(missing);
        let has_progressed = acknowledged > self.acknowledged;
        self.acknowledged = self.acknowledged.max(acknowledged);
        has_progressed
    }
}
