//! The part of the `critical-section` crate's interface that ukstore uses, for a model checker: threads are switched
//! in front of critical sections, in every order, and never inside one, as on a machine with one CPU. Not for
//! anything else that threads might share: ukstore's objects share nothing outside critical sections.
#![forbid(unsafe_code)]

use std::cell::Cell;

pub use critical_section::{CriticalSection, Mutex};

thread_local! {
    /// The checker runs all threads of a model on one of the host's, so this is the model's only CPU.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Leaves the critical section, by a panic too.
struct Leave {
    was_inside: bool,
}

impl Drop for Leave {
    fn drop(&mut self) {
        INSIDE.set(self.was_inside);
    }
}

/// Runs `f` in a critical section; in one already, it goes on in that.
pub fn with<R>(f: impl FnOnce(CriticalSection<'_>) -> R) -> R {
    if !INSIDE.get() {
        shuttle::thread::yield_now();
    }
    let _leave = Leave { was_inside: INSIDE.replace(true) };
    critical_section::with(f)
}
