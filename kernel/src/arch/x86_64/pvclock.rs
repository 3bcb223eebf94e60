//! KVM's paravirtual clock: the hypervisor tells the frequency of the time stamp counter and the wall
//! clock, so neither has to be measured (Linux, Documentation/virt/kvm/x86/msr.rst).

use super::cpu;
use core::sync::atomic::{Ordering, compiler_fence};
use kernel_core::clock::pvclock::{self, TimeInfo};
use x86_64::registers::model_specific::Msr;

const SYSTEM_TIME_NEW: u32 = 0x4b56_4d01;
const WALL_CLOCK_NEW: u32 = 0x4b56_4d00;
/// CPUID 0x4000_0001: the two registers above exist.
const FEATURE_CLOCKSOURCE2: u32 = 1 << 3;

/// A place KVM writes to: `pvclock_vcpu_time_info` or, in its first 12 bytes, `pvclock_wall_clock`.
/// `kernel_core::clock::pvclock` knows the fields.
#[repr(C, align(64))]
struct Shared([u8; 32]);

static mut TIME_INFO: Shared = Shared([0; 32]);
static mut WALL_CLOCK: Shared = Shared([0; 32]);

/// What KVM's clock says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PvClock {
    /// The time stamp counter's frequency.
    pub(crate) tsc_hz: u64,
    /// Unix time, in ns, when the counter read `tsc`.
    pub(crate) unix_ns: u64,
    /// The counter at that moment.
    pub(crate) tsc: u64,
}

/// Reads the clock once, if this is KVM and it offers one. The counter it describes neither stops
/// nor changes its rate on a host whose clock KVM calls stable, so one reading serves this life.
pub(crate) fn read() -> Option<PvClock> {
    if cpu::hypervisor()? != *b"KVMKVMKVM\0\0\0" || cpu::cpuid(0x4000_0001).eax & FEATURE_CLOCKSOURCE2 == 0 {
        return None;
    }
    let time_info = (&raw mut TIME_INFO).cast::<[u8; 32]>();
    let wall_clock = (&raw mut WALL_CLOCK).cast::<[u8; 32]>();
    let enable = 1;
    // SAFETY: the structure is a static KVM may write; bit 0 enables. It is disabled again below.
    unsafe { Msr::new(SYSTEM_TIME_NEW).write(time_info as u64 | enable) };
    // SAFETY: the structure is a static KVM may write, once.
    unsafe { Msr::new(WALL_CLOCK_NEW).write(wall_clock as u64) };
    compiler_fence(Ordering::SeqCst);
    // SAFETY: KVM writes the structure only while this CPU is outside the guest, so a copy made
    // between two writes is whole; `is_whole` catches the other case.
    let copy = unsafe { time_info.read_volatile() };
    // SAFETY: as above.
    let again = unsafe { time_info.read_volatile() };
    // SAFETY: KVM wrote it before the MSR write returned.
    let wall = unsafe { wall_clock.read_volatile() };
    // SAFETY: stops KVM from writing the structure.
    unsafe { Msr::new(SYSTEM_TIME_NEW).write(0) };
    let info = TimeInfo::from_bytes(&copy);
    if !info.is_whole(TimeInfo::from_bytes(&again).version) {
        return None;
    }
    Some(PvClock {
        tsc_hz: info.tsc_hz()?,
        unix_ns: pvclock::boot_unix_ns(wall.first_chunk()?)? + info.system_time_ns,
        tsc: info.tsc_timestamp,
    })
}
