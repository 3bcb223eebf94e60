//! Tests of the client as a whole: what servers may say ([`replies`]), when it asks ([`rounds`]), and whether a bad clock
//! behind a bad network is put right ([`simulation`]).

mod replies;
mod rounds;
mod simulation;

use std::vec::Vec;

use super::Request;

pub(super) const MILLISECOND: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1_000 * MILLISECOND;
/// What the server's clock shows when the monotonic one shows 0.
pub(super) const UNIX: u64 = 1_800_000_000 * SECOND;

/// A server's packet, field by field.
#[derive(Clone, Copy)]
pub(super) struct Packet {
    pub(super) first: u8,
    pub(super) stratum: u8,
    pub(super) root_delay: u32,
    pub(super) root_dispersion: u32,
    pub(super) reference: [u8; 4],
    pub(super) originate: u64,
    pub(super) receive: u64,
    pub(super) transmit: u64,
}

impl Packet {
    /// A good answer to `request` of a server that was asked and answered at these times.
    pub(super) fn answer(request: &Request, received_unix_ns: u64, sent_unix_ns: u64) -> Self {
        Self {
            first: 0x24,
            stratum: 2,
            root_delay: 0x0100,
            root_dispersion: 0x0200,
            reference: [10, 0, 0, 1],
            originate: request.nonce,
            receive: timestamp(received_unix_ns),
            transmit: timestamp(sent_unix_ns),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from([self.first, self.stratum, 6, 0xec]);
        bytes.extend(self.root_delay.to_be_bytes());
        bytes.extend(self.root_dispersion.to_be_bytes());
        bytes.extend(self.reference);
        bytes.extend(self.receive.to_be_bytes());
        bytes.extend(self.originate.to_be_bytes());
        bytes.extend(self.receive.to_be_bytes());
        bytes.extend(self.transmit.to_be_bytes());
        bytes
    }
}

/// NTP's timestamp of a Unix time in ns.
pub(super) fn timestamp(unix_ns: u64) -> u64 {
    ((unix_ns / SECOND + 2_208_988_800) << 32) | (((unix_ns % SECOND) << 32) / SECOND)
}
