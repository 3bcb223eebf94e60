//! The thread that passes the log on to log servers: management. A line wakes it while it sleeps, and only then; without
//! one, a line costs a load and a branch.

use super::last_seq;
use crate::thread::{self, ThreadId};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use kernel_core::log_ring::Follower;
use spin::Once;

static THREAD: Once<ThreadId> = Once::new();
/// Whether that thread sleeps until there is a line. It sets this before it sleeps; who wakes it clears it.
static LISTENS: AtomicBool = AtomicBool::new(false);

/// There is a new line. From threads and interrupts alike.
pub(super) fn tell() {
    if LISTENS.load(Relaxed) {
        wake();
    }
}

#[cold]
fn wake() {
    if let Some(&thread) = THREAD.get().filter(|_| LISTENS.swap(false, Relaxed)) {
        thread::unpark(thread);
    }
}

/// The log as the thread sees it that passes it on; at most one thread does.
#[derive(Debug)]
pub(crate) struct Following(Follower);

impl Following {
    /// The calling thread passes lines on.
    pub(crate) fn new() -> Self {
        THREAD.call_once(thread::current_id);
        Self(Follower::new())
    }

    /// It is awake, and about to look for lines.
    pub(crate) fn look(&mut self, now_ns: u64) {
        LISTENS.store(false, Relaxed);
        self.0.look(last_seq(), now_ns);
    }

    /// Whether it may sleep, until [`deadline_ns`](Self::deadline_ns) or, without that, until the next line; else there are
    /// lines to look for.
    pub(crate) fn may_sleep(&self, now_ns: u64) -> bool {
        if self.0.rests_until(now_ns).is_some() {
            return true;
        }
        LISTENS.store(true, Relaxed);
        // A line that came before that woke nobody.
        self.0.has_heard(last_seq())
    }

    /// When it must look for lines that it has not been woken for.
    pub(crate) fn deadline_ns(&self, now_ns: u64) -> Option<u64> {
        self.0.rests_until(now_ns)
    }
}
