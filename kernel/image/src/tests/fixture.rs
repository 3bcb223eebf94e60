//! Linked files for tests, written field by field from the ELF specification, so that a mistake in reading or writing one
//! does not cancel out.

use object::elf::{PT_LOAD, PT_NOTE};

pub(crate) const R: u32 = 4;
pub(crate) const W: u32 = 2;
pub(crate) const X: u32 = 1;

pub(crate) const CODE: u64 = 0x10_0000;
pub(crate) const CONSTANTS: u64 = 0x10_1000;
pub(crate) const DATA: u64 = 0x10_2000;
pub(crate) const TABLE: u64 = 0x10_5000;
pub(crate) const PLACEHOLDER: &[u8] = b"UKSYMTAB\0\0\0\0\0\0\0\0";

/// One segment. Those with the address of an earlier one share its place in the file, as notes do.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) kind: u32,
    pub(crate) flags: u32,
    pub(crate) address: u64,
    pub(crate) loaded_at: u64,
    pub(crate) contents: Vec<u8>,
    pub(crate) zeroed: u64,
}

pub(crate) fn segment(kind: u32, flags: u32, address: u64, contents: &[u8]) -> Segment {
    Segment { kind, flags, address, loaded_at: address, contents: contents.into(), zeroed: 0 }
}

/// A linked file in parts.
#[derive(Clone)]
pub(crate) struct Fixture {
    /// `e_type`: 2 is an executable with fixed addresses, 3 one that can be loaded anywhere.
    pub(crate) kind: u64,
    pub(crate) machine: u64,
    pub(crate) segments: Vec<Segment>,
    /// Name, address, size and type (2 is a function) of each symbol.
    pub(crate) symbols: Vec<(&'static str, u64, u64, u64)>,
}

/// The PVH note: length of its name and description, type, name, description.
pub(crate) fn note(name: &[u8; 4], kind: u8, entry: &[u8]) -> Vec<u8> {
    [&[4, 0, 0, 0, entry.len() as u8, 0, 0, 0, kind, 0, 0, 0][..], name, entry].concat()
}

/// A kernel as the linker script makes it, the note at the beginning of the constants.
pub(crate) fn kernel() -> Fixture {
    let note = note(b"Xen\0", 18, &(CODE as u32 + 16).to_le_bytes());
    let mut segments = vec![
        segment(PT_LOAD.0, R | X, CODE, &[0xf4; 100]),
        segment(PT_LOAD.0, R, CONSTANTS, &[&note[..], b"constants"].concat()),
        segment(PT_LOAD.0, R | W, DATA, b"data"),
        segment(PT_LOAD.0, R, TABLE, PLACEHOLDER),
        segment(PT_NOTE.0, R, CONSTANTS, &note),
    ];
    segments[2].zeroed = 0x2000;
    let symbols = vec![
        ("_start", CODE, 0, 2),
        ("_ZN4main4work17h0123456789abcdefE", CODE + 16, 50, 2),
        ("a_label", CODE + 20, 0, 0),
        ("DATA", DATA, 4, 1),
    ];
    Fixture { kind: 2, machine: 62, segments, symbols }
}

/// Numbers with their lengths in bytes.
fn fields(numbers: &[(u64, usize)]) -> Vec<u8> {
    numbers.iter().flat_map(|(number, len)| number.to_le_bytes().into_iter().take(*len)).collect()
}

impl Fixture {
    /// The file: headers, segments at page boundaries with junk between, symbols, strings, section headers.
    pub(crate) fn link(&self) -> Vec<u8> {
        let mut file = vec![0; 64 + 56 * self.segments.len()];
        let mut program_headers = Vec::new();
        let mut places: Vec<(u64, u64)> = Vec::new();
        for segment in &self.segments {
            let shared = places.iter().find(|(address, _)| *address == segment.address);
            let offset = shared.map(|(_, offset)| *offset).unwrap_or_else(|| {
                file.resize(file.len().next_multiple_of(4096), 0xee);
                file.extend(&segment.contents);
                (file.len() - segment.contents.len()) as u64
            });
            places.push((segment.address, offset));
            let len = segment.contents.len() as u64;
            program_headers.extend(fields(&[
                (segment.kind.into(), 4),
                (segment.flags.into(), 4),
                (offset, 8),
                (segment.address, 8),
                (segment.loaded_at, 8),
                (len, 8),
                (len.wrapping_add(segment.zeroed), 8),
                (if segment.kind == PT_NOTE.0 { 4 } else { 4096 }, 8),
            ]));
        }
        let (mut symbols, mut strings) = (vec![0; 24], vec![0]);
        for &(name, address, size, kind) in &self.symbols {
            symbols.extend(fields(&[(strings.len() as u64, 4), (kind, 1), (0, 1), (1, 2), (address, 8), (size, 8)]));
            strings.extend(name.bytes().chain([0]));
        }
        let symbols_at = file.len() as u64;
        file.extend(&symbols);
        let strings_at = file.len() as u64;
        file.extend(&strings);
        let sections_at = file.len() as u64;
        for (kind, offset, len, link, entry) in
            [(0, 0, 0, 0, 0), (2, symbols_at, symbols.len() as u64, 2, 24), (3, strings_at, strings.len() as u64, 0, 0)]
        {
            let (name, flags, address, info, align) = ((0, 4), (0, 8), (0, 8), (1, 4), (1, 8));
            file.extend(fields(&[
                name,
                (kind, 4),
                flags,
                address,
                (offset, 8),
                (len, 8),
                (link, 4),
                info,
                align,
                (entry, 8),
            ]));
        }
        let header = [
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
            fields(&[(self.kind, 2), (self.machine, 2), (1, 4), (CODE, 8), (64, 8), (sections_at, 8), (0, 4)]),
            fields(&[(64, 2), (56, 2), (self.segments.len() as u64, 2), (64, 2), (3, 2), (2, 2)]),
        ]
        .concat();
        let front = [header, program_headers].concat();
        file[..front.len()].copy_from_slice(&front);
        file
    }
}
