//! The ELF file as memory: what a linked kernel has at an address. Not for what the bytes mean.

use std::fmt;

use object::LittleEndian;
use object::elf::{FileHeader64, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

/// Why the file could not be read. Each says what the build should mend.
#[derive(Debug)]
pub(crate) enum Error {
    /// It is no 64-bit little-endian ELF file: name the linked kernel.
    NotElf(object::Error),
    /// A symbol the linker script defines is missing: check an unstripped kernel.
    NoSymbol(&'static str),
    /// Records point outside the file's loaded segments: the linker script lost something.
    NotLoaded(u64),
    /// A text is not UTF-8: the records are laid out otherwise than in `ukstore::layout`.
    NotText(u64),
    /// A table is no whole number of records long.
    NotWhole(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotElf(error) => write!(out, "not a linked kernel: {error}"),
            Self::NoSymbol(name) => write!(out, "no symbol {name}: give the kernel as it was linked, not stripped"),
            Self::NotLoaded(address) => write!(out, "nothing is loaded at {address:#x}, where a record points"),
            Self::NotText(address) => write!(out, "no text at {address:#x}, where a record has one"),
            Self::NotWhole(table) => write!(out, "the table of {table} is no whole number of records long"),
        }
    }
}

impl From<object::Error> for Error {
    fn from(error: object::Error) -> Self {
        Self::NotElf(error)
    }
}

/// A linked ELF file.
pub(crate) struct Image<'a> {
    bytes: &'a [u8],
    header: &'a FileHeader64<LittleEndian>,
}

const ENDIAN: LittleEndian = LittleEndian;

impl<'a> Image<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let header = FileHeader64::<LittleEndian>::parse(bytes)?;
        header.endian()?;
        Ok(Self { bytes, header })
    }

    /// The address of a symbol.
    pub(crate) fn symbol(&self, wanted: &'static str) -> Result<u64, Error> {
        let sections = self.header.sections(ENDIAN, self.bytes)?;
        let symbols = sections.symbols(ENDIAN, self.bytes, object::elf::SHT_SYMTAB)?;
        for symbol in symbols.iter() {
            if symbols.symbol_name(ENDIAN, symbol)? == wanted.as_bytes() {
                return Ok(symbol.st_value.get(ENDIAN));
            }
        }
        Err(Error::NoSymbol(wanted))
    }

    /// What a section holds, loaded or not; nothing if there is no such section.
    pub(crate) fn section(&self, name: &str) -> Result<&'a [u8], Error> {
        let sections = self.header.sections(ENDIAN, self.bytes)?;
        match sections.section_by_name(ENDIAN, name.as_bytes()) {
            Some((_, section)) => Ok(section.data(ENDIAN, self.bytes)?),
            None => Ok(&[]),
        }
    }

    /// The bytes at an address, as the file has them.
    pub(crate) fn memory(&self, address: u64, len: u64) -> Result<&'a [u8], Error> {
        for segment in self.header.program_headers(ENDIAN, self.bytes)? {
            let offset = address.checked_sub(segment.p_vaddr(ENDIAN));
            if let (PT_LOAD, Some(start)) = (segment.p_type(ENDIAN), offset) {
                let data = segment.data(ENDIAN, self.bytes).unwrap_or_default();
                let end = usize::try_from(start.saturating_add(len)).unwrap_or(usize::MAX);
                if let Some(bytes) = usize::try_from(start).ok().and_then(|start| data.get(start..end)) {
                    return Ok(bytes);
                }
            }
        }
        Err(Error::NotLoaded(address))
    }

    /// The text a record has at `at`: an address and a length. The address of an empty one means nothing.
    pub(crate) fn text(&self, record: &[u8], at: usize) -> Result<&'a str, Error> {
        let (address, len) = (number(record, at, 8), number(record, at + 8, 8));
        if len == 0 {
            return Ok("");
        }
        std::str::from_utf8(self.memory(address, len)?).map_err(|_| Error::NotText(address))
    }
}

/// The number of `len` bytes a record has at `at`.
pub(crate) fn number(record: &[u8], at: usize, len: usize) -> u64 {
    record[at..at + len].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}
