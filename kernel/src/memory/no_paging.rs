//! What machines with paging, a page cache and swap tell of these, and this one has nothing of: a Linux that does without
//! them tells 0, and so does this.
//!
//! The lists that reclaim keeps (active, inactive, unevictable), huge pages, vmalloc and commit limits are no zeros but
//! absent: here is nothing that they could be about.

ukstore::zero! {
    /// Memory for file system metadata: there are no file systems.
    gauge "/memory/buffers_bytes", "node_memory_Buffers_bytes", Bytes;
    /// Memory of the page cache: there are no files.
    gauge "/memory/cached_bytes", "node_memory_Cached_bytes", Bytes;
    /// Memory of files that are mapped: there are no files.
    gauge "/memory/mapped_bytes", "node_memory_Mapped_bytes", Bytes;
    /// Memory shared between processes: there is one.
    gauge "/memory/shmem_bytes", "node_memory_Shmem_bytes", Bytes;
    /// Memory waiting to be written to disk: there is no disk.
    gauge "/memory/dirty_bytes", "node_memory_Dirty_bytes", Bytes;
    /// Memory being written to disk: there is no disk.
    gauge "/memory/writeback_bytes", "node_memory_Writeback_bytes", Bytes;
    /// Memory in chunks of size classes that could be given back: chunks are kept.
    gauge "/memory/slab_reclaimable_bytes", "node_memory_SReclaimable_bytes", Bytes;
    /// Memory that is in swap, too: there is no swap.
    gauge "/memory/swap_cached_bytes", "node_memory_SwapCached_bytes", Bytes;
    /// Free swap: there is no swap.
    gauge "/memory/swap_free_bytes", "node_memory_SwapFree_bytes", Bytes;
    /// Size of swap: there is no swap.
    gauge "/memory/swap_total_bytes", "node_memory_SwapTotal_bytes", Bytes;
}

ukstore::zero! {
    /// Processes killed for want of memory: a request that finds none is refused, see uk_heap_failures_total.
    untyped "/vmstat/oom_kill", "node_vmstat_oom_kill";
    /// Page faults: all memory is mapped from the start, and a fault ends a life.
    untyped "/vmstat/pgfault", "node_vmstat_pgfault";
    /// Page faults that had to wait for a disk: there is no disk.
    untyped "/vmstat/pgmajfault", "node_vmstat_pgmajfault";
    /// Kibibytes read from disk: there is no disk.
    untyped "/vmstat/pgpgin", "node_vmstat_pgpgin";
    /// Kibibytes written to disk: there is no disk.
    untyped "/vmstat/pgpgout", "node_vmstat_pgpgout";
    /// Pages read from swap: there is no swap.
    untyped "/vmstat/pswpin", "node_vmstat_pswpin";
    /// Pages written to swap: there is no swap.
    untyped "/vmstat/pswpout", "node_vmstat_pswpout";
}
