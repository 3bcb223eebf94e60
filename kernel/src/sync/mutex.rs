//! A mutex whose waiters sleep.
#![expect(unsafe_code, reason = "a lock hands out exclusive access")]

use super::WaitQueue;
use crate::locks::LockStats;
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

/// Mutual exclusion between threads, as std's; a panic ends the machine, so there is no poisoning.
///
/// A mutex with a name shows up in ukstore under `/locks/NAME` with its contention.
///
/// ```ignore
/// static TABLE: Mutex<Vec<u32>> = Mutex::named("table", Vec::new());
/// TABLE.lock().push(1);
/// ```
pub struct Mutex<T: ?Sized> {
    locked: AtomicBool,
    waiters: WaitQueue,
    stats: LockStats,
    value: UnsafeCell<T>,
}

// SAFETY: the lock gives one thread at a time access to the value.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
// SAFETY: as the value itself; the queue refers to threads by id.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}

impl<T> Mutex<T> {
    /// A mutex without a name.
    pub const fn new(value: T) -> Self {
        Self::with_stats(value, LockStats::unnamed())
    }

    /// A mutex whose contention is told under this name.
    pub const fn named(name: &'static str, value: T) -> Self {
        Self::with_stats(value, LockStats::named(name))
    }

    const fn with_stats(value: T, stats: LockStats) -> Self {
        Self { locked: AtomicBool::new(false), waiters: WaitQueue::new(), stats, value: UnsafeCell::new(value) }
    }

    /// The value, once the mutex is no longer needed.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Takes the lock, sleeping until it is free.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        if !self.take() {
            let waiting = self.stats.contended();
            loop {
                if !self.waiters.enqueue_unless(|_| self.take()) {
                    break;
                }
                self.waiters.wait(None);
                if self.take() {
                    break;
                }
            }
            self.stats.waited(waiting);
        }
        self.stats.acquired();
        MutexGuard { mutex: self }
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.take().then(|| {
            self.stats.acquired();
            MutexGuard { mutex: self }
        })
    }

    fn take(&self) -> bool {
        self.locked.compare_exchange(false, true, Acquire, Relaxed).is_ok()
    }
}

/// The lock, held; released on drop.
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    pub(super) fn mutex(&self) -> &'a Mutex<T> {
        self.mutex
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock and is borrowed mutably.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.stats.released();
        self.mutex.locked.store(false, Release);
        self.mutex.waiters.wake_one();
    }
}
