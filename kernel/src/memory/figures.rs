//! What memory tells of itself: as node_exporter would tell it, and what the heap knows besides.
//!
//! In Linux's words, the size classes are its slab allocator, large blocks are anonymous pages, and free is what is in
//! neither. Nothing here is counted: all of it is added up when somebody reads.

use super::{heap, map, stack};
use kernel_core::size_class;
use ukstore::Value;

ukstore::computed! {
    /// Memory of the machine, less what its firmware keeps.
    gauge "/memory/total_bytes", "node_memory_MemTotal_bytes", Bytes => prompt || Value::U64(map::ram_bytes());
    /// Memory that nothing has been made of: neither blocks nor chunks of size classes.
    gauge "/memory/free_bytes", "node_memory_MemFree_bytes", Bytes => prompt || Value::U64(heap::free_bytes());
    /// Memory that can still be handed out: the free memory, and the free blocks of size classes, which serve requests of the size they had.
    gauge "/memory/available_bytes", "node_memory_MemAvailable_bytes", Bytes => prompt || {
        Value::U64(heap::free_bytes() + heap::class_free_bytes(ALL_CLASSES))
    };
    /// Memory in chunks of size classes, in use or waiting for reuse.
    gauge "/memory/slab_bytes", "node_memory_Slab_bytes", Bytes => prompt || Value::U64(heap::chunk_bytes());
    /// Memory in chunks of size classes that is not given back: all of it.
    gauge "/memory/slab_unreclaimable_bytes", "node_memory_SUnreclaim_bytes", Bytes => prompt || {
        Value::U64(heap::chunk_bytes())
    };
    /// Memory in large blocks that are not stacks.
    gauge "/memory/anonymous_bytes", "node_memory_AnonPages_bytes", Bytes => prompt || Value::U64(anonymous_bytes());
    /// Memory of page tables. Those made after the boot are blocks of a size class, and in node_memory_Slab_bytes, too.
    gauge "/memory/page_tables_bytes", "node_memory_PageTables_bytes", Bytes => prompt || Value::U64(map::table_bytes());
    /// Memory of threads' stacks: those in use and those kept for the next threads, with their guard pages.
    gauge "/memory/kernel_stack_bytes", "node_memory_KernelStack_bytes", Bytes => prompt || Value::U64(stack::bytes());
}

ukstore::labels! {
    /// Blocks by their size: up to so many bytes, and more than the one before says.
    enum Size {
        To16 = "16",
        To32 = "32",
        To64 = "64",
        To128 = "128",
        To256 = "256",
        To512 = "512",
        To1024 = "1024",
        To2048 = "2048",
        To4096 = "4096",
        To8192 = "8192",
        To16384 = "16384",
        To32768 = "32768",
        /// Larger than any class.
        Large = "large",
    }
}

const _: () = assert!(Size::Large as usize == size_class::DOUBLINGS, "a name for each doubling, and one more");

ukstore::computed! {
    /// Bytes the heap manages.
    gauge "/memory/heap/size_bytes", "uk_heap_size_bytes", Bytes => prompt || Value::U64(heap::size_bytes());
    /// Bytes of the heap in use, each block counted by its size class.
    gauge "/memory/heap/used_bytes", "uk_heap_used_bytes", Bytes => prompt || Value::U64(heap::used_bytes());
    /// The most bytes of the heap that were ever in use at once.
    gauge "/memory/heap/peak_bytes", "uk_heap_peak_bytes", Bytes => prompt || Value::U64(heap::peak_bytes());
    /// Bytes taken for the chunks of size classes, in use or waiting for reuse.
    gauge "/memory/heap/chunk_bytes", "uk_heap_chunk_bytes", Bytes => prompt || Value::U64(heap::chunk_bytes());
    /// Bytes of the heap that are neither in large blocks nor in chunks of size classes.
    gauge "/memory/heap/free_bytes", "uk_heap_free_bytes", Bytes => prompt || Value::U64(heap::free_bytes());
    /// Bytes of the largest request that was refused because no memory was left; 0 before the first.
    gauge "/memory/heap/largest_failed_bytes", "uk_heap_largest_failed_bytes", Bytes => prompt || {
        Value::U64(heap::largest_failed_bytes())
    };
    /// Blocks of heap handed out.
    counter "/memory/heap/allocations_total", "uk_heap_allocations_total" => prompt || Value::U64(all_counts().allocations);
    /// Blocks of heap taken back.
    counter "/memory/heap/frees_total", "uk_heap_frees_total" => prompt || Value::U64(all_counts().frees);
    /// Blocks of heap handed out, by size: up to so many bytes and more than half of it, or large.
    counter "/memory/heap/class_allocations_total", "uk_heap_class_allocations_total", { size: Size } => prompt |size| {
        Value::U64(counts_of(size).allocations)
    };
    /// Bytes of free blocks, by size as uk_heap_class_allocations_total; large: what new chunks are taken from, too.
    gauge "/memory/heap/class_free_bytes", "uk_heap_class_free_bytes", Bytes, { size: Size } => prompt |size| {
        Value::U64(free_bytes_of(size))
    };
}

const ALL_CLASSES: core::ops::Range<usize> = 0..size_class::COUNT;

fn counts_of(size: Size) -> heap::Counts {
    match size {
        Size::Large => heap::large_counts(),
        class => heap::class_counts(size_class::of_doubling(class as usize)),
    }
}

fn free_bytes_of(size: Size) -> u64 {
    match size {
        Size::Large => heap::free_bytes(),
        class => heap::class_free_bytes(size_class::of_doubling(class as usize)),
    }
}

fn all_counts() -> heap::Counts {
    heap::class_counts(ALL_CLASSES).and(heap::large_counts())
}

/// What large blocks have taken of the heap, less the stacks, which have a name of their own. (Page tables are no large
/// blocks: a page is a block of a size class.) Saturating: between two of the figures another thread may run.
fn anonymous_bytes() -> u64 {
    let others = [heap::free_bytes(), heap::chunk_bytes(), stack::bytes()];
    others.iter().fold(heap::size_bytes(), |left, other| left.saturating_sub(*other))
}

/// Memory that something has been made of.
pub(crate) fn resident_bytes() -> u64 {
    map::ram_bytes().saturating_sub(heap::free_bytes())
}
