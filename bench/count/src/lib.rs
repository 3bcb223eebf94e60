//! Counting instructions: under QEMU's `-icount shift=0` virtual time advances by one nanosecond an instruction, and the
//! time stamp counter shows it. Not a clock.
#![no_std]
#![allow(unsafe_code, reason = "an instruction that reads the counter, and a loop of known length")]

use core::arch::asm;
use core::arch::x86_64::_rdtsc;
use core::hint::black_box;
use core::sync::atomic::{Ordering::SeqCst, compiler_fence};

/// An interrupt may fall into one run; it does not fall into as many.
const RUNS: u32 = 5;

/// The instructions `work` takes for `argument`, beyond those of a call of a function that does nothing: the fewest of
/// several runs.
pub fn instructions<A: Copy>(work: fn(A), argument: A) -> u64 {
    let fewest = |work| (0..RUNS).map(|_| once(work, argument)).min().unwrap_or(0);
    fewest(work).saturating_sub(fewest(nothing))
}

/// Both calls go through here, so that what surrounds them is the same machine code.
#[inline(never)]
fn once<A: Copy>(work: fn(A), argument: A) -> u64 {
    let (work, argument) = (black_box(work), black_box(argument));
    let before = counter();
    work(argument);
    counter() - before
}

fn nothing<A>(_: A) {
    // Makes it a function with an effect, which no compiler leaves out, and is no instruction.
    compiler_fence(SeqCst);
}

#[inline(always)]
fn counter() -> u64 {
    compiler_fence(SeqCst);
    // SAFETY: every x86_64 CPU has the instruction, and the kernel never forbids it.
    let counter = unsafe { _rdtsc() };
    compiler_fence(SeqCst);
    counter
}

/// Runs two instructions `rounds` times, and a few more: what tells whether the counter counts.
pub fn two_each(rounds: u64) {
    // SAFETY: changes the one register it names, and the flags.
    unsafe { asm!("2:", "dec {0}", "jnz 2b", inout(reg) rounds => _, options(nomem, nostack)) };
}
