//! Receivers of what the machine pushes, as operators name them: `[SCHEME://][LOGIN@]HOST[:PORT][/PATH[?QUERY]]`.
//!
//! A login is `USER:PASSWORD`, or `:TOKEN`. It is taken as it stands, up to the last `@`: nothing in it is decoded.

use super::Why;
use super::access::MAX_USER;
use super::values::port;
use crate::address::is_unicast;
use core::fmt;
use core::net::Ipv4Addr;
use core::str::FromStr;
use heapless::Vec;

/// The most receivers of each kind.
pub const MAX_RECEIVERS: usize = 4;

/// Longest path with its query, and longest password or token, in bytes.
pub const MAX_PATH: usize = 1024;
/// See [`MAX_PATH`].
pub const MAX_SECRET: usize = 1024;

/// Receivers of one kind, in the order given.
pub type Receivers<'a> = Vec<Receiver<'a>, MAX_RECEIVERS>;

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// An address.
    Address(Ipv4Addr),
    /// A name that DNS knows the address of.
    Name(&'a str),
}

impl<'a> Host<'a> {
    /// Longest name (RFC 1035, section 2.3.4, as people write it).
    const LONGEST_NAME: usize = 253;

    /// Checks an IPv4 address, or a name of labels with dots between: letters, digits, `-` and `_`, 1 to 63 bytes each.
    pub fn parse(text: &'a str) -> Result<Self, Why> {
        if let Ok(address) = Ipv4Addr::from_str(text) {
            return if is_unicast(address) { Ok(Self::Address(address)) } else { Err(Why::Host) };
        }
        let is_label = |label: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            (1..=63).contains(&label.len()) && label.bytes().all(known) && !label.starts_with('-')
        };
        // What ends in a number is an address, and a wrong one (RFC 3696, section 2).
        let is_number = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        let is_name = text.len() <= Self::LONGEST_NAME && text.split('.').all(is_label) && !is_number;
        if is_name { Ok(Self::Name(text)) } else { Err(Why::Host) }
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// How a receiver is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One connection that lasts.
    Tcp,
    /// Datagrams.
    Udp,
    /// Requests.
    Http,
}

impl Transport {
    /// Checks one of the names in `known`.
    pub(super) fn parse(text: &str, known: &[Self]) -> Result<Self, Why> {
        known.iter().copied().find(|transport| transport.name() == text).ok_or(Why::Transport)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Http => "http",
        }
    }
}

/// What a receiver asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Login<'a> {
    /// A user and a password.
    Password {
        /// The user.
        user: &'a str,
        /// The password.
        password: &'a str,
    },
    /// A token.
    Token(&'a str),
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

/// One receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver<'a> {
    /// How it is reached, if that was said.
    pub transport: Option<Transport>,
    /// Where it is.
    pub host: Host<'a>,
    /// Its port, if that was said.
    pub port: Option<u16>,
    /// The path with its query, beginning with `/`; empty if there was none.
    pub path: &'a str,
    /// What it asks for.
    pub login: Option<Login<'a>>,
}

impl<'a> Receiver<'a> {
    /// Checks `text`, which may name one of the transports in `known`.
    pub(super) fn parse(text: &'a str, known: &[Transport]) -> Result<Self, Why> {
        let (transport, rest) = match text.split_once("://") {
            Some(("https", _)) => return Err(Why::Tls),
            Some((scheme, rest)) => (Some(Transport::parse(scheme, known).map_err(|_| Why::Receiver)?), rest),
            None => (None, text),
        };
        // A password may have slashes, a path hardly an @.
        let (login, rest) = match rest.rsplit_once('@') {
            Some((login, rest)) => (Some(Self::login(login)?), rest),
            None => (None, rest),
        };
        let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, number) = place.split_once(':').map_or((place, None), |(host, number)| (host, Some(number)));
        let host = Host::parse(host).map_err(|_| Why::Receiver)?;
        let receiver = Self { transport, host, port: number.map(port).transpose()?, path, login };
        // What only requests have makes no sense without them.
        let is_plain = path.is_empty() && login.is_none();
        let can_ask = known.contains(&Transport::Http) && transport.is_none_or(|known| known == Transport::Http);
        let is_path = path.len() <= MAX_PATH && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if (is_plain || can_ask) && is_path { Ok(receiver) } else { Err(Why::Receiver) }
    }

    fn login(text: &'a str) -> Result<Login<'a>, Why> {
        let (user, secret) = text.split_once(':').ok_or(Why::Receiver)?;
        let is_token = secret.bytes().all(|byte| byte.is_ascii_graphic());
        match (user, secret) {
            ("", token) if is_token && !token.is_empty() && token.len() <= MAX_SECRET => Ok(Login::Token(token)),
            (user, password) if (1..=MAX_USER).contains(&user.len()) && (1..=MAX_SECRET).contains(&password.len()) => {
                Ok(Login::Password { user, password })
            }
            _ => Err(Why::Receiver),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Transport] = &[Transport::Tcp, Transport::Udp, Transport::Http];

    #[test]
    fn receivers_are_read_as_they_are_written() {
        let plain = Receiver::parse("10.0.0.1", ALL).expect("an address will do");
        assert_eq!((plain.transport, plain.port, plain.path, plain.login), (None, None, "", None));
        assert_eq!(plain.host, Host::Address(Ipv4Addr::new(10, 0, 0, 1)));

        let full = Receiver::parse("http://me:p@ss/w:d@influx.example:8086/write?db=x&rp=y", ALL).expect("a URL");
        assert_eq!((full.transport, full.port), (Some(Transport::Http), Some(8086)));
        assert_eq!((full.host, full.path), (Host::Name("influx.example"), "/write?db=x&rp=y"));
        assert_eq!(full.login, Some(Login::Password { user: "me", password: "p@ss/w:d" }));
        assert!(!std::format!("{full:?}").contains("p@ss"));

        let token = Receiver::parse(":secret@10.0.0.1/api/v2/write?bucket=b", ALL).expect("a token");
        assert_eq!(token.login, Some(Login::Token("secret")));
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for text in [
            "",
            "10.0.0",
            "10.0.0.256",
            "224.0.0.1",
            "0.0.0.0",
            "-a",
            "a..b",
            "a b",
            "tcp://",
            "ftp://10.0.0.1",
            "tcp://10.0.0.1/path",
            "udp://a:b@10.0.0.1",
            "user@10.0.0.1",
            "http://user:@10.0.0.1/",
            "http://10.0.0.1/#a",
        ] {
            assert_eq!(Receiver::parse(text, ALL), Err(Why::Receiver), "{text}");
        }
        assert_eq!(Receiver::parse("10.0.0.1:0", ALL), Err(Why::Port));
        assert_eq!(Receiver::parse("https://10.0.0.1/", ALL), Err(Why::Tls));
        assert_eq!(Receiver::parse("http://10.0.0.1/", &[Transport::Udp]), Err(Why::Receiver));
        assert_eq!(Receiver::parse("10.0.0.1/path", &[Transport::Udp]), Err(Why::Receiver));
    }
}
