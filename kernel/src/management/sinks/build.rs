//! The sinks that the boot parameters ask for. The one time that any of them takes memory.

use super::Sinks;
use super::datagrams::DatagramSink;
use super::place::Place;
use super::stream::StreamSink;
use crate::memory::map::ram_bytes;
use crate::net::setup::Sockets;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt::Write;
use exporter::push::{Consumer, Flow, Producer, Sink, Unacknowledged};
use heapless::String;
use kernel_core::params::{Params, Receiver, Transport};

/// What waits for a receiver takes so much memory, where a 32nd of it is that much.
const BACKLOG_BYTES: u64 = 1 << 20;

/// Longest name of a sink: `remote-write-4`.
type Name = String<16>;

/// How many sockets the sinks need.
pub(in crate::management) fn sockets(params: &Params<'_>) -> Sockets {
    let of = |receivers: &[Receiver<'_>], default: Transport| {
        let udp = receivers.iter().filter(|receiver| receiver.transport.unwrap_or(default) == Transport::Udp).count();
        (receivers.len() - udp, udp)
    };
    let all = [
        of(&params.monitors, params.monitor_transport),
        of(&params.syslogs, params.syslog_transport),
        of(&params.netconsoles, Transport::Udp),
        of(&params.remote_writes, Transport::Http),
        of(&params.pings, Transport::Http),
    ];
    Sockets { streams: all.iter().map(|(tcp, _)| tcp).sum(), datagrams: all.iter().map(|(_, udp)| udp).sum() }
}

/// Makes them all. `seed` is another one in each life.
pub(in crate::management) fn build(params: &'static Params<'static>, seed: u64) -> Sinks {
    let backlog_bytes = params.backlog_bytes.unwrap_or(BACKLOG_BYTES.min(ram_bytes() / 32)) as usize;
    let making = Making { backlog_bytes, seed, streams: Vec::new(), datagrams: Vec::new() };
    Sinks { streams: making.streams, datagrams: making.datagrams, ending: None }
}

/// Sinks in the making.
struct Making {
    backlog_bytes: usize,
    seed: u64,
    streams: Vec<StreamSink>,
    datagrams: Vec<DatagramSink>,
}

impl Making {
    fn stream<P: Producer, C: Consumer>(&mut self, name: &str, place: Place, producer: P, consumer: C)
    where
        Sink<P, C>: Send + 'static,
    {
        let sink = Sink::new(name, producer, consumer, self.backlog_bytes, self.next_seed());
        self.streams.push(StreamSink::new(Box::new(sink), place));
    }

    fn datagrams<P: Producer>(&mut self, name: &str, place: Place, producer: P)
    where
        Sink<P, Unacknowledged>: Send + 'static,
    {
        let sink = Sink::new(name, producer, Unacknowledged, self.backlog_bytes, self.next_seed());
        self.datagrams.push(DatagramSink::new(Box::new(sink), place));
    }

    fn next_seed(&mut self) -> u64 {
        self.seed = self.seed.rotate_left(7).wrapping_add(1);
        self.seed
    }
}

/// The name of the sink at `index` among those of its kind.
fn name(kind: &str, index: usize) -> Name {
    let mut name = Name::new();
    // It fits: there are four of a kind at most.
    let _ = match index {
        0 => name.push_str(kind).map_err(|_| core::fmt::Error),
        _ => write!(name, "{kind}-{}", index + 1),
    };
    name
}
