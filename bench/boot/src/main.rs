//! A program with nothing but static entries, 10 or 10,000, that tells how many instructions ran before its main. Under
//! QEMU's `-icount shift=0` the time stamp counter counts them. What they are compared with: see `bench/README.md`.

#![no_std]
#![no_main]

mod entries;

use core::arch::x86_64::_rdtsc;

use periscope::{println, ukstore};

periscope::main!(main);

unsafe extern "C" {
    /// The time stamp counter at the first instruction, noted by the kernel's entry code.
    static entry_tsc: u64;
    /// Where the linker script lets constants begin and end.
    static __text_end: u8;
    static __rodata_end: u8;
}

fn main() {
    // SAFETY: every x86_64 CPU has the instruction, and the kernel never forbids it.
    let now = unsafe { _rdtsc() };
    // SAFETY: written once, before any Rust ran.
    let first = unsafe { entry_tsc };
    let tables = size_of_val(ukstore::entries()) + size_of_val(ukstore::families());
    let constants = (&raw const __rodata_end).addr() - (&raw const __text_end).addr();
    println!("figure entries {}", ukstore::entries().len());
    println!("figure table_bytes {tables}");
    println!("figure constant_bytes {constants}");
    println!("figure boot_instructions {}", now - first);
}
