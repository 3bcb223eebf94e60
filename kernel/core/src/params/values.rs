//! The values of boot parameters as types: holding one proves that the text was checked.

use super::Why;
use crate::address::is_unicast;
use crate::log_filter::LogFilter;
use core::{fmt, net::Ipv4Addr, str::FromStr};
use ukstore::{Mistake, Switches};

/// A host name (RFC 1123 section 2.1): letters, digits, `-` and `.`, 1 to 63 bytes, beginning and ending with a letter
/// or digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostName<'a>(&'a str);

impl<'a> HostName<'a> {
    /// Checks `text`.
    pub fn parse(text: &'a str) -> Result<Self, Why> {
        let bytes = text.as_bytes();
        let known = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(byte));
        let ends = [bytes.first(), bytes.last()].iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric));
        if known && ends && bytes.len() <= 63 { Ok(Self(text)) } else { Err(Why::Name) }
    }

    /// The name.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// A host's IPv4 address with the length of its network's prefix (1 to 32). The address is neither the network's own
/// nor its broadcast address, except in networks too small to have them (RFC 3021).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCidr {
    address: Ipv4Addr,
    prefix_len: u8,
}

impl HostCidr {
    /// Checks `A.B.C.D/N`.
    pub fn parse(text: &str) -> Result<Self, Why> {
        let (address, prefix_len) = text.split_once('/').ok_or(Why::Cidr)?;
        let address = Ipv4Addr::from_str(address).map_err(|_| Why::Cidr)?;
        let prefix_len = decimal(prefix_len).ok_or(Why::Cidr)?;
        if !(1..=32).contains(&prefix_len) {
            return Err(Why::Cidr);
        }
        let cidr = Self { address, prefix_len: prefix_len as u8 };
        let host = address.to_bits() & !cidr.mask();
        let reserved = prefix_len < 31 && (host == 0 || host == !cidr.mask());
        if reserved || !is_unicast(address) { Err(Why::NoHost) } else { Ok(cidr) }
    }

    /// The host's address.
    pub fn address(self) -> Ipv4Addr {
        self.address
    }

    /// Length of the network's prefix in bits.
    pub fn prefix_len(self) -> u8 {
        self.prefix_len
    }

    /// Whether `other` is another host of the same network.
    pub fn reaches(self, other: Ipv4Addr) -> bool {
        other != self.address && (self.address.to_bits() ^ other.to_bits()) & self.mask() == 0
    }

    fn mask(self) -> u32 {
        mask(self.prefix_len)
    }
}

impl fmt::Display for HostCidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_len)
    }
}

/// The mask of a prefix of 0 to 32 bits.
pub(super) fn mask(prefix_len: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix_len)).unwrap_or(0)
}

/// Checks a gateway's address.
pub(super) fn gateway(text: &str) -> Result<Ipv4Addr, Why> {
    Ipv4Addr::from_str(text).ok().filter(|&address| is_unicast(address)).ok_or(Why::Address)
}

/// The MAC address of one network card: not a group's, not zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac([u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Mac {
    /// Checks six pairs of hexadecimal digits with colons between.
    pub fn parse(text: &str) -> Result<Self, Why> {
        let mut octets = [0; 6];
        let mut pairs = text.split(':');
        for octet in &mut octets {
            let pair = pairs.next().filter(|pair| pair.len() == 2).ok_or(Why::Mac)?;
            *octet = hexadecimal(pair).ok_or(Why::Mac)? as u8;
        }
        if pairs.next().is_some() {
            return Err(Why::Mac);
        }
        // Bit 0 of the first octet marks a group address (IEEE 802).
        if octets[0] & 1 != 0 || octets == [0; 6] { Err(Why::MacOfNobody) } else { Ok(Self(octets)) }
    }

    /// The address in transmission order.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }
}

/// Where management lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ManagementMode {
    /// On a network card of its own.
    #[default]
    Separate,
    /// On the service network card, which then shows the management port.
    Shared,
    /// Nowhere.
    Off,
}

impl ManagementMode {
    pub(super) fn parse(text: &str) -> Result<Self, Why> {
        match text {
            "separate" => Ok(Self::Separate),
            "shared" => Ok(Self::Shared),
            "off" => Ok(Self::Off),
            _ => Err(Why::Mode),
        }
    }
}

/// Which sources of metrics are told, in [`Switches::parse`]'s words. One that this image does not have cannot be.
pub(super) fn metric_sources(text: &str) -> Result<Switches, Why> {
    Switches::parse(text).map_err(|mistake| {
        Why::MetricSources(match mistake {
            Mistake::UnknownSource(_) => "unknown source (docs/metrics.md has them: the first names of paths)",
            Mistake::UnknownTag(_) => "unknown tag (docs/metrics.md has them: the labels of metrics)",
            mistake => mistake.reason(),
        })
    })
}

/// Which log lines are kept, in [`LogFilter::parse`]'s words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevels<'a>(&'a str);

