//! The receive queue: buffers wait with the device, come back filled, are read in place, and go back.
//!
//! For: handing out each frame once. Not for: looking into it.

use ukstore::Label as _;
use virtio_drivers::Hal;
use virtio_drivers::transport::Transport;

use super::ETHERNET_HEADER;
use super::offload::{self, Offloads};
use super::ring::{BUFFER_BYTES, Broken, Direction, HEADER_BYTES, Kicked, RING, Ring, Run};
use super::stats::{Queue, Stats, Tally};

const QUEUE: u16 = 0;

/// A frame in its buffer, which the driver holds until [`Receiver::give_back`].
#[derive(Debug)]
pub(super) struct Frame {
    buffer: Run,
    /// The device vouches for its checksum.
    pub(super) vouched: bool,
    end: usize,
}

/// The receive half of a NIC.
#[derive(Debug)]
pub(super) struct Receiver<H: Hal> {
    ring: Ring<H>,
    offloads: Offloads,
    tally: Tally,
    /// A frame was taken since the last flush.
    taking: bool,
}

impl<H: Hal> Receiver<H> {
    /// Sets up the queue and offers all its buffers.
    pub(super) fn new(transport: &mut impl Transport, offloads: Offloads) -> Result<Self, virtio_drivers::Error> {
        let mut ring = Ring::new(transport, QUEUE, Direction::Receive)?;
        for buffer in (0..RING).filter_map(|number| Run::new(number, 1)) {
            ring.offer(buffer, BUFFER_BYTES);
        }
        Ok(Self { ring, offloads, tally: Tally::default(), taking: false })
    }

    /// The next frame, if one came. Buffers with impossible lengths are counted and offered again.
    pub(super) fn next(&mut self, stats: &Stats) -> Option<Frame> {
        // Once a flush, before buffers go back: the device may well fill them meanwhile.
        if !core::mem::replace(&mut self.taking, true) && stats.receive_exhausted() {
            stats.full[Queue::Receive.index()].inc();
        }
        // Bounded, so that a device returning nonsense without end cannot hold the caller.
        for _ in 0..RING {
            match self.ring.take_used() {
                Ok(None) => return None,
                Ok(Some(used)) => {
                    let end = usize::try_from(used.len_bytes).unwrap_or(usize::MAX);
                    if (HEADER_BYTES + ETHERNET_HEADER..=BUFFER_BYTES).contains(&end) {
                        self.tally.frame(end - HEADER_BYTES);
                        let (header, frame) = self.ring.bytes(used.run).split_at(HEADER_BYTES);
                        if is_multicast(frame) {
                            stats.receive_multicast.inc();
                        }
                        let vouched = self.offloads.guest_checksum && offload::vouches(header);
                        return Some(Frame { buffer: used.run, vouched, end });
                    }
                    stats.receive_errors.inc();
                    self.ring.offer(used.run, BUFFER_BYTES);
                }
                Err(Broken) => {
                    stats.receive_errors.inc();
                    log::error!("the device returned a receive buffer it did not have; this NIC receives no more");
                    return None;
                }
            }
        }
        None
    }

    /// The frame's bytes, from the Ethernet header on.
    pub(super) fn bytes(&self, frame: &Frame) -> &[u8] {
        &self.ring.bytes(frame.buffer)[HEADER_BYTES..frame.end]
    }

    /// Offers the frame's buffer to the device again.
    pub(super) fn give_back(&mut self, frame: &Frame) {
        self.ring.offer(frame.buffer, BUFFER_BYTES);
    }

    /// Whether something came.
    pub(super) fn has_used(&self) -> bool {
        self.ring.has_used()
    }

    /// Tells the device of buffers given back, if it waits for some.
    pub(super) fn kick(&mut self, transport: &mut impl Transport) -> Kicked {
        self.ring.kick(transport)
    }

    /// Has `stats` count what came since the last time.
    pub(super) fn settle(&mut self, stats: &Stats) {
        self.tally.settle(&stats.receive_packets, &stats.receive_bytes);
        self.taking = false;
    }

    /// Asks for an interrupt at the next frame, or for none.
    pub(super) fn set_interrupts(&mut self, enabled: bool) {
        self.ring.set_interrupts(enabled);
    }
}

/// Whether the frame is for a group of machines (IEEE 802: the first bit on the wire), but not for all.
fn is_multicast(frame: &[u8]) -> bool {
    frame.first().is_some_and(|byte| byte & 1 != 0) && !frame.starts_with(&[0xff; 6])
}
