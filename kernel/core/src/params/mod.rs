//! Boot parameters: what an operator asked of this machine, from the kernel command line and from the fw_cfg file
//! `opt/periscope/params` (which keeps secrets out of the host's process list).
//!
//! # Grammar
//! Both sources are UTF-8 words with ASCII white space between them, line ends included. A word beginning with `#`
//! begins a comment that ends with its line. There is no quoting: a value has no white space in it.
//! ```text
//! words      = parameter* [ "--" program-word* ]
//! parameter  = name [ "=" value ]      name: one of PARAMETERS; without value where the table shows that
//! ```
//! A parameter is given once, in either source, or as often as there are devices or receivers of what it names. Words after a bare
//! `--` are the program's; only one of the sources can have them. QEMU's microvm appends its `virtio_mmio.device` words
//! to the command line, that is, behind the program's words, so these are parameters wherever they stand.
//!
//! Anything unknown, malformed or contradictory is an error that names the word: a machine that ignores what it was
//! told is harder to find than one that does not start.

mod access;
mod error;
mod receiver;
mod table;
mod tags;
#[cfg(test)]
mod tests;
mod values;

pub use access::{AllowList, Auth, Digest, MAX_NETWORKS, MAX_USER};
pub use error::{ParamError, Why};
pub use receiver::{Host, Login, MAX_PATH, MAX_RECEIVERS, MAX_SECRET, Receiver, Receivers, Transport};
pub use table::{PARAMETERS, Parameter};
pub use tags::{MAX_TAGS, Tags};
pub use values::{
    HostCidr, HostName, LogLevels, Mac, ManagementMode, MmioDevice, RemoteWriteProtocol, Share, SyslogFormat,
};

use core::net::Ipv4Addr;
use heapless::Vec;
use ukstore::Switches;

/// Most devices on the memory bus; QEMU's microvm has 24 at most.
pub const MAX_MMIO_DEVICES: usize = 32;

/// The name of the parameter that is one wherever it stands.
const MMIO_DEVICE: &str = "virtio_mmio.device=";

/// One network card's parameters. Without an address it asks DHCP; without a MAC its place in the order of cards
/// decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nic {
    /// Static address.
    pub ipv4: Option<HostCidr>,
    /// Gateway, in the network of [`ipv4`](Self::ipv4).
    pub gateway: Option<Ipv4Addr>,
    /// Which card it is.
    pub mac: Option<Mac>,
}

/// All boot parameters, checked. The texts are borrowed from the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params<'a> {
    /// `--name`.
    pub name: Option<HostName<'a>>,
    /// `--ipv4`, `--ipv4-gateway`, `--service-mac`.
    pub service: Nic,
    /// `--management-ipv4`, `--management-ipv4-gateway`, `--management-mac`.
    pub management: Nic,
    /// `--management`.
    pub management_mode: ManagementMode,
    /// `--management-port`.
    pub management_port: u16,
    /// `--management-cpu`.
    pub management_cpu: Option<Share>,
    /// `--allow`.
    pub allow: Option<AllowList>,
    /// `--metrics-auth`.
    pub metrics_auth: Option<Auth<'a>>,
    /// `--metrics-gzip`.
    pub metrics_gzip: bool,
    /// `--metrics-created`.
    pub metrics_created: bool,
    /// `--metrics`.
    pub metric_sources: Option<Switches>,
    /// `--logs`.
    pub logs: Option<LogLevels<'a>>,
    /// `--management-dns`.
    pub management_dns: Option<Ipv4Addr>,
    /// `--job`.
    pub job: &'a str,
    /// `--tags`.
    pub tags: Tags<'a>,
    /// `--monitor`, `--monitor-transport` and what else they are told.
    pub monitors: Receivers<'a>,
    /// For those without one of their own.
    pub monitor_transport: Transport,
    /// `--monitor-interval`, in ns.
    pub monitor_interval_ns: u64,
    /// `--monitor-timestamps`.
    pub monitor_timestamps: bool,
    /// `--monitor-unsigned`.
    pub monitor_unsigned: bool,
    /// `--monitor-gzip`.
    pub monitor_gzip: bool,
    /// `--syslog`.
    pub syslogs: Receivers<'a>,
    /// `--syslog-transport`, for those without one of their own.
    pub syslog_transport: Transport,
    /// `--syslog-format`.
    pub syslog_format: SyslogFormat,
    /// `--netconsole`.
    pub netconsoles: Receivers<'a>,
    /// `--remote-write`.
    pub remote_writes: Receivers<'a>,
    /// `--remote-write-interval`, in ns.
    pub remote_write_interval_ns: u64,
    /// `--remote-write-protocol`.
    pub remote_write_protocol: RemoteWriteProtocol,
    /// `--ping`.
    pub pings: Receivers<'a>,
    /// `--ping-interval`, in ns.
    pub ping_interval_ns: Option<u64>,
    /// `--backlog`, in bytes.
    pub backlog_bytes: Option<u64>,
    /// `--ntp`.
    pub ntp: Option<Host<'a>>,
    /// `--monitor-adjust`: the control port.
    pub monitor_adjust: Option<u16>,
    /// `--debug-faults`.
    pub debug_faults: bool,
    /// `virtio_mmio.device`, in the order given, which is QEMU's order of slots.
    pub mmio_devices: Vec<MmioDevice, MAX_MMIO_DEVICES>,
    /// What follows `--`.
    pub program: ProgramWords<'a>,
}

