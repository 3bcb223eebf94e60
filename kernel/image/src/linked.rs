//! The linker's output, read and checked.

use crate::refusal::Refusal;
use kernel_core::symbols::{MAGIC, PLACEHOLDER_BYTES};
use object::LittleEndian as LE;
use object::elf::{
    EM_X86_64, ET_EXEC, FileHeader64, PF_W, PF_X, PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_NOTE, PT_TLS, ProgramHeader64,
};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};

/// Type of the note that holds the address of the 32-bit PVH entry (Xen `public/elfnote.h`, `XEN_ELFNOTE_PHYS32_ENTRY`).
const PHYS32_ENTRY: u32 = 18;

/// One load segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load<'a> {
    pub(crate) header: &'a ProgramHeader64<LE>,
    pub(crate) contents: &'a [u8],
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Load<'_> {
    pub(crate) fn is_writable(&self) -> bool {
        self.header.p_flags(LE).contains(PF_W)
    }

    pub(crate) fn is_executable(&self) -> bool {
        self.header.p_flags(LE).contains(PF_X)
    }

    pub(crate) fn contains(&self, address: u64) -> bool {
        (self.start..self.end).contains(&address)
    }
}

/// A linked kernel. Holding one proves that every check of [`Refusal`] but the one for functions has passed.
pub(crate) struct Linked<'a> {
    pub(crate) file: ElfFile64<'a, LE>,
    pub(crate) header: &'a FileHeader64<LE>,
    /// In the order of their addresses; the last is the symbol table's placeholder.
    pub(crate) loads: Vec<Load<'a>>,
    pub(crate) notes: Vec<(&'a ProgramHeader64<LE>, &'a [u8])>,
}

impl<'a> Linked<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let file = ElfFile64::<LE>::parse(bytes)?;
        let header = file.elf_header();
        if header.e_machine(LE) != EM_X86_64 || header.e_type(LE) != ET_EXEC {
            return Err(Refusal::NotStatic);
        }
        let (mut loads, mut notes) = (Vec::new(), Vec::new());
        for segment in file.elf_program_headers() {
            let start = segment.p_vaddr(LE);
            let contents = segment.data(LE, bytes).map_err(|()| Refusal::Contents(start))?;
            match segment.p_type(LE) {
                PT_LOAD if segment.p_memsz(LE) == 0 => {}
                PT_LOAD => loads.push(load(segment, contents)?),
                PT_NOTE => notes.push((segment, contents)),
                PT_DYNAMIC | PT_INTERP | PT_TLS => return Err(Refusal::NeedsLoader),
                // Marks for other loaders (PT_GNU_STACK and the like) are left out of the image.
                _ => {}
            }
        }
        loads.sort_by_key(|load| load.start);
        let linked = Self { file, header, loads, notes };
        linked.check(bytes)?;
        Ok(linked)
    }

    fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        if let Some(pair) = self.loads.windows(2).find(|pair| pair[0].end > pair[1].start) {
            return Err(Refusal::Overlaps(pair[1].start));
        }
        let entry = self.entry(bytes)?.ok_or(Refusal::NoEntryNote)?;
        if !self.loads.iter().any(|load| load.is_executable() && load.contains(entry)) {
            return Err(Refusal::EntryNotCode(entry));
        }
        let last = self.loads.last().ok_or(Refusal::NoPlaceholder)?;
        match last.contents.split_first_chunk::<8>() {
            Some((&MAGIC, rest)) if !last.is_writable() && !last.is_executable() => {
                let is_empty = last.contents.len() == PLACEHOLDER_BYTES && rest.iter().all(|&byte| byte == 0);
                if is_empty && last.end - last.start == PLACEHOLDER_BYTES as u64 {
                    Ok(())
                } else {
                    Err(Refusal::HasTable)
                }
            }
            _ => Err(Refusal::NoPlaceholder),
        }
    }

    /// The address in the PVH note.
    fn entry(&self, bytes: &[u8]) -> Result<Option<u64>, Refusal> {
        for (segment, _) in &self.notes {
            let Some(mut notes) = segment.notes(LE, bytes)? else { continue };
            while let Some(note) = notes.next()? {
                if note.name() == b"Xen" && note.n_type(LE).0 == PHYS32_ENTRY {
                    // 4 or 8 bytes; Xen and QEMU take either.
                    let desc = note.desc();
                    let wide = desc.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
                    let narrow = desc.first_chunk().map(|bytes| u32::from_le_bytes(*bytes).into());
                    return Ok(wide.or(narrow));
                }
            }
        }
        Ok(None)
    }
}

fn load<'a>(header: &'a ProgramHeader64<LE>, contents: &'a [u8]) -> Result<Load<'a>, Refusal> {
    let (start, len) = (header.p_vaddr(LE), header.p_memsz(LE));
    if header.p_filesz(LE) > len {
        return Err(Refusal::Contents(start));
    }
    let end = start.checked_add(len).filter(|&end| end < 1 << 32).ok_or(Refusal::TooHigh(start))?;
    let load = Load { header, contents, start, end };
    if header.p_paddr(LE) != start {
        Err(Refusal::LoadedElsewhere(start))
    } else if load.is_writable() && load.is_executable() {
        Err(Refusal::WritableCode(start))
    } else {
        Ok(load)
    }
}
