//! The one table of boot parameters: what the parser accepts and what the README is checked against.

use super::access::{AllowList, Auth};
use super::receiver::{Host, Receiver, Transport};
use super::tags::{Tags, word};
use super::values::{
    HostCidr, HostName, LogLevels, Mac, ManagementMode, MmioDevice, RemoteWriteProtocol, Share, SyslogFormat, gateway,
    interval, metric_sources, on_off, port, size,
};
use super::{Params, Why};
use core::fmt;

/// One boot parameter.
pub struct Parameter {
    /// Its name, without `=`.
    pub name: &'static str,
    /// What its value looks like: empty for a bare word without `=`.
    pub value: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
    /// Whether it may be given more than once.
    pub repeatable: bool,
    /// Whether its value is never shown, not even to say what is wrong with it.
    pub secret: bool,
    /// Whether it may stand there without its value.
    pub optional: bool,
    /// Whether it is about what management does, so that nothing would come of it where that is off.
    pub managed: bool,
    pub(super) set: Set,
}

/// Checks a value and keeps it.
type Set = for<'a> fn(&mut Params<'a>, &'a str) -> Result<(), Why>;

/// The control port of mirage-monitoring.
const CONTROL_PORT: u16 = 2323;

impl Parameter {
    const fn new(name: &'static str, value: &'static str, default: &'static str, help: &'static str, set: Set) -> Self {
        Self { name, value, default, help, repeatable: false, secret: false, optional: false, managed: false, set }
    }

    const fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    const fn managed(self) -> Self {
        Self { managed: true, ..self }
    }

    /// Whether it is `name=value`, and not a bare word.
    pub(super) const fn takes_value(&self) -> bool {
        !self.value.is_empty()
    }
}

