//! The sinks that the boot parameters ask for. The one time that any of them takes memory.

use super::Sinks;
use super::datagrams::DatagramSink;
use super::place::Place;
use super::stream::StreamSink;
use crate::memory::map::ram_bytes;
use crate::net::setup::Sockets;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::fmt::Write;
use exporter::http::MAX_USER;
use exporter::push::http::{Authorization, HttpTarget, MAX_PATH, MAX_SECRET, Post, Request};
use exporter::push::influx::{self, Influx};
use exporter::push::remote_write::{self, Version};
use exporter::push::{Consumer, Flow, Producer, Sink, Unacknowledged};
use heapless::String;
use kernel_core::params::{self, Host, Login, Params, Receiver, RemoteWriteProtocol, Transport};

// A receiver that is taken at boot and never told anything would be worse than one refused at boot.
const _: () = assert!(params::MAX_USER <= MAX_USER && params::MAX_PATH <= MAX_PATH && params::MAX_SECRET <= MAX_SECRET);

/// Measurements that wait for a receiver take so much memory where a 16th of it is that much: five minutes of the default
/// set in Influx lines (30 captures of 40 KiB), and ten in remote write.
const BACKLOG_BYTES: u64 = 5 << 18;

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
    let backlog_bytes = params.backlog_bytes.unwrap_or(BACKLOG_BYTES.min(ram_bytes() / 16)) as usize;
    let mut making = Making { params, backlog_bytes, seed, streams: Vec::new(), datagrams: Vec::new() };
    for (index, receiver) in params.monitors.iter().enumerate() {
        making.monitor(&name("monitor", index), receiver);
    }
    for (index, receiver) in params.remote_writes.iter().enumerate() {
        making.remote_write(&name("remote-write", index), receiver);
    }
    Sinks { streams: making.streams, datagrams: making.datagrams, ending: None }
}

/// Sinks in the making.
struct Making {
    params: &'static Params<'static>,
    backlog_bytes: usize,
    seed: u64,
    streams: Vec<StreamSink>,
    datagrams: Vec<DatagramSink>,
}

impl Making {
    fn monitor(&mut self, name: &str, receiver: &'static Receiver<'static>) {
        let Params { monitor_interval_ns: interval_ns, monitor_timestamps: timestamps, .. } = *self.params;
        let options = influx::Options { interval_ns, timestamps, unsigned: self.params.monitor_unsigned };
        let place = Place::new(receiver.host, receiver.port.unwrap_or(8094));
        match receiver.transport.unwrap_or(self.params.monitor_transport) {
            Transport::Tcp => self.stream(name, place, Influx::new(options, influx::Framing::Stream), Flow::new()),
            Transport::Udp => self.datagrams(name, place, Influx::new(options, influx::Framing::Datagrams)),
            Transport::Http => {}
        }
    }

    fn remote_write(&mut self, name: &str, receiver: &'static Receiver<'static>) {
        let version = match self.params.remote_write_protocol {
            RemoteWriteProtocol::V1 => Version::One,
            RemoteWriteProtocol::V2 => Version::Two,
        };
        let (writer, dialect) = remote_write::pair(self.params.remote_write_interval_ns, version);
        let (place, post) = self.post(receiver, 9090, "/api/v1/write", Authorization::Bearer, dialect);
        self.stream(name, place, writer, post);
    }

    /// What takes frames to a receiver of requests, at this port and path if it was given without.
    fn post<R: Request>(
        &mut self,
        receiver: &'static Receiver<'static>,
        port: u16,
        path: &'static str,
        token: fn(&'static str) -> Authorization,
        request: R,
    ) -> (Place, Post<R>) {
        let port = receiver.port.unwrap_or(port);
        let path = if receiver.path.is_empty() { path } else { receiver.path };
        let host = match receiver.host {
            Host::Name(name) => name,
            Host::Address(address) => &*format!("{address}").leak(),
        };
        let authorization = receiver.login.map(|login| match login {
            Login::Password { user, password } => Authorization::Basic { user, password },
            Login::Token(text) => token(text),
        });
        let target = HttpTarget::new(host, port, path, authorization);
        let target = target.expect("the boot parameters were checked for what a request's head can have");
        (Place::new(receiver.host, port), Post::new(target, request, self.next_seed()))
    }

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

    /// SplitMix64's increment (Steele, Lea, Flood 2014): what is drawn from it next is mixed by who draws.
    fn next_seed(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.seed
    }
}

/// The name of the sink at `index` among those of its kind.
fn name(kind: &str, index: usize) -> String<16> {
    let mut name = String::new();
    // It fits: there are four of a kind at most.
    let _ = match index {
        0 => name.push_str(kind).map_err(|_| core::fmt::Error),
        _ => write!(name, "{kind}-{}", index + 1),
    };
    name
}
