//! Builds the symbol table that [`kernel_core::symbols`] describes and reads.

use crate::functions::Function;
use kernel_core::symbols::{HEADER_BYTES, MAGIC, MAX_NAME_BYTES};
use std::collections::HashMap;

/// Between two functions, less than this is padding and counts as the first one's; more is something without a name.
const PADDING_BYTES: u64 = 64;

/// The table of these functions, which are sorted by address, differ in it, and lie within 4 GiB.
pub(crate) fn build(functions: &[Function]) -> Vec<u8> {
    let base = functions.first().map_or(0, |function| function.start);
    let (mut offsets, mut places, mut names) = (Vec::new(), Vec::new(), Names::default());
    let mut entry = |address: u64, name: &str| {
        offsets.extend(word(address - base));
        places.extend(word(names.place(name)));
    };
    for (index, function) in functions.iter().enumerate() {
        entry(function.start, &function.name);
        let is_end = match functions.get(index + 1) {
            Some(next) => next.start >= function.end.saturating_add(PADDING_BYTES),
            None => true,
        };
        if is_end {
            entry(function.end, "");
        }
    }
    let len = HEADER_BYTES + offsets.len() + places.len() + names.bytes.len();
    let mut table = Vec::with_capacity(len);
    table.extend(MAGIC);
    table.extend((len as u64).to_le_bytes());
    table.extend(base.to_le_bytes());
    table.extend(word(offsets.len() as u64 / 4));
    table.extend(word(names.bytes.len() as u64));
    table.extend(offsets);
    table.extend(places);
    table.extend(names.bytes);
    table
}

fn word(number: u64) -> [u8; 4] {
    u32::try_from(number).expect("a kernel lies below 4 GiB, and its names fit there").to_le_bytes()
}

/// The names, each stored once.
#[derive(Default)]
struct Names {
    bytes: Vec<u8>,
    places: HashMap<String, u64>,
}

impl Names {
    fn place(&mut self, name: &str) -> u64 {
        let name = &name[..name.floor_char_boundary(MAX_NAME_BYTES)];
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        let place = self.bytes.len() as u64;
        self.bytes.push(name.len() as u8);
        self.bytes.extend(name.as_bytes());
        self.places.insert(name.into(), place);
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel_core::symbols::SymbolTable;

    fn function(start: u64, end: u64, name: &str) -> Function {
        Function { start, end, name: name.into() }
    }

    #[test]
    fn every_address_finds_its_function() {
        let functions = [
            function(0x10_0000, 0x10_0010, "_start"),
            function(0x10_0010, 0x10_0031, "a::b"),
            function(0x10_0040, 0x10_0050, "a::b"),
            function(0x10_1000, 0x10_1008, "c"),
        ];
        let bytes = build(&functions);
        let table = SymbolTable::parse(&bytes).expect("a table");
        for (address, found) in [
            (0xf_ffff, None),
            (0x10_0000, Some(("_start", 0))),
            (0x10_0030, Some(("a::b", 0x20))),
            (0x10_003f, Some(("a::b", 0x2f))), // padding
            (0x10_004f, Some(("a::b", 0xf))),
            (0x10_0050, None), // nothing known up to `c`
            (0x10_1007, Some(("c", 7))),
            (0x10_1008, None),
        ] {
            assert_eq!(table.lookup(address), found, "{address:#x}");
        }
        let count = |name: &[u8]| bytes.windows(name.len()).filter(|window| *window == name).count();
        assert_eq!(count(b"a::b"), 1, "equal names are stored once");
    }

    #[test]
    fn names_too_long_for_the_format_are_cut() {
        let bytes = build(&[function(1, 9, &"ü".repeat(200))]);
        let found = SymbolTable::parse(&bytes).and_then(|table| table.lookup(1));
        assert_eq!(found.map(|(name, _)| name.len()), Some(254));
    }
}
