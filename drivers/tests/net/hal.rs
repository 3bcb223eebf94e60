//! A `Hal` over the host's heap that remembers what it lent, per test thread, and complains about misuse.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ptr::NonNull;

use drivers::virtio::{BufferDirection, Hal, PhysAddr};

const PAGE: usize = 4096;

thread_local! {
    static LENT: RefCell<BTreeMap<usize, usize>> = const { RefCell::new(BTreeMap::new()) };
    static PAGES_LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    static DEVICE_USES_MEMORY: Cell<bool> = const { Cell::new(false) };
}

/// Physical addresses are pointers, as in the kernel.
#[derive(Debug)]
pub(crate) struct TestHal;

/// Bytes lent to drivers of this thread and not given back.
pub(crate) fn lent_bytes() -> usize {
    LENT.with_borrow(|lent| lent.values().sum())
}

/// Lets the next allocations succeed up to that many pages.
pub(crate) fn limit_pages(pages: usize) {
    PAGES_LEFT.set(pages);
}

/// While set, giving memory back is a mistake: the device would go on writing to it.
pub(crate) fn set_device_uses_memory(uses: bool) {
    DEVICE_USES_MEMORY.set(uses);
}

fn layout(pages: usize) -> Layout {
    Layout::from_size_align(pages * PAGE, PAGE).expect("a sane number of pages")
}

// SAFETY: the pages are fresh, aligned, zeroed, and freed by `dma_dealloc` alone; addresses are pointers.
unsafe impl Hal for TestHal {
    fn dma_alloc(pages: usize, _: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let Some(left) = PAGES_LEFT.get().checked_sub(pages) else { return (0, NonNull::dangling()) };
        PAGES_LEFT.set(left);
        // SAFETY: the layout is not empty.
        let memory = unsafe { alloc_zeroed(layout(pages)) };
        let memory = NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout(pages)));
        LENT.with_borrow_mut(|lent| lent.insert(memory.addr().get(), pages * PAGE));
        (memory.addr().get() as PhysAddr, memory)
    }

    unsafe fn dma_dealloc(address: PhysAddr, memory: NonNull<u8>, pages: usize) -> i32 {
        assert_eq!(address, memory.addr().get() as PhysAddr);
        let lent = LENT.with_borrow_mut(|lent| lent.remove(&memory.addr().get()));
        assert_eq!(lent, Some(pages * PAGE), "given back what was not lent");
        assert!(!DEVICE_USES_MEMORY.get(), "memory given back while the device uses it");
        // SAFETY: allocated by `dma_alloc` with this layout, and removed from the list, so freed once.
        unsafe { dealloc(memory.as_ptr(), layout(pages)) };
        0
    }

    unsafe fn mmio_phys_to_virt(_: PhysAddr, _: usize) -> NonNull<u8> {
        unreachable!("no registers in memory here")
    }

    unsafe fn share(buffer: NonNull<[u8]>, _: BufferDirection) -> PhysAddr {
        let (start, end) = (buffer.addr().get(), buffer.addr().get() + buffer.len());
        let inside =
            LENT.with_borrow(|lent| lent.range(..=start).next_back().is_some_and(|(&base, &len)| end <= base + len));
        assert!(inside, "a buffer outside of what was lent is shared");
        start as PhysAddr
    }

    unsafe fn unshare(_: PhysAddr, _: NonNull<[u8]>, _: BufferDirection) {}
}
