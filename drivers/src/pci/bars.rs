//! Placing memory BARs that the firmware left without an address.
//!
//! For: qboot, which assigns none; under SeaBIOS and OVMF this finds everything in place and changes nothing. Not for:
//! I/O BARs (no driver here uses them) nor for opening bridge windows: behind a bridge only the firmware places.

use core::fmt;
use core::ops::Range;

use virtio_drivers::transport::pci::bus::{
    BarInfo, Command, ConfigurationAccess, DeviceFunction, MemoryBarType, PciError, PciRoot,
};

use super::walk::for_each_function;

/// Ranges already taken that a placer can remember. More BARs than that on one machine are refused, not overlapped.
const MAX_TAKEN: usize = 64;
/// A BAR gets a page of its own at least, so that no two devices share a mapping.
const PAGE: u64 = 4096;

/// Why a BAR got no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarError {
    /// The window has no room left: give a larger one, or fewer devices.
    WindowFull,
    /// The function lies behind a bridge whose window only the firmware could have opened: use another firmware.
    BehindBridge,
    /// The BAR is of no known kind: the device is broken.
    Malformed,
}

impl fmt::Display for BarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WindowFull => "no room left in the PCI memory window",
            Self::BehindBridge => "behind a bridge that the firmware did not configure",
            Self::Malformed => "a BAR of no known kind",
        })
    }
}

impl core::error::Error for BarError {}

impl From<PciError> for BarError {
    fn from(_: PciError) -> Self {
        Self::Malformed
    }
}

/// Hands out addresses from one window below 4 GiB, around everything the firmware placed there.
#[derive(Debug)]
pub struct Placer {
    window: Range<u64>,
    taken: heapless::Vec<Range<u64>, MAX_TAKEN>,
}

impl Placer {
    /// A placer for `window` (bytes, end exclusive), which must be free of RAM, APICs and flash: on `pc` and `q35` from
    /// the end of low RAM (rounded up generously) to 0xfec0_0000. Reads every function to learn what is taken; sizing a
    /// BAR switches its function off for a moment, so this comes before any device is in use.
    ///
    /// # Errors
    /// [`BarError::WindowFull`] if the machine has more BARs than can be kept apart.
    pub fn new<C: ConfigurationAccess>(
        root: &mut PciRoot<C>,
        access: &C,
        window: Range<u64>,
    ) -> Result<Self, BarError> {
        let mut placer = Self { window, taken: heapless::Vec::new() };
        let mut outcome = Ok(());
        for_each_function(access, &mut |found| {
            let (_, command) = root.get_status_command(found.function);
            if outcome.is_ok() && command.contains(Command::MEMORY_SPACE) {
                let bars = if found.bridge { 2 } else { 6 };
                outcome = placer.note_bars(root, found.function, bars);
                if found.bridge && outcome.is_ok() {
                    outcome = placer.note_bridge_windows(access, found.function);
                }
            }
        });
        outcome.map(|()| placer)
    }

    /// Remembers what the function itself occupies.
    fn note_bars<C: ConfigurationAccess>(
        &mut self,
        root: &mut PciRoot<C>,
        function: DeviceFunction,
        bars: u8,
    ) -> Result<(), BarError> {
        let mut index = 0;
        while index < bars {
            let info = root.bar_info(function, index).ok().flatten();
            index += if info.as_ref().is_some_and(BarInfo::takes_two_entries) { 2 } else { 1 };
            let placed = info.as_ref().and_then(BarInfo::memory_address_size).filter(|&(address, _)| address != 0);
            if let Some((address, size)) = placed {
                self.take(address..address.saturating_add(size))?;
            }
        }
        Ok(())
    }

    /// Remembers what a bridge passes on: its memory window and its prefetchable one, in units of 1 MiB.
    fn note_bridge_windows<C: ConfigurationAccess>(&mut self, access: &C, at: DeviceFunction) -> Result<(), BarError> {
        for register in [0x20, 0x24] {
            let word = access.read_word(at, register);
            let (base, limit) = (word & 0xfff0, word >> 16 & 0xfff0);
            if base <= limit && limit != 0 {
                self.take(u64::from(base) << 16..(u64::from(limit) + 0x10) << 16)?;
            }
        }
        Ok(())
    }

    /// Gives every memory BAR of `function` that has no address one from the window. Returns how many it placed.
    ///
    /// # Errors
    /// See [`BarError`]; the function is then of no use, others are unharmed.
    pub fn place<C: ConfigurationAccess>(
        &mut self,
        root: &mut PciRoot<C>,
        function: DeviceFunction,
    ) -> Result<usize, BarError> {
        let mut placed = 0;
        let bars = root.bars(function)?;
        for (index, info) in (0_u8..).zip(bars) {
            let Some(BarInfo::Memory { address: 0, size, address_type, .. }) = info else { continue };
            if function.bus != 0 {
                return Err(BarError::BehindBridge);
            }
            let address = self.allocate(size)?;
            match address_type {
                MemoryBarType::Width64 => root.set_bar_64(function, index, address),
                MemoryBarType::Width32 => {
                    root.set_bar_32(function, index, u32::try_from(address).map_err(|_| BarError::WindowFull)?);
                }
                MemoryBarType::Below1MiB => return Err(BarError::Malformed),
            }
            placed += 1;
        }
        Ok(placed)
    }

    /// The lowest free address for `size` bytes, aligned to them as a BAR must be.
    fn allocate(&mut self, size: u64) -> Result<u64, BarError> {
        let align = size.max(PAGE).checked_next_power_of_two().ok_or(BarError::Malformed)?;
        let mut start = align_up(self.window.start.max(PAGE), align)?;
        // Each step moves past a taken range, so this ends after as many steps as there are ranges.
        while let Some(conflict) = self.taken.iter().find(|taken| taken.start < start + align && start < taken.end) {
            start = align_up(conflict.end, align)?;
            if start >= self.window.end {
                return Err(BarError::WindowFull);
            }
        }
        if start.checked_add(align).is_none_or(|end| end > self.window.end) {
            return Err(BarError::WindowFull);
        }
        self.take(start..start + align)?;
        Ok(start)
    }

    fn take(&mut self, range: Range<u64>) -> Result<(), BarError> {
        if range.end <= self.window.start || range.start >= self.window.end {
            return Ok(());
        }
        self.taken.push(range).map_err(|_| BarError::WindowFull)
    }
}

fn align_up(address: u64, align: u64) -> Result<u64, BarError> {
    address.checked_next_multiple_of(align).ok_or(BarError::WindowFull)
}

#[cfg(test)]
mod tests;
