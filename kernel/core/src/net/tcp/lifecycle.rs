//! From one phase to the next: what follows from the state smoltcp's socket is in, and from time passing.

use smoltcp::socket::tcp::State;

use crate::net::{Interest, engine::Engine, wire::Segment};

use super::{End, Phase};

/// A half-open connection that is not completed by then is given up, ns. The peer's SYN and our answer have been sent again
/// after 1, 3, 7 and 15 seconds.
const HANDSHAKE_NS: u64 = 20_000_000_000;
/// How long connecting goes on without an answer, ns (RFC 1122, section 4.2.3.5: at least three minutes).
const CONNECT_NS: u64 = 180_000_000_000;
/// How long a peer may stay silent while something sent to it is not acknowledged, ns (same place: at least 100 seconds).
const SILENCE_NS: u64 = 120_000_000_000;
/// The same after the program has closed: nobody waits for the outcome, and the socket is needed for others, ns.
const ORPHAN_SILENCE_NS: u64 = 20_000_000_000;
/// How long a closed connection may take altogether, however lively the peer, ns: it may still be sending to nobody.
const ORPHAN_NS: u64 = 120_000_000_000;
/// How long the reset that ends a connection may wait for its neighbor's hardware address, ns.
const RESET_NS: u64 = 1_000_000_000;

impl<W: Copy + PartialEq> Engine<W> {
    /// Draws the consequences of whatever happened to `slot`: moves it to its next phase, and wakes those who wait for that.
    pub(in crate::net) fn settle(&mut self, slot: usize, now: u64, wake: &mut dyn FnMut(W)) {
        let linked = self.tcp.slots[slot].tuple.is_some();
        let socket = self.tcp.slots[slot].socket();
        let state = socket.state();
        let over = state == State::Closed && (!linked || socket.remote_endpoint().is_none());
        match self.tcp.slots[slot].phase {
            Phase::Free => return,
            Phase::HalfOpen { .. } if over || state == State::Listen => return self.release(slot, now, wake),
            Phase::HalfOpen { .. } if state == State::SynReceived => {}
            Phase::HalfOpen { listener } => self.establish(slot, usize::from(listener), now, wake),
            Phase::Queued { .. } if over => return self.release(slot, now, wake),
            Phase::Orphan if over || !linked => return self.release(slot, now, wake),
            Phase::Orphan => self.discard_received(slot),
            Phase::Owned if over => {
                self.tcp.unlink(slot);
                self.tcp.slots[slot].end.get_or_insert(End::Reset);
            }
            Phase::Queued { .. } | Phase::Owned => {}
        }
        self.recount(slot);
        self.expect(slot, now);
        self.tcp.slots[slot].wake(wake);
    }

    /// The handshake is complete: the connection goes to its listener's queue.
    fn establish(&mut self, slot: usize, listener: usize, now: u64, wake: &mut dyn FnMut(W)) {
        let tcp = &mut self.tcp;
        tcp.phase_links.remove(&mut tcp.listeners[listener].half_open, slot);
        tcp.half_open -= 1;
        tcp.phase_links.push_back(&mut tcp.listeners[listener].queue, slot);
        tcp.slots[slot].phase = Phase::Queued { listener: listener as u16 };
        tcp.slots[slot].since = now;
        self.stats.passive_opens.inc();
        tcp.listeners[listener].waiters.wake(|interest| interest == Interest::Acceptable, wake);
    }

    /// Nobody will read what the peer of a closed connection still sends; its window must not close over it, or the peer
    /// would never come to send its FIN.
    fn discard_received(&mut self, slot: usize) {
        let socket = self.tcp.slots[slot].socket_mut();
        // Twice, because the ring buffer hands out one contiguous part at a time.
        for _ in 0..2 {
            if socket.can_recv() {
                // Receiving from a buffer that is not empty cannot fail.
                let _ = socket.recv(|received| (received.len(), ()));
            }
        }
    }

    /// Puts the socket back into the pool. Whoever still waits on it is woken.
    pub(in crate::net) fn release(&mut self, slot: usize, now: u64, wake: &mut dyn FnMut(W)) {
        let tcp = &mut self.tcp;
        match tcp.slots[slot].phase {
            Phase::Free => return,
            Phase::HalfOpen { listener } => {
                tcp.phase_links.remove(&mut tcp.listeners[usize::from(listener)].half_open, slot);
                tcp.half_open -= 1;
            }
            Phase::Queued { listener } => tcp.phase_links.remove(&mut tcp.listeners[usize::from(listener)].queue, slot),
            Phase::Orphan => tcp.orphans -= 1,
            Phase::Owned => {}
        }
        tcp.unlink(slot);
        tcp.rest(slot);
        let this = &mut tcp.slots[slot];
        this.clear(now);
        this.phase = Phase::Free;
        this.generation = this.generation.wrapping_add(1);
        this.waiters.wake(|_| true, wake);
        // Last in, first out: the buffers used last are the ones still in the cache.
        tcp.phase_links.push_back(&mut tcp.free, slot);
        self.recount(slot);
    }

