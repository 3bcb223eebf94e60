//! The little ukstore asks of the machine it is in, besides critical sections. Tests on the host do without.

use core::cell::Cell;

use critical_section::Mutex;

use crate::event;

/// A machine's answers. Both functions are called from any thread and from interrupts, and return at once.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// Nanoseconds since boot.
    pub now_ns: fn() -> u64,
    /// Wakes whoever waits for events: there is a new one.
    pub wake: fn(),
    /// Whether a thread calls [`sample_all`](crate::sample_all) when asked to. Without one, a program's computed values
    /// are computed by whoever reads.
    pub samples: bool,
}

static MACHINE: Mutex<Cell<Option<Machine>>> = Mutex::new(Cell::new(None));

/// Tells ukstore about its machine. Once, at boot.
pub fn attach(machine: Machine) {
    critical_section::with(|cs| MACHINE.borrow(cs).set(Some(machine)));
}

fn machine() -> Option<Machine> {
    critical_section::with(|cs| MACHINE.borrow(cs).get())
}

/// Time since boot; 0 where there is no machine.
pub(crate) fn now_ns() -> u64 {
    machine().map_or(0, |machine| (machine.now_ns)())
}

pub(crate) fn samples() -> bool {
    machine().is_some_and(|machine| machine.samples)
}

pub(crate) fn wake() {
    if event::is_watched()
        && let Some(machine) = machine()
    {
        (machine.wake)();
    }
}
