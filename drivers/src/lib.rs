//! The machine's devices: serial port, PCI, virtio transports and virtio-net, real-time clock, fw_cfg, exit ports.
//!
//! For: turning registers and rings into typed, safe interfaces. Not for: deciding anything. Which NIC has which role,
//! which vector an interrupt gets, when a stack is polled and what a wall clock reading means is the kernel's business,
//! so this crate depends on no other of the workspace but `ukstore`, where the NICs keep their counters.
//!
//! It owns no memory but DMA pages, which the kernel lends through [`virtio_drivers::Hal`], and the state of a NIC's link,
//! which others hold, too. All of it is taken at construction; packet paths allocate nothing. It knows no interrupt
//! controller either: the PCI path takes a vector number to program, the MMIO path leaves its line to the kernel.
//!
//! # Safety
//!
//! Unsafe code is denied here and opened per file: port I/O ([`port`]), mapped registers ([`mmio`]), DMA memory and
//! virtqueues ([`virtio`]). Proof obligations sit on constructors; the methods are safe.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]

extern crate alloc;

pub mod exit;
pub mod fw_cfg;
pub mod mmio;
pub mod pci;
pub mod port;
pub mod rtc;
pub mod serial;
pub mod virtio;