/// Every boot parameter there is, in the order in which an operator meets them.
pub static PARAMETERS: [Parameter; 39] = [
    Parameter::new(
        "--name",
        "NAME",
        "uk- and the last three bytes of the management MAC",
        "Name of this machine, in metrics, logs and DHCP requests.",
        |params, text| HostName::parse(text).map(|name| params.name = Some(name)),
    ),
    Parameter::new(
        "--ipv4",
        "A.B.C.D/N",
        "DHCP",
        "Address and prefix length of the service network card.",
        |params, text| HostCidr::parse(text).map(|cidr| params.service.ipv4 = Some(cidr)),
    ),
    Parameter::new(
        "--ipv4-gateway",
        "A.B.C.D",
        "none, or DHCP's",
        "Gateway of the service network card.",
        |params, text| gateway(text).map(|address| params.service.gateway = Some(address)),
    ),
    Parameter::new(
        "--service-mac",
        "xx:xx:xx:xx:xx:xx",
        "the first network card",
        "Which network card is the service one.",
        |params, text| Mac::parse(text).map(|mac| params.service.mac = Some(mac)),
    ),
    Parameter::new(
        "--management",
        "separate|shared|off",
        "separate",
        "Whether management has a network card of its own, shares the service one, or is off.",
        |params, text| ManagementMode::parse(text).map(|mode| params.management_mode = mode),
    ),
    Parameter::new(
        "--management-ipv4",
        "A.B.C.D/N",
        "DHCP",
        "Address and prefix length of the management network card.",
        |params, text| HostCidr::parse(text).map(|cidr| params.management.ipv4 = Some(cidr)),
    ),
    Parameter::new(
        "--management-ipv4-gateway",
        "A.B.C.D",
        "none, or DHCP's",
        "Gateway of the management network card.",
        |params, text| gateway(text).map(|address| params.management.gateway = Some(address)),
    ),
    Parameter::new(
        "--management-dns",
        "A.B.C.D",
        "none, or DHCP's",
        "Name server on the management network.",
        |params, text| gateway(text).map(|address| params.management_dns = Some(address)),
    )
    .managed(),
    Parameter::new(
        "--management-mac",
        "xx:xx:xx:xx:xx:xx",
        "the second network card",
        "Which network card is the management one.",
        |params, text| Mac::parse(text).map(|mac| params.management.mac = Some(mac)),
    ),
    Parameter::new(
        "--management-port",
        "PORT",
        "9100",
        "TCP port of the metrics, on the management network card.",
        |params, text| port(text).map(|port| params.management_port = port),
    )
    .managed(),
    Parameter::new(
        "--management-cpu",
        "N%",
        "5%",
        "Share of the CPU that management is sure of, and confined to while the program wants the CPU.",
        |params, text| Share::parse(text).map(|share| params.management_cpu = Some(share)),
    )
    .managed(),
    Parameter::new(
        "--allow",
        "A.B.C.D[/N][,...]",
        "everybody",
        "Who may connect to the management port and the control port: up to 16 addresses and networks.",
        |params, text| AllowList::parse(text).map(|allow| params.allow = Some(allow)),
    )
    .managed(),
    Parameter::new(
        "--metrics-auth",
        "basic:USER:SHA256HEX|bearer:SHA256HEX",
        "none needed",
        "What the management port asks clients for: a user and the password with this hash, or the token with it.",
        |params, text| Auth::parse(text).map(|auth| params.metrics_auth = Some(auth)),
    )
    .secret()
    .managed(),
    Parameter::new(
        "--metrics-gzip",
        "on|off",
        "off",
        "Whether metrics are compressed for clients that ask for it, one at a time; takes 320 KiB.",
        |params, text| on_off(text).map(|on| params.metrics_gzip = on),
    )
    .managed(),
    Parameter::new(
        "--metrics-created",
        "on|off",
        "off",
        "Whether OpenMetrics and protobuf tell since when counters and histograms count, those of objects \
         excepted.",
        |params, text| on_off(text).map(|on| params.metrics_created = on),
    )
    .managed(),
    Parameter::new(
        "--metrics",
        "VALUE|SOURCE:VALUE|tag:TAG:VALUE[,...]",
        "every source",
        "Which sources of metrics are told, by name or by a label they have; VALUE is on or off.",
        |params, text| metric_sources(text).map(|switches| params.metric_sources = Some(switches)),
    ),
    Parameter::new(
        "--logs",
        "LEVEL[,SOURCE:LEVEL...]",
        "info",
        "Which log lines are kept: quiet, app, error, warning, info or debug, and exceptions by crate or module.",
        |params, text| LogLevels::parse(text).map(|levels| params.logs = Some(levels)),
    ),
    Parameter::new(
        "--job",
        "NAME",
        "periscope",
        "Job of this machine, in everything that is pushed.",
        |params, text| word(text).map(|job| params.job = job),
    ),
    Parameter::new(
        "--tags",
        "NAME=VALUE[,...]",
        "none",
        "Tags in everything that is pushed: up to 8.",
        |params, text| Tags::parse(text).map(|tags| params.tags = tags),
    ),
    Parameter::new(
        "--monitor",
        "[tcp://|udp://|http://][LOGIN@]HOST[:PORT][/PATH]",
        "none",
        "Whom metrics are pushed to as Influx lines: port 8094, or 8086 with `/write?db=periscope` over HTTP.",
        |params, text| {
            params
                .monitors
                .push(Receiver::parse(text, &[Transport::Tcp, Transport::Udp, Transport::Http])?)
                .map_err(|_| Why::TooManyReceivers)
        },
    )
    .repeatable()
    .secret()
    .managed(),
    Parameter::new(
        "--monitor-transport",
        "tcp|udp|http",
        "tcp",
        "How receivers of Influx lines are reached that are given without `tcp://`, `udp://` or `http://`.",
        |params, text| {
            Transport::parse(text, &[Transport::Tcp, Transport::Udp, Transport::Http])
                .map(|transport| params.monitor_transport = transport)
        },
    )
    .managed(),
    Parameter::new(
        "--monitor-interval",
        "DURATION",
        "10s",
        "How often metrics are pushed as Influx lines: 100ms to 24h.",
        |params, text| interval(text).map(|ns| params.monitor_interval_ns = ns),
    )
    .managed(),
    Parameter::new("--monitor-timestamps", "on|off", "on", "Whether Influx lines have timestamps.", |params, text| {
        on_off(text).map(|on| params.monitor_timestamps = on)
    })
    .managed(),
    Parameter::new(
        "--monitor-unsigned",
        "on|off",
        "off",
        "Whether Influx lines have unsigned integers, which InfluxDB 1 refuses.",
        |params, text| on_off(text).map(|on| params.monitor_unsigned = on),
    )
    .managed(),
    Parameter::new(
        "--monitor-gzip",
        "on|off",
        "off",
        "Whether Influx lines are compressed over HTTP; takes 320 KiB for each receiver.",
        |params, text| on_off(text).map(|on| params.monitor_gzip = on),
    )
    .managed(),
    Parameter::new(
        "--syslog",
        "[tcp://|udp://]HOST[:PORT]",
        "none",
        "Whom log lines are sent to as syslog messages: port 514.",
        |params, text| {
            params
                .syslogs
                .push(Receiver::parse(text, &[Transport::Tcp, Transport::Udp])?)
                .map_err(|_| Why::TooManyReceivers)
        },
    )
    .repeatable()
    .managed(),
    Parameter::new(
        "--syslog-transport",
        "udp|tcp",
        "udp",
        "How receivers of syslog messages are reached that are given without `tcp://` or `udp://`.",
        |params, text| {
            Transport::parse(text, &[Transport::Tcp, Transport::Udp])
                .map(|transport| params.syslog_transport = transport)
        },
    )
    .managed(),
    Parameter::new(
        "--syslog-format",
        "rfc5424|rfc3164",
        "rfc5424",
        "How syslog messages are written.",
        |params, text| SyslogFormat::parse(text).map(|format| params.syslog_format = format),
    )
    .managed(),
    Parameter::new(
        "--netconsole",
        "HOST[:PORT]",
        "none",
        "Whom log lines are sent to as they are, in datagrams: port 4444.",
        |params, text| {
            params.netconsoles.push(Receiver::parse(text, &[Transport::Udp])?).map_err(|_| Why::TooManyReceivers)
        },
    )
    .repeatable()
    .managed(),
    Parameter::new(
        "--remote-write",
        "http://[LOGIN@]HOST[:PORT][/PATH]",
        "none",
        "Whom metrics are pushed to by Prometheus' remote write: port 9090, path `/api/v1/write`.",
        |params, text| {
            params.remote_writes.push(Receiver::parse(text, &[Transport::Http])?).map_err(|_| Why::TooManyReceivers)
        },
    )
    .repeatable()
    .secret()
    .managed(),
    Parameter::new(
        "--remote-write-interval",
        "DURATION",
        "15s",
        "How often metrics are pushed by remote write: 100ms to 24h.",
        |params, text| interval(text).map(|ns| params.remote_write_interval_ns = ns),
    )
    .managed(),
    Parameter::new(
        "--remote-write-protocol",
        "1|2",
        "1",
        "Which protocol remote write begins with; a receiver that does not speak 2 is told in 1.",
        |params, text| RemoteWriteProtocol::parse(text).map(|protocol| params.remote_write_protocol = protocol),
    )
    .managed(),
    Parameter::new(
        "--ping",
        "http://[LOGIN@]HOST[:PORT]/PATH",
        "none",
        "Whom this life's beginning and end are told to, as healthchecks has it: port 80.",
        |params, text| {
            let receiver = Receiver::parse(text, &[Transport::Http])?;
            if receiver.path.is_empty() {
                return Err(Why::NoPath);
            }
            params.pings.push(receiver).map_err(|_| Why::TooManyReceivers)
        },
    )
    .repeatable()
    .secret()
    .managed(),
    Parameter::new(
        "--ping-interval",
        "DURATION",
        "none",
        "How often a ping says besides that the machine is alive: 100ms to 24h.",
        |params, text| interval(text).map(|ns| params.ping_interval_ns = Some(ns)),
    )
    .managed(),
    Parameter::new(
        "--backlog",
        "SIZE",
        "1280K, less on a small machine",
        "Memory for the measurements that a receiver has not taken yet, for each: 16K to 1G.",
        |params, text| size(text).map(|bytes| params.backlog_bytes = Some(bytes)),
    )
    .managed(),
    Parameter::new("--ntp", "HOST", "none", "Whom the time is asked by SNTP.", |params, text| {
        Host::parse(text).map(|host| params.ntp = Some(host))
    })
    .managed(),
    Parameter::new(
        "--monitor-adjust",
        "PORT",
        "not given",
        "Whether settings may be written from the management network while the machine runs: over HTTP, \
         and at a control port, 2323 if none is given.",
        |params, text| {
            params.monitor_adjust = Some(if text.is_empty() { CONTROL_PORT } else { port(text)? });
            Ok(())
        },
    )
    .optional()
    .managed(),
    Parameter::new(
        "--debug-faults",
        "on|off",
        "off",
        "Whether settings that do harm on purpose, for rehearsals, may be written too.",
        |params, text| on_off(text).map(|on| params.debug_faults = on),
    ),
    Parameter::new(
        "virtio_mmio.device",
        "SIZE@ADDRESS:IRQ",
        "none",
        "A device on the memory bus; the virtual machine monitor adds these.",
        |params, text| params.mmio_devices.push(MmioDevice::parse(text)?).map_err(|_| Why::TooManyDevices),
    )
    .repeatable(),
];

/// A row of the Markdown table that the README has of them: `| parameter | what it does | default |`.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, default, help, .. } = self;
        write!(f, "| `{name}")?;
        if self.optional {
            write!(f, "[={}]", Escaped(value))?;
        } else if self.takes_value() {
            write!(f, "={}", Escaped(value))?;
        }
        write!(f, "` | {help} | {default} |")
    }
}

/// A value in a Markdown table, where a bar would end the column.
struct Escaped(&'static str);

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.0.split('|');
        f.write_str(parts.next().unwrap_or(""))?;
        parts.try_for_each(|part| write!(f, "\\|{part}"))
    }
}
