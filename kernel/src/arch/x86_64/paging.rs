//! Page tables: memory is mapped where it is (virtual = physical), and no page is both writable and
//! executable, because [`Access`] has no such value. Intel SDM 3A, chapter 4.

use core::ops::Range;
use x86_64::instructions::tlb;
use x86_64::registers::control::{Cr3, Cr3Flags};
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

/// The smallest page, and the size of a table.
pub(crate) const PAGE_BYTES: u64 = 4096;
const LARGE_PAGE_BYTES: u64 = 2 << 20;

const PRESENT: u64 = 1;
const WRITABLE: u64 = 1 << 1;
const WRITE_THROUGH: u64 = 1 << 3;
const UNCACHED: u64 = 1 << 4;
const LARGE: u64 = 1 << 7;
const GLOBAL: u64 = 1 << 8;
const NO_EXECUTE: u64 = 1 << 63;
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/// What may be done with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing: a guard page.
    None,
    /// Code: read and execute.
    Execute,
    /// Constants: read.
    Read,
    /// Memory: read and write.
    Write,
    /// A device's registers: read and write, uncached.
    Device,
}

impl Access {
    const fn bits(self) -> u64 {
        match self {
            Access::None => 0,
            Access::Execute => PRESENT | GLOBAL,
            Access::Read => PRESENT | GLOBAL | NO_EXECUTE,
            Access::Write => PRESENT | GLOBAL | NO_EXECUTE | WRITABLE,
            Access::Device => PRESENT | GLOBAL | NO_EXECUTE | WRITABLE | UNCACHED | WRITE_THROUGH,
        }
    }
}

/// Gives zeroed, page-aligned pages for tables; they are never returned.
pub(crate) trait TableSource {
    /// The address of a fresh page; `None` when there is none left.
    fn table(&mut self) -> Option<u64>;
}

/// A set of page tables.
pub(crate) struct PageTables {
    root: u64,
    mapped_bytes: u64,
}

impl PageTables {
    /// An empty set.
    pub(crate) fn new(tables: &mut dyn TableSource) -> Option<Self> {
        Some(Self { root: tables.table()?, mapped_bytes: 0 })
    }

    /// The bytes that addresses lead to.
    pub(crate) fn mapped_bytes(&self) -> u64 {
        self.mapped_bytes
    }

    /// Maps `range` to itself with `access`, replacing what was there; pages that are only partly
    /// inside the range are mapped whole. Large pages where they fit; they are split when needed. `None`
    /// when there was no page for a table: then part of the range is as it was.
    pub(crate) fn map(&mut self, range: Range<u64>, access: Access, tables: &mut dyn TableSource) -> Option<()> {
        let mut at = range.start & !(PAGE_BYTES - 1);
        while at < range.end {
            let large =
                at.is_multiple_of(LARGE_PAGE_BYTES) && range.end - at >= LARGE_PAGE_BYTES && access != Access::None;
            let pages = self.descend(at, tables)?;
            if large {
                self.place(pages, index(at, 1), at | access.bits() | LARGE, LARGE_PAGE_BYTES);
                at += LARGE_PAGE_BYTES;
            } else {
                let table = enter(pages, index(at, 1), 1, tables)?;
                at = self.fill(table, at..range.end, access);
            }
        }
        Some(())
    }

    /// Changes the access of one page that the CPU may already have cached.
    pub(crate) fn set_access(&mut self, page: u64, access: Access, tables: &mut dyn TableSource) -> Option<()> {
        self.map(page..page + PAGE_BYTES, access, tables)?;
        tlb::flush(VirtAddr::new(page));
        Some(())
    }

    /// Makes these the tables the CPU uses.
    ///
    /// # Safety
    /// They map everything that is in use: code, data, the stacks, these tables.
    pub(crate) unsafe fn activate(&self) {
        let frame = PhysFrame::containing_address(PhysAddr::new(self.root));
        // SAFETY: the caller's promise.
        unsafe { Cr3::write(frame, Cr3Flags::empty()) };
    }

    /// The table of 2 MiB pages that `at` belongs to.
    fn descend(&self, at: u64, tables: &mut dyn TableSource) -> Option<u64> {
        let third = enter(self.root, index(at, 3), 3, tables)?;
        enter(third, index(at, 2), 2, tables)
    }

    /// Maps the pages of `range` that one last table has, and gives where they end.
    fn fill(&mut self, table: u64, range: Range<u64>, access: Access) -> u64 {
        let first = index(range.start, 0);
        let count = usize::min(512 - first, (range.end - range.start).div_ceil(PAGE_BYTES) as usize);
        let (mut entry, step) = match access {
            Access::None => (0, 0),
            _ => (range.start | access.bits(), PAGE_BYTES),
        };
        for slot in first..first + count {
            self.place(table, slot, entry, PAGE_BYTES);
            entry += step;
        }
        range.start + count as u64 * PAGE_BYTES
    }

    /// Replaces the entry of a page of this size.
    fn place(&mut self, table: u64, slot: usize, entry: u64, bytes: u64) {
        if load(table, slot) & PRESENT != 0 {
            self.mapped_bytes -= bytes;
        }
        if entry & PRESENT != 0 {
            self.mapped_bytes += bytes;
        }
        store(table, slot, entry);
    }
}

/// The place of an address in a table of that level (0: the last).
fn index(address: u64, level: u32) -> usize {
    (address >> (12 + 9 * level)) as usize & 511
}

/// The table an entry points to; made if there is none, split if the entry is a large page.
fn enter(table: u64, slot: usize, level: u32, tables: &mut dyn TableSource) -> Option<u64> {
    let entry = load(table, slot);
    if entry & PRESENT != 0 && entry & LARGE == 0 {
        return Some(entry & ADDRESS);
    }
    let fresh = tables.table()?;
    if entry & PRESENT != 0 {
        // A large page of level 1 (only those are made) becomes 512 pages with the same access.
        debug_assert!(level == 1);
        for page in 0..512 {
            store(fresh, page, (entry & !LARGE) + page as u64 * PAGE_BYTES);
        }
    }
    store(table, slot, fresh | PRESENT | WRITABLE);
    Some(fresh)
}

fn load(table: u64, slot: usize) -> u64 {
    let entry = (table as *const u64).wrapping_add(slot);
    // SAFETY: `table` came from a TableSource (or the root), so it is a mapped page of 512 entries;
    // `slot` is below 512.
    unsafe { entry.read_volatile() }
}

fn store(table: u64, slot: usize, entry: u64) {
    let place = (table as *mut u64).wrapping_add(slot);
    // SAFETY: as in `load`; tables are only written through `&mut PageTables`.
    unsafe { place.write_volatile(entry) }
}
