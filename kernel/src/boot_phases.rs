//! How long the boot took, phase by phase: one read of the time stamp counter at the end of each.

use crate::arch::tsc;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use ukstore::{Labels, Value};

ukstore::labels! {
    /// The phases, in order.
    pub(crate) enum Phase {
        /// From the first instruction: traps, console, the memory map, the heap.
        Memory = "memory",
        /// The clock's frequency and the wall clock.
        Clock = "clock",
        /// The boot parameters.
        Parameters = "parameters",
        /// The NICs, found and started.
        Devices = "devices",
        /// The stacks and management's thread.
        Network = "network",
        /// Until the program's first instruction.
        Program = "program",
    }
}

/// The counter at the end of each phase; 0 before.
static ENDS: [AtomicU64; Phase::VALUES.len()] = [const { AtomicU64::new(0) }; Phase::VALUES.len()];

ukstore::computed! {
    /// Time from this life's first instruction to the end of the phase; 0 before.
    gauge "/boot/phase_seconds", "uk_boot_phase_seconds", Seconds, { phase: Phase } => prompt |phase| {
        Value::Nanos(end_ns(phase))
    };
}

/// Notes the end of a phase.
pub(crate) fn ended(phase: Phase) {
    ENDS[phase as usize].store(tsc::read(), Relaxed);
}

fn end_ns(phase: Phase) -> u64 {
    match ENDS[phase as usize].load(Relaxed) {
        0 => 0,
        counter => tsc::at_ns(counter),
    }
}
