//! What named locks tell about themselves: how often they were taken, found taken, waited for, and
//! how long they were held at most.

use crate::time::now_ns;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

ukstore::class! {
    /// The locks that have a name.
    pub(crate) static LOCKS: Class<LockCounters> = "/locks", label lock, series 32 {
        /// Times the lock was taken.
        counter "acquisitions_total", "uk_lock_acquisitions_total" => .acquisitions;
        /// Times a thread found the lock taken and had to wait.
        counter "contentions_total", "uk_lock_contentions_total" => .contentions;
        /// Time threads have waited for the lock.
        counter "wait_seconds_total", "uk_lock_wait_seconds_total", Seconds => .wait_ns;
        /// The longest time the lock was held.
        gauge "longest_hold_seconds", "uk_lock_longest_hold_seconds", Seconds => .longest_hold_ns;
    }
}

/// A named lock's numbers.
#[derive(Default)]
pub(crate) struct LockCounters {
    acquisitions: AtomicU64,
    contentions: AtomicU64,
    wait_ns: AtomicU64,
    longest_hold_ns: AtomicU64,
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

    /// The lock was found taken; returns when that was.
    pub(crate) fn contended(&self) -> u64 {
        let Some(counters) = self.counters() else { return 0 };
        counters.contentions.fetch_add(1, Relaxed);
        now_ns()
    }

    /// The wait that began at `since` is over.
    pub(crate) fn waited(&self, since: u64) {
        if let Some(counters) = self.counters() {
            counters.wait_ns.fetch_add(now_ns().saturating_sub(since), Relaxed);
        }
    }

    /// The lock is taken, by this thread.
    pub(crate) fn acquired(&self) {
        let Some(name) = self.name.filter(|_| ukstore::COUNTS) else { return };
        // The first to take the lock registers it, and holds it while doing so.
        if !self.registering.swap(true, Relaxed) {
            self.registered.call_once(|| LOCKS.add(name, LockCounters::default()));
        }
        if let Some(counters) = self.registered.get() {
            counters.acquisitions.fetch_add(1, Relaxed);
            self.held_since.store(now_ns(), Relaxed);
        }
    }

    /// The lock is about to be released.
    pub(crate) fn released(&self) {
        if let Some(counters) = self.counters() {
            let held = now_ns().saturating_sub(self.held_since.load(Relaxed));
            counters.longest_hold_ns.fetch_max(held, Relaxed);
        }
    }
}
