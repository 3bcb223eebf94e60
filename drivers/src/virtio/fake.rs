//! Device registers as plain memory, for tests of what is written where. (A device that behaves is in `tests/net`.)
#![expect(unsafe_code, reason = "windows over leaked memory")]

use core::ptr::NonNull;

use virtio_drivers::{BufferDirection, Hal, PhysAddr};

use crate::mmio::Window;

/// A window of zeros that lives as long as the test run.
pub(crate) fn window(words: usize) -> Window {
    let memory: &'static mut [u32] = vec![0; words].leak();
    // SAFETY: leaked memory that is reached through the window alone, aligned to 4.
    unsafe { Window::new(NonNull::from(memory).cast(), words * 4) }
}

/// Registers of a virtio-mmio device (specification 4.2.2) at an address of their own.
pub(crate) struct Registers {
    pub(crate) window: Window,
    pub(crate) address: u64,
}

/// Bytes that `microvm` gives each device.
pub(crate) const SLOT: usize = 512;

/// A slot whose first three registers (magic value, version, device) say this.
pub(crate) fn slot(magic: u32, version: u32, device: u32) -> Registers {
    let memory: &'static mut [u32] = vec![0; SLOT / 4].leak();
    memory[..3].copy_from_slice(&[magic, version, device]);
    let base = NonNull::from(memory).cast::<u8>();
    // SAFETY: as in `window`.
    Registers { window: unsafe { Window::new(base, SLOT) }, address: base.addr().get() as u64 }
}

/// Maps registers where they are, and has no memory to lend.
pub(crate) struct Identity;

// SAFETY: lends nothing; addresses of registers are pointers to memory that the tests leaked.
unsafe impl Hal for Identity {
    fn dma_alloc(_: usize, _: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        (0, NonNull::dangling())
    }

    unsafe fn dma_dealloc(_: PhysAddr, _: NonNull<u8>, _: usize) -> i32 {
        unreachable!("nothing was lent")
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, _: usize) -> NonNull<u8> {
        NonNull::new(address as *mut u8).expect("no registers at address 0")
    }

    unsafe fn share(_: NonNull<[u8]>, _: BufferDirection) -> PhysAddr {
        unreachable!("nothing was lent")
    }

    unsafe fn unshare(_: PhysAddr, _: NonNull<[u8]>, _: BufferDirection) {
        unreachable!("nothing was lent")
    }
}
