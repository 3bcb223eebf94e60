//! MSI-X: a function's table of interrupt messages.
//!
//! For: sending one of the function's interrupts to a vector of a CPU. Not for: choosing vectors, nor for the device's
//! own choice of table entry (for virtio that is in [`crate::virtio`]). PCI Local Bus Specification 3.0, section 6.8.2;
//! the message's format is Intel SDM volume 3, section "Message Signalled Interrupts".
#![expect(unsafe_code, reason = "mapping the table: a window of device registers")]

use core::fmt;

use virtio_drivers::Hal;
use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction, PciRoot};

use crate::mmio::Window;

/// Capability identifier of MSI-X.
const CAPABILITY: u8 = 0x11;
/// Message control, upper half of the capability's first word: all of the function's interrupts are MSI-X.
const ENABLE: u32 = 1 << 31;
/// Message control: every entry counts as masked.
const FUNCTION_MASK: u32 = 1 << 30;
/// Bytes of one table entry: address low, address high, data, vector control.
const ENTRY_BYTES: usize = 16;
/// Vector control: the entry is masked; its interrupt stays pending in the device.
const MASKED: u32 = 1;
/// Where a write is taken for an interrupt message; bits 12–19 name the destination APIC.
const MESSAGE_ADDRESS: u32 = 0xfee0_0000;

/// Why a function cannot interrupt by MSI-X.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MsixError {
    /// The function has no such capability (QEMU: `vectors=0`): give the device vectors.
    Missing,
    /// The table lies outside every placed BAR: the device is broken or its BARs were not placed first.
    BadTable,
}

impl fmt::Display for MsixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the device has no MSI-X",
            Self::BadTable => "the MSI-X table lies outside the device's BARs",
        })
    }
}

impl core::error::Error for MsixError {}

/// A function's MSI-X table, mapped. All entries are masked until programmed.
#[derive(Debug)]
pub struct Msix {
    table: Window,
    entries: u16,
}

impl Msix {
    /// Finds and maps the table, masks every entry, and switches the function from its legacy line to MSI-X.
    ///
    /// # Errors
    /// See [`MsixError`].
    ///
    /// # Safety
    /// `access` and `root` must reach the machine's real configuration space, so that a BAR's address is where the
    /// device answers, and nothing else may use this function's MSI-X table.
    pub unsafe fn new<H: Hal, C: ConfigurationAccess>(
        root: &mut PciRoot<C>,
        access: &mut C,
        function: DeviceFunction,
    ) -> Result<Self, MsixError> {
        let capability = root.capabilities(function).find(|capability| capability.id == CAPABILITY);
        let capability = capability.ok_or(MsixError::Missing)?;
        let entries = (capability.private_header & 0x7ff) + 1;
        let len_bytes = usize::from(entries) * ENTRY_BYTES;
        let location = access.read_word(function, capability.offset.checked_add(4).ok_or(MsixError::BadTable)?);
        let (bar, offset) = (u8::try_from(location & 7).map_err(|_| MsixError::BadTable)?, location & !7);
        if bar > 5 {
            return Err(MsixError::BadTable);
        }
        let info = root.bar_info(function, bar).ok().flatten().and_then(|info| info.memory_address_size());
        let (address, size) = info.filter(|&(address, _)| address != 0).ok_or(MsixError::BadTable)?;
        if u64::from(offset) + len_bytes as u64 > size || !offset.is_multiple_of(8) {
            return Err(MsixError::BadTable);
        }
        // SAFETY: the range lies within a BAR the device was given, so it is its registers.
        let base = unsafe { H::mmio_phys_to_virt(address + u64::from(offset), len_bytes) };
        // SAFETY: `mmio_phys_to_virt` returned where the table is mapped; BARs are page aligned and `offset` a multiple
        // of 8; the caller leaves the table to this value. Its messages go only where `route` sends them.
        let table = unsafe { Window::new(base, len_bytes) };
        let msix = Self { table, entries };
        for entry in 0..entries {
            msix.mask(entry);
        }
        let control = access.read_word(function, capability.offset);
        access.write_word(function, capability.offset, control & !FUNCTION_MASK | ENABLE);
        Ok(msix)
    }

    /// A table for other modules' tests, which has no function behind it.
    #[cfg(test)]
    pub(crate) fn over(table: Window) -> Self {
        Self { table, entries: (table.len_bytes() / ENTRY_BYTES) as u16 }
    }

    /// Number of entries in the table.
    pub fn entries(&self) -> u16 {
        self.entries
    }

    /// Sends the interrupt of `entry` to `vector` of the CPU whose APIC has the identifier `apic_id`, edge triggered,
    /// and unmasks it. Nothing happens for an entry the table does not have.
    pub fn route(&self, entry: u16, apic_id: u8, vector: u8) {
        let Some(registers) = self.entry(entry) else { return };
        registers.write(12, MASKED); // a half-written message must not be sent
        registers.write(0, MESSAGE_ADDRESS | u32::from(apic_id) << 12);
        registers.write(4, 0_u32);
        registers.write(8, u32::from(vector)); // fixed delivery, edge
        registers.write(12, 0_u32);
    }

    /// Holds the interrupt of `entry` back; one that comes meanwhile is delivered at [`Msix::unmask`].
    pub fn mask(&self, entry: u16) {
        if let Some(registers) = self.entry(entry) {
            registers.write(12, MASKED);
        }
    }

    /// Undoes [`Msix::mask`].
    pub fn unmask(&self, entry: u16) {
        if let Some(registers) = self.entry(entry) {
            registers.write(12, 0_u32);
        }
    }

    fn entry(&self, entry: u16) -> Option<Window> {
        self.table.part(usize::from(entry) * ENTRY_BYTES, ENTRY_BYTES)
    }
}

#[cfg(test)]
mod tests;
