//! What one poll moves, added up plainly and told once at its end: a frame costs no atomic add. And the numbers that follow
//! from what the stack holds, told in the same place. Not for what is rare: that is counted where it happens.

use super::Stats;
use crate::net::engine::Engine;

/// Sums since the last poll's end.
#[derive(Debug, Default)]
pub(in crate::net) struct Tally {
    pub(in crate::net) frames_received: u64,
    pub(in crate::net) frames_sent: u64,
    pub(in crate::net) octets_received: u64,
    pub(in crate::net) octets_sent: u64,
    pub(in crate::net) segments_received: u64,
    pub(in crate::net) segments_sent: u64,
    pub(in crate::net) datagrams_received: u64,
    pub(in crate::net) datagrams_sent: u64,
}

impl Tally {
    /// Adds it to the counters, and begins anew.
    fn settle(&mut self, stats: &Stats) {
        if self.frames_received == 0 && self.frames_sent == 0 {
            return; // whatever else moved was in a frame
        }
        let sums = core::mem::take(self);
        for (counter, sum) in [
            (&stats.frames_received, sums.frames_received),
            (&stats.frames_sent, sums.frames_sent),
            (&stats.octets_received, sums.octets_received),
            (&stats.octets_sent, sums.octets_sent),
            (&stats.segments_received, sums.segments_received),
            (&stats.segments_sent, sums.segments_sent),
            (&stats.datagrams_received, sums.datagrams_received),
            (&stats.datagrams_sent, sums.datagrams_sent),
        ] {
            if sum > 0 {
                counter.add(sum);
            }
        }
    }
}

impl<W: Copy + PartialEq> Engine<W> {
    /// The end of a poll.
    pub(in crate::net) fn publish(&mut self) {
        let Self { tally, tcp, stats, .. } = self;
        tally.settle(stats);
        stats.time_wait().set(tcp.time_wait.len() as i64);
        stats.sockets_taken.set((tcp.slots.len() - tcp.free.len()) as i64);
        stats.orphans.set(tcp.orphans as i64);
    }
}
