//! x86_64: the way in (`entry`), segments and stacks for faults (`segments`), interrupts and
//! exceptions (`interrupts`, `vectors`, `exceptions`), page tables (`paging`), the local and I/O APIC
//! (`apic`, `ioapic`), counters of time (`tsc`, `pvclock`, `steal`), the switch between threads (`context`), and
//! moving bytes (`memory`).
#![expect(unsafe_code, reason = "this is the processor: instructions, registers, tables it reads")]

pub(crate) mod apic;
pub(crate) mod context;
pub(crate) mod cpu;
mod critical;
mod entry;
pub(crate) mod exceptions;
pub(crate) mod interrupts;
pub(crate) mod ioapic;
mod memory;
pub(crate) mod paging;
pub(crate) mod pvclock;
mod segments;
pub(crate) mod steal;
pub(crate) mod tsc;
pub(crate) mod vectors;

/// Makes faults reportable: segments with their own stacks for faults, then the interrupt table.
///
/// The first thing done in a life, with interrupts off; before it any fault is a silent reset.
pub(crate) fn init_traps() {
    segments::init();
    interrupts::init();
}
