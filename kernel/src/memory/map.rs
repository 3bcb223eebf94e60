//! The map: what memory there is and how each page may be used. RAM is mapped read-write and never
//! executable; the image as its segments are marked; page zero and the page below every stack not at all.
#![expect(unsafe_code, reason = "page tables, and the symbols of the linker script")]

use crate::arch::paging::{Access, PAGE_BYTES, PageTables, TableSource};
use crate::arch::{apic, ioapic};
use crate::boot_info::BootInfo;
use alloc::alloc::{Layout, alloc_zeroed};
use core::cell::RefCell;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use critical_section::Mutex;
use heapless::Vec;
use kernel_core::memory_map::{FirmwareRange, MemoryMap, Region};
use spin::Once;

unsafe extern "C" {
    static __image_start: u8;
    static __text_start: u8;
    static __text_end: u8;
    static __rodata_end: u8;
    static __data_end: u8;
    static __boot_stack_guard: u8;
    static __symbols_start: u8;
}

/// The address of a symbol of the linker script.
macro_rules! address {
    ($symbol:ident) => {
        &raw const $symbol as u64
    };
}

static RAM: Once<MemoryMap> = Once::new();

/// Bytes of page tables that were made before there was a heap, and since.
static EARLY_TABLE_BYTES: AtomicU64 = AtomicU64::new(0);
static HEAP_TABLE_BYTES: AtomicU64 = AtomicU64::new(0);

static TABLES: Mutex<RefCell<Option<PageTables>>> = Mutex::new(RefCell::new(None));

/// Where the memory ends that the firmware of a PC uses.
const FIRMWARE_END: u64 = 0x10_0000;
/// Where the memory ends that the boot tables map.
const BOOT_TABLES_END: u64 = 1 << 30;
/// Where the lower half of the addresses ends, the one that is used.
const ADDRESSES_END: u64 = 1 << 47;
/// The most ranges a firmware's map is read of; QEMU's have about ten.
const MAX_FIRMWARE_RANGES: usize = 64;

/// Maps all there is, turns the map on, and gives what RAM is left to the heap.
pub(crate) fn init(boot: &BootInfo) -> Result<(), &'static str> {
    let image = Region { start: address!(__image_start), end: image_end() };
    let mut firmware: Vec<FirmwareRange, MAX_FIRMWARE_RANGES> = Vec::new();
    for range in boot.memory_map() {
        firmware.push(range).map_err(|_| "the firmware's memory map has too many ranges")?;
    }
    let too_many = |_| "memory is in too many pieces";
    let ram = MemoryMap::new(&firmware, &[]).map_err(too_many)?;
    let [start_info, memory_map, command_line] = boot.ranges();
    let usable = MemoryMap::new(&firmware, &[image, start_info, memory_map, command_line]).map_err(too_many)?;
    // Tables come from the start of the memory behind the image, which the boot tables reach.
    let behind = usable.regions().iter().position(|region| region.start >= image.end);
    let behind = behind.ok_or("there is no memory behind the kernel image: give the machine more")?;
    let Region { start, end } = usable.regions()[behind];
    let mut pool = Pool { next: start, end: end.min(BOOT_TABLES_END) };
    let tables = build(&ram, &mut pool).ok_or("the page tables do not fit: give the machine more memory")?;
    // SAFETY: the image, all RAM (with the boot stack and these tables) and the APICs are mapped.
    unsafe { tables.activate() };
    critical_section::with(|cs| TABLES.borrow(cs).replace(Some(tables)));
    EARLY_TABLE_BYTES.store(pool.next - start, Relaxed);
    RAM.call_once(|| ram);
    for (index, region) in usable.regions().iter().enumerate() {
        let start = if index == behind { pool.next } else { region.start };
        // SAFETY: the region is RAM that is mapped, in nobody's use, and given away only here.
        unsafe { super::heap::add(start as usize, (region.end - start) as usize) };
    }
    Ok(())
}

/// The tables for a machine with this memory; later ranges replace what earlier ones mapped.
fn build(ram: &MemoryMap, pool: &mut Pool) -> Option<PageTables> {
    let guard = address!(__boot_stack_guard);
    let mut tables = PageTables::new(pool)?;
    // The loader's structures and the firmware's tables may lie in what is not RAM below 1 MiB.
    tables.map(PAGE_BYTES..FIRMWARE_END, Access::Read, pool)?;
    for region in ram.regions() {
        tables.map(region.start..region.end, Access::Write, pool)?;
    }
    tables.map(0..PAGE_BYTES, Access::None, pool)?;
    tables.map(address!(__text_start)..address!(__text_end), Access::Execute, pool)?;
    tables.map(address!(__text_end)..address!(__rodata_end), Access::Read, pool)?;
    tables.map(address!(__symbols_start)..image_end(), Access::Read, pool)?;
    tables.map(guard..guard + PAGE_BYTES, Access::None, pool)?;
    tables.map(apic::BASE..apic::BASE + apic::BYTES, Access::Device, pool)?;
    tables.map(ioapic::BASE..ioapic::BASE + ioapic::BYTES, Access::Device, pool)?;
    Some(tables)
}

