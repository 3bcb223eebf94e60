//! The part of the `critical-section` crate's interface that ukstore uses, for a model checker: threads are switched
//! in front of critical sections and at [`point`]s, in every order, and never inside a critical section, as on a machine
//! with one CPU. Not for anything else that threads might share: atomics are no places to switch, so a model puts points
//! between the steps that must not come apart, or asks how many sections they took ([`sections`]).
#![forbid(unsafe_code)]

use std::cell::Cell;

pub use critical_section::{CriticalSection, Mutex};

thread_local! {
    /// The checker runs all threads of a model on one of the host's, so this is the model's only CPU.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static SECTIONS: Cell<u64> = const { Cell::new(0) };
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

/// A place in a model's own code at which threads may be switched, unless it is inside a critical section.
pub fn point() {
    if !INSIDE.get() {
        shuttle::thread::yield_now();
    }
}

/// How many critical sections `f` takes, if no other thread runs meanwhile. One inside another is the same section.
pub fn sections(f: impl FnOnce()) -> u64 {
    let before = SECTIONS.get();
    f();
    SECTIONS.get() - before
}

/// Runs `f` in a critical section; in one already, it goes on in that.
pub fn with<R>(f: impl FnOnce(CriticalSection<'_>) -> R) -> R {
    point();
    SECTIONS.set(SECTIONS.get() + u64::from(!INSIDE.get()));
    let _leave = Leave { was_inside: INSIDE.replace(true) };
    critical_section::with(f)
}
