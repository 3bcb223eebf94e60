//! What can be wrong with the boot parameters, in words for whoever typed them.

use super::tags::{MAX_TAGS, TAKEN};
use crate::log_filter::FilterError;
use core::fmt;

/// Longest part of a refused word that is shown.
const SHOWN_CHARS: usize = 80;

/// The first word that was refused, and why. The machine must not start: it would not be the one that was asked for.
///
/// Shown as `--ipv4=10.0.0: not an address with prefix length (A.B.C.D/N)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamError<'a> {
    /// The word as it was given, a secret's and an unknown one without its value; the name of its source if that is no
    /// text at all.
    pub word: &'a str,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No parameter has this name.
    Unknown,
    /// The parameter stands there without `=`.
    NoValue,
    /// The parameter stands there with `=` and is a bare word.
    TakesNoValue,
    /// The parameter was given before, and only one can count.
    Duplicate,
    /// There were words after `--` on the command line and in the file; only one of the two can have them.
    TwoPrograms,
    /// The source is not UTF-8.
    NotText,
    /// Not a host name.
    Name,
    /// Not an address with prefix length.
    Cidr,
    /// An address that a host cannot have, or that is its network's own or broadcast address.
    NoHost,
    /// Not an address.
    Address,
    /// A gateway was given without the address it goes with.
    GatewayAlone,
    /// The gateway cannot be reached, being outside the address's network, or is the address itself.
    GatewayElsewhere,
    /// Not a MAC address.
    Mac,
    /// A MAC address for groups, or of zeros: no network card has it.
    MacOfNobody,
    /// Both network cards were given the same MAC address.
    SameMac,
    /// Not a management mode.
    Mode,
    /// Not a share of the CPU.
    Share,
    /// Not a port.
    Port,
    /// Neither `on` nor `off`.
    Switch,
    /// Not a list of addresses and networks.
    AllowList,
    /// Neither a user with the hash of a password nor the hash of a token.
    Auth,
    /// Not a log setting.
    Logs(FilterError),
    /// Not the switches of metric sources that this image has.
    MetricSources(&'static str),
    /// Not a device as microvm describes it.
    Device,
    /// More devices than there is room for.
    TooManyDevices,
    /// Names nobody that something can be sent to, or not in the way it is sent.
    Receiver,
    /// More receivers of one kind than there is room for.
    TooManyReceivers,
    /// A receiver that is told by its path what it is told of, without one.
    NoPath,
    /// Neither an address nor a name.
    Host,
    /// A URL of HTTP over TLS.
    Tls,
    /// Not a transport that is possible here.
    Transport,
    /// Not tags, or more than there is room for.
    Tags,
    /// Not a word that says who this is.
    Word,
    /// Not a duration that is possible here.
    Duration,
    /// Not a size that is possible here.
    Size,
    /// Not a format of syslog.
    SyslogFormat,
    /// Not a protocol of remote write.
    RemoteWriteProtocol,
    /// Two listeners on one port.
    SamePort,
    /// Something that management does, where there is none.
    NoManagement,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown parameter (words for the program go after --)",
            Self::NoValue => "has no value (NAME=VALUE)",
            Self::TakesNoValue => "takes no value",
            Self::Duplicate => "given twice",
            Self::TwoPrograms => "words for the program both on the command line and in the parameter file",
            Self::NotText => "not UTF-8 text",
            Self::Name => "not a host name (letters, digits, - and ., at most 63)",
            Self::Cidr => "not an address with prefix length (A.B.C.D/N)",
            Self::NoHost => "not an address a host can have in that network",
            Self::Address => "not an address (A.B.C.D)",
            Self::GatewayAlone => "a gateway without the address it belongs to",
            Self::GatewayElsewhere => "not another host in the network of the address it belongs to",
            Self::Mac => "not a MAC address (xx:xx:xx:xx:xx:xx)",
            Self::MacOfNobody => "not the MAC address of one network card",
            Self::SameMac => "the same MAC address as --service-mac",
            Self::Mode => "not a mode (separate, shared, off)",
            Self::Share => "not a share of the CPU (1% to 90%)",
            Self::Port => "not a port (1 to 65535)",
            Self::Switch => "neither on nor off",
            Self::AllowList => "not a list of A.B.C.D and A.B.C.D/N (bits after the first N are 0), at most 16",
            Self::Auth => {
                "neither basic:USER:SHA256HEX (USER has at most 64 bytes) nor bearer:SHA256HEX, where SHA256HEX are the \
                 64 digits that printf %s SECRET | sha256sum prints"
            }
            Self::Logs(error) => return error.fmt(f),
            Self::MetricSources(reason) => reason,
            Self::Device => "not a device (SIZE@ADDRESS:IRQ)",
            Self::TooManyDevices => "more devices than the kernel has room for",
            Self::Receiver => {
                "not a receiver ([SCHEME://][USER:PASSWORD@ or :TOKEN@]HOST[:PORT][/PATH], as far as it is taken here)"
            }
            Self::TooManyReceivers => "more than 4 of them",
            Self::NoPath => "without a path: it is what tells one check from another (http://HOST[:PORT]/PATH)",
            Self::Host => "not a host (A.B.C.D or a name, without a port)",
            Self::Tls => "there is no TLS in this kernel (http://)",
            Self::Transport => "not a transport that is possible here (tcp, udp, http)",
            Self::Tags => return tags(f),
            Self::Word => "not a word of 1 to 64 bytes",
            Self::Duration => "not a duration (100ms to 24h, in ms, s, m or h)",
            Self::Size => "not a size (16K to 1G, in K, M or G)",
            Self::SyslogFormat => "not a format (rfc5424, rfc3164)",
            Self::RemoteWriteProtocol => "not a protocol (1, 2)",
            Self::SamePort => "the same port as --management-port",
            Self::NoManagement => "without management it does nothing (--management=off)",
        })
    }
}

fn tags(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "not tags (NAME=VALUE,...: at most {MAX_TAGS}, of letters, digits and _, no name twice, and none of")?;
    TAKEN.iter().enumerate().try_for_each(|(at, name)| write!(f, "{} {name}", if at == 0 { "" } else { "," }))?;
    f.write_str(")")
}

impl fmt::Display for ParamError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The word comes from outside: bound its length, and let no control character reach a terminal.
        let mut chars = self.word.chars();
        for shown in chars.by_ref().take(SHOWN_CHARS) {
            write!(f, "{}", shown.escape_debug())?;
        }
        let cut = if chars.next().is_some() { "..." } else { "" };
        write!(f, "{cut}: {}", self.why)
    }
}

impl core::error::Error for ParamError<'_> {}
