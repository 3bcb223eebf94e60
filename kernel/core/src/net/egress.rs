//! Sending: which sockets have something to say, in turns, within a budget. Both are counted in frames on the wire: one that
//! the device cuts into eleven segments counts for eleven. A frame is sent whole if it is begun, so that either may be
//! exceeded by what one frame holds.

use smoltcp::phy::Device;

use super::{
    device::{Notes, Outlet},
    engine::{Engine, instant, nanoseconds},
    wire::Sent,
};

/// Frames one socket may send before the next has its turn.
const TURN: usize = 8;
/// Turns in one poll for each frame of the budget.
const TURNS_PER_FRAME: usize = 4;
/// When to try again if the device had no room, or smoltcp wanted to send and then did not, ns.
pub(super) const RETRY_NS: u64 = 1_000_000;

/// How a socket's turn ended.
#[derive(PartialEq, Eq)]
enum Turn {
    /// Nothing more to send now.
    Done,
    /// More to send, but it is others' turn.
    Over,
    /// The device has no room.
    Blocked,
}

impl<W: Copy + PartialEq> Engine<W> {
    /// Lets sockets send until none wants to, `budget` frames are sent, or the device is full. Returns whether it was full.
    pub(super) fn transmit<D: Device>(
        &mut self,
        device: &mut D,
        now: u64,
        mut budget: usize,
        wake: &mut dyn FnMut(W),
    ) -> bool {
        if self.announce(device, now) || self.send_datagrams(device, now, &mut budget) {
            return true;
        }
        // A turn in which nothing is sent costs time too.
        let mut turns = TURNS_PER_FRAME * budget;
        while budget > 0 && turns > 0 {
            turns -= 1;
            let tcp = &mut self.tcp;
            let Some(slot) = tcp.work_links.pop_front(&mut tcp.ready) else { break };
            match self.turn(slot, device, now, &mut budget) {
                Turn::Done => self.settle(slot, now, wake),
                Turn::Over => self.tcp.touch(slot),
                Turn::Blocked => {
                    self.tcp.touch(slot);
                    return true;
                }
            }
        }
        false
    }

    fn turn<D: Device>(&mut self, slot: usize, device: &mut D, now: u64, budget: &mut usize) -> Turn {
        let mut left = TURN.min(*budget);
        let mut due = core::mem::take(&mut self.tcp.slots[slot].due);
        while left > 0 {
            let this = &mut self.tcp.slots[slot];
            if this.tuple.is_none() {
                return Turn::Done;
            }
            let wanted = self.iface.poll_at(instant(now), &this.set).map(nanoseconds);
            if wanted.is_none_or(|at| instant(at) > instant(now)) {
                self.set_deadline(slot, wanted);
                if self.tcp.slots[slot].put_off {
                    // Roused by news of another neighbor.
                    self.tcp.stall(slot);
                }
                return Turn::Done;
            }
            let mut outlet = Outlet { device: &mut *device, notes: Notes::default() };
            self.iface.poll_egress(instant(now), &mut outlet, &mut this.set);
            let notes = outlet.notes;
            *budget = budget.saturating_sub(notes.pieces);
            left = left.saturating_sub(notes.pieces.max(1));
            if notes.blocked {
                self.tcp.slots[slot].due = due;
                return Turn::Blocked;
            }
            let (asked, sent) = (notes.asked, matches!(notes.sent, Some(Sent::Tcp(_))));
            self.tcp.slots[slot].put_off &= !sent;
            if self.count_sent(Some(slot), notes) && core::mem::take(&mut due) {
                self.stats.retransmission_timeouts.inc();
            }
            if asked && !sent {
                // smoltcp asked for the neighbor's hardware address, or has asked recently; it tries again in a second.
                let again = self.iface.poll_at(instant(now), &self.tcp.slots[slot].set).map(nanoseconds);
                self.set_deadline(slot, again.map(|at| at.max(now + RETRY_NS)));
                self.tcp.slots[slot].put_off = true;
                self.tcp.stall(slot);
                return Turn::Done;
            }
            if !asked {
                // A timer has changed the socket's state, or it changed its mind.
                let again = self.iface.poll_at(instant(now), &self.tcp.slots[slot].set).map(nanoseconds);
                self.set_deadline(slot, again.map(|at| at.max(now + RETRY_NS)));
                return Turn::Done;
            }
        }
        Turn::Over
    }

    /// The earlier of what smoltcp wants and what this stack allows.
    fn set_deadline(&mut self, slot: usize, wanted: Option<u64>) {
        let limit = self.limit(slot);
        self.tcp.deadlines.set(slot, [wanted, limit].into_iter().flatten().min());
    }

    /// Whether a socket could send more if it had its turn, or a deadline has come and was not handled.
    pub(super) fn wants_turn(&self, now: u64) -> bool {
        !self.tcp.ready.is_empty() || self.udp.is_ready() || self.tcp.deadlines.first().is_some_and(|at| at <= now)
    }

    /// Handles deadlines that have come, `most` at the most.
    pub(super) fn expire(&mut self, now: u64, most: usize, wake: &mut dyn FnMut(W)) {
        for _ in 0..most {
            let Some(slot) = self.tcp.deadlines.pop_due(now) else { break };
            if self.limit(slot).is_some_and(|limit| limit <= now) {
                self.give_up(slot, now, wake);
            } else {
                self.tcp.slots[slot].due = true;
                self.tcp.rouse(slot);
            }
        }
        self.tcp.time_wait.expire(now, most);
    }
}
