//! What named locks tell about themselves: how often they were taken, found taken, waited for, and
//! how long they were held at most.

use crate::arch::tsc;
use crate::thread::add_alone;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use ukstore::Value;

ukstore::class! {
    /// The locks that have a name.
    pub(crate) static LOCKS: Class<LockCounters> = "/locks", label lock, series 32 {
        /// Times the lock was taken.
        counter "acquisitions_total", "uk_lock_acquisitions_total" => .acquisitions;
        /// Times a thread found the lock taken and had to wait.
        counter "contentions_total", "uk_lock_contentions_total" => .contentions;
        /// Time threads have waited for the lock.
        counter "wait_seconds_total", "uk_lock_wait_seconds_total", Seconds => prompt |lock| {
            Value::Nanos(tsc::span_ns(lock.wait_ticks.load(Relaxed)))
        };
        /// The longest time the lock was held.
        gauge "longest_hold_seconds", "uk_lock_longest_hold_seconds", Seconds => prompt |lock| {
            Value::Nanos(tsc::span_ns(lock.longest_hold_ticks.load(Relaxed)))
        };
    }
}

/// A named lock's numbers. Time is in ticks of the time stamp counter, and made seconds when it is read.
#[derive(Default)]
pub(crate) struct LockCounters {
    acquisitions: AtomicU64,
    contentions: AtomicU64,
    wait_ticks: AtomicU64,
    longest_hold_ticks: AtomicU64,
}

/// Where a lock keeps its numbers, if it has a name; without one it keeps none and pays nothing.
pub(crate) struct LockStats {
    name: Option<&'static str>,
    registering: AtomicBool,
    registered: spin::Once<ukstore::Object<LockCounters>>,
    held_since: AtomicU64,
}

impl LockStats {
    pub(crate) const fn unnamed() -> Self {
        Self::new(None)
    }

    pub(crate) const fn named(name: &'static str) -> Self {
        Self::new(Some(name))
    }

    const fn new(name: Option<&'static str>) -> Self {
        Self { name, registering: AtomicBool::new(false), registered: spin::Once::new(), held_since: AtomicU64::new(0) }
    }

    /// None also where counting is compiled out.
    fn counters(&self) -> Option<&LockCounters> {
        if ukstore::COUNTS { self.registered.get().map(|object| &**object) } else { None }
    }

    /// The lock was found taken; returns when that was, if it is counted.
    pub(crate) fn contended(&self) -> Option<u64> {
        self.counters()?.contentions.fetch_add(1, Relaxed);
        Some(tsc::read())
    }

    /// The wait that began at `since` is over.
    pub(crate) fn waited(&self, since: Option<u64>) {
        if let (Some(since), Some(counters)) = (since, self.counters()) {
            counters.wait_ticks.fetch_add(tsc::read().saturating_sub(since), Relaxed);
        }
    }

    /// The lock is taken, by this thread.
    pub(crate) fn acquired(&self) {
        let Some(name) = self.name.filter(|_| ukstore::COUNTS) else { return };
        // The first to take the lock registers it, and holds it while doing so.
        if !self.registering.load(Relaxed) {
            self.registering.store(true, Relaxed);
            self.registered.call_once(|| LOCKS.add(name, LockCounters::default()));
        }
        if let Some(counters) = self.counters() {
            // Only who holds the lock writes this, here and in `released`.
            add_alone(&counters.acquisitions, 1);
            self.held_since.store(tsc::read(), Relaxed);
        }
    }

    /// The lock is about to be released.
    pub(crate) fn released(&self) {
        if let Some(counters) = self.counters() {
            let held = tsc::read().saturating_sub(self.held_since.load(Relaxed));
            if held > counters.longest_hold_ticks.load(Relaxed) {
                counters.longest_hold_ticks.store(held, Relaxed);
            }
        }
    }
}
