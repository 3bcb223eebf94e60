//! A condition variable.

use super::{MutexGuard, WaitQueue};
use crate::time::{Duration, after};

/// Waits for a condition that a mutex guards, as std's.
pub struct Condvar {
    waiters: WaitQueue,
}

impl Condvar {
    /// A condition variable nobody waits on.
    pub const fn new() -> Self {
        Self { waiters: WaitQueue::new() }
    }

    /// Releases the mutex, sleeps until notified, and takes the mutex again. A notification sent after
    /// the release is not missed. The condition must be checked again.
    pub fn wait<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.wait_until(guard, None).0
    }

    /// Like `wait`, for at most `timeout`; the second value says whether it ran out.
    pub fn wait_timeout<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        let (guard, notified) = self.wait_until(guard, Some(after(timeout)));
        (guard, !notified)
    }

    /// Like `wait`, for as long as `condition` holds.
    pub fn wait_while<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> MutexGuard<'a, T> {
        while condition(&mut guard) {
            guard = self.wait(guard);
        }
        guard
    }

    /// Wakes one waiting thread.
    pub fn notify_one(&self) {
        self.waiters.wake_one();
    }

    /// Wakes all waiting threads.
    pub fn notify_all(&self) {
        self.waiters.wake_all();
    }

    fn wait_until<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>, deadline: Option<u64>) -> (MutexGuard<'a, T>, bool) {
        let mutex = guard.mutex();
        self.waiters.enqueue_unless(|_| false);
        // Released only once this thread is in the queue: whoever changes the condition finds it there.
        drop(guard);
        let notified = self.waiters.wait(deadline);
        (mutex.lock(), notified)
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}
