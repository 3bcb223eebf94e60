//! The sinks that the boot parameters ask for. The one time that any of them takes memory.

use super::Sinks;
use super::datagrams::DatagramSink;
use super::place::Place;
use super::stream::StreamSink;
use crate::ends::End;
use crate::memory::map::ram_bytes;
use crate::net::setup::Sockets;
use crate::random;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::fmt::Write;
use exporter::gzip::Compressor;
use exporter::http::MAX_USER;
use exporter::push::http::{Authorization, HttpTarget, MAX_PATH, MAX_SECRET, Post, Request};
use exporter::push::influx::{self, Influx};
use exporter::push::ping::{ExitStatus, Ping, Pings};
use exporter::push::remote_write::{self, Version};
use exporter::push::syslog::{self, LogLines};
use exporter::push::{Consumer, Flow, Producer, Sink, Unacknowledged};
use heapless::String;
use kernel_core::params::{self, Host, Login, Params, Receiver, RemoteWriteProtocol, SyslogFormat, Transport};

// A receiver that is taken at boot and never told anything would be worse than one refused at boot.
const _: () = assert!(params::MAX_USER <= MAX_USER && params::MAX_PATH <= MAX_PATH && params::MAX_SECRET <= MAX_SECRET);

/// Measurements that wait for a receiver take so much memory: five minutes of the default set in Influx lines (30 captures of
/// 40 KiB), and more in remote write.
const BACKLOG_BYTES: u64 = 5 << 18;

/// Lines that wait for a receiver are in the log's ring; here are those on their way.
const LINES_BYTES: usize = 32 << 10;
/// Pings that wait, with the lines of the log in them.
const PINGS_BYTES: usize = 64 << 10;

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

/// Makes them all.
pub(in crate::management) fn build(params: &'static Params<'static>) -> Sinks {
    let backlog_bytes = backlog_bytes(params);
    let mut making = Making { params, backlog_bytes, streams: Vec::new(), datagrams: Vec::new() };
    for (index, receiver) in params.monitors.iter().enumerate() {
        making.monitor(&name("monitor", index), receiver);
    }
    for (index, receiver) in params.syslogs.iter().enumerate() {
        making.syslog(&name("syslog", index), receiver);
    }
    for (index, receiver) in params.netconsoles.iter().enumerate() {
        making.netconsole(&name("netconsole", index), receiver);
    }
    for (index, receiver) in params.remote_writes.iter().enumerate() {
        making.remote_write(&name("remote-write", index), receiver);
    }
    for (index, receiver) in params.pings.iter().enumerate() {
        making.ping(&name("ping", index), receiver);
    }
    Sinks { streams: making.streams, datagrams: making.datagrams, ending: None }
}

/// Memory for the measurements that wait for each receiver: what was asked for, as far as all of them together leave three
/// quarters of the machine's to others; where nothing was, seven eighths.
fn backlog_bytes(params: &Params<'_>) -> usize {
    let receivers = (params.monitors.len() + params.remote_writes.len()).max(1) as u64;
    let Some(asked) = params.backlog_bytes else {
        return BACKLOG_BYTES.min(ram_bytes() / 8 / receivers) as usize;
    };
    let most = ram_bytes() / 4 / receivers;
    if asked > most {
        log::warn!("--backlog: this machine has memory for {} KiB a receiver", most >> 10);
    }
    asked.min(most) as usize
}

/// Sinks in the making.
struct Making {
    params: &'static Params<'static>,
    backlog_bytes: usize,
    streams: Vec<StreamSink>,
    datagrams: Vec<DatagramSink>,
}

