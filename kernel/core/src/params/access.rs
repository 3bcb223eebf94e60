//! Who may use the management port, as values: `--allow` and `--metrics-auth`.
//!
//! Only what was asked for is kept here. Connections are refused by whoever accepts them, and credentials are compared
//! by the exporter.

use super::Why;
use super::values::{decimal, hexadecimal, mask};
use crate::address::is_unicast;
use core::{fmt, net::Ipv4Addr, str::FromStr};
use heapless::Vec;

/// Most networks in one [`AllowList`].
pub const MAX_NETWORKS: usize = 16;

/// Longest user name, in bytes.
pub const MAX_USER: usize = 64;

/// The addresses and networks that may connect; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowList(Vec<Network, MAX_NETWORKS>);

impl AllowList {
    /// Checks `A.B.C.D` and `A.B.C.D/N` with commas between.
    pub fn parse(text: &str) -> Result<Self, Why> {
        let mut networks = Vec::new();
        for network in text.split(',') {
            networks.push(Network::parse(network)?).map_err(|_| Why::AllowList)?;
        }
        Ok(Self(networks))
    }

    /// Whether a host with this address may connect.
    pub fn admits(&self, peer: Ipv4Addr) -> bool {
        self.0.iter().any(|network| network.contains(peer))
    }
}

/// All addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    first: Ipv4Addr,
    /// Ones where the addresses agree.
    mask: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, Why> {
        let (first, mask) = match text.split_once('/') {
            Some((first, prefix_len)) => {
                let prefix_len = decimal(prefix_len).and_then(|len| u8::try_from(len).ok()).filter(|&len| len <= 32);
                (first, mask(prefix_len.ok_or(Why::AllowList)?))
            }
            None => (text, u32::MAX),
        };
        let first = Ipv4Addr::from_str(first).map_err(|_| Why::AllowList)?;
        // Bits behind the prefix: whether one host was meant or its whole network is not for us to guess.
        let is_network = first.to_bits() & !mask == 0;
        // Nobody connects from an address that no host can have, so whoever wrote one meant another.
        let is_host = mask != u32::MAX || is_unicast(first);
        if is_network && is_host { Ok(Self { first, mask }) } else { Err(Why::AllowList) }
    }

    fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & self.mask == self.first.to_bits()
    }
}

/// What a client must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth<'a> {
    /// A user and a password (RFC 7617).
    Basic {
        /// The user: 1 to [`MAX_USER`] bytes, no colon.
        user: &'a str,
        /// Of the password.
        digest: Digest,
    },
    /// A token (RFC 6750).
    Bearer {
        /// Of the token.
        digest: Digest,
    },
}

impl<'a> Auth<'a> {
    /// Checks `basic:USER:SHA256HEX` or `bearer:SHA256HEX`.
    pub fn parse(text: &'a str) -> Result<Self, Why> {
        let (scheme, rest) = text.split_once(':').ok_or(Why::Auth)?;
        match scheme {
            "basic" => {
                let (user, digest) = rest.split_once(':').ok_or(Why::Auth)?;
                let is_user = (1..=MAX_USER).contains(&user.len()) && !user.chars().any(char::is_control);
                if is_user { Ok(Self::Basic { user, digest: Digest::parse(digest)? }) } else { Err(Why::Auth) }
            }
            "bearer" => Ok(Self::Bearer { digest: Digest::parse(rest)? }),
            _ => Err(Why::Auth),
        }
    }
}

