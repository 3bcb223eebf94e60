//! PCI: configuration space, finding functions, placing their BARs, MSI-X.
//!
//! For: bringing a device to where its driver can map it and be interrupted by it. Not for: drivers, nor for bridges
//! the firmware left unconfigured (a bridge without bus numbers is passed over with a line in the log).
//!
//! Everything works through [`ConfigurationAccess`], so tests run it against a configuration space in memory. Registers
//! and their bits: PCI Local Bus Specification 3.0, chapter 6.

mod bars;
mod msix;
mod walk;

pub use bars::{BarError, Placer};
pub use msix::{Msix, MsixError};
pub use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction, PciRoot};
pub use walk::{Found, for_each_function};

use virtio_drivers::transport::pci::bus::Command;

use crate::port::IoPort;

/// What reading a function that does not exist returns.
const NOTHING: u32 = u32::MAX;

/// Configuration access through ports 0xCF8 (address) and 0xCFC (data): every PC has it, whatever else it has, and it
/// needs no firmware tables. On a machine without PCI (`microvm`) all reads return all ones. Copies reach the same ports.
#[derive(Clone, Debug)]
pub struct ConfigPorts {
    _exclusive: (),
}

impl ConfigPorts {
    /// The ports of every PC.
    ///
    /// # Safety
    /// The code must run in ring 0, and nothing else (no other thread, no interrupt handler) may use the pair while this
    /// or a copy is in a call: an access is two port operations.
    #[expect(unsafe_code, reason = "the constructor carries the obligation")]
    pub const unsafe fn new() -> Self {
        Self { _exclusive: () }
    }

    /// Selects the register and returns the data port.
    fn select(function: DeviceFunction, offset: u8) -> IoPort<u32> {
        #[expect(unsafe_code, reason = "ports proven by `ConfigPorts::new`")]
        // SAFETY: `new`'s caller has the pair to itself; selecting a register moves no memory.
        let mut address = unsafe { IoPort::<u32>::new(0xcf8) };
        address.write(
            1 << 31
                | u32::from(function.bus) << 16
                | u32::from(function.device & 31) << 11
                | u32::from(function.function & 7) << 8
                | u32::from(offset & !3),
        );
        #[expect(unsafe_code, reason = "ports proven by `ConfigPorts::new`")]
        // SAFETY: `new`'s caller has the pair to itself; what a register write may do is its driver's contract.
        unsafe {
            IoPort::new(0xcfc)
        }
    }
}

impl ConfigurationAccess for ConfigPorts {
    fn read_word(&self, function: DeviceFunction, offset: u8) -> u32 {
        Self::select(function, offset).read()
    }

    fn write_word(&mut self, function: DeviceFunction, offset: u8, data: u32) {
        Self::select(function, offset).write(data);
    }

    #[expect(unsafe_code, reason = "the trait declares it so")]
    unsafe fn unsafe_clone(&self) -> Self {
        Self { _exclusive: () }
    }
}

/// Lets the function answer memory accesses and do DMA, and keeps its legacy interrupt line quiet (MSI-X is used).
pub fn enable<C: ConfigurationAccess>(root: &mut PciRoot<C>, function: DeviceFunction) {
    let (_, command) = root.get_status_command(function);
    let wanted = Command::MEMORY_SPACE | Command::BUS_MASTER | Command::INTERRUPT_DISABLE;
    root.set_command(function, command | wanted);
}

#[cfg(test)]
pub(crate) mod fake;
