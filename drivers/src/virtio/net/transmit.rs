//! The transmit queue: free buffers are filled in place, go to the device, and are collected later.
//!
//! For: sending without waiting. Buffers that the device is done with are collected when the next is needed, so no
//! interrupt is spent on them unless there is no room. A frame that the device is to cut into segments lies in as many
//! neighbouring buffers as it needs. Not for: queueing beyond the ring: a frame without room is the stack's to retry.

use core::num::NonZeroU16;

use ukstore::Label as _;
use virtio_drivers::Hal;
use virtio_drivers::transport::Transport;

use super::free::FreeBuffers;
use super::offload::{Header, Offloads};
use super::ring::{BUFFER_BYTES, Broken, Direction, HEADER_BYTES, Kicked, MAX_FRAME_BYTES, RING, Ring, Run};
use super::stats::{Queue, Stats, Tally};

const QUEUE: u16 = 1;
/// Buffers of the longest frame that the device may be given to cut: 16 KiB bound what one call copies.
const LONGEST_RUN: usize = 8;
/// The longest such frame.
pub(super) const MAX_LONG_FRAME_BYTES: usize = LONGEST_RUN * BUFFER_BYTES - HEADER_BYTES;

/// The transmit half of a NIC.
#[derive(Debug)]
pub(super) struct Transmitter<H: Hal> {
    ring: Ring<H>,
    free: FreeBuffers,
    offloads: Offloads,
    tally: Tally,
    /// Somebody waits for a buffer and has not had one since.
    wanted: bool,
}

impl<H: Hal> Transmitter<H> {
    /// Sets up the queue; all buffers are free.
    pub(super) fn new(transport: &mut impl Transport, offloads: Offloads) -> Result<Self, virtio_drivers::Error> {
        let ring = Ring::new(transport, QUEUE, Direction::Transmit)?;
        Ok(Self { ring, free: FreeBuffers::all(), offloads, tally: Tally::default(), wanted: false })
    }

    /// Buffers the next frame may need: how long it will be is not known when the stack asks for room.
    fn longest_run(&self) -> usize {
        if self.offloads.segmentation { LONGEST_RUN } else { 1 }
    }

    /// Collects the buffers the device is done with.
    pub(super) fn reclaim(&mut self, stats: &Stats) {
        for _ in 0..RING {
            match self.ring.take_used() {
                Ok(None) => return,
                Ok(Some(used)) => {
                    self.free.put(used.run);
                }
                Err(Broken) => {
                    stats.transmit_errors.inc();
                    log::error!("the device returned a transmit buffer it did not have; this NIC sends no more");
                    return;
                }
            }
        }
    }

    /// Whether a frame can be sent now; if not, remembers that one waits.
    pub(super) fn ready(&mut self, stats: &Stats) -> bool {
        self.reclaim(stats);
        self.wanted = self.has_no_room();
        if self.wanted {
            stats.full[Queue::Transmit.index()].inc();
        }
        !self.wanted
    }

    /// Whether so many buffers are with the device that there is no room for the next frame, however long it may be.
    pub(super) fn has_no_room(&self) -> bool {
        !self.free.has(self.longest_run())
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

    /// Sends a frame of `len_bytes` that `fill` writes in place, whole or cut into TCP segments with `segment` bytes of
    /// content. `stats` counts it.
    ///
    /// # Panics
    /// If the frame is longer than `capabilities` told the stack: its bug.
    pub(super) fn send<R>(
        &mut self,
        len_bytes: usize,
        segment: Option<NonZeroU16>,
        stats: &Stats,
        fill: impl FnOnce(&mut [u8]) -> R,
    ) -> R {
        let segment = segment.filter(|_| self.offloads.segmentation);
        let longest = if segment.is_some() { MAX_LONG_FRAME_BYTES } else { MAX_FRAME_BYTES };
        assert!(len_bytes <= longest, "a frame beyond the MTU");
        let end = HEADER_BYTES + len_bytes;
        let run = self.free.take(end.div_ceil(BUFFER_BYTES));
        // A token is given out only after `ready` found room for the longest, and it borrows the NIC, so it is still there.
        let run = run.expect("`ready` found buffers and nobody else could take them");
        let result = self.fill(run, end, segment, fill);
        if self.ring.offer(run, end) {
            self.tally.frame(len_bytes);
            if segment.is_some() {
                stats.transmit_segmented.inc();
            }
        } else {
            stats.transmit_dropped.inc();
            self.free.put(run);
        }
        result
    }

    /// Writes a frame and its header into the first `end` bytes of `run`.
    fn fill<R>(&mut self, run: Run, end: usize, segment: Option<NonZeroU16>, fill: impl FnOnce(&mut [u8]) -> R) -> R {
        let (header, frame) = self.ring.bytes_mut(run)[..end].split_at_mut(HEADER_BYTES);
        let result = fill(frame);
        let described = if self.offloads.checksum { Header::describe(frame, segment) } else { Header::default() };
        header.copy_from_slice(&described.to_bytes());
        result
    }

    /// Tells the device of frames to send, if it waits for some.
    pub(super) fn kick(&mut self, transport: &mut impl Transport) -> Kicked {
        self.ring.kick(transport)
    }

    /// Has `stats` count what was sent since the last time.
    pub(super) fn settle(&mut self, stats: &Stats) {
        self.tally.settle(&stats.transmit_packets, &stats.transmit_bytes);
    }

    /// Asks for an interrupt at the next buffer that comes back, or for none.
    pub(super) fn set_interrupts(&mut self, enabled: bool) {
        self.ring.set_interrupts(enabled);
    }
}
