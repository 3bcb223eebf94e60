//! The time stamp counter as the kernel's clock.
//!
//! Its frequency comes from whoever knows it: KVM's paravirtual clock, the hypervisor's timing leaf,
//! the CPU itself. Where nobody tells (QEMU's TCG), it is measured against the APIC timer, which runs
//! at 1 GHz under QEMU and KVM; 2 ms suffice, with bracketed reads of both counters.

use super::{apic, cpu, entry, pvclock};
use core::arch::x86_64::_rdtsc;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kernel_core::clock::Clock;
use kernel_core::clock::calibration::{Bracket, Reference, measure, tightest};
use spin::Once;

/// The APIC timer's frequency under QEMU (`APIC_BUS_FREQUENCY`) and KVM.
const APIC_HZ: u64 = 1_000_000_000;
const CALIBRATION_NS: u32 = 2_000_000;

static CLOCK: Once<Clock> = Once::new();
static HYPERVISOR: Once<pvclock::PvClock> = Once::new();
static FREQUENCY: AtomicU64 = AtomicU64::new(0);

/// The counter.
#[inline]
pub(crate) fn read() -> u64 {
    // SAFETY: every x86_64 CPU has the instruction, and the kernel never forbids it.
    unsafe { _rdtsc() }
}

/// Nanoseconds since this life's first instruction; 0 until the clock is known.
#[inline]
pub(crate) fn now_ns() -> u64 {
    at_ns(read())
}

/// The time when the counter showed `counter`.
pub(crate) fn at_ns(counter: u64) -> u64 {
    CLOCK.get().map_or(0, |clock| clock.to_ns(counter))
}

/// How long so many ticks of the counter take, in ns.
pub(crate) fn span_ns(ticks: u64) -> u64 {
    CLOCK.get().map_or(0, |clock| clock.span_ns(ticks))
}

/// The counter at this life's first instruction.
pub(crate) fn born() -> u64 {
    entry::entry_timestamp()
}

/// The counter's value at a time of the kernel's clock.
pub(crate) fn from_ns(ns: u64) -> u64 {
    CLOCK.get().map_or(u64::MAX, |clock| clock.to_ticks(ns))
}

/// The counter's frequency in hertz.
pub(crate) fn hz() -> u64 {
    FREQUENCY.load(Relaxed)
}

/// Finds the frequency and starts the clock and the APIC's timer; how the frequency was found.
pub(crate) fn init() -> &'static str {
    let (hz, source) = frequency();
    FREQUENCY.store(hz, Relaxed);
    CLOCK.call_once(|| Clock::new(hz, entry::entry_timestamp(), 0).expect("no source tells a frequency of 0"));
    apic::start_timer(APIC_HZ);
    source
}

fn frequency() -> (u64, &'static str) {
    if let Some(told) = pvclock::read() {
        HYPERVISOR.call_once(|| told);
        return (told.tsc_hz, "the paravirtual clock");
    }
    // VMware's timing leaf, which QEMU offers too: the frequency in kHz.
    if cpu::hypervisor().is_some() && cpu::cpuid(0x4000_0000).eax >= 0x4000_0010 {
        let khz = cpu::cpuid(0x4000_0010).eax;
        if khz != 0 {
            return (u64::from(khz) * 1000, "the hypervisor's timing leaf");
        }
    }
    // Intel SDM 2A, CPUID leaf 0x15: crystal frequency and the counter's ratio to it.
    if cpu::cpuid(0).eax >= 0x15 {
        let leaf = cpu::cpuid(0x15);
        if leaf.eax != 0 && leaf.ebx != 0 && leaf.ecx != 0 {
            return (u64::from(leaf.ecx) * u64::from(leaf.ebx) / u64::from(leaf.eax), "the CPU");
        }
    }
    (measured(), "a measurement against the APIC timer")
}

/// Counts both clocks over a short time.
fn measured() -> u64 {
    apic::start_count();
    let start = bracket();
    while apic::count() < CALIBRATION_NS {}
    let end = bracket();
    apic::stop_count();
    let reference = Reference { hz: APIC_HZ, bits: 32, counts_down: false };
    // Neither counter stands still for 2 ms; if one did, time would be wrong but the machine would run.
    measure(reference, start, end).map_or(APIC_HZ, |measured| measured.hz)
}

/// Reads the APIC's count between two reads of the counter, several times: on a loaded host any read
/// may take as long as the host's other work.
fn bracket() -> Bracket {
    let one = || {
        let before = read();
        let reference = u64::from(apic::count());
        Bracket { before, reference, after: read() }
    };
    tightest([one(), one(), one(), one(), one(), one(), one(), one()]).expect("there are eight")
}

/// The wall clock of the hypervisor now, as Unix time in ns, if it told.
pub(crate) fn hypervisor_unix_ns() -> Option<u64> {
    let told = HYPERVISOR.get()?;
    let elapsed =
        u128::from(read().saturating_sub(told.tsc)) * 1_000_000_000 / u128::from(FREQUENCY.load(Relaxed).max(1));
    Some(told.unix_ns + elapsed as u64)
}

ukstore::computed! {
    /// Frequency of the time stamp counter, in hertz.
    gauge "/time/tsc_hertz", "uk_tsc_hertz" => prompt || ukstore::Value::U64(hz());
}
