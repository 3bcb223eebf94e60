//! Pages shared with devices. Memory is mapped where it is, so an address is a physical address and
//! sharing costs nothing.
#![expect(unsafe_code, reason = "pages shared with devices")]

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use core::ptr::NonNull;
use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE, PhysAddr};

/// How the virtio drivers reach memory.
pub(crate) struct KernelHal;

fn layout(pages: usize) -> Option<Layout> {
    Layout::from_size_align(pages.checked_mul(PAGE_SIZE)?, PAGE_SIZE).ok()
}

// SAFETY: pages come from the heap: valid, zeroed, page-aligned and nobody else's until freed.
// `mmio_phys_to_virt` maps the registers, which are no RAM, before it returns their address.
unsafe impl Hal for KernelHal {
    fn dma_alloc(pages: usize, _direction: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let pointer = layout(pages).and_then(|layout| {
            // SAFETY: a queue or buffer pool has at least one page, so the layout is not empty.
            NonNull::new(unsafe { alloc_zeroed(layout) })
        });
        // Address 0 is the trait's word for "no memory".
        pointer.map_or((0, NonNull::dangling()), |pointer| (pointer.as_ptr() as PhysAddr, pointer))
    }

    unsafe fn dma_dealloc(_paddr: PhysAddr, vaddr: NonNull<u8>, pages: usize) -> i32 {
        if let Some(layout) = layout(pages) {
            // SAFETY: allocated above with the same layout, by the caller's promise.
            unsafe { dealloc(vaddr.as_ptr(), layout) };
        }
        0
    }

    unsafe fn mmio_phys_to_virt(paddr: PhysAddr, size: usize) -> NonNull<u8> {
        // The trait has no way to refuse. Addresses from the command line are checked before they come here;
        // those from PCI lie where the firmware or the kernel put them, which is not RAM.
        assert!(super::map::map_device(paddr, size as u64), "registers at {paddr:#x} cannot be mapped");
        NonNull::new(paddr as *mut u8).expect("page zero is not mapped above")
    }

    unsafe fn share(buffer: NonNull<[u8]>, _direction: BufferDirection) -> PhysAddr {
        buffer.as_ptr().cast::<u8>() as PhysAddr
    }

    unsafe fn unshare(_paddr: PhysAddr, _buffer: NonNull<[u8]>, _direction: BufferDirection) {}
}
