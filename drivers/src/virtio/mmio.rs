//! Virtio devices in memory, as `microvm` and Firecracker have them.
//!
//! For: looking at an address the command line named (`virtio_mmio.device=512@0xfeb00e00:12`: length, address, line).
//! Not for: parsing that, nor for routing the line.
//!
//! **Which is which under QEMU.** `microvm` has eight slots of 512 bytes from 0xfeb00000 (24 with a second IOAPIC) and
//! fills them from the top: the first `-device` sits at the highest address, 0xfeb00e00. The words it adds to the command
//! line come in the order of the `-device` options, so a kernel that keeps the words' order keeps the operator's, and
//! one that sorts must sort by *descending* address.
#![expect(unsafe_code, reason = "mapping a device's registers: the proof is on `probe`")]

use core::fmt;

use virtio_drivers::Hal;
use virtio_drivers::transport::mmio::{MmioError, MmioTransport, MmioVersion};
use virtio_drivers::transport::{DeviceTypeError, SomeTransport};

use super::{Location, Nic, Wired, is_network};
use crate::mmio::Window;

/// Header and the configuration of a network device up to its MTU.
const MIN_LEN_BYTES: usize = 0x100 + 12;

/// Why there is no NIC to be had at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeError {
    /// The address is zero, unaligned, or the window too short: the command line is wrong.
    BadWindow,
    /// No virtio device answers there: the command line is wrong.
    NotVirtio,
    /// The device has the legacy interface: start QEMU with `-global virtio-mmio.force-legacy=false`.
    Legacy,
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadWindow => "no place for a virtio-mmio device",
            Self::NotVirtio => "no virtio-mmio device there",
            Self::Legacy => "the device is a legacy one; start QEMU with `-global virtio-mmio.force-legacy=false`",
        })
    }
}

impl core::error::Error for ProbeError {}

/// Looks at the device whose registers are the `len_bytes` at `address`. `Ok(None)` if the slot is empty or holds a
/// device that is not a NIC.
///
/// # Errors
/// See [`ProbeError`].
///
/// # Safety
/// The range must be device registers (reading RAM there would be harmless, but a device of another kind may act on
/// reads), mapped uncached by `H::mmio_phys_to_virt`, and used by nobody else.
pub unsafe fn probe<H: Hal>(address: u64, len_bytes: usize) -> Result<Option<Nic>, ProbeError> {
    if address == 0 || !address.is_multiple_of(4) || len_bytes < MIN_LEN_BYTES {
        return Err(ProbeError::BadWindow);
    }
    // SAFETY: the caller says that these are device registers.
    let base = unsafe { H::mmio_phys_to_virt(address, len_bytes) };
    // SAFETY: the caller says that the range is device registers, mapped, and ours; the alignment was checked.
    let transport = unsafe { MmioTransport::new(base.cast(), len_bytes) };
    let transport = match transport {
        Ok(transport) if transport.version() == MmioVersion::Legacy => return Err(ProbeError::Legacy),
        Ok(transport) => SomeTransport::from(transport),
        Err(MmioError::InvalidDeviceID(DeviceTypeError::InvalidDeviceType(_))) => return Ok(None),
        Err(MmioError::MmioRegionTooSmall) => return Err(ProbeError::BadWindow),
        Err(MmioError::BadMagic(_) | MmioError::UnsupportedVersion(_)) => return Err(ProbeError::NotVirtio),
    };
    if !is_network(&transport) {
        return Ok(None);
    }
    // SAFETY: as above. The transport has no use for the interrupt registers but `ack_interrupt`, which acknowledges
    // just as the window's user does; all else the window could write stays unwritten.
    let registers = unsafe { Window::new(base, len_bytes) };
    Ok(Some(Nic::new(Location::Mmio(address), Wired::by_line(transport, registers))))
}

#[cfg(test)]
mod tests;
