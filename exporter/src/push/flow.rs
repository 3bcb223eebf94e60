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
    /// The frame that was written last, and how much of it was.
    newest: Option<(Frame, usize)>,
    /// The first frame of which something was written that may not have arrived, and the byte of the stream it begins at.
    oldest: Option<(Frame, u64)>,
    /// Bytes written on this connection, and those that were acknowledged.
    written: u64,
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
        match self.newest {
            Some((frame, sent)) if sent < frame.len => Some((frame, sent)),
            Some((frame, _)) => {
                // It may be gone, arrived or dropped.
                let next = backlog.after(&frame).or_else(|| backlog.front().filter(|front| front.seq > frame.seq));
                Some((next?, 0))
            }
            None => Some((backlog.front()?, 0)),
        }
    }

    /// Whether a frame was dropped to make room when part of it was written: nothing may follow that.
    fn is_torn(&self, backlog: &Backlog) -> bool {
        self.newest.is_some_and(|(frame, sent)| sent < frame.len && is_gone(&frame, backlog))
    }

    /// Takes away what has arrived. What was dropped after it was written is passed over: it is counted as dropped.
    fn settle(&mut self, now_ns: u64, out: &mut Outbox<'_>) {
        let was_written = |frame: &Frame, newest: u64| frame.seq <= newest;
        while let (Some((oldest, begins)), Some((newest, _))) = (self.oldest, self.newest) {
            if is_gone(&oldest, out.backlog) {
                let front = out.backlog.front().filter(|front| was_written(front, newest.seq));
                self.oldest = front.map(|front| (front, begins + Backlog::distance(&oldest, &front)));
                continue;
            }
            let ends = begins + oldest.len as u64;
            if ends > self.acknowledged {
                return;
            }
            let next = out.backlog.after(&oldest).filter(|next| was_written(next, newest.seq));
            self.oldest = next.map(|next| (next, ends));
            out.arrived(now_ns);
        }
    }
}

/// Whether a frame has left the backlog.
fn is_gone(frame: &Frame, backlog: &Backlog) -> bool {
    backlog.front().is_none_or(|front| front.seq > frame.seq)
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
            self.oldest.get_or_insert((frame, self.written));
            self.newest = Some((frame, sent + len));
            self.written += len as u64;
            written += len;
        }
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
        self.settle(now_ns, out);
    }

    fn receive(&mut self, _: u64, _: &[u8], _: &mut Outbox<'_>) {}

    fn closed(&mut self, _: u64, how: Ended, out: &mut Outbox<'_>) -> Option<Failure> {
        let uncertain = self.oldest.map_or(0, |(_, begins)| self.written - begins);
        out.stats.uncertain_bytes.add(uncertain);
        let was_torn = self.is_torn(out.backlog);
        *self = Self::new();
        Some(match how {
            // Not the receiver's fault, or no more than that it is slow.
            _ if was_torn => Failure::Closed,
            Ended::TimedOut => Failure::Timeout,
            Ended::Reset => Failure::Reset,
            _ => Failure::Closed,
        })
    }

    fn deadline_ns(&self) -> Option<u64> {
        self.stalls_ns
    }
}
