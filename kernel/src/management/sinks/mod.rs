//! The roads out that the machine takes by itself: a sink for each receiver that the boot parameters name, driven by the
//! management thread over its stack. What a sink sends is the exporter's; here are its sockets.
//!
//! `build` makes them from the boot parameters, `stream` and `datagrams` are their sockets, `place` finds the receiver.

mod build;
mod datagrams;
mod place;
mod stream;

use super::farewell;
use super::transport::Transport;
use super::turn::{ADDRESS_NS, Turn};
use crate::thread::ThreadId;
use alloc::vec::Vec;
use datagrams::DatagramSink;
use exporter::Site;
use exporter::push::Ending;
use stream::StreamSink;

pub(super) use build::{build, sockets};

/// All sinks.
pub(super) struct Sinks {
    streams: Vec<StreamSink>,
    datagrams: Vec<DatagramSink>,
    ending: Option<Ending>,
}

/// How often to look whether what is said last has left.
const ENDING_NS: u64 = 10_000_000;

impl Sinks {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.datagrams.is_empty()
    }

    /// Gives each its turn.
    pub(super) fn turn(&mut self, transport: &mut impl Transport, site: &dyn Site, now: u64, me: ThreadId) -> Turn {
        if self.ending.is_none() {
            self.ending = farewell::asked();
            if let Some(ending) = self.ending {
                self.streams.iter_mut().for_each(|sink| sink.finish(now, ending));
                self.datagrams.iter_mut().for_each(|sink| sink.finish(now, ending));
            }
        }
        let mut moved = false;
        let is_stranded = !self.is_empty() && transport.with(|stack| stack.address().is_none());
        // What is made is made without the stack, which others may want.
        for sink in &mut self.streams {
            moved |= sink.make(site, now);
            moved |= transport.with(|stack| sink.serve(stack, site, now, me));
        }
        for sink in &mut self.datagrams {
            moved |= sink.make(site, now);
            moved |= transport.with(|stack| sink.serve(stack, now, me));
        }
        // What a datagram sink has sent leaves with the next poll.
        if self.ending.is_some() && !moved && self.are_finished() {
            farewell::said();
        }
        Turn { moved, deadline_ns: self.deadline_ns(now, is_stranded) }
    }

    fn are_finished(&self) -> bool {
        self.streams.iter().all(StreamSink::is_finished) && self.datagrams.iter().all(DatagramSink::is_finished)
    }

    /// When one of them must be looked at although nothing came, after their turn at `now`. What was due by then has had
    /// its turn, and waits for something else: for an address, or for room.
    fn deadline_ns(&self, now: u64, is_stranded: bool) -> Option<u64> {
        let streams = self.streams.iter().filter_map(StreamSink::deadline_ns);
        let datagrams = self.datagrams.iter().filter_map(DatagramSink::deadline_ns);
        let stranded = is_stranded.then_some(now + ADDRESS_NS);
        let ending = self.ending.map(|_| now + ENDING_NS);
        streams.chain(datagrams).filter(|&at| at > now).chain(stranded).chain(ending).min()
    }
}