impl<'a> Params<'a> {
    /// What holds if nothing is given.
    pub const fn new() -> Self {
        const NIC: Nic = Nic { ipv4: None, gateway: None, mac: None };
        Self {
            name: None,
            service: NIC,
            management: NIC,
            management_mode: ManagementMode::Separate,
            management_port: 9100,
            management_cpu: None,
            allow: None,
            metrics_auth: None,
            metrics_gzip: false,
            metrics_created: false,
            metric_sources: None,
            logs: None,
            management_dns: None,
            job: "periscope",
            tags: Tags::NONE,
            monitors: Vec::new(),
            monitor_transport: Transport::Tcp,
            monitor_interval_ns: 10_000_000_000,
            monitor_timestamps: true,
            monitor_unsigned: false,
            monitor_gzip: false,
            syslogs: Vec::new(),
            syslog_transport: Transport::Udp,
            syslog_format: SyslogFormat::Rfc5424,
            netconsoles: Vec::new(),
            remote_writes: Vec::new(),
            remote_write_interval_ns: 15_000_000_000,
            remote_write_protocol: RemoteWriteProtocol::V1,
            pings: Vec::new(),
            ping_interval_ns: None,
            backlog_bytes: None,
            ntp: None,
            monitor_adjust: None,
            debug_faults: false,
            mmio_devices: Vec::new(),
            program: ProgramWords { text: "" },
        }
    }

    /// Parses the command line and the text of the fw_cfg file, either of which may be empty.
    pub fn parse(command_line: &'a [u8], file: &'a [u8]) -> Result<Self, ParamError<'a>> {
        let mut parser = Parser { params: Self::new(), given: [None; PARAMETERS.len()], has_program: false };
        for (source, text) in [("command line", command_line), ("opt/periscope/params", file)] {
            let text = core::str::from_utf8(text).map_err(|_| ParamError { word: source, why: Why::NotText })?;
            parser.source(text)?;
        }
        parser.finish()
    }
}

impl Default for Params<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// The words after `--`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramWords<'a> {
    /// The rest of the source, devices and comments included.
    text: &'a str,
}

impl<'a> ProgramWords<'a> {
    /// The words in order.
    pub fn words(self) -> impl Iterator<Item = &'a str> + Clone {
        Words { rest: self.text }.filter(|word| !word.starts_with(MMIO_DEVICE))
    }
}

