//! DMA pages that give themselves back.
//!
//! For: the packet buffers. Not for: the rings, which `VirtQueue` allocates through the same [`Hal`].
#![expect(unsafe_code, reason = "owning pages from the `Hal`, and its one fact: they are identity mapped")]

use core::marker::PhantomData;
use core::ptr::NonNull;

use virtio_drivers::{BufferDirection, Error, Hal, PAGE_SIZE, PhysAddr};

/// Contiguous zeroed pages, owned.
#[derive(Debug)]
pub(super) struct DmaPages<H: Hal> {
    address: PhysAddr,
    base: NonNull<u8>,
    pages: usize,
    hal: PhantomData<H>,
}

// SAFETY: the pages are plain memory that belongs to this value and to no thread.
unsafe impl<H: Hal> Send for DmaPages<H> {}

impl<H: Hal> DmaPages<H> {
    /// Allocates at least `len_bytes`.
    ///
    /// # Errors
    /// [`Error::DmaError`] if there is no memory, or if the `Hal` does not map it where the device sees it: then a ring's
    /// address would not be a pointer, which [`super::Silencer`] relies on.
    pub(super) fn new(len_bytes: usize, direction: BufferDirection) -> Result<Self, Error> {
        let pages = len_bytes.div_ceil(PAGE_SIZE);
        let (address, base) = H::dma_alloc(pages, direction);
        if address == 0 {
            return Err(Error::DmaError);
        }
        let owned = Self { address, base, pages, hal: PhantomData };
        if address != base.addr().get() as PhysAddr {
            return Err(Error::DmaError);
        }
        Ok(owned)
    }

    /// The `len_bytes` from `offset` on, as a pointer: whether they may be touched now is the caller's to know.
    ///
    /// # Panics
    /// If they do not lie within the pages: a driver's bug.
    pub(super) fn range(&self, offset: usize, len_bytes: usize) -> NonNull<[u8]> {
        let len_total = self.pages * PAGE_SIZE;
        assert!(offset <= len_total && len_bytes <= len_total - offset, "range outside its DMA pages");
        // SAFETY: just checked to lie within the allocation.
        let start = unsafe { self.base.add(offset) };
        NonNull::slice_from_raw_parts(start, len_bytes)
    }
}

impl<H: Hal> Drop for DmaPages<H> {
    fn drop(&mut self) {
        // SAFETY: these are the values `dma_alloc` returned for this allocation, given back once.
        let status = unsafe { H::dma_dealloc(self.address, self.base, self.pages) };
        debug_assert_eq!(status, 0, "the Hal takes back what it gave");
    }
}
