//! The frame of an ELF file around a fixture's memory. Not for what is in the memory.

use super::{BASE, SEGMENT_AT};

/// One loaded segment, symbols, origins.
pub(super) fn elf(memory: &[u8], origins: &str, names: [&str; 4], values: [u64; 4]) -> Vec<u8> {
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
