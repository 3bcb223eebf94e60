//! A PCI configuration space in memory, for tests: BARs that size as real ones do, and loud complaints about misuse.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use virtio_drivers::transport::pci::bus::{ConfigurationAccess, DeviceFunction};

/// The function at `bus:device.function`.
pub(crate) fn at(bus: u8, device: u8, function: u8) -> DeviceFunction {
    DeviceFunction { bus, device, function }
}

/// A configuration space; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config(Rc<RefCell<BTreeMap<DeviceFunction, Function>>>);

/// One function's registers. A byte may be written only if it is in `writable`, a mask as hardware has it.
#[derive(Debug)]
pub(crate) struct Function {
    bytes: [u8; 256],
    writable: [u8; 256],
}

impl Config {
    /// Adds a function that has nothing but its identifiers and the command register.
    pub(crate) fn add(&mut self, at: DeviceFunction, vendor: u16, device: u16) -> Handle<'_> {
        let mut function = Function { bytes: [0; 256], writable: [0; 256] };
        function.bytes[0..2].copy_from_slice(&vendor.to_le_bytes());
        function.bytes[2..4].copy_from_slice(&device.to_le_bytes());
        function.writable[4..6].copy_from_slice(&[0xff; 2]);
        self.0.borrow_mut().insert(at, function);
        Handle { config: self, at }
    }

    /// The current value of a 32-bit register.
    pub(crate) fn word(&self, at: DeviceFunction, offset: u8) -> u32 {
        self.read_word(at, offset)
    }
}

/// A function under construction.
pub(crate) struct Handle<'a> {
    config: &'a Config,
    at: DeviceFunction,
}

impl Handle<'_> {
    fn change(self, change: impl FnOnce(&mut Function)) -> Self {
        change(self.config.0.borrow_mut().get_mut(&self.at).expect("the handle's function exists"));
        self
    }

    /// Sets a byte.
    pub(crate) fn set(self, offset: usize, value: u8) -> Self {
        self.change(|function| function.bytes[offset] = value)
    }

    /// Sets a word.
    pub(crate) fn set_word(self, offset: usize, value: u32) -> Self {
        self.change(|function| function.bytes[offset..offset + 4].copy_from_slice(&value.to_le_bytes()))
    }

    /// Lets the driver write these bits of a word.
    pub(crate) fn writable(self, offset: usize, mask: u32) -> Self {
        self.change(|function| function.writable[offset..offset + 4].copy_from_slice(&mask.to_le_bytes()))
    }

    /// Gives it a memory BAR of `size` bytes at `address`; `kind` is the low four bits.
    pub(crate) fn bar(self, index: usize, kind: u32, size: u64, address: u64) -> Self {
        let (offset, mask) = (0x10 + 4 * index, !(size - 1));
        let low = self.set_word(offset, address as u32 | kind).writable(offset, mask as u32 & !0xf);
        if kind & 0b110 != 0b100 {
            return low;
        }
        low.set_word(offset + 4, (address >> 32) as u32).writable(offset + 4, (mask >> 32) as u32)
    }

    /// Adds a capability at `offset` and makes it the first of the list.
    pub(crate) fn capability(self, offset: usize, id: u8, body: &[u8]) -> Self {
        self.change(|function| {
            let next = function.bytes[0x34];
            function.bytes[0x06] |= 1 << 4;
            function.bytes[0x34] = offset as u8;
            function.bytes[offset..offset + 2].copy_from_slice(&[id, next]);
            function.bytes[offset + 2..offset + 2 + body.len()].copy_from_slice(body);
        })
    }
}

impl ConfigurationAccess for Config {
    fn read_word(&self, at: DeviceFunction, offset: u8) -> u32 {
        assert!(at.valid() && offset.is_multiple_of(4), "unaligned or impossible access to {at}, {offset:#x}");
        let offset = usize::from(offset);
        self.0.borrow().get(&at).map_or(u32::MAX, |function| {
            u32::from_le_bytes(function.bytes[offset..offset + 4].try_into().expect("four bytes"))
        })
    }

    fn write_word(&mut self, at: DeviceFunction, offset: u8, data: u32) {
        let mut config = self.0.borrow_mut();
        let function = config.get_mut(&at).unwrap_or_else(|| panic!("write to {at}, which does not exist"));
        let decoding = function.bytes[4] & 0b11 != 0;
        assert!(!(decoding && (0x10..0x28).contains(&offset)), "BAR of {at} changed while it decodes");
        for (byte, value) in (usize::from(offset)..).zip(data.to_le_bytes()) {
            let mask = function.writable[byte];
            function.bytes[byte] = function.bytes[byte] & !mask | value & mask;
        }
    }

    #[expect(unsafe_code, reason = "the trait declares it so")]
    unsafe fn unsafe_clone(&self) -> Self {
        self.clone()
    }
}
