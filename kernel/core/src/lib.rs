//! The kernel's logic that needs no hardware: what to run next, what the boot parameters say, which memory is free, what
//! time a tick count means. Everything is pure: time is an argument in nanoseconds (`u64`), devices and clocks belong to the
//! caller, and no function here reads global state. That is what lets `cargo test` run the whole crate on the host.
//!
//! Not here: anything that touches a register, a page table or an interrupt flag (the `periscope` crate), and anything an
//! operator reads over the network (the `exporter` crate).
//!
//! Nothing outside [`net`] allocates: every structure has its bound in its type and a `const fn new`, so the kernel can keep
//! it in a static and use it before there is a heap, in an interrupt handler, or in a panic.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod address;
pub mod clock;
pub mod cpu_account;
pub mod indexed_heap;
pub mod load;
pub mod log_filter;
pub mod log_ring;
pub mod memory_map;
pub mod net;
pub mod params;
pub mod sampling;
pub mod scheduler;
pub mod size_class;
pub mod sntp;
pub mod symbols;
pub mod uuid;
