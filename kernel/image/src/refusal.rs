//! Why a linked file cannot become an image, in words for whoever changed the linker script or the target.

use std::fmt;

/// What is wrong with the linked file. Addresses say which segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The file is no 64-bit little-endian ELF, or is damaged.
    Elf(object::read::Error),
    /// For another machine, or not an executable with fixed addresses.
    NotStatic,
    /// Has a segment that only an operating system's loader can handle.
    NeedsLoader,
    /// No ELF note says where a PVH loader enters.
    NoEntryNote,
    /// The PVH entry is in no executable segment.
    EntryNotCode(u64),
    /// A segment's contents lie outside the file, or are longer than the segment.
    Contents(u64),
    /// A segment reaches 4 GiB, where neither the 32-bit entry code nor the table's offsets reach.
    TooHigh(u64),
    /// A segment would be loaded elsewhere than it was linked for.
    LoadedElsewhere(u64),
    /// A segment overlaps the one before it.
    Overlaps(u64),
    /// A segment is writable and executable.
    WritableCode(u64),
    /// The last segment is not the read-only placeholder for the symbol table.
    NoPlaceholder,
    /// The placeholder has been filled before.
    HasTable,
    /// There are no function symbols to name.
    NoFunctions,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf(error) => write!(f, "not a 64-bit little-endian ELF file: {error}"),
            Self::NotStatic => f.write_str("not a static x86-64 executable (is `relocation-model` still static?)"),
            Self::NeedsLoader => f.write_str("has dynamic, interpreter or thread-local segments, which nothing here loads"),
            Self::NoEntryNote => f.write_str("no PVH entry: an ELF note named `Xen` of type 18 is missing"),
            Self::EntryNotCode(at) => write!(f, "the PVH entry {at:#x} is in no executable segment"),
            Self::Contents(at) => write!(f, "the segment at {at:#x} has contents beyond the file or its own end"),
            Self::TooHigh(at) => write!(f, "the segment at {at:#x} does not end below 4 GiB"),
            Self::LoadedElsewhere(at) => write!(f, "the segment at {at:#x} has another physical address"),
            Self::Overlaps(at) => write!(f, "the segment at {at:#x} overlaps the one before it"),
            Self::WritableCode(at) => write!(f, "the segment at {at:#x} is both writable and executable"),
            Self::NoPlaceholder => f.write_str(
                "the last segment must be read-only and hold just the placeholder of the symbol table (`UKSYMTAB` and 8 zeros)",
            ),
            Self::HasTable => f.write_str("has a symbol table already: give the linker's output, not an image"),
            Self::NoFunctions => f.write_str("has no function symbols: was it stripped?"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<object::read::Error> for Refusal {
    fn from(error: object::read::Error) -> Self {
        Self::Elf(error)
    }
}
