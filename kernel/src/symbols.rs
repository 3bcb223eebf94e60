//! The names of the kernel's own functions: the table `kernel_image` appends to the image.
#![expect(unsafe_code, reason = "a table the linker script places")]

use kernel_core::symbols::{self, PLACEHOLDER_BYTES, SymbolTable};

unsafe extern "C" {
    static __symbols_start: u8;
}

/// The table's length in bytes; just the placeholder's in an image without names.
pub(crate) fn table_bytes() -> usize {
    // SAFETY: the linker script places a placeholder of this length there.
    let placeholder = unsafe { &*(&raw const __symbols_start).cast::<[u8; PLACEHOLDER_BYTES]>() };
    symbols::table_bytes(placeholder).unwrap_or(PLACEHOLDER_BYTES)
}

/// The function an address is in and how far in; `None` without a table.
pub(crate) fn lookup(address: usize) -> Option<(&'static str, usize)> {
    // SAFETY: `kernel_image` wrote this many bytes there, in a segment that is mapped read-only.
    let table = unsafe { core::slice::from_raw_parts(&raw const __symbols_start, table_bytes()) };
    SymbolTable::parse(table)?.lookup(address as u64).map(|(name, offset)| (name, offset as usize))
}
