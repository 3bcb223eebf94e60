//! Single instructions the kernel needs by name.

use core::arch::asm;
use core::arch::x86_64::{__cpuid, CpuidResult};
use x86_64::instructions::interrupts;

/// Lets interrupts in and halts until one comes, as one step: an interrupt that is already pending
/// ends the halt instead of slipping in before it. Returns with interrupts off.
pub(crate) fn wait_for_interrupt() {
    // SAFETY: interrupts keep every register. Without `nomem`: they read and write what is in memory, so all of it is written
    // before the halt and read again after it.
    unsafe { asm!("sti", "hlt", "cli", options(nostack)) };
}

/// Whether this context can be interrupted.
pub(crate) fn interrupts_enabled() -> bool {
    interrupts::are_enabled()
}

/// Turns interrupts on.
pub(crate) fn enable_interrupts() {
    interrupts::enable();
}

/// Turns interrupts off.
pub(crate) fn disable_interrupts() {
    interrupts::disable();
}

/// Stops here for good.
pub(crate) fn halt_for_ever() -> ! {
    loop {
        interrupts::disable();
        x86_64::instructions::hlt();
    }
}

/// Ends this life by a triple fault: an empty interrupt table, then a breakpoint.
///
/// The way out that needs no device. QEMU resets, or ends with `-no-reboot`.
pub(crate) fn reset() -> ! {
    let empty = x86_64::structures::DescriptorTablePointer { limit: 0, base: x86_64::VirtAddr::zero() };
    // SAFETY: no handler is meant to run again; the fault that follows is the purpose.
    unsafe { x86_64::instructions::tables::lidt(&empty) };
    interrupts::int3();
    halt_for_ever()
}

/// The frame pointer of the caller: where a backtrace starts.
#[inline(always)]
pub(crate) fn frame_pointer() -> usize {
    let value: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, rbp", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Completes all loads and stores before the next.
pub(crate) fn fence() {
    // SAFETY: orders memory accesses and nothing else.
    unsafe { asm!("mfence", options(nostack, preserves_flags)) };
}

/// CPUID `leaf`.
pub(crate) fn cpuid(leaf: u32) -> CpuidResult {
    __cpuid(leaf)
}

/// Which hypervisor this is, by the signature at CPUID leaf 0x4000_0000; none on bare metal.
pub(crate) fn hypervisor() -> Option<[u8; 12]> {
    const HYPERVISOR_PRESENT: u32 = 1 << 31;
    if cpuid(1).ecx & HYPERVISOR_PRESENT == 0 {
        return None;
    }
    let leaf = cpuid(0x4000_0000);
    let mut name = [0; 12];
    for (part, word) in name.chunks_exact_mut(4).zip([leaf.ebx, leaf.ecx, leaf.edx]) {
        part.copy_from_slice(&word.to_le_bytes());
    }
    Some(name)
}

/// 64 bits that no peer can guess, from RDRAND or RDSEED where the CPU has one.
///
/// Without either, the time stamp counter stands in: unpredictable to the millisecond only, and a
/// warning says so (see `random.rs`).
pub(crate) fn hardware_random() -> Option<u64> {
    const RDRAND: u32 = 1 << 30;
    if cpuid(1).ecx & RDRAND == 0 {
        return None;
    }
    // Intel, "DRNG Software Implementation Guide" 5.2.1: ten tries are enough.
    for _ in 0..10 {
        let (value, ok): (u64, u8);
        // SAFETY: the CPU has the instruction.
        unsafe { asm!("rdrand {}", "setc {}", out(reg) value, out(reg_byte) ok, options(nomem, nostack)) };
        if ok == 1 {
            return Some(value);
        }
    }
    None
}
