//! A TCP segment has arrived: which socket, table entry or listener is it for?

use smoltcp::{phy::TxToken, socket::tcp::State};

use crate::net::{
    Dropped,
    engine::{Engine, Received},
    wire::{self, Acknowledgment, Segment},
};

use super::{Phase, Verdict};

/// At most one answer in this time to SYNs on an established connection, ns (RFC 5961, section 7).
const CHALLENGE_NS: u64 = 1_000_000_000;

impl<W: Copy + PartialEq> Engine<W> {
    /// Handles one segment.
    pub(in crate::net) fn segment<T: TxToken>(
        &mut self,
        segment: &Segment,
        mut received: Received<'_, T>,
        wake: &mut dyn FnMut(W),
    ) {
        self.tally.segments_received += 1;
        let now = received.now;
        if let Some(slot) = self.tcp.find(&segment.tuple) {
            if segment.opens() {
                return self.reopening(slot, segment, received, wake);
            }
            return self.deliver(slot, segment, &mut received, wake);
        }
        let waiting = self.tcp.time_wait.contains(&segment.tuple);
        if waiting {
            match self.tcp.time_wait.judge(segment, now) {
                Verdict::Unknown => {}
                Verdict::Ignore => return,
                Verdict::Reopen => self.stats.time_wait_reopened.inc(),
                Verdict::Acknowledge { sequence, acknowledgment } => {
                    self.stats.time_wait_acknowledged.inc();
                    return self.acknowledge(segment, sequence, acknowledgment, &mut received);
                }
            }
        }
        match self.tcp.listener_on(segment.tuple.local.port()) {
            Some(listener) if segment.opens() => self.admit(listener, segment, &mut received, wake),
            _ => {
                if !segment.rst {
                    self.stats.no_connection.inc();
                }
                let Engine { iface, no_sockets, .. } = self;
                let notes = received.process(iface, no_sockets);
                self.count_sent(None, notes);
            }
        }
    }

    /// A SYN asks for a connection on `listener`.
    fn admit<T: TxToken>(
        &mut self,
        listener: usize,
        segment: &Segment,
        received: &mut Received<'_, T>,
        wake: &mut dyn FnMut(W),
    ) {
        let now = received.now;
        let source = *segment.tuple.remote.ip();
        let odd = source.is_broadcast()
            || source.is_multicast()
            || source.is_loopback()
            || source == *segment.tuple.local.ip();
        if odd || self.route(source).is_err() {
            return self.stats.count_drop(Dropped::Unroutable);
        }
        if self.tcp.listeners[listener].queue.len() >= self.tcp.listeners[listener].backlog {
            return self.stats.accept_overflows.inc();
        }
        if self.tcp.half_open >= self.tcp.half_open_limit || self.tcp.free.is_empty() {
            self.recycle_half_open(now, wake);
        }
        let tcp = &mut self.tcp;
        let Some(slot) = tcp.phase_links.pop_back(&mut tcp.free) else {
            return self.stats.pool_exhausted.inc();
        };
        let this = &mut tcp.slots[slot];
        this.clear(now);
        this.peer_syn = segment.sequence;
        this.phase = Phase::HalfOpen { listener: listener as u16 };
        tcp.phase_links.push_back(&mut tcp.listeners[listener].half_open, slot);
        tcp.half_open += 1;
        tcp.link(slot, segment.tuple);
        // A socket that is closed can listen on any port but 0, which no listener has.
        let listening = tcp.slots[slot].socket_mut().listen(segment.tuple.local.port());
        debug_assert!(listening.is_ok());
        self.deliver(slot, segment, received, wake);
    }

    /// Gives up the oldest half-open connection of the listener that has most of them, so that a flood on one port displaces
    /// its own connections and not another port's.
    pub(super) fn recycle_half_open(&mut self, now: u64, wake: &mut dyn FnMut(W)) {
        let victim = self.tcp.listeners.iter().max_by_key(|l| l.half_open.len()).and_then(|l| l.half_open.front());
        if let Some(slot) = victim {
            self.stats.half_open_recycled.inc();
            self.release(slot, now, wake);
        }
    }

    /// A SYN for a connection that exists: a duplicate, or a peer that has lost its memory and uses the same port again.
    fn reopening<T: TxToken>(
        &mut self,
        slot: usize,
        segment: &Segment,
        mut received: Received<'_, T>,
        wake: &mut dyn FnMut(W),
    ) {
        let now = received.now;
        let this = &mut self.tcp.slots[slot];
        match (this.phase, this.socket().state()) {
            // A simultaneous open is smoltcp's to handle.
            (_, State::SynSent) => self.deliver(slot, segment, &mut received, wake),
            // The duplicate's answer is on its way, or comes by retransmission.
            (Phase::HalfOpen { .. }, _) if this.peer_syn == segment.sequence => {}
            (Phase::HalfOpen { listener }, _) => {
                self.release(slot, now, wake);
                self.admit(usize::from(listener), segment, &mut received, wake);
            }
            // A challenge: a peer that really began anew answers with a reset (RFC 5961, section 4.2). smoltcp would stay
            // silent, and the peer could not connect from this port again.
            _ => {
                let recently = this.challenged_at.is_some_and(|at| now < at + CHALLENGE_NS);
                if let (false, Some(sequence)) = (recently, this.sent_to) {
                    this.challenged_at = Some(now);
                    let acknowledgment = this.acknowledged;
                    self.acknowledge(segment, sequence, acknowledgment, &mut received);
                }
            }
        }
    }

    /// Gives the segment to the socket in `slot` and draws the consequences.
    fn deliver<T: TxToken>(
        &mut self,
        slot: usize,
        segment: &Segment,
        received: &mut Received<'_, T>,
        wake: &mut dyn FnMut(W),
    ) {
        let now = received.now;
        if let Phase::HalfOpen { listener } = self.tcp.slots[slot].phase {
            let listener = &self.tcp.listeners[usize::from(listener)];
            if segment.ack && !segment.rst && listener.queue.len() >= listener.backlog {
                // The peer sends it again, or its data; by then there may be room.
                return self.stats.accept_overflows.inc();
            }
        }
        let this = &mut self.tcp.slots[slot];
        let before = this.socket().state();
        this.heard_at = now;
        if !segment.rst {
            this.peer_closed_window = segment.window == 0;
        }
        let notes = received.process(&mut self.iface, &mut this.set);
        self.count_sent(Some(slot), notes);
        if self.note_end(slot, before, segment, now) && segment.occupies_sequence() {
            // The socket that would acknowledge the FIN is out of service.
            self.acknowledge(segment, segment.acknowledgment, segment.end(), received);
        }
        self.tcp.touch(slot);
        self.settle(slot, now, wake);
    }

    /// Answers `segment` with a bare acknowledgment, unless the answer's place is taken.
    fn acknowledge<T: TxToken>(
        &mut self,
        segment: &Segment,
        sequence: u32,
        acknowledgment: u32,
        received: &mut Received<'_, T>,
    ) {
        let Some(token) = received.answer.take() else { return };
        let window = self.window;
        let answer = Acknowledgment { tuple: segment.tuple, sequence, acknowledgment, window };
        answer.send(token, self.mac, wire::source(received.frame), &self.checksums);
        self.tally.frames_sent += 1;
        self.tally.segments_sent += 1;
        self.tally.octets_sent += Acknowledgment::OCTETS;
    }
}
