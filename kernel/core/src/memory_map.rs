//! Which memory the kernel may use: the firmware's list of ranges, cleaned, minus what is already taken.
//!
//! Firmware lists are not to be trusted to be sorted, disjoint or page-aligned (E820 promises none of it, and says what
//! overlaps mean nowhere); here a byte is usable if some range says RAM and none says otherwise.
//!
//! Not here: page tables, allocation, and where the list comes from.

use heapless::Vec;

/// Page size in bytes; regions begin and end on its multiples.
pub const PAGE_BYTES: u64 = 4096;

/// Most usable regions kept. Machines have 2 to 4.
pub const MAX_REGIONS: usize = 32;

/// Type of RAM in E820 and in PVH's `hvm_memmap_table_entry` (Xen `public/arch-x86/hvm/start_info.h`). Every other type is
/// not usable.
pub const RAM: u32 = 1;

/// Memory that is never handed out, in every life of the machine, so that one life can leave a record of its crash for the
/// next: the one stretch of low memory that neither a PVH reload nor SeaBIOS or qboot writes to (measured).
pub const CRASH_RECORD: Region = Region { start: 0x9_0000, end: 0x9_f000 };

/// Page zero: no null pointer must reach memory.
pub const PAGE_ZERO: Region = Region { start: 0, end: PAGE_BYTES };

/// One range as the firmware gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareRange {
    /// Physical address.
    pub address: u64,
    /// Length in bytes.
    pub len: u64,
    /// E820 type; [`RAM`] or something else.
    pub kind: u32,
}

/// Physical addresses from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// First address.
    pub start: u64,
    /// Address behind the last.
    pub end: u64,
}

impl Region {
    /// The region of `len` bytes at `start`, cut at the end of the address space.
    pub const fn at(start: u64, len: u64) -> Self {
        Self { start, end: start.saturating_add(len) }
    }

    /// Length in bytes.
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether no address is in it.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `address` is in it.
    pub const fn contains(self, address: u64) -> bool {
        self.start <= address && address < self.end
    }

    /// The whole pages inside.
    fn inner_pages(self) -> Self {
        // Rounding up the last page of the address space leaves nothing, not a wrapped address.
        let start = self.start.checked_next_multiple_of(PAGE_BYTES).unwrap_or(u64::MAX);
        Self { start, end: self.end & !(PAGE_BYTES - 1) }
    }

    /// The whole pages it touches.
    fn outer_pages(self) -> Self {
        let end = self.end.checked_next_multiple_of(PAGE_BYTES).unwrap_or(u64::MAX);
        Self { start: self.start & !(PAGE_BYTES - 1), end }
    }
}

/// There are more separate regions than [`MAX_REGIONS`]: give the kernel a machine with a saner memory map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyRegions;

impl core::fmt::Display for TooManyRegions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "memory is in more than {MAX_REGIONS} pieces")
    }
}

impl core::error::Error for TooManyRegions {}

/// The memory of the machine, once the firmware's list is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryMap {
    regions: Vec<Region, MAX_REGIONS>,
    ram_bytes: u64,
    top: u64,
}

impl MemoryMap {
    /// Reads the firmware's list and takes `reserved` out: every page a reserved region touches is gone. [`PAGE_ZERO`] and
    /// [`CRASH_RECORD`] are taken out in any case.
    pub fn new(firmware: &[FirmwareRange], reserved: &[Region]) -> Result<Self, TooManyRegions> {
        let mut map = Self { regions: Vec::new(), ram_bytes: 0, top: 0 };
        let region = |range: &FirmwareRange| Region::at(range.address, range.len);
        for range in firmware.iter().filter(|range| range.kind == RAM) {
            map.insert(region(range))?;
        }
        for range in firmware.iter().filter(|range| range.kind != RAM) {
            map.remove(region(range))?;
        }
        map.keep_whole_pages();
        map.ram_bytes = map.usable_bytes();
        map.top = map.regions.last().map_or(0, |last| last.end);
        for taken in reserved.iter().chain([&PAGE_ZERO, &CRASH_RECORD]).filter(|taken| !taken.is_empty()) {
            map.remove(taken.outer_pages())?;
        }
        Ok(map)
    }

    /// The usable regions: page-aligned, not empty, sorted, with gaps between.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Whole pages of RAM in bytes, reserved ones included.
    pub fn ram_bytes(&self) -> u64 {
        self.ram_bytes
    }

    /// Address behind the last page of RAM; what has to be mapped, besides devices, lies below.
    pub fn top(&self) -> u64 {
        self.top
    }

    /// Bytes in the usable regions.
    pub fn usable_bytes(&self) -> u64 {
        // Disjoint parts of one address space: the sum cannot overflow.
        self.regions.iter().map(|region| region.len()).sum()
    }

    /// The largest usable region.
    pub fn largest(&self) -> Option<Region> {
        self.regions.iter().copied().max_by_key(|region| region.len())
    }

    /// Adds a region and joins it with those it overlaps or touches.
    fn insert(&mut self, mut new: Region) -> Result<(), TooManyRegions> {
        if new.is_empty() {
            return Ok(());
        }
        let first = self.regions.iter().take_while(|region| region.end < new.start).count();
        while let Some(&next) = self.regions.get(first).filter(|next| next.start <= new.end) {
            new = Region { start: new.start.min(next.start), end: new.end.max(next.end) };
            self.regions.remove(first);
        }
        self.regions.insert(first, new).map_err(|_| TooManyRegions)
    }

