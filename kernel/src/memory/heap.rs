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
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use heapless::Vec;
use kernel_core::size_class;
use linked_list_allocator::Heap as List;
use ukstore::Value;

/// The most pieces RAM may be in.
const MAX_REGIONS: usize = 8;

#[global_allocator]
static HEAP: KernelHeap = KernelHeap(PreemptLock::new(Heap::new()));

struct KernelHeap(PreemptLock<Heap>);

struct Heap {
    classes: [Blocks; size_class::COUNT],
    regions: Vec<List, MAX_REGIONS>,
}

/// One class's free blocks: a list of returned ones, then the untouched rest of its newest chunk.
struct Blocks {
    returned: *mut FreeBlock,
    fresh: usize,
    fresh_end: usize,
}

struct FreeBlock {
    next: *mut FreeBlock,
}

// SAFETY: the pointers lead to memory that only the heap's holder touches.
unsafe impl Send for Heap {}

static SIZE_BYTES: AtomicU64 = AtomicU64::new(0);
static USED_BYTES: AtomicU64 = AtomicU64::new(0);
static CHUNK_BYTES: AtomicU64 = AtomicU64::new(0);

ukstore::computed! {
    /// Bytes the heap manages.
    gauge "/memory/heap/size_bytes", "uk_heap_size_bytes", Bytes => prompt || Value::U64(SIZE_BYTES.load(Relaxed));
    /// Bytes of the heap in use, each block counted by its size class.
    gauge "/memory/heap/used_bytes", "uk_heap_used_bytes", Bytes => prompt || Value::U64(USED_BYTES.load(Relaxed));
    /// Bytes taken for the chunks of size classes, in use or waiting for reuse.
    gauge "/memory/heap/chunk_bytes", "uk_heap_chunk_bytes", Bytes => prompt || Value::U64(CHUNK_BYTES.load(Relaxed));
    /// Bytes of the heap that are neither in large blocks nor in chunks of size classes.
    gauge "/memory/heap/free_bytes", "uk_heap_free_bytes", Bytes => prompt || Value::U64(free_bytes());
}
ukstore::counter! {
    /// Blocks of heap handed out.
    static ALLOCATIONS = "/memory/heap/allocations_total", "uk_heap_allocations_total";
    /// Blocks of heap taken back.
    static FREES = "/memory/heap/frees_total", "uk_heap_frees_total";
    /// Requests refused because no memory was left.
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
            SIZE_BYTES.fetch_add(bytes as u64, Relaxed);
        } else {
            log::warn!("memory is in more than {MAX_REGIONS} pieces: {bytes} bytes at {start:#x} are not used");
        }
    });
}

/// The bytes that can still be handed out for large blocks.
fn free_bytes() -> u64 {
    HEAP.0.with(|heap| heap.regions.iter().map(|list| list.free() as u64).sum())
}

impl Heap {
    const fn new() -> Self {
        const EMPTY: Blocks = Blocks { returned: null_mut(), fresh: 0, fresh_end: 0 };
        Self { classes: [EMPTY; size_class::COUNT], regions: Vec::new() }
    }

    fn allocate(&mut self, class: Option<usize>, layout: Layout) -> *mut u8 {
        match class {
            Some(class) => self.allocate_block(class),
            None => self.allocate_from_list(layout),
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
            CHUNK_BYTES.fetch_add(chunk_bytes as u64, Relaxed);
            let blocks = &mut self.classes[class];
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
        } else {
            ALLOCATIONS.inc();
            USED_BYTES.fetch_add(accounted_bytes(class, layout), Relaxed);
            thread::count_allocation(layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let class = size_class::class_of(layout.size(), layout.align());
        // SAFETY: the caller's promise, which is this trait's.
        self.0.with(|heap| unsafe { heap.free(class, layout, pointer) });
        FREES.inc();
        USED_BYTES.fetch_sub(accounted_bytes(class, layout), Relaxed);
    }
}
