//! The heap: size classes in front of `linked_list_allocator`.
//!
//! Alone, the list is searched from its start and slows down with its length (77 µs an allocation at
//! 10,000 live blocks). So blocks up to the largest class come from per-class free lists, which a
//! block enters when it is freed and leaves when it is needed, in constant time; the list behind only
//! sees chunks of many blocks and what is larger than any class.
#![expect(unsafe_code, reason = "an allocator hands out raw memory")]

use crate::sync::PreemptLock;
use crate::thread;
use core::alloc::{GlobalAlloc, Layout};
use core::ops::Range;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use heapless::Vec;
use kernel_core::size_class;
use linked_list_allocator::Heap as List;

/// The most pieces RAM may be in.
const MAX_REGIONS: usize = 8;

#[global_allocator]
static HEAP: KernelHeap = KernelHeap(PreemptLock::new(Heap::new()));

struct KernelHeap(PreemptLock<Heap>);

struct Heap {
    classes: [Blocks; size_class::COUNT],
    regions: Vec<List, MAX_REGIONS>,
    /// Blocks larger than any class.
    large: Counts,
    /// Bytes given to the regions.
    size_bytes: u64,
    /// Bytes taken for the chunks of all classes.
    chunk_bytes: u64,
    /// Bytes handed out, each block counted by its class.
    used_bytes: u64,
    /// The most that was ever handed out.
    peak_bytes: u64,
}

/// One class's free blocks: a list of returned ones, then the untouched rest of its newest chunk.
struct Blocks {
    returned: *mut FreeBlock,
    fresh: usize,
    fresh_end: usize,
    /// Bytes of all its chunks.
    chunk_bytes: u64,
    counts: Counts,
}

/// Blocks handed out and taken back. Counted under the heap's lock, so by plain additions; whoever reads adds them up.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) allocations: u64,
    pub(super) frees: u64,
}

struct FreeBlock {
    next: *mut FreeBlock,
}

// SAFETY: the pointers lead to memory that only the heap's holder touches.
unsafe impl Send for Heap {}

/// The most bytes that were asked for in vain at once.
static LARGEST_FAILED_BYTES: AtomicU64 = AtomicU64::new(0);

ukstore::counter! {
    /// Requests for heap refused because no memory was left.
    static FAILURES = "/memory/heap/failures_total", "uk_heap_failures_total";
}

/// Gives memory to the heap. Pieces beyond the first few are not used; the log says so.
///
/// # Safety
/// The bytes are mapped, writable and in nobody's use, for ever.
pub(super) unsafe fn add(start: usize, bytes: usize) {
    if bytes < 2 * size_of::<usize>() {
        return;
    }
    HEAP.0.with(|heap| {
        // SAFETY: the caller's promise.
        let list = unsafe { List::new(start as *mut u8, bytes) };
        if heap.regions.push(list).is_ok() {
            heap.size_bytes += bytes as u64;
        } else {
            log::warn!("memory is in more than {MAX_REGIONS} pieces: {bytes} bytes at {start:#x} are not used");
        }
    });
}

/// Bytes the heap manages.
pub(super) fn size_bytes() -> u64 {
    HEAP.0.with(|heap| heap.size_bytes)
}

/// Bytes in use, each block counted by its size class.
pub(super) fn used_bytes() -> u64 {
    HEAP.0.with(|heap| heap.used_bytes)
}

/// The most bytes that were ever in use at once.
pub(super) fn peak_bytes() -> u64 {
    HEAP.0.with(|heap| heap.peak_bytes)
}

/// The bytes in no block and no chunk: what can still be handed out for large blocks and new chunks.
pub(super) fn free_bytes() -> u64 {
    HEAP.0.with(|heap| heap.regions.iter().map(|list| list.free() as u64).sum())
}

/// Bytes taken for chunks of size classes.
pub(super) fn chunk_bytes() -> u64 {
    HEAP.0.with(|heap| heap.chunk_bytes)
}

/// Bytes of these classes' chunks that are in no block handed out.
pub(super) fn class_free_bytes(classes: Range<usize>) -> u64 {
    let free = |(blocks, size): (&Blocks, &usize)| {
        let Counts { allocations, frees } = blocks.counts;
        blocks.chunk_bytes - (allocations - frees) * *size as u64
    };
    HEAP.0.with(|heap| heap.classes[classes.clone()].iter().zip(&size_class::SIZES[classes]).map(free).sum())
}

/// What was counted of these classes' blocks.
pub(super) fn class_counts(classes: Range<usize>) -> Counts {
    HEAP.0.with(|heap| heap.classes[classes].iter().map(|blocks| blocks.counts).fold(Counts::NONE, Counts::and))
}

/// What was counted of blocks larger than any class.
pub(super) fn large_counts() -> Counts {
    HEAP.0.with(|heap| heap.large)
}

