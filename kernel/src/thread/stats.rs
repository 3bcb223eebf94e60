//! What threads tell about themselves.

use crate::memory::high_water::HighWater;
use crate::time::now_ns;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use ukstore::Value;

ukstore::class! {
    /// The machine's threads.
    pub(super) static THREADS: Class<ThreadStats> = "/threads", label thread, series 64 {
        /// CPU time the thread has used, interrupts that came meanwhile included.
        counter "cpu_seconds_total", "uk_thread_cpu_seconds_total", Seconds => .cpu_ns;
        /// Times the thread was given the CPU.
        counter "switches_total", "uk_thread_switches_total" => .switches;
        /// Time the thread could have run and another did.
        counter "run_queue_seconds_total", "uk_thread_run_queue_seconds_total", Seconds => .queued_ns;
        /// Blocks of heap the thread has asked for.
        counter "allocations_total", "uk_thread_allocations_total" => .allocations;
        /// Bytes of heap the thread has asked for.
        counter "allocated_bytes_total", "uk_thread_allocated_bytes_total", Bytes => .allocated_bytes;
        /// Size of the thread's stack.
        gauge "stack_bytes", "uk_thread_stack_bytes", Bytes => prompt |thread| Value::U64(thread.stack.stack_bytes());
        /// The most of its stack that the thread has used so far, rounded up to 512 bytes.
        gauge "stack_high_water_bytes", "uk_thread_stack_high_water_bytes", Bytes => prompt |thread| {
            Value::U64(thread.stack.bytes())
        };
    }
}

/// A thread's numbers.
pub(crate) struct ThreadStats {
    pub(super) cpu_ns: AtomicU64,
    pub(super) switches: AtomicU64,
    pub(super) queued_ns: AtomicU64,
    pub(super) allocations: AtomicU64,
    pub(super) allocated_bytes: AtomicU64,
    stack: HighWater,
}

impl ThreadStats {
    /// Of a new thread on this stack.
    pub(super) fn new(stack: HighWater) -> Self {
        Self {
            cpu_ns: AtomicU64::new(0),
            switches: AtomicU64::new(0),
            queued_ns: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            allocated_bytes: AtomicU64::new(0),
            stack,
        }
    }
}

ukstore::counter! {
    /// Times the CPU went from one thread to another.
    pub(super) static SWITCHES = "/scheduler/switches_total", "uk_context_switches_total";
    /// Times the CPU was halted because nothing could run.
    pub(super) static HALTS = "/scheduler/halts_total", "uk_halts_total";
}

/// Time the CPU was halted.
pub(super) static IDLE_NS: AtomicU64 = AtomicU64::new(0);
/// Time management has used: its threads and its NIC's interrupts.
pub(super) static MANAGEMENT_NS: AtomicU64 = AtomicU64::new(0);

ukstore::computed! {
    /// Time the CPU was halted because nothing could run.
    counter "/scheduler/idle_seconds_total", "uk_idle_seconds_total", Seconds => prompt || Value::Nanos(IDLE_NS.load(Relaxed));
    /// CPU time of management: its threads and the interrupts of its NIC.
    counter "/management/cpu_seconds_total", "uk_management_cpu_seconds_total", Seconds => prompt || Value::Nanos(MANAGEMENT_NS.load(Relaxed));
}

/// Time the CPU was not halted.
pub(crate) fn busy_ns() -> u64 {
    now_ns().saturating_sub(IDLE_NS.load(Relaxed))
}

/// Management has taken all the memory it will ever use.
pub(super) static MANAGEMENT_SEALED: AtomicBool = AtomicBool::new(false);

/// From now on an allocation by a management thread is counted as one that should not be.
pub(crate) fn seal_management() {
    MANAGEMENT_SEALED.store(true, Relaxed);
}

ukstore::counter! {
    /// Blocks of heap that management asked for after its start. It never should.
    pub(super) static MANAGEMENT_ALLOCATIONS = "/management/allocations_total", "uk_management_allocations_total";
}

ukstore::computed! {
    /// Threads that are alive.
    gauge "/scheduler/threads", "uk_threads" => prompt || Value::U64(super::table::alive() as u64);
    /// Threads that run or could run now.
    gauge "/scheduler/runnable", "uk_threads_runnable" => prompt || Value::U64(super::switching::runnable() as u64);
}