/// Splits a source into words and skips comments.
#[derive(Clone)]
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let text = self.rest.trim_ascii_start();
            let comment = text.starts_with('#');
            let end = text.find(|c: char| if comment { c == '\n' } else { c.is_ascii_whitespace() });
            let (word, rest) = text.split_at(end.unwrap_or(text.len()));
            self.rest = rest;
            if !comment {
                return Some(word).filter(|word| !word.is_empty());
            }
        }
    }
}

struct Parser<'a> {
    params: Params<'a>,
    /// For each parameter of the table the word that gave it.
    given: [Option<&'a str>; PARAMETERS.len()],
    has_program: bool,
}

impl<'a> Parser<'a> {
    fn source(&mut self, text: &'a str) -> Result<(), ParamError<'a>> {
        let mut words = Words { rest: text };
        let mut in_program = false;
        while let Some(word) = words.next() {
            if word == "--" && !in_program {
                if core::mem::replace(&mut self.has_program, true) {
                    return Err(ParamError { word, why: Why::TwoPrograms });
                }
                in_program = true;
                self.params.program = ProgramWords { text: words.rest };
            } else if !in_program || word.starts_with(MMIO_DEVICE) {
                self.parameter(word).map_err(|why| ParamError { word: shown(word), why })?;
            }
        }
        Ok(())
    }

    fn parameter(&mut self, word: &'a str) -> Result<(), Why> {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let index = position(name).ok_or(Why::Unknown)?;
        let parameter = &PARAMETERS[index];
        let value = match (value, parameter.takes_value()) {
            (Some(""), true) if parameter.optional => return Err(Why::NoValue),
            (Some(value), true) => value,
            (None, false) => "",
            (None, true) if parameter.optional => "",
            (None, true) => return Err(Why::NoValue),
            (Some(_), false) => return Err(Why::TakesNoValue),
        };
        if self.given[index].replace(word).is_some() && !parameter.repeatable {
            return Err(Why::Duplicate);
        }
        (parameter.set)(&mut self.params, value)
    }

    /// The checks that concern several parameters.
    fn finish(self) -> Result<Params<'a>, ParamError<'a>> {
        let Params { service, management, .. } = self.params;
        for (nic, gateway) in [(service, "--ipv4-gateway"), (management, "--management-ipv4-gateway")] {
            let why = match (nic.ipv4, nic.gateway) {
                (None, Some(_)) => Why::GatewayAlone,
                (Some(cidr), Some(address)) if !cidr.reaches(address) => Why::GatewayElsewhere,
                _ => continue,
            };
            return Err(self.blame(gateway, why));
        }
        if service.mac.is_some() && service.mac == management.mac {
            return Err(self.blame("--management-mac", Why::SameMac));
        }
        if self.params.monitor_adjust == Some(self.params.management_port) {
            return Err(self.blame("--monitor-adjust", Why::SamePort));
        }
        if self.params.management_mode == ManagementMode::Off {
            let mut given = PARAMETERS.iter().zip(self.given).filter_map(|(parameter, word)| word.map(|_| parameter));
            if let Some(useless) = given.find(|parameter| parameter.managed) {
                return Err(self.blame(useless.name, Why::NoManagement));
            }
        }
        Ok(self.params)
    }

    /// An error that names the word by which the parameter `name` was given.
    fn blame(&self, name: &'static str, why: Why) -> ParamError<'a> {
        let given = PARAMETERS.iter().zip(self.given).find(|(parameter, _)| parameter.name == name);
        ParamError { word: given.and_then(|(_, word)| word).map_or(name, shown), why }
    }
}

/// Where the parameter called `name` stands in the table.
fn position(name: &str) -> Option<usize> {
    PARAMETERS.iter().position(|parameter| parameter.name == name)
}

/// As much of a word as an error may show: of a secret the name, and of what nobody knows no more than could be one,
/// for it may be a secret's that was mistyped.
fn shown(word: &str) -> &str {
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    match position(name) {
        Some(index) if PARAMETERS[index].secret => name,
        Some(_) => word,
        None => name.split_once(':').map_or(name, |(name, _)| name),
    }
}
