//! How many of a queue's buffers are with the device, read off the indices of its two rings (specification 2.7.6, 2.7.8).
//!
//! For: whoever reads a NIC's entries while a thread may be in the middle of the driver; so it costs a frame nothing.
//! Not for: taking buffers back, which is the ring's.
#![expect(unsafe_code, reason = "atomic loads of the rings' indices; the proof is on `Indices::new`")]

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU16, Ordering};

use super::wired::RingAddresses;

/// Offset of `idx` in the available and in the used ring.
const INDEX: u64 = 2;

/// The two indices of one queue, which only grow, modulo 2^16.
#[derive(Clone, Copy, Debug)]
pub(super) struct Indices {
    /// How many buffers the driver has offered.
    available: NonNull<AtomicU16>,
    /// How many of them the device has returned.
    used: NonNull<AtomicU16>,
}

// SAFETY: the indices are only loaded, atomically.
unsafe impl Send for Indices {}
// SAFETY: as above.
unsafe impl Sync for Indices {}

impl Indices {
    /// `None` before the queue is set up.
    ///
    /// # Safety
    /// The rings must be identity mapped, and stay allocated for as long as any copy is used.
    pub(super) unsafe fn new(rings: RingAddresses) -> Option<Self> {
        let index = |ring: u64| NonNull::new((ring != 0).then_some(ring + INDEX)? as usize as *mut AtomicU16);
        Some(Self { available: index(rings.available)?, used: index(rings.used)? })
    }

    /// Buffers offered and not returned.
    pub(super) fn with_device(&self) -> usize {
        // In this order: the device returns no more than it was offered, so that the difference is never below zero.
        // SAFETY: `new`'s caller keeps the ring alive; both sides access the field as one aligned word.
        let used = unsafe { self.used.as_ref() }.load(Ordering::Acquire);
        // SAFETY: as above.
        let available = unsafe { self.available.as_ref() }.load(Ordering::Acquire);
        available.wrapping_sub(used).into()
    }
}
