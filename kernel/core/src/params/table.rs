//! The one table of boot parameters: what the parser accepts and what the README is checked against.

use super::access::{AllowList, Auth};
use super::values::{HostCidr, HostName, LogLevels, Mac, ManagementMode, MmioDevice, Share, gateway, on_off, port};
use super::{Params, Why};
use core::fmt;

/// One boot parameter.
pub struct Parameter {
    /// Its name, without `=`.
    pub name: &'static str,
    /// What its value looks like; empty for a bare word without `=`.
    pub value: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
    /// Whether it may be given more than once.
    pub repeatable: bool,
    /// Whether its value is never shown, not even to say what is wrong with it.
    pub secret: bool,
    pub(super) set: for<'a> fn(&mut Params<'a>, &'a str) -> Result<(), Why>,
}

impl Parameter {
    /// Whether it is `name=value`, and not a bare word.
    pub(super) const fn takes_value(&self) -> bool {
        !self.value.is_empty()
    }
}

/// Every boot parameter there is, in the order in which an operator meets them.
pub static PARAMETERS: [Parameter; 18] = [
    Parameter {
        name: "--name",
        value: "NAME",
        default: "uk- and the last three bytes of the management MAC",
        help: "Name of this machine, in metrics, logs and DHCP requests.",
        repeatable: false,
        secret: false,
        set: |params, text| HostName::parse(text).map(|name| params.name = Some(name)),
    },
    Parameter {
        name: "--ipv4",
        value: "A.B.C.D/N",
        default: "DHCP",
        help: "Address and prefix length of the service network card.",
        repeatable: false,
        secret: false,
        set: |params, text| HostCidr::parse(text).map(|cidr| params.service.ipv4 = Some(cidr)),
    },
    Parameter {
        name: "--ipv4-gateway",
        value: "A.B.C.D",
        default: "none, or DHCP's",
        help: "Gateway of the service network card.",
        repeatable: false,
        secret: false,
        set: |params, text| gateway(text).map(|address| params.service.gateway = Some(address)),
    },
    Parameter {
        name: "--service-mac",
        value: "xx:xx:xx:xx:xx:xx",
        default: "the first network card",
        help: "Which network card is the service one.",
        repeatable: false,
        secret: false,
        set: |params, text| Mac::parse(text).map(|mac| params.service.mac = Some(mac)),
    },
    Parameter {
        name: "--management",
        value: "separate|shared|off",
        default: "separate",
        help: "Whether management has a network card of its own, shares the service one, or is off.",
        repeatable: false,
        secret: false,
        set: |params, text| ManagementMode::parse(text).map(|mode| params.management_mode = mode),
    },
    Parameter {
        name: "--management-ipv4",
        value: "A.B.C.D/N",
        default: "DHCP",
        help: "Address and prefix length of the management network card.",
        repeatable: false,
        secret: false,
        set: |params, text| HostCidr::parse(text).map(|cidr| params.management.ipv4 = Some(cidr)),
    },
    Parameter {
        name: "--management-ipv4-gateway",
        value: "A.B.C.D",
        default: "none, or DHCP's",
        help: "Gateway of the management network card.",
        repeatable: false,
        secret: false,
        set: |params, text| gateway(text).map(|address| params.management.gateway = Some(address)),
    },
    Parameter {
        name: "--management-mac",
        value: "xx:xx:xx:xx:xx:xx",
        default: "the second network card",
        help: "Which network card is the management one.",
        repeatable: false,
        secret: false,
        set: |params, text| Mac::parse(text).map(|mac| params.management.mac = Some(mac)),
    },
    Parameter {
        name: "--management-port",
        value: "PORT",
        default: "9100",
        help: "TCP port of the metrics, on the management network card.",
        repeatable: false,
        secret: false,
        set: |params, text| port(text).map(|port| params.management_port = port),
    },
    Parameter {
        name: "--management-cpu",
        value: "N%",
        default: "5%",
        help: "Share of the CPU that management is sure of, and confined to while the program wants the CPU.",
        repeatable: false,
        secret: false,
        set: |params, text| Share::parse(text).map(|share| params.management_cpu = Some(share)),
    },
    Parameter {
        name: "--allow",
        value: "A.B.C.D[/N][,...]",
        default: "everybody",
        help: "Who may connect to the management port: up to 16 addresses and networks.",
        repeatable: false,
        secret: false,
        set: |params, text| AllowList::parse(text).map(|allow| params.allow = Some(allow)),
    },
    Parameter {
        name: "--metrics-auth",
        value: "basic:USER:SHA256HEX|bearer:SHA256HEX",
        default: "none needed",
        help: "What the management port asks clients for: a user and the password with this hash, or the token with it.",
        repeatable: false,
        secret: true,
        set: |params, text| Auth::parse(text).map(|auth| params.metrics_auth = Some(auth)),
    },
    Parameter {
        name: "--metrics-gzip",
        value: "on|off",
        default: "off",
        help: "Whether metrics are compressed for clients that ask for it, one at a time; takes 320 KiB.",
        repeatable: false,
        secret: false,
        set: |params, text| on_off(text).map(|on| params.metrics_gzip = on),
    },
    Parameter {
        name: "--metrics-created",
        value: "on|off",
        default: "off",
        help: "Whether OpenMetrics and protobuf tell since when counters and histograms count, those of objects excepted.",
        repeatable: false,
        secret: false,
        set: |params, text| on_off(text).map(|on| params.metrics_created = on),
    },
    Parameter {
        name: "--logs",
        value: "LEVEL[,SOURCE:LEVEL...]",
        default: "info",
        help: "Which log lines are kept: quiet, app, error, warning, info or debug, and exceptions by crate or module.",
        repeatable: false,
        secret: false,
        set: |params, text| LogLevels::parse(text).map(|levels| params.logs = Some(levels)),
    },
    Parameter {
        name: "--monitor-adjust",
        value: "",
        default: "not given",
        help: "Whether settings may be written from the management network while the machine runs.",
        repeatable: false,
        secret: false,
        set: |params, _| {
            params.monitor_adjust = true;
            Ok(())
        },
    },
    Parameter {
        name: "--debug-faults",
        value: "on|off",
        default: "off",
        help: "Whether settings that do harm on purpose, for rehearsals, may be written too.",
        repeatable: false,
        secret: false,
        set: |params, text| on_off(text).map(|on| params.debug_faults = on),
    },
    Parameter {
        name: "virtio_mmio.device",
        value: "SIZE@ADDRESS:IRQ",
        default: "none",
        help: "A device on the memory bus; the virtual machine monitor adds these.",
        repeatable: true,
        secret: false,
        set: |params, text| params.mmio_devices.push(MmioDevice::parse(text)?).map_err(|_| Why::TooManyDevices),
    },
];

/// A row of the Markdown table that the README has of them: `| parameter | what it does | default |`.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, default, help, .. } = self;
        let equals = if self.takes_value() { "=" } else { "" };
        write!(f, "| `{name}{equals}{}` | {help} | {default} |", Escaped(value))
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
