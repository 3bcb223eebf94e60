//! Quieting a NIC from its interrupt handler, while a thread may be in the middle of the driver.
//!
//! For: bounding what a packet flood costs when the thread that would harvest it is not running: one interrupt, then
//! none until that thread asks again. Not for: interrupt controllers, and not for anything that needs the driver.
#![expect(unsafe_code, reason = "atomic stores to the rings' flags; the proof is on `Silencer::new`")]

use core::ptr::NonNull;
use core::sync::atomic::{AtomicU16, Ordering};

use ukstore::Counter;

use crate::mmio::Window;

/// Available ring, `flags`: the driver wants no interrupt for used buffers (specification 2.7.7).
pub(super) const NO_INTERRUPT: u16 = 1;

/// Register offsets of a virtio-mmio device (specification 4.2.2).
const INTERRUPT_STATUS: usize = 0x60;
const INTERRUPT_ACK: usize = 0x64;

/// A handle on a NIC's interrupt alone. Copies are the same; all its methods are safe while the driver is borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Silencer {
    /// `flags` of each queue's available ring.
    flags: [NonNull<AtomicU16>; 2],
    /// The registers of an MMIO device, whose line stays up until acknowledged.
    acknowledge: Option<Window>,
    interrupts: NonNull<Counter>,
}

// SAFETY: flags and counter are only touched by atomic operations and the window is `Send`.
unsafe impl Send for Silencer {}
// SAFETY: as above.
unsafe impl Sync for Silencer {}

impl Silencer {
    /// # Safety
    /// `flags` must point to the flags of live available rings, and `interrupts` live, for as long as any copy is used.
    pub(super) unsafe fn new(
        flags: [NonNull<AtomicU16>; 2],
        acknowledge: Option<Window>,
        interrupts: &Counter,
    ) -> Self {
        Self { flags, acknowledge, interrupts: NonNull::from(interrupts) }
    }

    /// Counts an interrupt, asks the device for no more until `enable_interrupts`, and acknowledges it, which takes its
    /// line down if it has one. The handler's whole dealing with the device; one more may still be on its way.
    pub fn silence(&self) {
        // SAFETY: `new`'s caller keeps the counter alive; it is atomic.
        let interrupts = unsafe { self.interrupts.as_ref() };
        interrupts.inc();
        for flags in self.flags {
            // SAFETY: `new`'s caller keeps the ring alive; the field is only accessed atomically.
            let flags = unsafe { flags.as_ref() };
            flags.store(NO_INTERRUPT, Ordering::SeqCst);
        }
        if let Some(registers) = self.acknowledge {
            let pending: u32 = registers.read(INTERRUPT_STATUS);
            registers.write(INTERRUPT_ACK, pending);
        }
    }
}
