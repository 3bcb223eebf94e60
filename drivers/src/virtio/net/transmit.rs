//! The transmit queue: free buffers are filled in place, go to the device, and are collected later.
//!
//! For: sending without waiting. Buffers that the device is done with are collected when the next is needed, so no
//! interrupt is spent on them unless all are out. Not for: queueing beyond the ring: a full ring is the stack's to retry.

use virtio_drivers::Hal;
use virtio_drivers::transport::Transport;

use super::ring::{Broken, Buffer, Direction, HEADER_BYTES, MAX_FRAME_BYTES, RING, Ring};
use super::stats::Stats;

const QUEUE: u16 = 1;

/// The transmit half of a NIC.
#[derive(Debug)]
pub(super) struct Transmitter<H: Hal> {
    ring: Ring<H>,
    /// The driver's buffers, the last used on top (the likeliest to be in the cache).
    free: heapless::Vec<Buffer, RING>,
    /// Somebody waits for a buffer and has not had one since.
    wanted: bool,
}

impl<H: Hal> Transmitter<H> {
    /// Sets up the queue; all buffers are free.
    pub(super) fn new(transport: &mut impl Transport) -> Result<Self, virtio_drivers::Error> {
        let ring = Ring::new(transport, QUEUE, Direction::Transmit)?;
        let free = (0..RING).rev().map(|number| Buffer(number as u8)).collect();
        Ok(Self { ring, free, wanted: false })
    }

    /// Collects the buffers the device is done with.
    pub(super) fn reclaim(&mut self, stats: &Stats) {
        for _ in 0..RING {
            match self.ring.take_used() {
                Ok(None) => return,
                Ok(Some(used)) => {
                    self.put_back(used.buffer);
                }
                Err(Broken) => {
                    stats.transmit_errors.inc();
                    log::error!("the device returned a transmit buffer it did not have; this NIC sends no more");
                    return;
                }
            }
        }
    }

    fn put_back(&mut self, buffer: Buffer) {
        let pushed = self.free.push(buffer);
        debug_assert!(pushed.is_ok(), "there are as many places as buffers");
    }

    /// Whether a frame can be sent now; if not, remembers that one waits.
    pub(super) fn ready(&mut self, stats: &Stats) -> bool {
        self.reclaim(stats);
        self.wanted = self.free.is_empty();
        if self.wanted {
            stats.ring_full.inc();
        }
        !self.wanted
    }

    /// Whether every buffer is with the device.
    pub(super) fn is_full(&self) -> bool {
        self.free.is_empty()
    }

    /// Remembers that a frame waits for a buffer.
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// Whether a frame waits for a buffer.
    pub(super) fn wanted(&self) -> bool {
        self.wanted
    }

    /// Whether a frame waits for a buffer, and forgets it: for when there is one.
    pub(super) fn take_wanted(&mut self) -> bool {
        core::mem::take(&mut self.wanted)
    }

    /// Sends a frame of `len_bytes` that `fill` writes in place. `stats` counts it.
    ///
    /// # Panics
    /// If the frame is longer than a buffer, which `capabilities` told the stack: its bug.
    pub(super) fn send<R>(&mut self, len_bytes: usize, stats: &Stats, fill: impl FnOnce(&mut [u8]) -> R) -> R {
        assert!(len_bytes <= MAX_FRAME_BYTES, "a frame beyond the MTU");
        // A token is given out only after `ready` found a buffer, and it borrows the NIC, so the buffer is still there.
        let buffer = self.free.pop().expect("`ready` found a buffer and nobody else could take it");
        // The header stays as it was zeroed at first: no offload asked for. The device may only read it.
        let end = HEADER_BYTES + len_bytes;
        let result = fill(&mut self.ring.bytes_mut(buffer)[HEADER_BYTES..end]);
        if self.ring.offer(buffer, end) {
            stats.transmit_packets.inc();
            stats.transmit_bytes.add(len_bytes as u64);
        } else {
            stats.transmit_dropped.inc();
            self.put_back(buffer);
        }
        result
    }

    /// Tells the device of frames to send, if it waits for some.
    pub(super) fn kick(&mut self, transport: &mut impl Transport) -> bool {
        self.ring.kick(transport)
    }

    /// Asks for an interrupt at the next buffer that comes back, or for none.
    pub(super) fn set_interrupts(&mut self, enabled: bool) {
        self.ring.set_interrupts(enabled);
    }
}
