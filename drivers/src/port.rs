//! Typed I/O ports: an address and a width, with the right to use them proven once.
//!
//! For: the few devices that live in x86 I/O space. Not for: the UART, whose own crate does its port I/O.
#![expect(unsafe_code, reason = "port I/O: the proof is on `IoPort::new`, everything else is safe")]

use core::marker::PhantomData;

use x86_64::structures::port::{PortRead, PortWrite};

/// One I/O port of width `T` (`u8`, `u16` or `u32`). Holding it proves that using the port endangers nobody's memory.
#[derive(Debug)]
pub struct IoPort<T> {
    address: u16,
    width: PhantomData<T>,
}

impl<T> IoPort<T> {
    /// The port at `address`.
    ///
    /// # Safety
    /// Reads and writes of this port, in any order, must not affect memory safety (a device register without DMA, or
    /// one whose driver upholds that), and the code must run in ring 0.
    pub const unsafe fn new(address: u16) -> Self {
        Self { address, width: PhantomData }
    }
}

impl<T: PortRead + PortWrite> IoPort<T> {
    /// Reads the device register behind the port.
    pub fn read(&mut self) -> T {
        // SAFETY: `new`'s caller proved that accesses to this port are sound.
        unsafe { T::read_from_port(self.address) }
    }

    /// Writes the device register behind the port.
    pub fn write(&mut self, value: T) {
        // SAFETY: `new`'s caller proved that accesses to this port are sound.
        unsafe { T::write_to_port(self.address, value) }
    }
}

impl IoPort<u8> {
    /// Reads `buffer.len()` bytes in a row with one string instruction, which a hypervisor serves in few exits.
    pub fn read_into(&mut self, buffer: &mut [u8]) {
        // SAFETY: the instruction stores exactly `buffer.len()` bytes to `buffer`, upwards (the ABI keeps the direction
        // flag clear), and `new`'s caller proved that reading this port is sound.
        unsafe {
            core::arch::asm!(
                "rep insb",
                in("dx") self.address,
                inout("rdi") buffer.as_mut_ptr() => _,
                inout("rcx") buffer.len() => _,
                options(nostack, preserves_flags),
            );
        }
    }
}
