//! One exchange: the request, the reply, and what the two tell. A reply is believed if it answers this very request and its
//! server claims to know the time well enough (RFC 5905, sections 7.3 and 8; RFC 4330, section 5).
//!
//! A request says nothing about this machine: all of it is zero but for the version and a random number where others put
//! their time, which the reply must repeat.

use crate::clock::is_plausible;

use super::unix_ns;

/// Bytes of a packet without extensions.
pub(super) const LEN: usize = 48;
const VERSION: u8 = 4;
const CLIENT: u8 = 3;
const SERVER: u8 = 4;
/// Leap indicator of a server that is not synchronized itself.
const UNSYNCHRONIZED: u8 = 3;
const MAX_STRATUM: u8 = 15;
/// How far a server may be from the time it tells, as it reckons itself, ns: the threshold of RFC 5905 (MAXDIST).
const MAX_DISTANCE_NS: u64 = 1_500_000_000;
/// By how much a server may say it took longer than the exchange did: the two clocks have not the same rate.
const TOLERANCE_NS: u64 = 1_000_000;

ukstore::labels! {
    /// Why a reply is not believed.
    pub enum Rejected {
        /// Too short, or not a server's reply of a version that is known.
        Malformed = "malformed",
        /// Not the answer to the request: late, doubled, or made by somebody who has not seen that.
        Bogus = "bogus",
        /// The server does not know the time itself.
        Unsynchronized = "unsynchronized",
        /// The server may be more than 1.5 s off, as it says.
        Distant = "distant",
        /// A time that cannot be, or a server that took longer than the whole exchange.
        Implausible = "implausible",
        /// The server refuses to answer: a kiss of death.
        Refused = "refused",
    }
}

/// What a server says that refuses to answer (RFC 5905, section 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kiss {
    /// Ask less often.
    Rate,
    /// Never ask again.
    Deny,
    /// Anything else.
    Other,
}

/// A request that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// What the reply must repeat. Random: who has not seen the request cannot answer it.
    pub nonce: u64,
    /// When it was sent, ns.
    pub sent_ns: u64,
}

impl Request {
    /// Its bytes.
    pub fn bytes(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[0] = VERSION << 3 | CLIENT;
        bytes[40..].copy_from_slice(&self.nonce.to_be_bytes());
        bytes
    }
}

/// A reply that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// How many servers there are from this one to a clock, 1 to 15.
    pub stratum: u8,
    /// Delay to that clock and back, ns.
    pub root_delay_ns: u64,
    /// How far off the server may be besides, ns.
    pub root_dispersion_ns: u64,
    /// When the request came, Unix time in ns.
    pub received_unix_ns: u64,
    /// When the reply went, Unix time in ns.
    pub sent_unix_ns: u64,
}

impl Reply {
    /// Reads a reply to `request`. Extensions and authenticators behind the header are not looked at.
    ///
    /// # Errors
    /// Why it is not believed, and what the server says if it refuses.
    pub fn read(bytes: &[u8], request: &Request) -> Result<Self, (Rejected, Option<Kiss>)> {
        let Some(header) = bytes.first_chunk::<LEN>() else { return Err((Rejected::Malformed, None)) };
        let word = |at: usize| header[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        let timestamp = |at: usize| u64::from(word(at)) << 32 | u64::from(word(at + 4));
        let (leap, version, mode) = (header[0] >> 6, header[0] >> 3 & 7, header[0] & 7);
        if mode != SERVER || version != VERSION {
            return Err((Rejected::Malformed, None));
        }
        if timestamp(24) != request.nonce {
            return Err((Rejected::Bogus, None));
        }
        let stratum = header[1];
        if stratum == 0 {
            let kiss = match &header[12..16] {
                b"RATE" => Kiss::Rate,
                b"DENY" | b"RSTR" => Kiss::Deny,
                _ => Kiss::Other,
            };
            return Err((Rejected::Refused, Some(kiss)));
        }
        if leap == UNSYNCHRONIZED || stratum > MAX_STRATUM {
            return Err((Rejected::Unsynchronized, None));
        }
        let (root_delay_ns, root_dispersion_ns) = (short_ns(word(4)), short_ns(word(8)));
        if root_delay_ns / 2 + root_dispersion_ns >= MAX_DISTANCE_NS {
            return Err((Rejected::Distant, None));
        }
        let (Some(received_unix_ns), Some(sent_unix_ns)) = (unix_ns(timestamp(32)), unix_ns(timestamp(40))) else {
            return Err((Rejected::Implausible, None));
        };
        if !is_plausible(received_unix_ns) || !is_plausible(sent_unix_ns) || sent_unix_ns < received_unix_ns {
            return Err((Rejected::Implausible, None));
        }
        Ok(Self { stratum, root_delay_ns, root_dispersion_ns, received_unix_ns, sent_unix_ns })
    }
}

/// The short format: seconds and their fraction, 16 bits each.
fn short_ns(value: u32) -> u64 {
    (u64::from(value) * crate::clock::NANOS_PER_SEC) >> 16
}

/// What an exchange tells: the moment in its middle by both clocks, ours and the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The monotonic clock, ns.
    pub at_ns: u64,
    /// Unix time, ns.
    pub unix_ns: u64,
    /// How long the network took, there and back, ns.
    pub delay_ns: u64,
    /// How far off the server may be, ns.
    pub root_distance_ns: u64,
    /// The server's.
    pub stratum: u8,
}

impl Sample {
    /// What the reply to `request` that came at `received_ns` tells.
    ///
    /// # Errors
    /// [`Rejected::Implausible`] if the server took longer than the whole exchange.
    pub fn new(request: &Request, reply: &Reply, received_ns: u64) -> Result<Self, Rejected> {
        let whole_ns = received_ns.checked_sub(request.sent_ns).ok_or(Rejected::Implausible)?;
        let server_ns = reply.sent_unix_ns - reply.received_unix_ns;
        if server_ns > whole_ns + TOLERANCE_NS {
            return Err(Rejected::Implausible);
        }
        Ok(Self {
            at_ns: request.sent_ns + whole_ns / 2,
            unix_ns: reply.received_unix_ns + server_ns / 2,
            delay_ns: whole_ns.saturating_sub(server_ns),
            root_distance_ns: reply.root_delay_ns / 2 + reply.root_dispersion_ns,
            stratum: reply.stratum,
        })
    }

    /// How far from the time this sample may be, ns: half of what the network took, and what the server may be off.
    pub fn distance_ns(&self) -> u64 {
        self.root_distance_ns.saturating_add(self.delay_ns / 2)
    }
}
