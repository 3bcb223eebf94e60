//! The two devices smoltcp is given instead of the real one: a single received frame, and the way out alone. Both note what
//! smoltcp sent, which is how this stack counts segments and learns that a neighbor's address is missing.

use core::num::NonZeroU16;

use smoltcp::{
    phy::{Device, DeviceCapabilities, PacketMeta, RxToken, TxToken},
    time::Instant,
};

use super::{
    checksum,
    wire::{self, ETHERNET_HEADER, Sent},
};

/// What smoltcp did with the device during one call.
#[derive(Default)]
pub(super) struct Notes {
    /// It asked for room to send.
    pub(super) asked: bool,
    /// The device had none.
    pub(super) blocked: bool,
    /// Frames sent.
    pub(super) frames: usize,
    /// Frames on the wire: one for each, or as many as the device cuts it into.
    pub(super) pieces: usize,
    /// Bytes of those that are IPv4 packets, without Ethernet's header.
    pub(super) octets: usize,
    /// Those that are UDP datagrams.
    pub(super) datagrams: usize,
    /// Those that are ICMP messages.
    pub(super) messages: usize,
    /// The last of them.
    pub(super) sent: Option<Sent>,
    /// Content of each TCP segment the device cuts that one into.
    pub(super) cut: Option<NonZeroU16>,
}

/// A device with one frame to receive and room for one answer. The answer's token stays the caller's if smoltcp does not use it.
pub(super) struct OneFrame<'f, T> {
    pub(super) frame: Option<&'f [u8]>,
    pub(super) answer: &'f mut Option<T>,
    pub(super) notes: Notes,
}

impl<T: TxToken> Device for OneFrame<'_, T> {
    type RxToken<'a>
        = Borrowed<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Answer<'a, T>
    where
        Self: 'a;

    fn receive(&mut self, _now: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        let frame = self.frame.take()?;
        Some((Borrowed(frame), Answer { token: self.answer, notes: &mut self.notes }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Self::TxToken<'_>> {
        None
    }

    /// Not asked for: smoltcp keeps those of the device the interface was made with.
    fn capabilities(&self) -> DeviceCapabilities {
        DeviceCapabilities::default()
    }
}

/// The frame of a [`OneFrame`].
pub(super) struct Borrowed<'a>(&'a [u8]);

impl RxToken for Borrowed<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// Room for the answer to a [`OneFrame`].
pub(super) struct Answer<'a, T> {
    token: &'a mut Option<T>,
    notes: &'a mut Notes,
}

impl<T: TxToken> TxToken for Answer<'_, T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let token = self.token.take().expect("an answer is made from a token and consumed once");
        noted(token, len, f, self.notes)
    }
}

/// The real device for sending only.
pub(super) struct Outlet<'d, D> {
    pub(super) device: &'d mut D,
    pub(super) notes: Notes,
}

impl<D: Device> Device for Outlet<'_, D> {
    type RxToken<'a>
        = Borrowed<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Noted<'a, D::TxToken<'a>>
    where
        Self: 'a;

    fn receive(&mut self, _now: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        None
    }

    fn transmit(&mut self, now: Instant) -> Option<Self::TxToken<'_>> {
        self.notes.asked = true;
        let Some(token) = self.device.transmit(now) else {
            self.notes.blocked = true;
            return None;
        };
        Some(Noted { token, notes: &mut self.notes })
    }

    /// The device's, but that there are no checksums to verify.
    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = self.device.capabilities();
        capabilities.checksum = checksum::verified(&capabilities.checksum);
        capabilities
    }
}

/// Room for a frame of an [`Outlet`].
pub(super) struct Noted<'a, T> {
    token: T,
    notes: &'a mut Notes,
}

impl<T: TxToken> TxToken for Noted<'_, T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        noted(self.token, len, f, self.notes)
    }

    fn set_meta(&mut self, meta: PacketMeta) {
        self.notes.cut = meta.segmentation_offload_size;
        self.token.set_meta(meta);
    }
}

fn noted<R>(token: impl TxToken, len: usize, f: impl FnOnce(&mut [u8]) -> R, notes: &mut Notes) -> R {
    token.consume(len, |buffer| {
        let result = f(buffer);
        let sent = wire::read_sent(buffer);
        notes.frames += 1;
        notes.pieces += match (&sent, notes.cut) {
            (Sent::Tcp(whole), Some(cut)) => whole.payload_len.div_ceil(cut.get().into()),
            _ => 1,
        };
        notes.octets += if matches!(sent, Sent::Arp) { 0 } else { len.saturating_sub(ETHERNET_HEADER) };
        notes.datagrams += usize::from(matches!(sent, Sent::Udp));
        notes.messages += usize::from(matches!(sent, Sent::Icmp));
        notes.sent = Some(sent);
        result
    })
}
