//! The symbol table that `kernel_image` appends to the kernel, so that a backtrace has names: which function an address is
//! in, looked up where nothing else may work any more.
//!
//! # Format
//! All numbers little-endian, nothing aligned.
//! ```text
//! 0   magic            "UKSYMTAB"
//! 8   length      u64  of the whole table; 0 as long as only the linker's placeholder (these 16 bytes) stands there
//! 16  base        u64  address that offsets are counted from
//! 24  count       u32  entries
//! 28  names       u32  length of the names
//! 32  offsets     count * u32   sorted and unique: where each function begins
//!     name places count * u32   where its name is in the names
//!     names       each: length u8, UTF-8 text
//! ```
//! A name of length 0 marks the end of the function before it, where no other begins. Equal names are stored once.
//!
//! Not here: building the table (`kernel/image`) and walking the stack.

/// First bytes of a table.
pub const MAGIC: [u8; 8] = *b"UKSYMTAB";

/// Length of the placeholder that the linker script puts where the table goes: [`MAGIC`] and a length of 0.
pub const PLACEHOLDER_BYTES: usize = 16;

/// Length of the fixed part.
pub const HEADER_BYTES: usize = 32;

/// Longest name, in bytes.
pub const MAX_NAME_BYTES: usize = u8::MAX as usize;

/// The length in bytes of the table that begins like this; the [`PLACEHOLDER_BYTES`] first bytes tell. `None`: no table was put
/// there.
pub fn table_bytes(placeholder: &[u8]) -> Option<usize> {
    let (magic, len) = placeholder.split_first_chunk::<8>()?;
    let len = usize::try_from(u64::from_le_bytes(*len.first_chunk()?)).ok()?;
    (*magic == MAGIC && len >= HEADER_BYTES).then_some(len)
}

/// A symbol table. Holding one proves that its parts are where its header says; what they say is checked at each lookup, so
/// that nothing here panics.
#[derive(Clone, Copy, Debug)]
pub struct SymbolTable<'a> {
    base: u64,
    offsets: &'a [[u8; 4]],
    name_places: &'a [[u8; 4]],
    names: &'a [u8],
}

impl<'a> SymbolTable<'a> {
    /// Reads the header. `bytes` may be longer than the table. `None`: not a table.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let len = table_bytes(bytes)?;
        let (header, rest) = bytes.get(..len)?.split_first_chunk::<HEADER_BYTES>()?;
        let (_, header) = header.split_first_chunk::<PLACEHOLDER_BYTES>()?;
        let (base, header) = header.split_first_chunk::<8>()?;
        let (count, header) = header.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let names_len = usize::try_from(u32::from_le_bytes(*header.first_chunk()?)).ok()?;
        let (offsets, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
        let (name_places, names) = rest.split_at_checked(count.checked_mul(4)?)?;
        (names.len() == names_len).then_some(Self {
            base: u64::from_le_bytes(*base),
            offsets: offsets.as_chunks().0,
            name_places: name_places.as_chunks().0,
            names,
        })
    }

    /// The function that `address` is in, and how far in. `None`: no known function.
    ///
    /// A return address may lie behind its function's last instruction (a call that never returns): look up one less.
    pub fn lookup(&self, address: u64) -> Option<(&'a str, u64)> {
        let offset = u32::try_from(address.checked_sub(self.base)?).ok()?;
        let after = self.offsets.partition_point(|&start| u32::from_le_bytes(start) <= offset);
        let index = after.checked_sub(1)?;
        let start = u32::from_le_bytes(*self.offsets.get(index)?);
        let place = usize::try_from(u32::from_le_bytes(*self.name_places.get(index)?)).ok()?;
        let (&len, names) = self.names.get(place..)?.split_first()?;
        let name = core::str::from_utf8(names.get(..len.into())?).ok()?;
        (!name.is_empty()).then_some((name, u64::from(offset - start)))
    }

    /// Number of entries, ends included.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// `start` at 0x1000, `main` at 0x1010 up to 0x1030.
    fn table() -> Vec<u8> {
        let mut table = Vec::from(*b"UKSYMTAB\x44\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\x03\0\0\0\x0c\0\0\0");
        for number in [0u32, 0x10, 0x30, 0, 6, 11] {
            table.extend(number.to_le_bytes());
        }
        table.extend(b"\x05start\x04main\0");
        table
    }

    #[test]
    fn addresses_have_names() {
        let bytes = table();
        let table = SymbolTable::parse(&bytes).expect("a table");
        assert_eq!((table.len(), table.is_empty()), (3, false));
        for (address, found) in [
            (0xfff, None),
            (0x1000, Some(("start", 0))),
            (0x100f, Some(("start", 15))),
            (0x1010, Some(("main", 0))),
            (0x102f, Some(("main", 31))),
            (0x1030, None),
            (u64::MAX, None),
        ] {
            assert_eq!(table.lookup(address), found, "{address:#x}");
        }
    }

    #[test]
    fn a_placeholder_is_no_table() {
        assert_eq!(table_bytes(b"UKSYMTAB\0\0\0\0\0\0\0\0"), None);
        assert_eq!(table_bytes(b"UKSYMTAB\x20\0\0\0\0\0\0\0"), Some(32));
        assert!(SymbolTable::parse(b"UKSYMTAB\0\0\0\0\0\0\0\0").is_none());
        assert!(SymbolTable::parse(&[]).is_none());
    }

    proptest! {
        /// A table that is cut or damaged is refused or answers something; it never panics.
        #[test]
        fn damage_does_not_panic(
            damage in prop::collection::vec((8usize..68, any::<u8>()), 0..6), len in 0usize..=68, address in 0xf00u64..0x1100,
        ) {
            let mut bytes = table();
            prop_assert_eq!(bytes.len(), 68);
            for (index, value) in damage {
                bytes[index] = value;
            }
            bytes.truncate(len);
            if let Some(table) = SymbolTable::parse(&bytes) {
                let _answer = table.lookup(address);
            }
        }
    }
}
