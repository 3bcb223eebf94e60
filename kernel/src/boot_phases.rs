//! How long the boot took, phase by phase: one read of the time stamp counter at the end of each.

use crate::arch::tsc;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use ukstore::Value;

/// The phases, in order.
#[derive(Clone, Copy)]
pub(crate) enum Phase {
    /// From the first instruction: traps, console, the memory map, the heap.
    Memory,
    /// The clock's frequency and the wall clock.
    Clock,
    /// The boot parameters.
    Parameters,
    /// The NICs, found and started.
    Devices,
    /// The stacks and management's thread.
    Network,
    /// Until the program's first instruction.
    Program,
}

const NAMES: [&str; 6] = ["memory", "clock", "parameters", "devices", "network", "program"];

/// The counter at the end of each phase; 0 before.
static ENDS: [AtomicU64; NAMES.len()] = [const { AtomicU64::new(0) }; NAMES.len()];

ukstore::class! {
    /// What the boot consisted of.
    static PHASES: Class<usize> = "/boot/phases", label phase, series 8 {
        /// Time from this life's first instruction to the end of the phase.
        gauge "end_seconds", "uk_boot_phase_end_seconds", Seconds => prompt |phase| Value::Nanos(end_ns(*phase));
    }
}

/// Notes the end of a phase.
pub(crate) fn ended(phase: Phase) {
    ENDS[phase as usize].store(tsc::read(), Relaxed);
}

/// Makes the phases readable, for as long as the machine lives. Once there is a heap.
pub(crate) fn publish() {
    for (index, name) in NAMES.iter().enumerate() {
        core::mem::forget(PHASES.add(name, index));
    }
}

fn end_ns(phase: usize) -> u64 {
    match ENDS[phase].load(Relaxed) {
        0 => 0,
        counter => tsc::at_ns(counter),
    }
}
