//! What threads tell about themselves.

use crate::memory::high_water::HighWater;
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
        /// Whether the thread runs or could; else it waits.
        gauge "runnable", "uk_thread_runnable" => prompt |thread| {
            // A number, so that the threads without a series of their own are added up.
            Value::U64(u64::from(thread.runnable.load(Relaxed)))
        };
        /// Blocks of heap the thread has asked for.
        counter "allocations_total", "uk_thread_allocations_total" => .allocations;
        /// Bytes of heap the thread has asked for.
        counter "allocated_bytes_total", "uk_thread_allocated_bytes_total", Bytes => .allocated_bytes;
        /// Size of the thread's stack.
        gauge "stack_bytes", "uk_thread_stack_bytes", Bytes => prompt |thread| Value::U64(thread.stack.stack_bytes());
        /// The most of its stack that the thread has used so far, rounded up to 512 bytes, beyond 128 KiB to 32 KiB. What lies behind 8 KiB that were left untouched is missed.
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
    pub(super) runnable: AtomicBool,
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
            runnable: AtomicBool::new(false),
            allocations: AtomicU64::new(0),
            allocated_bytes: AtomicU64::new(0),
            stack,
        }
    }
}

/// Adds to a number that nobody else can write meanwhile: with interrupts off, or by its one writer. So no other write can
/// fall between the load and the store, and both together cost less than an add that locks the bus.
#[inline]
pub(crate) fn add_alone(number: &AtomicU64, amount: u64) {
    if ukstore::COUNTS {
        number.store(number.load(Relaxed).wrapping_add(amount), Relaxed);
    }
}

/// Time management has used: its threads and its NIC's interrupts.
pub(super) static MANAGEMENT_NS: AtomicU64 = AtomicU64::new(0);

ukstore::computed! {
    /// CPU time of management: its threads and the interrupts of its NIC.
    counter "/management/cpu_seconds_total", "uk_management_cpu_seconds_total", Seconds => prompt || Value::Nanos(MANAGEMENT_NS.load(Relaxed));
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
    /// Threads started, the kernel's and management's included.
    pub(super) static STARTED = "/scheduler/forks_total", "node_forks_total";
}

ukstore::computed! {
    /// Threads that are alive.
    gauge "/scheduler/threads", "uk_threads" => prompt || Value::U64(super::table::alive() as u64);
}