impl Making {
    fn monitor(&mut self, name: &str, receiver: &'static Receiver<'static>) {
        let Params { monitor_interval_ns: interval_ns, monitor_timestamps: timestamps, .. } = *self.params;
        let options = influx::Options { interval_ns, timestamps, unsigned: self.params.monitor_unsigned };
        let lines = |framing| Influx::new(options, framing);
        let place = Place::new(receiver.host, receiver.port.unwrap_or(8094));
        let bytes = self.backlog_bytes;
        match receiver.transport.unwrap_or(self.params.monitor_transport) {
            Transport::Tcp => self.stream(name, place, lines(influx::Framing::Stream), Flow::new(), bytes),
            Transport::Udp => self.datagrams(name, place, lines(influx::Framing::Datagrams), bytes),
            Transport::Http => {
                let gzip = self.params.monitor_gzip;
                let framing = influx::Framing::Requests(gzip.then(Compressor::new));
                // InfluxDB 2 has tokens of its own kind, and a path of its own.
                let (place, post) =
                    self.post(receiver, 8086, "/write?db=periscope", Authorization::Token, influx::Write { gzip });
                self.stream(name, place, lines(framing), post, bytes);
            }
        }
    }

    fn syslog(&mut self, name: &str, receiver: &Receiver<'static>) {
        let format = match self.params.syslog_format {
            SyslogFormat::Rfc5424 => syslog::Format::Rfc5424,
            SyslogFormat::Rfc3164 => syslog::Format::Rfc3164,
        };
        let place = Place::new(receiver.host, receiver.port.unwrap_or(514));
        match receiver.transport.unwrap_or(self.params.syslog_transport) {
            Transport::Udp => {
                let lines = LogLines::new(format, syslog::Framing::Datagrams);
                self.datagrams(name, place, lines, LINES_BYTES);
            }
            Transport::Tcp | Transport::Http => {
                let lines = LogLines::new(format, syslog::Framing::OctetCounting);
                self.stream(name, place, lines, Flow::new(), LINES_BYTES);
            }
        }
    }

    fn netconsole(&mut self, name: &str, receiver: &Receiver<'static>) {
        let place = Place::new(receiver.host, receiver.port.unwrap_or(4444));
        let lines = LogLines::new(syslog::Format::Netconsole, syslog::Framing::Datagrams);
        self.datagrams(name, place, lines, LINES_BYTES);
    }

    fn ping(&mut self, name: &str, receiver: &'static Receiver<'static>) {
        let exit_status = ExitStatus { success: End::Success.status(), failure: End::ProgramError.status() };
        let pings = Pings::new(self.params.ping_interval_ns, exit_status);
        // Its path is never empty: the boot parameters want one.
        let (place, post) = self.post(receiver, 80, "/", Authorization::Bearer, Ping);
        self.stream(name, place, pings, post, PINGS_BYTES);
    }

    fn remote_write(&mut self, name: &str, receiver: &'static Receiver<'static>) {
        let version = match self.params.remote_write_protocol {
            RemoteWriteProtocol::V1 => Version::One,
            RemoteWriteProtocol::V2 => Version::Two,
        };
        let (writer, dialect) = remote_write::pair(self.params.remote_write_interval_ns, version);
        let (place, post) = self.post(receiver, 9090, "/api/v1/write", Authorization::Bearer, dialect);
        self.stream(name, place, writer, post, self.backlog_bytes);
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
        (Place::new(receiver.host, port), Post::new(target, request, random::seed()))
    }

    fn stream<P: Producer, C: Consumer>(&mut self, name: &str, place: Place, producer: P, consumer: C, bytes: usize)
    where
        Sink<P, C>: Send + 'static,
    {
        let sink = Sink::new(name, producer, consumer, bytes, random::seed());
        self.streams.push(StreamSink::new(Box::new(sink), place));
    }

    fn datagrams<P: Producer>(&mut self, name: &str, place: Place, producer: P, bytes: usize)
    where
        Sink<P, Unacknowledged>: Send + 'static,
    {
        let sink = Sink::new(name, producer, Unacknowledged, bytes, random::seed());
        self.datagrams.push(DatagramSink::new(Box::new(sink), place));
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