    /// Keeps the numbers of sockets by state.
    pub(in crate::net) fn recount(&mut self, slot: usize) {
        let this = &mut self.tcp.slots[slot];
        let state = if this.phase == Phase::Free { State::Closed } else { this.socket().state() };
        let before = core::mem::replace(&mut this.counted, state);
        if before != state {
            // A socket kept for what was received before TIME-WAIT is not a connection: the table counts that.
            let gauge = |state| self.stats.in_state(state).filter(|_| state != State::TimeWait);
            if let Some(left) = gauge(before) {
                left.sub(1);
            }
            if let Some(entered) = gauge(state) {
                entered.add(1);
            }
        }
    }

    /// From when on the peer is expected to answer.
    fn expect(&mut self, slot: usize, now: u64) {
        let this = &mut self.tcp.slots[slot];
        let socket = this.socket();
        let expects = socket.send_queue() > 0
            || matches!(socket.state(), State::SynSent | State::FinWait1 | State::Closing | State::LastAck);
        if expects && !this.expects {
            this.heard_at = this.heard_at.max(now);
        }
        this.expects = expects;
    }

    /// When `slot` is to be given up, if nothing happens before.
    pub(in crate::net) fn limit(&self, slot: usize) -> Option<u64> {
        let this = &self.tcp.slots[slot];
        let state = this.socket().state();
        let limit = match this.phase {
            Phase::Free => return None,
            Phase::HalfOpen { .. } => this.since + HANDSHAKE_NS,
            _ if state == State::Closed => this.since + RESET_NS,
            Phase::Orphan => (this.since + ORPHAN_NS).min(this.heard_at.max(this.since) + ORPHAN_SILENCE_NS),
            Phase::Owned if state == State::SynSent => this.since + CONNECT_NS,
            Phase::Owned | Phase::Queued { .. } if this.expects => this.heard_at + SILENCE_NS,
            Phase::Owned | Phase::Queued { .. } => return None,
        };
        this.tuple.map(|_| limit)
    }

    /// The limit of `slot` has come.
    pub(in crate::net) fn give_up(&mut self, slot: usize, now: u64, wake: &mut dyn FnMut(W)) {
        let this = &mut self.tcp.slots[slot];
        let resetting = this.socket().state() == State::Closed;
        match this.phase {
            Phase::Free => {}
            Phase::HalfOpen { .. } => {
                self.stats.half_open_expired.inc();
                self.release(slot, now, wake);
            }
            Phase::Orphan if resetting => self.release(slot, now, wake),
            Phase::Owned if resetting => self.tcp.unlink(slot),
            Phase::Orphan => {
                self.stats.orphans_expired.inc();
                self.reset(slot, now);
            }
            Phase::Queued { .. } => {
                self.stats.timeouts.inc();
                self.release(slot, now, wake);
            }
            Phase::Owned => {
                self.stats.timeouts.inc();
                this.end = Some(End::TimedOut);
                self.reset(slot, now);
                self.settle(slot, now, wake);
            }
        }
    }

    /// Ends the connection with a reset, which is sent with the next poll.
    pub(in crate::net) fn reset(&mut self, slot: usize, now: u64) {
        let this = &mut self.tcp.slots[slot];
        this.socket_mut().abort();
        this.since = now;
        self.tcp.rouse(slot);
    }

    /// After `segment` was processed: whether that ended the connection, and how. `before` is the state it was in. Returns
    /// whether it went to TIME-WAIT.
    pub(in crate::net) fn note_end(&mut self, slot: usize, before: State, segment: &Segment, now: u64) -> bool {
        let this = &mut self.tcp.slots[slot];
        match this.socket().state() {
            // It had ended before and only its reset is still to be sent.
            State::Closed if before == State::Closed => {}
            State::Closed if segment.rst => {
                self.stats.resets_received.inc();
                this.end = Some(if before == State::SynSent { End::Refused } else { End::Reset });
            }
            State::Closed if before == State::LastAck => this.end = Some(End::Orderly),
            State::Closed => {}
            State::TimeWait => {
                let Some(tuple) = this.tuple else { return false };
                this.end = Some(End::Orderly);
                // The segment that brings a connection here acknowledges our FIN, and either is the peer's FIN or follows it.
                let next_receive = segment.end();
                let evicted = self.tcp.time_wait.insert(tuple, segment.acknowledgment, next_receive, now);
                self.tcp.unlink(slot);
                self.tcp.rest(slot);
                self.stats.time_wait_total.inc();
                self.stats.time_wait_evicted.add(u64::from(evicted));
                return true;
            }
            _ => {}
        }
        false
    }
}
