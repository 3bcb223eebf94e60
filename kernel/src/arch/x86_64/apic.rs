//! The local APIC: end of interrupt and the one-shot timer.
//!
//! Where the CPU has it (KVM), the timer's deadline is a time stamp counter value in an MSR; else a
//! count of the APIC's own clock, written to its memory-mapped registers (Intel SDM 3A, chapter 10).

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use x86_64::instructions::port::Port;
use x86_64::registers::model_specific::Msr;

use super::interrupts::{SPURIOUS_VECTOR, TIMER_VECTOR};
use super::{cpu, tsc};

/// Where the registers are, on every machine that has not moved them.
pub(crate) const BASE: u64 = 0xfee0_0000;
/// The bytes they take.
pub(crate) const BYTES: u64 = 4096;

const ID: u64 = 0x20;
const END_OF_INTERRUPT: u64 = 0xb0;
const SPURIOUS: u64 = 0xf0;
const TIMER: u64 = 0x320;
const TIMER_INITIAL: u64 = 0x380;
const TIMER_CURRENT: u64 = 0x390;
const TIMER_DIVIDE: u64 = 0x3e0;

const ENABLE: u32 = 1 << 8;
const MASKED: u32 = 1 << 16;
const MODE_DEADLINE: u32 = 2 << 17;
const DIVIDE_BY_1: u32 = 0b1011;
const IA32_TSC_DEADLINE: u32 = 0x6e0;

static DEADLINE_MODE: AtomicBool = AtomicBool::new(false);
/// APIC clock ticks a microsecond, when not in deadline mode.
static TICKS_PER_US: AtomicU32 = AtomicU32::new(1000);
/// The deadline that is armed, in ns; `u64::MAX` when none is. Saves a register write when it has not changed.
static ARMED: AtomicU64 = AtomicU64::new(u64::MAX);

fn read(register: u64) -> u32 {
    // SAFETY: a register of the local APIC, mapped uncached by memory::init.
    unsafe { ((BASE + register) as *const u32).read_volatile() }
}

fn write(register: u64, value: u32) {
    // SAFETY: a register of the local APIC, mapped uncached by memory::init.
    unsafe { ((BASE + register) as *mut u32).write_volatile(value) }
}

/// Silences the old interrupt controller and starts this one. Once, at boot, before anything is timed.
pub(crate) fn init() {
    // The two 8259s: all lines masked. They may be absent, then nobody listens.
    for port in [0x21, 0xa1] {
        // SAFETY: the mask register of an 8259.
        unsafe { Port::<u8>::new(port).write(0xff) };
    }
    write(SPURIOUS, ENABLE | u32::from(SPURIOUS_VECTOR));
    write(TIMER_DIVIDE, DIVIDE_BY_1);
    write(TIMER, MASKED | u32::from(TIMER_VECTOR));
}

/// Chooses the timer's mode and lets it interrupt. After the clock is known.
pub(crate) fn start_timer(apic_hz: u64) {
    const TSC_DEADLINE: u32 = 1 << 24;
    let deadline = cpu::cpuid(1).ecx & TSC_DEADLINE != 0;
    DEADLINE_MODE.store(deadline, Relaxed);
    TICKS_PER_US.store((apic_hz / 1_000_000).max(1) as u32, Relaxed);
    write(TIMER, u32::from(TIMER_VECTOR) | if deadline { MODE_DEADLINE } else { 0 });
    // The mode is in force before the first deadline is written (Intel SDM 3A, 10.5.4.1).
    cpu::fence();
}

/// Arms the timer for `deadline_ns` of the kernel's clock, or disarms it. With interrupts off.
pub(crate) fn set_timer(deadline_ns: Option<u64>) {
    let deadline = deadline_ns.unwrap_or(u64::MAX);
    if ARMED.load(Relaxed) == deadline {
        return;
    }
    ARMED.store(deadline, Relaxed);
    if DEADLINE_MODE.load(Relaxed) {
        let value = deadline_ns.map_or(0, |ns| tsc::from_ns(ns).max(1));
        // SAFETY: the CPU has the register; the value only says when to interrupt.
        unsafe { Msr::new(IA32_TSC_DEADLINE).write(value) };
    } else {
        let count = deadline_ns.map_or(0, |ns| {
            let us_ticks = u64::from(TICKS_PER_US.load(Relaxed));
            // Rounded up: an early interrupt would find nothing due. At most ~4 s; then it is armed again.
            (ns.saturating_sub(tsc::now_ns()).saturating_mul(us_ticks) / 1000 + 1).min(u64::from(u32::MAX))
        });
        write(TIMER_INITIAL, count as u32);
    }
}

/// Notes that the timer has fired and is armed no more; the deadline it was armed for, in ns. With interrupts off.
pub(crate) fn timer_fired() -> u64 {
    let armed = ARMED.load(Relaxed);
    ARMED.store(u64::MAX, Relaxed);
    armed
}

/// Tells the APIC that the interrupt in service is done.
pub(crate) fn end_of_interrupt() {
    write(END_OF_INTERRUPT, 0);
}

/// This CPU's APIC id: where devices send their interrupts.
pub(crate) fn id() -> u8 {
    (read(ID) >> 24) as u8
}

/// Starts a count down from the top, for calibration; with the timer masked.
pub(super) fn start_count() {
    write(TIMER_INITIAL, u32::MAX);
}

/// The ticks since [`start_count`].
pub(super) fn count() -> u32 {
    u32::MAX - read(TIMER_CURRENT)
}

/// Ends a calibration.
pub(super) fn stop_count() {
    write(TIMER_INITIAL, 0);
}