/// Where the image ends: the symbol table is its last part and says how long it is.
fn image_end() -> u64 {
    let table = crate::symbols::table_bytes();
    (address!(__symbols_start) + table as u64).next_multiple_of(PAGE_BYTES)
}

/// Takes table pages off the start of a region before there is a heap.
struct Pool {
    next: u64,
    end: u64,
}

impl TableSource for Pool {
    fn table(&mut self) -> Option<u64> {
        let page = self.next;
        if self.end.saturating_sub(page) < PAGE_BYTES {
            return None;
        }
        self.next += PAGE_BYTES;
        // SAFETY: a page of a usable region below 1 GiB, which the boot tables map, that nothing
        // else has been given.
        unsafe { (page as *mut [u8; PAGE_BYTES as usize]).write_bytes(0, 1) };
        Some(page)
    }
}

/// Takes table pages from the heap, once there is one.
struct FromHeap;

impl TableSource for FromHeap {
    fn table(&mut self) -> Option<u64> {
        const LAYOUT: Layout = match Layout::from_size_align(PAGE_BYTES as usize, PAGE_BYTES as usize) {
            Ok(layout) => layout,
            Err(_) => panic!("a page is a valid layout"),
        };
        // SAFETY: the layout is not empty.
        let page = unsafe { alloc_zeroed(LAYOUT) };
        if page.is_null() {
            return None;
        }
        HEAP_TABLE_BYTES.fetch_add(PAGE_BYTES, Relaxed);
        Some(page as u64)
    }
}

fn with_tables<R>(f: impl FnOnce(&mut PageTables) -> R) -> R {
    critical_section::with(|cs| f(TABLES.borrow(cs).borrow_mut().as_mut().expect("memory::init ran at boot")))
}

/// Makes a device's registers reachable at their physical address. Whether it could: not where there
/// is RAM, which no device's registers overlay, nor where no address is, nor without memory for tables.
pub(crate) fn map_device(start: u64, bytes: u64) -> bool {
    let Some(end) = start.checked_add(bytes).filter(|&end| end <= ADDRESSES_END) else { return false };
    let overlays = |region: &Region| start < region.end && region.start < end;
    if RAM.get().is_none_or(|ram| ram.regions().iter().any(overlays)) || start < FIRMWARE_END {
        return false;
    }
    with_tables(|tables| {
        let first = start & !(PAGE_BYTES - 1);
        (first..end)
            .step_by(PAGE_BYTES as usize)
            .all(|page| tables.set_access(page, Access::Device, &mut FromHeap).is_some())
    })
}

/// Takes a page of RAM out of the map; whether there was memory for the table that needs.
pub(super) fn guard(page: u64) -> bool {
    with_tables(|tables| tables.set_access(page, Access::None, &mut FromHeap).is_some())
}

/// Puts a page of RAM back into the map. Its table is there since it was taken out.
pub(super) fn unguard(page: u64) {
    with_tables(|tables| tables.set_access(page, Access::Write, &mut FromHeap));
}

/// The code's address range: where a backtrace may point.
pub(crate) fn code() -> Range<usize> {
    address!(__text_start) as usize..address!(__text_end) as usize
}

/// The constants' address range: nothing there ever changes.
pub(crate) fn constants() -> Range<usize> {
    address!(__text_end) as usize..address!(__rodata_end) as usize
}

/// Whole pages of RAM, in bytes.
pub(crate) fn ram_bytes() -> u64 {
    RAM.get().map_or(0, MemoryMap::ram_bytes)
}

/// Bytes that addresses lead to: RAM less guard pages, and what is not RAM.
pub(crate) fn mapped_bytes() -> u64 {
    with_tables(|tables| tables.mapped_bytes())
}

/// Bytes of all page tables; they are never given back.
pub(super) fn table_bytes() -> u64 {
    EARLY_TABLE_BYTES.load(Relaxed) + HEAP_TABLE_BYTES.load(Relaxed)
}

/// The boot stack's address range.
pub(crate) fn boot_stack() -> Range<usize> {
    (address!(__boot_stack_guard) + PAGE_BYTES) as usize..address!(__data_end) as usize
}

/// What a faulting address is known as, for a report: " (…)" or nothing.
pub(crate) fn name_of(address: u64) -> &'static str {
    if address < PAGE_BYTES {
        " (the null page)"
    } else if (address!(__boot_stack_guard)..address!(__boot_stack_guard) + PAGE_BYTES).contains(&address) {
        " (the guard page of the boot stack: stack overflow)"
    } else if crate::thread::guards(address) {
        " (the guard page of this thread's stack: stack overflow)"
    } else if (address!(__text_start)..address!(__text_end)).contains(&address) {
        " (code)"
    } else if (address!(__text_end)..address!(__rodata_end)).contains(&address) {
        " (constants)"
    } else {
        ""
    }
}
