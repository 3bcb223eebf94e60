//! A virtqueue together with its packet buffers, and which side owns each buffer.
//!
//! For: confining the unsafe part of moving packets. A buffer is the driver's or the device's, never both; the ring
//! knows which, so its methods are safe whatever the device writes into the used ring. Not for: what the bytes mean.
#![expect(unsafe_code, reason = "sharing buffers with the device; ownership is tracked here")]

use core::num::NonZeroU16;
use core::sync::atomic::{Ordering, fence};

use virtio_drivers::queue::VirtQueue;
use virtio_drivers::transport::Transport;
use virtio_drivers::{BufferDirection, Error, Hal};

use super::super::dma::DmaPages;

/// Descriptors, and buffers, of each ring: QEMU's default and Firecracker's only size.
pub(super) const RING: usize = 256;
/// Bytes of one buffer: the header and an Ethernet frame, rounded up so that none crosses a page.
pub(super) const BUFFER_BYTES: usize = 2048;
/// Bytes of the header before each frame (specification 5.1.6).
pub(super) const HEADER_BYTES: usize = 12;
/// The largest frame a buffer holds.
pub(super) const MAX_FRAME_BYTES: usize = BUFFER_BYTES - HEADER_BYTES;

/// Which way the buffers of a ring go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The device fills them.
    Receive,
    /// The driver fills them.
    Transmit,
}

/// Names buffers of a ring that lie side by side, at least one. Holding one proves that they are in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    first: u16,
    count: NonZeroU16,
}

impl Run {
    /// `None` unless all are among the ring's.
    pub(super) fn new(first: usize, count: usize) -> Option<Self> {
        let inside = first < RING && count <= RING - first;
        let count = NonZeroU16::new(u16::try_from(count).ok()?)?;
        inside.then_some(Self { first: first as u16, count })
    }

    /// The first buffer's number.
    pub(super) fn first(self) -> usize {
        self.first.into()
    }

    /// How many they are.
    pub(super) fn count(self) -> usize {
        self.count.get().into()
    }

    /// Their numbers.
    fn numbers(self) -> core::ops::Range<usize> {
        self.first()..self.first() + self.count()
    }

    /// How many bytes they hold together.
    fn len_bytes(self) -> usize {
        self.count() * BUFFER_BYTES
    }
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) run: Run,
    /// Bytes the device says it wrote, header included; it may say anything.
    pub(super) len_bytes: u32,
}

/// What became of the runs offered since the last kick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kicked {
    /// How many they are.
    pub(super) offered: u64,
    /// Whether the device was told; only if there are some.
    pub(super) told: bool,
}

/// The device returned a buffer it did not have. The ring stops for good: nothing the device says can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// What the device holds under a descriptor: the first bytes of a run.
#[derive(Clone, Copy, Debug)]
struct Lent {
    run: Run,
    len_bytes: u32,
}

// There are as many as descriptors, in a value that is moved about while it is made.
const _: () = assert!(size_of::<Option<Lent>>() == 8 && RING * BUFFER_BYTES <= u32::MAX as usize);

/// One virtqueue and its buffers.
#[derive(Debug)]
pub(super) struct Ring<H: Hal> {
    // Whoever drops a ring has reset the device before, or never set it going, so the order does not matter.
    queue: VirtQueue<H, RING>,
    memory: DmaPages<H>,
    index: u16,
    direction: Direction,
    /// By descriptor. A run is one descriptor, since its buffers lie side by side.
    lent: [Option<Lent>; RING],
    /// By buffer: whether the device has it.
    with_device: [bool; RING],
    /// Runs that were offered and that the device has not been told of.
    unannounced: u64,
    broken: bool,
}

impl<H: Hal> Ring<H> {
    /// Sets up queue `index`. All buffers are the driver's, and zeroed.
    pub(super) fn new<T: Transport>(transport: &mut T, index: u16, direction: Direction) -> Result<Self, Error> {
        let shared = match direction {
            Direction::Receive => BufferDirection::DeviceToDriver,
            Direction::Transmit => BufferDirection::DriverToDevice,
        };
        // Memory first: a queue that is set up stays so until the device is reset.
        let memory = DmaPages::new(RING * BUFFER_BYTES, shared)?;
        let queue = VirtQueue::new(transport, index, false, false)?;
        Ok(Self {
            queue,
            memory,
            index,
            direction,
            lent: [None; RING],
            with_device: [false; RING],
            unannounced: 0,
            broken: false,
        })
    }

    /// Whether every buffer of the run is the driver's.
    fn owns(&self, run: Run) -> bool {
        !self.with_device[run.numbers()].contains(&true)
    }

    /// The run's bytes.
    ///
    /// # Panics
    /// If the device has one of the buffers: a driver's bug.
    pub(super) fn bytes(&self, run: Run) -> &[u8] {
        assert!(self.owns(run), "the device has the buffer");
        let range = self.memory.range(run.first() * BUFFER_BYTES, run.len_bytes());
        // SAFETY: initialized memory of ours (zeroed at first) that, as just checked, the device does not write to; a
        // mutable reference to it exists only while `self` is mutably borrowed.
        unsafe { range.as_ref() }
    }

