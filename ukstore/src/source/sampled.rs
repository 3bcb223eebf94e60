//! Numbers that a program's function gives: called by a thread of its own, so that one that never returns holds up
//! nobody who reads. Not for functions that are known to return at once: those are read directly.

use core::cell::Cell;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use critical_section::Mutex;

use crate::{Value, gate, machine, tables};

/// How old a value may be when it is read. Older than this, its function is late, and the value is left out.
pub const MAX_SAMPLE_AGE_NS: u64 = 1_000_000_000;

/// A function and the value it last gave.
#[doc(hidden)]
pub struct Sampled {
    /// The source it belongs to.
    source: &'static str,
    function: fn() -> Value,
    /// Whether a thread is in the function.
    running: AtomicBool,
    last: Mutex<Cell<Option<(Value, u64)>>>,
}

impl Sampled {
    /// For the macro.
    #[must_use]
    pub const fn new(source: &'static str, function: fn() -> Value) -> Self {
        Self { source, function, running: AtomicBool::new(false), last: Mutex::new(Cell::new(None)) }
    }

    /// Calls the function, unless a thread is still in it.
    fn sample(&self) {
        if !self.running.swap(true, Ordering::Acquire) {
            let value = (self.function)();
            let now = machine::now_ns();
            critical_section::with(|cs| self.last.borrow(cs).set(Some((value, now))));
            self.running.store(false, Ordering::Release);
        }
    }

    /// What the function gave lately; `None` if it did not return in time, which is for who reads to count. Without a
    /// machine that samples, as in tests on the host, what it gives now.
    pub(crate) fn read(&self) -> Option<Value> {
        if !machine::samples() {
            return Some((self.function)());
        }
        let now = machine::now_ns();
        let last = critical_section::with(|cs| self.last.borrow(cs).get());
        last.filter(|&(_, at)| now.saturating_sub(at) <= MAX_SAMPLE_AGE_NS).map(|(value, _)| value)
    }
}

impl fmt::Debug for Sampled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sampled").finish_non_exhaustive()
    }
}

/// Whether any function is to be sampled.
#[must_use]
pub fn has_samples() -> bool {
    !tables::sampled().is_empty()
}

/// Calls every function that is to be sampled, one after the other, but those a thread is still in and those of sources
/// that are off. For the machine's sampler thread, which may never return from here.
pub fn sample_all() {
    for sampled in tables::sampled() {
        if gate::is_on(sampled.source) {
            sampled.sample();
        }
    }
}
