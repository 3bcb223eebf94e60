//! The time that KVM gave to somebody else while this machine wanted it, in a page KVM writes to (Linux,
//! Documentation/virt/kvm/x86/msr.rst, MSR 0x4b564d03). Elsewhere nobody tells, and it is 0.

use super::cpu;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use x86_64::registers::model_specific::Msr;

const STEAL_TIME: u32 = 0x4b56_4d03;
/// CPUID 0x4000_0001: the register above exists.
const FEATURE_STEAL_TIME: u32 = 1 << 5;

/// `kvm_steal_time`: first the time in ns, then a version, flags and padding up to 64 bytes.
#[repr(C, align(64))]
struct Shared {
    steal_ns: AtomicU64,
    _rest: [AtomicU64; 7],
}

static SHARED: Shared = Shared { steal_ns: AtomicU64::new(0), _rest: [const { AtomicU64::new(0) }; 7] };

/// Asks KVM to tell, if this is KVM and it can. Once, at boot.
pub(crate) fn init() {
    if cpu::hypervisor() != Some(*b"KVMKVMKVM\0\0\0") || cpu::cpuid(0x4000_0001).eax & FEATURE_STEAL_TIME == 0 {
        return;
    }
    let enable = 1;
    // SAFETY: the structure is a static of atomics, as large and as aligned as KVM demands, and KVM may write it for as
    // long as the machine lives; bit 0 enables.
    unsafe { Msr::new(STEAL_TIME).write(&raw const SHARED as u64 | enable) };
}

/// What was stolen so far, in ns. KVM writes it only while this CPU is outside the guest, so there is no half-written
/// number to be read, and no version to be compared.
#[inline]
pub(crate) fn stolen_ns() -> u64 {
    SHARED.steal_ns.load(Relaxed)
}
