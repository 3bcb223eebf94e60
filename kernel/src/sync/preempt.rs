//! Keeping the CPU for a moment: a count of reasons not to switch threads, and the lock made of it.
//!
//! On one CPU, data that only threads touch is exclusive while no switch can happen; interrupts stay
//! on. The sections are short and never wait. What interrupts touch too needs `critical-section`.

use crate::locks::LockStats;
use crate::{arch::cpu, thread};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed, Ordering::SeqCst, compiler_fence};
use spin::mutex::{SpinMutex, SpinMutexGuard};

/// How many sections that must not be interrupted by a switch are open in the running thread.
static DEPTH: AtomicU32 = AtomicU32::new(0);

/// Whether a switch may happen now.
pub(crate) fn allowed() -> bool {
    DEPTH.load(Relaxed) == 0
}

/// Keeps this thread on the CPU until dropped.
pub(crate) struct NoPreempt(());

impl NoPreempt {
    /// Opens a section.
    #[inline]
    pub(crate) fn new() -> Self {
        // A plain load and store: an interrupt between them leaves the count as it found it.
        DEPTH.store(DEPTH.load(Relaxed) + 1, Relaxed);
        compiler_fence(SeqCst); // what the section does stays behind its beginning
        Self(())
    }
}

impl Drop for NoPreempt {
    #[inline]
    fn drop(&mut self) {
        compiler_fence(SeqCst); // and before its end
        let depth = DEPTH.load(Relaxed) - 1;
        DEPTH.store(depth, Relaxed);
        if depth == 0 && thread::switch_is_due() && cpu::interrupts_enabled() {
            thread::yield_to_due();
        }
    }
}

/// A lock for data of several threads: held only while no switch can happen, so on the one CPU it is
/// never contended, and taking it costs a load and a store. Not for interrupt handlers.
pub(crate) struct PreemptLock<T> {
    stats: LockStats,
    inner: SpinMutex<T>,
}

impl<T> PreemptLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { stats: LockStats::unnamed(), inner: SpinMutex::new(value) }
    }

    /// A lock whose holds are told under this name. Not for the heap's: telling takes memory, once.
    pub(crate) const fn named(name: &'static str, value: T) -> Self {
        Self { stats: LockStats::named(name), inner: SpinMutex::new(value) }
    }

    /// Runs `f` with the data. Re-entry would be a bug of the kernel and panics.
    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let _kept = NoPreempt::new();
        let mut value = self.inner.try_lock().expect("on one CPU only re-entry finds a preempt lock taken");
        self.stats.acquired();
        let result = f(&mut value);
        self.stats.released();
        result
    }

    /// Like `with`, but gives up when the lock is taken: for the paths of a crash.
    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        let _kept = NoPreempt::new();
        self.inner.try_lock().map(|mut guard: SpinMutexGuard<'_, T>| f(&mut guard))
    }
}