    /// The run's bytes, to be written.
    ///
    /// # Panics
    /// As [`Ring::bytes`].
    pub(super) fn bytes_mut(&mut self, run: Run) -> &mut [u8] {
        assert!(self.owns(run), "the device has the buffer");
        let mut range = self.memory.range(run.first() * BUFFER_BYTES, run.len_bytes());
        // SAFETY: as in `bytes`, and `self` is borrowed mutably.
        unsafe { range.as_mut() }
    }

    /// Hands the first `len_bytes` of a run to the device, to fill or to send; it is told at the next [`Ring::kick`].
    /// False, and the run stays the driver's, if the ring is broken.
    ///
    /// # Panics
    /// If the device has one of the buffers already, or they are shorter than that: a driver's bug.
    pub(super) fn offer(&mut self, run: Run, len_bytes: usize) -> bool {
        assert!(self.owns(run), "the device has the buffer");
        assert!(len_bytes <= run.len_bytes(), "the buffers beyond the run are not offered with it");
        if self.broken {
            return false;
        }
        let lent = Lent { run, len_bytes: len_bytes as u32 };
        let added = self.add(lent);
        // A ring has as many descriptors as buffers, so it is never too full for those the driver owns.
        let slot = added.ok().and_then(|token| self.lent.get_mut(usize::from(token)));
        let Some(slot) = slot else {
            self.broken = true;
            return false;
        };
        *slot = Some(lent);
        self.with_device[run.numbers()].fill(true);
        self.unannounced += 1;
        true
    }

    /// Adds a range that the device does not have and, from here on, does.
    fn add(&mut self, lent: Lent) -> Result<u16, Error> {
        let mut range = self.memory.range(lent.run.first() * BUFFER_BYTES, lent.len_bytes as usize);
        match self.direction {
            Direction::Receive => {
                // SAFETY: memory of ours that the device does not have; the reference ends with this call.
                let bytes = unsafe { range.as_mut() };
                // SAFETY: nobody touches the range until `pop`: `with_device` says so to `bytes` and `bytes_mut`, and
                // the memory outlives the queue.
                unsafe { self.queue.add(&[], &mut [bytes]) }
            }
            Direction::Transmit => {
                // SAFETY: memory of ours; the reference ends with this call.
                let bytes = unsafe { range.as_ref() };
                // SAFETY: as above.
                unsafe { self.queue.add(&[bytes], &mut []) }
            }
        }
    }

    /// Whether the device returned something. (A broken ring has none.)
    pub(super) fn has_used(&self) -> bool {
        !self.broken && self.queue.can_pop()
    }

    /// Takes back the next run the device is done with.
    ///
    /// # Errors
    /// [`Broken`], once, when the device returns what it did not have; from then on the ring is empty.
    pub(super) fn take_used(&mut self) -> Result<Option<Used>, Broken> {
        if self.broken {
            return Ok(None);
        }
        let Some(token) = self.queue.peek_used() else { return Ok(None) };
        let lent = self.lent.get_mut(usize::from(token)).and_then(Option::take);
        let popped = lent.and_then(|lent| Some((lent.run, self.pop(token, lent).ok()?)));
        let Some((run, len_bytes)) = popped else {
            self.broken = true;
            return Err(Broken);
        };
        self.with_device[run.numbers()].fill(false);
        Ok(Some(Used { run, len_bytes }))
    }

    /// Pops `token`, under which `lent` was added.
    fn pop(&mut self, token: u16, lent: Lent) -> Result<u32, Error> {
        let mut range = self.memory.range(lent.run.first() * BUFFER_BYTES, lent.len_bytes as usize);
        match self.direction {
            Direction::Receive => {
                // SAFETY: memory of ours; the device is done with it or, if `pop_used` says otherwise, the reference
                // ends here unused.
                let bytes = unsafe { range.as_mut() };
                // SAFETY: the very range that was added under this token, which is still outstanding.
                unsafe { self.queue.pop_used(token, &[], &mut [bytes]) }
            }
            Direction::Transmit => {
                // SAFETY: memory of ours, which the device only reads.
                let bytes = unsafe { range.as_ref() };
                // SAFETY: the very range that was added under this token, which is still outstanding.
                unsafe { self.queue.pop_used(token, &[bytes], &mut []) }
            }
        }
    }

    /// Tells the device of buffers offered since the last call, unless it asked not to be.
    pub(super) fn kick(&mut self, transport: &mut impl Transport) -> Kicked {
        let offered = core::mem::take(&mut self.unannounced);
        if offered == 0 || self.broken {
            return Kicked::default();
        }
        // The store of the available index must be visible before the device's flags are read, or both sides may go to
        // sleep: the device having seen no buffer, the driver no wish to be told (specification 2.7.13.4.1).
        fence(Ordering::SeqCst);
        let told = self.queue.should_notify();
        if told {
            transport.notify(self.index);
        }
        Kicked { offered, told }
    }

    /// Asks the device for interrupts, or for none. After asking, what was used before must be looked for: the barrier
    /// here makes that look reliable.
    pub(super) fn set_interrupts(&mut self, enabled: bool) {
        self.queue.set_dev_notify(enabled);
        fence(Ordering::SeqCst);
    }
}