impl<'a> LogLevels<'a> {
    /// Checks `text`.
    pub fn parse(text: &'a str) -> Result<Self, Why> {
        LogFilter::parse(text).map(|_| Self(text)).map_err(Why::Logs)
    }

    /// The words.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// A share of the CPU: 1 to 90 %. Not more, because the share goes before the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u8);

impl Share {
    /// The share of management where nobody asks for another: 5 %.
    pub const DEFAULT: Self = Self(5);
    /// The least there is.
    pub const MIN: Self = Self(1);
    /// The most there is.
    pub const MAX: Self = Self(90);

    /// Checks a number with or without `%`.
    pub fn parse(text: &str) -> Result<Self, Why> {
        let percent = decimal(text.strip_suffix('%').unwrap_or(text)).ok_or(Why::Share)?;
        let range = u64::from(Self::MIN.0)..=u64::from(Self::MAX.0);
        if range.contains(&percent) { Ok(Self(percent as u8)) } else { Err(Why::Share) }
    }

    /// The share in percent.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// Checks a port number.
pub(super) fn port(text: &str) -> Result<u16, Why> {
    decimal(text).and_then(|port| u16::try_from(port).ok()).filter(|&port| port > 0).ok_or(Why::Port)
}

/// Checks `on` or `off`.
pub(super) fn on_off(text: &str) -> Result<bool, Why> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Why::Switch),
    }
}

/// Checks a duration: a number with `ms`, `s`, `m` or `h`, or seconds without; 100 ms to a day. In ns.
pub(super) fn interval(text: &str) -> Result<u64, Why> {
    const MS: u64 = 1_000_000;
    let digits = text.len() - text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let (number, unit) = text.split_at(digits);
    let unit_ns = match unit {
        "ms" => MS,
        "s" | "" => 1000 * MS,
        "m" => 60_000 * MS,
        "h" => 3_600_000 * MS,
        _ => return Err(Why::Duration),
    };
    let ns = decimal(number).and_then(|number| number.checked_mul(unit_ns)).ok_or(Why::Duration)?;
    if (100 * MS..=24 * 3_600_000 * MS).contains(&ns) { Ok(ns) } else { Err(Why::Duration) }
}

/// Checks a size: a number of bytes with or without `K`, `M` or `G`; 16 KiB to 1 GiB.
pub(super) fn size(text: &str) -> Result<u64, Why> {
    scaled(text).filter(|bytes| (16 << 10..=1 << 30).contains(bytes)).ok_or(Why::Size)
}

/// How a syslog message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyslogFormat {
    /// RFC 5424.
    Rfc5424,
    /// RFC 3164.
    Rfc3164,
}

impl SyslogFormat {
    pub(super) fn parse(text: &str) -> Result<Self, Why> {
        match text {
            "rfc5424" => Ok(Self::Rfc5424),
            "rfc3164" => Ok(Self::Rfc3164),
            _ => Err(Why::SyslogFormat),
        }
    }
}

/// A protocol of Prometheus' remote write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteWriteProtocol {
    /// 1.0.
    V1,
    /// 2.0.
    V2,
}

impl RemoteWriteProtocol {
    pub(super) fn parse(text: &str) -> Result<Self, Why> {
        match text {
            "1" => Ok(Self::V1),
            "2" => Ok(Self::V2),
            _ => Err(Why::RemoteWriteProtocol),
        }
    }
}

/// A virtio device on the memory bus, as Linux's `virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID]` describes it; QEMU's
/// microvm and Firecracker add these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MmioDevice {
    /// Physical address of its registers.
    pub base: u64,
    /// Length of its registers in bytes.
    pub size: u64,
    /// Its interrupt line (I/O APIC input).
    pub irq: u32,
}

impl MmioDevice {
    pub(super) fn parse(text: &str) -> Result<Self, Why> {
        let (size, rest) = text.split_once('@').ok_or(Why::Device)?;
        let mut fields = rest.split(':');
        let base = fields.next().and_then(number);
        let irq = fields.next().and_then(number).and_then(|irq| u32::try_from(irq).ok());
        let id_fits = fields.next().is_none_or(|id| number(id).is_some()) && fields.next().is_none();
        match (scaled(size), base, irq) {
            (Some(size), Some(base), Some(irq)) if id_fits && size > 0 && base.checked_add(size).is_some() => {
                Ok(Self { base, size, irq })
            }
            _ => Err(Why::Device),
        }
    }
}

/// Digits only: unlike `from_str`, no sign.
pub(super) fn decimal(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

pub(super) fn hexadecimal(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// A number with `0x` before hexadecimal digits.
fn number(text: &str) -> Option<u64> {
    text.strip_prefix("0x").map_or_else(|| decimal(text), hexadecimal)
}

/// A number with `K`, `M` or `G` after it for the powers of 1024.
fn scaled(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'K' | b'k' => (&text[..text.len() - 1], 1 << 10),
        b'M' | b'm' => (&text[..text.len() - 1], 1 << 20),
        b'G' | b'g' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    number(digits)?.checked_mul(factor)
}
