//! What the loader hands over: `hvm_start_info` with the memory map and the command line
//! (Xen, xen/include/public/arch-x86/hvm/start_info.h). Copied out before memory is remapped.
#![expect(unsafe_code, reason = "structures at addresses the loader gives")]

use core::ffi::CStr;
use kernel_core::memory_map::{FirmwareRange, Region};

/// `XEN_HVM_START_MAGIC_VALUE`.
const MAGIC: u32 = 0x336e_c578;

/// `hvm_start_info`, version 1.
#[repr(C)]
struct StartInfo {
    magic: u32,
    version: u32,
    flags: u32,
    modules: u32,
    module_list: u64,
    command_line: u64,
    rsdp: u64,
    memory_map: u64,
    memory_map_entries: u32,
    reserved: u32,
}

/// `hvm_memmap_table_entry`; the types are E820's.
#[repr(C)]
struct MemoryMapEntry {
    address: u64,
    bytes: u64,
    kind: u32,
    reserved: u32,
}

/// The loader's words, not yet checked.
pub(crate) struct BootInfo {
    start_info: u64,
}

impl BootInfo {
    /// Takes the address the loader left in EBX; `None` if there is no start information of version 1 there.
    pub(crate) fn new(address: u32) -> Option<Self> {
        let info = Self { start_info: u64::from(address) };
        let start = info.start();
        (start.magic == MAGIC && start.version >= 1).then_some(info)
    }

    fn start(&self) -> &StartInfo {
        // SAFETY: PVH loaders put the structure below 4 GiB and leave its address in EBX; the boot
        // tables map the first GiB, where all of them put it; its magic is checked before any use.
        unsafe { &*(self.start_info as *const StartInfo) }
    }

    /// The ranges of the firmware's memory map.
    pub(crate) fn memory_map(&self) -> impl Iterator<Item = FirmwareRange> + '_ {
        let start = self.start();
        let entries = start.memory_map as *const MemoryMapEntry;
        (0..start.memory_map_entries as usize).map(move |index| {
            // SAFETY: the loader states how many entries there are.
            let entry = unsafe { &*entries.wrapping_add(index) };
            FirmwareRange { address: entry.address, len: entry.bytes, kind: entry.kind }
        })
    }

    /// The command line; empty if there is none.
    pub(crate) fn command_line(&self) -> &[u8] {
        let address = self.start().command_line;
        if address == 0 {
            return &[];
        }
        // SAFETY: the loader ends the string with a zero.
        unsafe { CStr::from_ptr(address as *const core::ffi::c_char) }.to_bytes()
    }

    /// The address ranges the loader's structures take: not to be given to the heap.
    pub(crate) fn ranges(&self) -> [Region; 3] {
        let start = self.start();
        let map_bytes = u64::from(start.memory_map_entries) * size_of::<MemoryMapEntry>() as u64;
        [
            Region::at(self.start_info, size_of::<StartInfo>() as u64),
            Region::at(start.memory_map, map_bytes),
            Region::at(start.command_line, self.command_line().len() as u64 + 1),
        ]
    }
}
