//! Virtio devices on PCI, with MSI-X.
//!
//! For: walking the buses for NICs, placing their BARs where no firmware did, mapping their registers. Not for: roles.
#![expect(unsafe_code, reason = "mapping a device's registers: the proof is on `discover`")]

use core::fmt;
use core::ops::Range;

use virtio_drivers::Hal;
use virtio_drivers::transport::SomeTransport;
use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction, PCI_CAP_ID_VNDR, PciRoot};
use virtio_drivers::transport::pci::{
    PciTransport, VIRTIO_PCI_CAP_COMMON_CFG, VIRTIO_PCI_CAP_DEVICE_CFG, VIRTIO_PCI_CAP_NOTIFY_CFG, VIRTIO_VENDOR_ID,
    VirtioPciError,
};

use super::wired::PciWiring;
use super::{Location, Nic, Wired};
use crate::mmio::Window;
use crate::pci::{self, BarError, Msix, MsixError, Placer};

/// Device identifiers of a network device: modern, and transitional (which has the modern interface too).
const NETWORK: [u16; 2] = [0x1041, 0x1000];

/// Why a NIC that was found cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PciNicError {
    /// Its BARs could not be placed.
    Bar(BarError),
    /// It cannot interrupt by message.
    Msix(MsixError),
    /// It lacks part of the modern interface (QEMU: `disable-modern=on`): give it that.
    NotModern(VirtioPciError),
    /// Its structures lie outside its BARs: the device is broken.
    Malformed,
}

impl fmt::Display for PciNicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bar(error) => error.fmt(f),
            Self::Msix(error) => error.fmt(f),
            Self::NotModern(error) => write!(f, "no modern virtio interface: {error}"),
            Self::Malformed => f.write_str("its structures lie outside its BARs"),
        }
    }
}

impl core::error::Error for PciNicError {}

impl From<BarError> for PciNicError {
    fn from(error: BarError) -> Self {
        Self::Bar(error)
    }
}

impl From<MsixError> for PciNicError {
    fn from(error: MsixError) -> Self {
        Self::Msix(error)
    }
}

impl From<VirtioPciError> for PciNicError {
    fn from(error: VirtioPciError) -> Self {
        Self::NotModern(error)
    }
}

/// Calls `visit` for each virtio network function, in bus order, which under QEMU is the order of the `-device` options
/// unless they name slots. BARs without an address get one from `window` (see [`Placer::new`]).
///
/// # Safety
/// `access` must reach the machine's real configuration space, nothing else may use it during the call, and no driver
/// may be using a device on it yet. `H::mmio_phys_to_virt` must map BARs uncached.
pub unsafe fn discover<H: Hal, C: ConfigurationAccess + Clone>(
    access: &C,
    window: Range<u64>,
    visit: &mut impl FnMut(DeviceFunction, Result<Nic, PciNicError>),
) {
    // Made when the first BAR without an address turns up: learning what is taken costs a thousand exits.
    let mut placer = None;
    pci::for_each_function(access, &mut |found| {
        if found.vendor == VIRTIO_VENDOR_ID && NETWORK.contains(&found.device) {
            // SAFETY: passed on from the caller; each function is visited once.
            let nic = unsafe { open::<H, C>(access, found.function, &window, &mut placer) };
            visit(found.function, nic);
        }
    });
}

/// # Safety
/// As [`discover`], and nothing else may use the function.
unsafe fn open<H: Hal, C: ConfigurationAccess + Clone>(
    access: &C,
    function: DeviceFunction,
    window: &Range<u64>,
    placer: &mut Option<Placer>,
) -> Result<Nic, PciNicError> {
    let mut root = PciRoot::new(access.clone());
    place_bars(&mut root, access, function, window, placer)?;
    pci::enable(&mut root, function);
    let transport = PciTransport::new::<H, C>(&mut root, function)?;
    // SAFETY: passed on from the caller; the transport does not touch the table.
    let msix = unsafe { Msix::new::<H, C>(&mut root, &mut access.clone(), function) }?;
    let (common, _) = structure::<H, C>(&mut root, access, function, VIRTIO_PCI_CAP_COMMON_CFG)?;
    let (notify, notify_off_multiplier) = structure::<H, C>(&mut root, access, function, VIRTIO_PCI_CAP_NOTIFY_CFG)?;
    let (config, _) = structure::<H, C>(&mut root, access, function, VIRTIO_PCI_CAP_DEVICE_CFG)?;
    let wiring = PciWiring { msix, common, notify, notify_off_multiplier, config };
    let transport = Wired::by_message(SomeTransport::from(transport), wiring).ok_or(PciNicError::Malformed)?;
    Ok(Nic::new(Location::Pci(function), transport))
}

fn place_bars<C: ConfigurationAccess>(
    root: &mut PciRoot<C>,
    access: &C,
    function: DeviceFunction,
    window: &Range<u64>,
    placer: &mut Option<Placer>,
) -> Result<(), BarError> {
    let unplaced = root.bars(function)?.iter().flatten().any(|bar| matches!(bar.memory_address_size(), Some((0, _))));
    if !unplaced {
        return Ok(());
    }
    let placer = match placer {
        Some(placer) => placer,
        none => none.insert(Placer::new(root, access, window.clone())?),
    };
    let placed = placer.place(root, function)?;
    log::debug!("pci: {function}: placed {placed} BARs the firmware left");
    Ok(())
}

/// Maps the virtio structure of that kind, and reads the word that follows its capability (specification 4.1.4): for
/// notifications, the distance between doorbells.
fn structure<H: Hal, C: ConfigurationAccess>(
    root: &mut PciRoot<C>,
    access: &C,
    function: DeviceFunction,
    kind: u8,
) -> Result<(Window, u32), PciNicError> {
    // The low byte of a vendor capability's private header is its length, the high byte its kind. The device may offer
    // several of one kind, in order of preference; the first is also the one `PciTransport` takes.
    let found = root
        .capabilities(function)
        .find(|capability| capability.id == PCI_CAP_ID_VNDR && capability.private_header.to_le_bytes()[1] == kind);
    let at = found.map(|capability| capability.offset).filter(|at| *at <= 0xec).ok_or(PciNicError::Malformed)?;
    let [bar, ..] = access.read_word(function, at + 4).to_le_bytes();
    let offset = access.read_word(function, at + 8);
    let len = access.read_word(function, at + 12);
    let following = access.read_word(function, at + 16);
    if bar > 5 {
        return Err(PciNicError::Malformed);
    }
    let placed = root.bar_info(function, bar).ok().flatten().and_then(|info| info.memory_address_size());
    let (address, size) = placed.filter(|&(address, _)| address != 0).ok_or(PciNicError::Malformed)?;
    if u64::from(offset) + u64::from(len) > size || !offset.is_multiple_of(4) {
        return Err(PciNicError::Malformed);
    }
    let len_bytes = usize::try_from(len).map_err(|_| PciNicError::Malformed)?;
    // SAFETY: the range lies within a BAR of a function that is enabled, so it is its registers.
    let base = unsafe { H::mmio_phys_to_virt(address + u64::from(offset), len_bytes) };
    // SAFETY: mapped by the `Hal`, 4-byte aligned as checked. It overlaps what `PciTransport` holds, by design: both sit
    // in one `Wired`, whose borrow rules keep their accesses apart, and both only touch it by volatile access.
    Ok((unsafe { Window::new(base, len_bytes) }, following))
}
