//! Periscope: a unikernel whose first feature is being seen.
//!
//! This crate is the machine a program runs on, and what the program sees of it. A program is a crate
//! of its own:
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//! use periscope::net::TcpListener;
//!
//! periscope::main!(main);
//!
//! fn main() -> Result<(), periscope::net::Error> {
//!     let listener = TcpListener::bind(7)?;
//!     loop {
//!         let (stream, peer) = listener.accept()?;
//!         periscope::println!("hello, {peer}");
//!         stream.write_all(b"hello\n")?;
//!     }
//! }
//! ```
//!
//! Public is what programs use: [`net`], [`thread`], [`sync`], [`time`], [`ukstore`], [`log`](mod@log),
//! [`print!`]. The rest is the kernel. `start.rs` is the whole boot on one screen.
//!
//! # Safety
//! The kernel runs in ring 0, in one address space with its program, which is Rust and holds to the
//! same rules: nothing isolates them from each other but the compiler, W^X pages and guard pages.
//! Unsafe code is in `arch`, `memory`, `sync`, `thread` and a few small files that say why.

#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod arch;
mod boot_id;
mod boot_info;
mod boot_phases;
mod changes;
mod console;
mod cpu_time;
mod ends;
mod housekeeper;
mod identity;
mod kernel_log;
mod locks;
mod management;
mod memory;
pub mod net;
mod panic;
mod process;
mod program;
mod random;
mod sampler;
mod settings;
mod start;
mod symbols;
pub mod sync;
pub mod thread;
pub mod time;

pub use kernel_log::print as __print;
pub use log;
pub use program::{Program as __Program, Termination, args, entry as __entry};
pub use ukstore;
