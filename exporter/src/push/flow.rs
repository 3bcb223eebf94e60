//! Frames back to back over one connection that lasts, for receivers that answer nothing. A frame has arrived when the
//! receiver's machine has acknowledged its last byte. What was not when a connection ends is sent again: it may come twice,
//! and is counted as uncertain.

use super::{Backlog, Consumer, Ended, Failure, Frame, Outbox, Wish};
use crate::Site;

/// How long a receiver may take nothing of what it was sent.
const STALLED_NS: u64 = 15_000_000_000;

/// The consumer.
#[derive(Debug, Default)]
pub struct Flow {
    /// The frame being written, and how much of it is.
    current: Option<(Frame, usize)>,
    /// The oldest frame of which something was written.
    first: Option<u64>,
    /// Bytes written on this connection, those of frames that have arrived, and those that were acknowledged.
    written: u64,
    arrived: u64,
    acknowledged: u64,
    /// When the receiver will have taken nothing for too long, while there is something to take.
    stalls_ns: Option<u64>,
}

impl Flow {
    /// Nothing was sent yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What to write next: the rest of a frame.
    fn next(&self, backlog: &Backlog) -> Option<(Frame, usize)> {
        match self.current {
            Some((frame, sent)) if sent < frame.len => Some((frame, sent)),
            Some((frame, _)) => Some((backlog.after(&frame)?, 0)),
            None => Some((backlog.front()?, 0)),
        }
    }

    /// Whether what is being sent was dropped to make room: the receiver has part of it, so nothing may follow.
    fn is_torn(&self, backlog: &Backlog) -> bool {
        self.first.is_some_and(|first| backlog.front().is_none_or(|front| front.seq > first))
    }
}

impl Consumer for Flow {
    fn wants_connection(&self, _: u64, backlog: &Backlog) -> bool {
        !backlog.is_empty()
    }

    fn opened(&mut self, _: u64) {
        *self = Self::new();
    }

    fn wish(&self, now_ns: u64, backlog: &Backlog) -> Wish {
        let is_stalled = self.stalls_ns.is_some_and(|at| at <= now_ns);
        if is_stalled || self.is_torn(backlog) { Wish::Reset } else { Wish::Open }
    }

    fn wants_to_write(&self, _: u64, backlog: &Backlog) -> bool {
        !self.is_torn(backlog) && self.next(backlog).is_some()
    }

    fn transmit(&mut self, now_ns: u64, room: &mut [u8], out: &mut Outbox<'_>, _: &dyn Site) -> usize {
        let mut written = 0;
        while let Some((frame, sent)) = self.next(out.backlog).filter(|_| !self.is_torn(out.backlog)) {
            let room = room.get_mut(written..).unwrap_or_default();
            if room.is_empty() {
                break;
            }
            let len = out.backlog.read(&frame, sent, room);
            self.first.get_or_insert(frame.seq);
            self.current = Some((frame, sent + len));
            written += len;
        }
        self.written += written as u64;
        if written > 0 {
            self.stalls_ns.get_or_insert(now_ns.saturating_add(STALLED_NS));
        }
        written
    }

    fn unacknowledged(&mut self, now_ns: u64, bytes: usize, out: &mut Outbox<'_>) {
        let acknowledged = self.written.saturating_sub(bytes as u64);
        if acknowledged > self.acknowledged {
            self.acknowledged = acknowledged;
            self.stalls_ns = (bytes > 0).then(|| now_ns.saturating_add(STALLED_NS));
            out.progressed(now_ns);
        }
        while let Some(front) = out.backlog.front().filter(|_| self.first.is_some() && !self.is_torn(out.backlog)) {
            if self.arrived + front.len as u64 > self.acknowledged {
                break;
            }
            self.arrived += front.len as u64;
            if self.current.is_some_and(|(frame, _)| frame.seq == front.seq) {
                (self.current, self.first) = (None, None);
            } else {
                self.first = Some(front.seq + 1);
            }
            out.arrived(now_ns);
        }
    }

    fn receive(&mut self, _: u64, _: &[u8], _: &mut Outbox<'_>) {}

    fn closed(&mut self, _: u64, how: Ended, out: &mut Outbox<'_>) -> Option<Failure> {
        out.stats.uncertain_bytes.add(self.written.saturating_sub(self.arrived));
        *self = Self::new();
        Some(match how {
            Ended::TimedOut => Failure::Timeout,
            Ended::Reset => Failure::Reset,
            _ => Failure::Closed,
        })
    }

    fn deadline_ns(&self) -> Option<u64> {
        self.stalls_ns
    }
}
