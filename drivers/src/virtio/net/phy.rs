//! The NIC as `smoltcp` sees it.
//!
//! For: tokens that borrow the rings. Reading a frame and writing one happen in the DMA buffer itself. Not for: timing;
//! the timestamps `smoltcp` passes are of no use here.

use core::num::{NonZeroU16, NonZeroUsize};

use smoltcp::phy::{self, Checksum, Device, DeviceCapabilities, Medium, PacketMeta};
use smoltcp::time::Instant;
use virtio_drivers::Hal;
use virtio_drivers::transport::Transport;

use super::receive::{Frame, Receiver};
use super::stats::Stats;
use super::transmit::{MAX_LONG_FRAME_BYTES, Transmitter};
use super::{CHECKSUM_VOUCHED, ETHERNET_HEADER, VirtioNet};

/// Bytes of an IPv4 and a TCP header, without options.
const IPV4_AND_TCP_HEADERS: usize = 40;

impl<H: Hal, T: Transport> Device for VirtioNet<H, T> {
    type RxToken<'a>
        = RxToken<'a, H>
    where
        Self: 'a;
    type TxToken<'a>
        = TxToken<'a, H>
    where
        Self: 'a;

    /// The next frame and the right to answer it. While the transmit ring has no room, frames wait in the receive ring.
    fn receive(&mut self, _: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        if !self.receiver.has_used() || !self.room() {
            return None;
        }
        let frame = self.receiver.next(&self.stats)?;
        let receive = RxToken { receiver: &mut self.receiver, frame, stats: &self.stats, read: false };
        Some((receive, TxToken { transmitter: &mut self.transmitter, stats: &self.stats, segment: None }))
    }

    fn transmit(&mut self, _: Instant) -> Option<Self::TxToken<'_>> {
        self.room().then_some(TxToken { transmitter: &mut self.transmitter, stats: &self.stats, segment: None })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = self.mtu() + ETHERNET_HEADER;
        let offloads = self.offloads();
        if offloads.checksum {
            // Received frames tell for themselves whether they were verified: `RxToken::meta`.
            capabilities.checksum.tcp = Checksum::Rx;
            capabilities.checksum.udp = Checksum::Rx;
        }
        if offloads.segmentation {
            capabilities.segmentation.tcpv4 = NonZeroUsize::new(longest_frame(self.mtu()));
        }
        capabilities
    }
}

impl<H: Hal, T: Transport> VirtioNet<H, T> {
    /// Whether a frame can be sent. If none can, the device is told now of those it has, not at the end of the poll: it may
    /// be waiting for that.
    fn room(&mut self) -> bool {
        let ready = self.transmitter.ready(&self.stats);
        if !ready {
            self.flush();
        }
        ready
    }
}

/// The longest frame to be cut that holds whole segments of a network with that MTU, so that none but a connection's last is
/// short where the peer's packets may be as long.
fn longest_frame(mtu: usize) -> usize {
    let headers = ETHERNET_HEADER + IPV4_AND_TCP_HEADERS;
    let segment = mtu - IPV4_AND_TCP_HEADERS;
    headers + (MAX_LONG_FRAME_BYTES - headers) / segment * segment
}

/// The right to read one frame. Its buffer goes back to the device when this is gone, read or not.
#[derive(Debug)]
pub struct RxToken<'a, H: Hal> {
    receiver: &'a mut Receiver<H>,
    frame: Frame,
    stats: &'a Stats,
    read: bool,
}

impl<H: Hal> phy::RxToken for RxToken<'_, H> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(mut self, read: F) -> R {
        self.read = true;
        read(self.receiver.bytes(&self.frame))
    }

    /// With `id` [`CHECKSUM_VOUCHED`], or 0.
    fn meta(&self) -> PacketMeta {
        let mut meta = PacketMeta::default();
        meta.id = if self.frame.vouched { CHECKSUM_VOUCHED } else { 0 };
        meta
    }
}

impl<H: Hal> Drop for RxToken<'_, H> {
    fn drop(&mut self) {
        if !self.read {
            self.stats.receive_dropped.inc();
        }
        self.receiver.give_back(&self.frame);
    }
}

/// The right to send one frame.
#[derive(Debug)]
pub struct TxToken<'a, H: Hal> {
    transmitter: &'a mut Transmitter<H>,
    stats: &'a Stats,
    segment: Option<NonZeroU16>,
}

impl<H: Hal> phy::TxToken for TxToken<'_, H> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        self.transmitter.send(len, self.segment, self.stats, write)
    }

    fn set_meta(&mut self, meta: PacketMeta) {
        self.segment = meta.segmentation_offload_size;
    }
}