/// The largest request that was refused, in bytes; 0 before the first.
pub(super) fn largest_failed_bytes() -> u64 {
    LARGEST_FAILED_BYTES.load(Relaxed)
}

impl Counts {
    const NONE: Self = Self { allocations: 0, frees: 0 };

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self { allocations: self.allocations + other.allocations, frees: self.frees + other.frees }
    }
}

impl Heap {
    const fn new() -> Self {
        const EMPTY: Blocks =
            Blocks { returned: null_mut(), fresh: 0, fresh_end: 0, chunk_bytes: 0, counts: Counts::NONE };
        Self {
            classes: [EMPTY; size_class::COUNT],
            regions: Vec::new(),
            large: Counts::NONE,
            size_bytes: 0,
            chunk_bytes: 0,
            used_bytes: 0,
            peak_bytes: 0,
        }
    }

    fn allocate(&mut self, class: Option<usize>, layout: Layout) -> *mut u8 {
        let block = match class {
            Some(class) => self.allocate_block(class),
            None => self.allocate_from_list(layout),
        };
        if ukstore::COUNTS && !block.is_null() {
            self.counts(class).allocations += 1;
            self.used_bytes += accounted_bytes(class, layout);
            self.peak_bytes = self.peak_bytes.max(self.used_bytes);
        }
        block
    }

    fn counts(&mut self, class: Option<usize>) -> &mut Counts {
        match class {
            Some(class) => &mut self.classes[class].counts,
            None => &mut self.large,
        }
    }

    fn allocate_block(&mut self, class: usize) -> *mut u8 {
        let blocks = &mut self.classes[class];
        if let Some(block) = NonNull::new(blocks.returned) {
            // SAFETY: a returned block is free memory whose first word is the link, written by `free`.
            blocks.returned = unsafe { block.read() }.next;
            return block.as_ptr().cast();
        }
        if blocks.fresh == blocks.fresh_end {
            let chunk_bytes = size_class::chunk_bytes(class);
            let Ok(layout) = Layout::from_size_align(chunk_bytes, size_class::CHUNK_ALIGN) else { return null_mut() };
            let chunk = self.allocate_from_list(layout);
            if chunk.is_null() {
                return chunk;
            }
            self.chunk_bytes += chunk_bytes as u64;
            let blocks = &mut self.classes[class];
            blocks.chunk_bytes += chunk_bytes as u64;
            blocks.fresh = chunk as usize;
            blocks.fresh_end = chunk as usize + chunk_bytes;
        }
        let blocks = &mut self.classes[class];
        let block = blocks.fresh;
        blocks.fresh += size_class::SIZES[class];
        block as *mut u8
    }

    fn allocate_from_list(&mut self, layout: Layout) -> *mut u8 {
        let found = self.regions.iter_mut().find_map(|list| list.allocate_first_fit(layout).ok());
        found.map_or(null_mut(), NonNull::as_ptr)
    }

    /// # Safety
    /// The block was handed out for this class and layout, and is free again.
    unsafe fn free(&mut self, class: Option<usize>, layout: Layout, pointer: *mut u8) {
        if ukstore::COUNTS {
            self.counts(class).frees += 1;
            self.used_bytes -= accounted_bytes(class, layout);
        }
        match class {
            Some(class) => {
                let class = &mut self.classes[class];
                let block = pointer.cast::<FreeBlock>();
                // SAFETY: the block is free memory, at least as large and as aligned as the link.
                unsafe { block.write(FreeBlock { next: class.returned }) };
                class.returned = block;
            }
            None => {
                let home = self.regions.iter_mut().find(|list| (list.bottom()..list.top()).contains(&pointer));
                if let (Some(list), Some(pointer)) = (home, NonNull::new(pointer)) {
                    // SAFETY: the block came from this list, by its address, with this layout.
                    unsafe { list.deallocate(pointer, layout) };
                }
            }
        }
    }
}

/// What a block counts for.
fn accounted_bytes(class: Option<usize>, layout: Layout) -> u64 {
    class.map_or(layout.size(), |class| size_class::SIZES[class]) as u64
}

// SAFETY: blocks are disjoint parts of regions given to the heap, as large and aligned as asked; the
// lock makes each operation whole.
unsafe impl GlobalAlloc for KernelHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = size_class::class_of(layout.size(), layout.align());
        let block = self.0.with(|heap| heap.allocate(class, layout));
        if block.is_null() {
            FAILURES.inc();
            LARGEST_FAILED_BYTES.fetch_max(layout.size() as u64, Relaxed);
        } else {
            thread::count_allocation(layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let class = size_class::class_of(layout.size(), layout.align());
        // SAFETY: the caller's promise, which is this trait's.
        self.0.with(|heap| unsafe { heap.free(class, layout, pointer) });
    }
}
