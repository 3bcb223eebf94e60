//! Writes the image: ELF header, program headers, contents.

use crate::linked::{Linked, Load};
use object::LittleEndian as LE;
use object::elf::{FileHeader64, ProgramHeader64, SHN_UNDEF};
use object::pod::bytes_of;
use object::read::elf::ProgramHeader;
use object::{U16, U64};

/// Larger alignments (huge pages) would only make the file larger.
const PAGE_BYTES: u64 = 4096;

/// The image of `linked`, its last segment being `table`.
pub(crate) fn build(linked: &Linked<'_>, table: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    let count = linked.loads.len() + linked.notes.len();
    let mut image = vec![0; size_of::<FileHeader64<LE>>() + count * size_of::<ProgramHeader64<LE>>()];

    let mut load_offsets = Vec::new();
    for (index, load) in linked.loads.iter().enumerate() {
        let is_last = index + 1 == linked.loads.len();
        let contents = if is_last { table } else { load.contents };
        let offset = append(&mut image, load, contents);
        let mut header = *load.header;
        header.p_offset = U64::new(LE, offset);
        header.p_filesz = U64::new(LE, contents.len() as u64);
        if is_last {
            header.p_memsz = U64::new(LE, table.len() as u64);
        }
        headers.push(header);
        load_offsets.push(offset);
    }
    for (note, contents) in &linked.notes {
        let mut header = **note;
        // Notes are usually part of a load segment, and need not be in the image twice.
        let home = linked.loads.iter().zip(&load_offsets).find(|(load, _)| holds(load, note));
        let offset = match home {
            Some((load, offset)) => offset + (note.p_offset(LE) - load.header.p_offset(LE)),
            None => {
                image.resize(image.len().next_multiple_of(4), 0);
                image.extend_from_slice(contents);
                (image.len() - contents.len()) as u64
            }
        };
        header.p_offset = U64::new(LE, offset);
        headers.push(header);
    }

    let mut header = *linked.header;
    header.e_phoff = U64::new(LE, size_of::<FileHeader64<LE>>() as u64);
    header.e_phnum = U16::new(LE, count as u16);
    header.e_shoff = U64::new(LE, 0);
    header.e_shnum = U16::new(LE, 0);
    header.e_shstrndx = U16::new(LE, SHN_UNDEF);
    let mut front = bytes_of(&header).to_vec();
    front.extend(headers.iter().flat_map(bytes_of));
    image[..front.len()].copy_from_slice(&front);
    image
}

/// Appends a segment's contents where a loader that maps pages can use them: file offset and address leave the same
/// remainder by the alignment (ELF specification, program header). Returns the offset.
fn append(image: &mut Vec<u8>, load: &Load<'_>, contents: &[u8]) -> u64 {
    let align = load.header.p_align(LE).clamp(1, PAGE_BYTES);
    let end = image.len() as u64;
    let offset = if contents.is_empty() { end } else { end + (load.start % align + align - end % align) % align };
    image.resize(offset as usize, 0);
    image.extend_from_slice(contents);
    offset
}

fn holds(load: &Load<'_>, note: &ProgramHeader64<LE>) -> bool {
    let (at, len) = load.header.file_range(LE);
    let (note_at, note_len) = note.file_range(LE);
    at <= note_at && note_at.saturating_add(note_len) <= at.saturating_add(len)
}

/// One line on what is in the image.
pub(crate) fn summary(linked: &Linked<'_>, image: &[u8], functions: usize, table: &[u8]) -> String {
    let (mut code, mut constants, mut data, mut zeroed) = (0, 0, 0, 0);
    for load in &linked.loads[..linked.loads.len() - 1] {
        let kind = match (load.is_executable(), load.is_writable()) {
            (true, _) => &mut code,
            (_, true) => &mut data,
            _ => &mut constants,
        };
        *kind += load.contents.len();
        zeroed += load.end - load.start - load.contents.len() as u64;
    }
    format!(
        "{} bytes (code {code}, constants {constants}, data {data}, zeroed {zeroed}; {functions} function names in {})",
        image.len(),
        table.len()
    )
}
