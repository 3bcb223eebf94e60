//! Writes small linked kernels, right ones and wrong ones: one loaded segment with texts and tables, the four symbols,
//! and the section of origins. No code: the check reads data only.

use std::path::PathBuf;

use ukstore::layout as at;
use ukstore::{Kind, Unit};

const BASE: u64 = 0x10_0000;
const SEGMENT_AT: usize = 0x1000;

/// What a fixture's entry leads to.
pub(crate) enum To {
    /// The series at an index of the family at an index.
    Series(u32, usize),
    /// A family that is not in the table.
    Nowhere,
    /// Words with this help.
    Text(&'static str),
    /// A tag that does not exist.
    Tag(u32),
}

/// A family of a fixture.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) series: &'static [&'static str],
}

/// A kernel to be written. The tests change single things of `Kernel::right()`.
pub(crate) struct Kernel {
    pub(crate) entries: Vec<(&'static str, To)>,
    pub(crate) families: Vec<Family>,
    pub(crate) origins: String,
    /// Names of the four symbols.
    pub(crate) symbols: [&'static str; 4],
    /// Bytes the table of entries is longer than its records.
    pub(crate) excess: usize,
}

impl Kernel {
    /// A kernel with every sort of record and no fault.
    pub(crate) fn right() -> Self {
        let mut kernel = Self {
            entries: vec![
                ("/boot/command_line", To::Text("The words it was started with.")),
                ("/log/lines_total/error", To::Series(0, 1)),
                ("/log/lines_total/info", To::Series(1, 1)),
                ("/uptime_seconds", To::Series(0, 0)),
            ],
            families: vec![
                Family {
                    name: "uk_boot_time_seconds",
                    help: "When it began.",
                    kind: Kind::Gauge,
                    unit: Unit::Seconds,
                    series: &[],
                },
                Family {
                    name: "uk_log_lines_total",
                    help: "Lines.",
                    kind: Kind::Counter,
                    unit: Unit::None,
                    series: &["uk_log_lines_total{level=\"error\"}", "uk_log_lines_total{level=\"info\"}"],
                },
            ],
            origins: String::new(),
            symbols: at::SYMBOLS,
            excess: 0,
        };
        kernel.declare("entry", "/boot/command_line", "kernel/src/boot.rs:3", "kernel::boot");
        kernel.declare("entry", "/log/lines_total/error", "kernel/src/log.rs:7", "kernel::log");
        kernel.declare("entry", "/log/lines_total/info", "kernel/src/log.rs:7", "kernel::log");
        kernel.declare("entry", "/uptime_seconds", "drivers/src/rtc.rs:9", "drivers");
        kernel.declare("family", "uk_boot_time_seconds", "drivers/src/rtc.rs:9", "drivers");
        kernel.declare("family", "uk_log_lines_total", "kernel/src/log.rs:7", "kernel::log");
        kernel
    }

    /// Adds an origin. `place` is `file:line`.
    pub(crate) fn declare(&mut self, what: &str, name: &str, place: &str, module: &str) {
        let place = place.replace(':', "\t");
        self.origins += &format!("{what}\t{name}\t{place}\t{module}\n");
    }

    /// Writes the ELF file.
    pub(crate) fn elf(&self) -> Vec<u8> {
        let mut memory = Memory(Vec::new());
        let families: Vec<_> = self.families.iter().map(|family| memory.family(family)).collect();
        let texts: Vec<_> = self
            .entries
            .iter()
            .map(|(path, to)| {
                let help = if let To::Text(help) = to { memory.text(help) } else { vec![] };
                (memory.text(path), memory.put(&help))
            })
            .collect();
        let families_at = memory.put(&families.concat());
        let mut entries = Vec::new();
        for ((path, text_at), (_, to)) in texts.iter().zip(&self.entries) {
            let (tag, index, target) = match *to {
                To::Series(index, family) => (at::TAG_SERIES, index, families_at + (family * at::FAMILY_SIZE) as u64),
                To::Nowhere => (at::TAG_SERIES, 0, BASE),
                To::Text(_) => (at::TAG_TEXT, 0, *text_at),
                To::Tag(tag) => (tag, 0, BASE),
            };
            entries.extend([path, &tag.to_le_bytes()[..], &index.to_le_bytes(), &target.to_le_bytes()].concat());
        }
        let families_end = families_at + (self.families.len() * at::FAMILY_SIZE) as u64;
        let entries_end = entries.len() + self.excess;
        entries.resize(entries_end, 0);
        let entries_at = memory.put(&entries);
        let values = [entries_at, entries_at + entries_end as u64, families_at, families_end];
        elf(&memory.0, &self.origins, self.symbols, values)
    }

    /// Writes the ELF file where a program can read it.
    pub(crate) fn file(&self, test: &str) -> PathBuf {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.elf"));
        std::fs::write(&path, self.elf()).expect("cargo's folder for tests is writable");
        path
    }
}

struct Memory(Vec<u8>);

impl Memory {
    /// Puts bytes at the next multiple of eight and gives their address.
    fn put(&mut self, bytes: &[u8]) -> u64 {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let address = BASE + self.0.len() as u64;
        self.0.extend_from_slice(bytes);
        address
    }

    /// Puts a text and gives the address and length that refer to it.
    fn text(&mut self, text: &str) -> Vec<u8> {
        let address = self.put(text.as_bytes());
        [address.to_le_bytes(), (text.len() as u64).to_le_bytes()].concat()
    }

    fn family(&mut self, family: &Family) -> Vec<u8> {
        let Family { name, help, kind, unit, series } = family;
        let header = self.text(&format!("# HELP {name} {help}\n# TYPE {name} {}\n", kind.type_name()));
        let texts: Vec<_> = series.iter().map(|text| self.text(text)).collect();
        let list_at = self.put(&texts.concat());
        let target = self.put(&[list_at.to_le_bytes(), (series.len() as u64).to_le_bytes()].concat());
        let tag = if series.is_empty() { 0 } else { at::SOURCE_COUNTERS };
        let lens = [(name.len() as u16).to_le_bytes(), (help.len() as u16).to_le_bytes()].concat();
        [&header[..], &[tag, 0], &lens, &[*kind as u8, *unit as u8], &target.to_le_bytes()].concat()
    }
}

/// One loaded segment, symbols, origins.
fn elf(memory: &[u8], origins: &str, names: [&str; 4], values: [u64; 4]) -> Vec<u8> {
    let section_names = "\0.symtab\0.strtab\0.ukstore.origins\0";
    let mut strings = vec![0];
    let mut symbols = vec![0; 24];
    for (name, value) in names.iter().zip(values) {
        // st_name, st_info (global), st_other, st_shndx (absolute), st_value, st_size.
        symbols.extend((strings.len() as u32).to_le_bytes());
        symbols.extend([0x10, 0, 0xf1, 0xff]);
        symbols.extend([value.to_le_bytes(), [0; 8]].concat());
        strings.extend([name.as_bytes(), &[0]].concat());
    }
    let mut file = vec![0; SEGMENT_AT];
    file.extend(memory);
    let mut headers = vec![0; 64];
    // Name, type (string table 3, symbols 2, data 1), contents, link, entry size. Symbols link to the second section.
    let sections: [(u32, u32, &[u8], u32, u64); 4] = [
        (9, 3, section_names.as_bytes(), 0, 0),
        (9, 3, &strings, 0, 0),
        (1, 2, &symbols, 2, 24),
        (17, 1, origins.as_bytes(), 0, 0),
    ];
    for (name, kind, contents, link, entry_size) in sections {
        let (offset, len) = (file.len() as u64, contents.len() as u64);
        headers.extend([name.to_le_bytes(), kind.to_le_bytes()].concat());
        headers.extend([0, 0, offset, len].map(u64::to_le_bytes).concat());
        headers.extend([link.to_le_bytes(), 1_u32.to_le_bytes()].concat());
        headers.extend([1, entry_size].map(u64::to_le_bytes).concat());
        file.extend(contents);
    }
    let headers_at = file.len() as u64;
    file.extend(headers);
    // Executable for x86-64; one program header at 64, five section headers, the first of them with the names.
    file[..24].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0");
    let addresses = [BASE, 64, headers_at].map(u64::to_le_bytes).concat();
    file[24..48].copy_from_slice(&addresses);
    let sizes = [64_u16, 56, 1, 64, 5, 1].map(u16::to_le_bytes).concat();
    file[52..64].copy_from_slice(&sizes);
    let len = memory.len() as u64;
    let load = [1 | 4 << 32, SEGMENT_AT as u64, BASE, BASE, len, len, 0x1000].map(u64::to_le_bytes).concat();
    file[64..120].copy_from_slice(&load);
    file
}