/// The SHA-256 of a secret. It is never shown: who has it can try secrets as fast as a machine hashes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    fn parse(text: &str) -> Result<Self, Why> {
        let mut bytes = [0; 32];
        // As bytes, because a character of a broken text may have several.
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(Why::Auth);
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let value = str::from_utf8(pair).ok().and_then(hexadecimal).ok_or(Why::Auth)?;
            *byte = u8::try_from(value).map_err(|_| Why::Auth)?;
        }
        Ok(Self(bytes))
    }

    /// The hash, to compare with.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::String};

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F";

    fn admits(list: &str, peer: [u8; 4]) -> bool {
        AllowList::parse(list).unwrap_or_else(|why| panic!("{list}: {why}")).admits(peer.into())
    }

    #[test]
    fn networks_and_hosts() {
        for (list, peer, admitted) in [
            ("10.1.2.3", [10, 1, 2, 3], true),
            ("10.1.2.3", [10, 1, 2, 2], false),
            ("10.1.2.3/32", [10, 1, 2, 4], false),
            ("10.1.2.2/31", [10, 1, 2, 3], true),
            ("10.1.2.2/31", [10, 1, 2, 4], false),
            ("10.0.0.0/8", [10, 255, 255, 255], true),
            ("10.0.0.0/8", [11, 0, 0, 0], false),
            ("128.0.0.0/1", [255, 0, 0, 1], true),
            ("128.0.0.0/1", [127, 255, 255, 255], false),
            ("0.0.0.0/0", [203, 0, 113, 9], true),
            ("10.0.0.1,192.168.0.0/16", [192, 168, 4, 5], true),
            ("10.0.0.1,192.168.0.0/16", [10, 0, 0, 2], false),
        ] {
            assert_eq!(admits(list, peer), admitted, "{list} {peer:?}");
        }
    }

    #[test]
    fn what_is_no_list() {
        for text in [
            "",
            ",",
            "10.0.0.1,",
            ",10.0.0.1",
            "10.0.0",
            "10.0.0.1/",
            "10.0.0.1/33",
            "10.0.0.1/-1",
            "10.0.0.0/+8",
            "10.0.0.1/24",
            "0.0.0.1/0",
            "/8",
            "10.0.0.0/8/8",
            "::1",
            "localhost",
            "10.0.0.1;10.0.0.2",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "127.0.0.1",
            "10.0.0.0/4294967296",
            "10.0.0.0/18446744073709551616",
        ] {
            assert_eq!(AllowList::parse(text), Err(Why::AllowList), "{text}");
        }
    }

    #[test]
    fn as_many_networks_as_there_is_room_for() {
        let list = |len: usize| (1..=len).map(|host| format!("10.0.0.{host}")).collect::<std::vec::Vec<_>>().join(",");
        assert!(admits(&list(MAX_NETWORKS), [10, 0, 0, MAX_NETWORKS as u8]));
        assert_eq!(AllowList::parse(&list(MAX_NETWORKS + 1)), Err(Why::AllowList));
    }

    #[test]
    fn users_tokens_and_hashes() {
        let digest = Digest(core::array::from_fn(|index| index as u8));
        assert_eq!(Auth::parse(&format!("bearer:{HEX}")), Ok(Auth::Bearer { digest }));
        assert_eq!(Auth::parse(&format!("basic:me:{HEX}")), Ok(Auth::Basic { user: "me", digest }));
        let longest = "u".repeat(MAX_USER);
        assert_eq!(Auth::parse(&format!("basic:{longest}:{HEX}")), Ok(Auth::Basic { user: &longest, digest }));
        assert_eq!(Auth::parse(&format!("basic:größe:{HEX}")), Ok(Auth::Basic { user: "größe", digest }));
        assert_eq!(Auth::parse(&format!("basic:{longest}u:{HEX}")), Err(Why::Auth));
    }

    #[test]
    fn what_is_neither() {
        let broken: [String; 13] = [
            "".into(),
            HEX.into(),
            "bearer".into(),
            "bearer:".into(),
            format!("Bearer:{HEX}"),
            format!("token:{HEX}"),
            format!("bearer:me:{HEX}"),
            format!("bearer:{HEX}0"),
            format!("bearer:{}", &HEX[2..]),
            format!("bearer:{}xy", &HEX[2..]),
            format!("bearer:{}é", &HEX[2..]),
            format!("basic::{HEX}"),
            format!("basic:{HEX}"),
        ];
        for text in broken {
            assert_eq!(Auth::parse(&text), Err(Why::Auth), "{text}");
        }
        assert_eq!(Auth::parse(&format!("basic:a\u{7}b:{HEX}")), Err(Why::Auth));
        assert_eq!(Auth::parse(&format!("basic:a:b:{HEX}")), Err(Why::Auth));
        assert_eq!(Auth::parse(&format!("bearer:+1{}", &HEX[2..])), Err(Why::Auth));
    }

    #[test]
    fn a_hash_is_hidden() {
        assert_eq!(format!("{:?}", Auth::parse(&format!("bearer:{HEX}"))), "Ok(Bearer { digest: Digest(hidden) })");
    }
}