    /// Takes a region out of all it overlaps.
    fn remove(&mut self, hole: Region) -> Result<(), TooManyRegions> {
        if hole.is_empty() {
            return Ok(());
        }
        let mut index = 0;
        while let Some(&region) = self.regions.get(index) {
            let before = Region { start: region.start, end: region.end.min(hole.start) };
            let after = Region { start: region.start.max(hole.end), end: region.end };
            self.regions.remove(index);
            for piece in [before, after] {
                if !piece.is_empty() {
                    self.regions.insert(index, piece).map_err(|_| TooManyRegions)?;
                    index += 1;
                }
            }
        }
        Ok(())
    }

    fn keep_whole_pages(&mut self) {
        for region in &mut self.regions {
            *region = region.inner_pages();
        }
        self.regions.retain(|region| !region.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ram(address: u64, len: u64) -> FirmwareRange {
        FirmwareRange { address, len, kind: RAM }
    }

    fn other(address: u64, len: u64) -> FirmwareRange {
        FirmwareRange { address, len, kind: 2 }
    }

    fn map(firmware: &[FirmwareRange], reserved: &[Region]) -> MemoryMap {
        MemoryMap::new(firmware, reserved).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_machine_as_qemu_builds_it() {
        // q35 with 128 MiB, as SeaBIOS reports it, and a kernel of 600 KiB at 1 MiB.
        let firmware = [ram(0, 0x9fc00), other(0x9fc00, 0x400), other(0xf0000, 0x10000), ram(0x10_0000, 0x7ee_0000)];
        let map = map(&firmware, &[Region::at(0x10_0000, 600 << 10), Region::at(0x7000, 0x38)]);
        let regions = [
            Region { start: 0x1000, end: 0x7000 },
            Region { start: 0x8000, end: 0x9_0000 },
            Region { start: 0x19_6000, end: 0x7fe_0000 },
        ];
        assert_eq!(map.regions(), regions);
        assert_eq!(map.ram_bytes(), 0x9_f000 + 0x7ee_0000);
        assert_eq!(map.top(), 0x7fe_0000);
        assert_eq!(map.largest(), Some(regions[2]));
    }

    #[test]
    fn disorder_and_overlap_do_no_harm() {
        let firmware = [
            other(0x60_0000, 0x1000),
            ram(0x50_0000, 0x20_0000),
            ram(0x40_0800, 0x10_0000),
            ram(0x50_0000, 0x10_0000),
            ram(u64::MAX - 0x1fff, u64::MAX),
            ram(0x90_0000, 0),
            ram(0x90_0123, 0x1000),
        ];
        let regions = [
            Region { start: 0x40_1000, end: 0x60_0000 },
            Region { start: 0x60_1000, end: 0x70_0000 },
            Region { start: u64::MAX - 0x1fff, end: u64::MAX - 0xfff },
        ];
        assert_eq!(map(&firmware, &[]).regions(), regions);
    }

    #[test]
    fn an_empty_reservation_takes_nothing() {
        let firmware = [ram(0x10_0000, 0x4000)];
        assert_eq!(map(&firmware, &[Region::at(0x10_1234, 0)]), map(&firmware, &[]));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let map = map(&[other(0, u64::MAX)], &[]);
        assert_eq!((map.regions(), map.ram_bytes(), map.top(), map.largest()), (&[][..], 0, 0, None));
    }

    #[test]
    fn too_many_pieces_are_refused() {
        let pieces: std::vec::Vec<_> = (0..=MAX_REGIONS as u64).map(|n| ram((n + 256) << 13, PAGE_BYTES)).collect();
        assert_eq!(MemoryMap::new(&pieces, &[]), Err(TooManyRegions));
        assert!(MemoryMap::new(&pieces[1..], &[]).is_ok());
    }

    const PAGES: u64 = 512;

    fn ranges() -> impl Strategy<Value = std::vec::Vec<FirmwareRange>> {
        let range = (0..PAGES * 16, 0..PAGES * 4, 1..3u32);
        let range = range.prop_map(|(at, len, kind)| FirmwareRange { address: at * 256, len: len * 256, kind });
        prop::collection::vec(range, 0..12)
    }

    proptest! {
        /// A page is usable exactly if each of its bytes is RAM by some range and nothing else by any, and it touches
        /// nothing reserved.
        #[test]
        fn agrees_with_a_look_at_every_page(firmware in ranges(), reserved in ranges()) {
            let reserved: std::vec::Vec<_> =
                reserved.iter().take(4).map(|range| Region::at(range.address, range.len)).collect();
            let map = map(&firmware, &reserved);
            for pair in map.regions().windows(2) {
                prop_assert!(pair[0].end < pair[1].start);
            }
            let covers = |at: u64, kind| {
                firmware.iter().any(|range| (range.kind == RAM) == kind && Region::at(range.address, range.len).contains(at))
            };
            let mut ram_pages = 0;
            for page in (0..PAGES * 2).map(|page| Region::at(page * PAGE_BYTES, PAGE_BYTES)) {
                // Ranges are multiples of 256 bytes, so one look at each 256 sees every byte.
                let is_ram = (page.start..page.end).step_by(256).all(|at| covers(at, true) && !covers(at, false));
                ram_pages += u64::from(is_ram);
                let is_taken = reserved.iter().chain([&PAGE_ZERO, &CRASH_RECORD]).any(|taken| {
                    !taken.is_empty() && taken.start < page.end && page.start < taken.end
                });
                let is_usable = map.regions().iter().any(|region| region.contains(page.start));
                prop_assert_eq!(is_usable, is_ram && !is_taken, "page {:x?}", page);
            }
            prop_assert_eq!(map.ram_bytes(), ram_pages * PAGE_BYTES);
        }
    }
}
