//! Where the fields of the two tables' records lie, for the build's check, which reads them from a file.
//! The assertions below tie these numbers to the types; nothing here is used at run time.

use core::mem::{offset_of, size_of};

use super::{Entry, Family};

/// Size of one entry. All numbers here are bytes; a text is an address and a length, eight bytes each.
pub const ENTRY_SIZE: usize = 32;
/// The path, a text.
pub const ENTRY_PATH: usize = 0;
/// Four bytes: one of the `TAG_` numbers.
pub const ENTRY_TAG: usize = 16;
/// Address of the family or the record; none for [`TAG_SOURCES`].
pub const ENTRY_TARGET: usize = 24;

/// The entry is the series of a family.
pub const TAG_FAMILY: u32 = 0;
/// The entry is words; its record begins with the help, a text.
pub const TAG_TEXT: u32 = 1;
/// The entry is a class of objects; its record begins with the help, a text.
pub const TAG_CLASS: u32 = 2;
/// The entry is a group; its record begins with the help, a text.
pub const TAG_GROUP: u32 = 3;
/// The entry is a setting; its record begins with the help, a text.
pub const TAG_SETTING: u32 = 4;
/// The entry is the directory of the sources' switches.
pub const TAG_SOURCES: u32 = 5;

/// Size of one family.
pub const FAMILY_SIZE: usize = 32;
/// The joined text: `# HELP name help\n# TYPE name type\n` and the name of the source.
pub const FAMILY_HEADER: usize = 0;
/// One byte: where its samples come from.
pub const FAMILY_TAG: usize = 16;
/// Two bytes: length of the name, which begins at [`HEADER_NAME`] in the header.
pub const FAMILY_NAME_LEN: usize = 18;
/// Two bytes: length of the help, which begins one byte after the name.
pub const FAMILY_HELP_LEN: usize = 20;
/// One byte: [`Kind`](crate::Kind).
pub const FAMILY_KIND: usize = 22;
/// One byte: [`Unit`](crate::Unit).
pub const FAMILY_UNIT: usize = 23;

/// Address of what the samples come from.
pub const FAMILY_TARGET: usize = 24;

/// The record at [`FAMILY_TARGET`] begins with its series' prefixes: address and count of a list of texts.
pub const SOURCE_COUNTERS: u8 = 4;
/// As [`SOURCE_COUNTERS`].
pub const SOURCE_GAUGES: u8 = 5;
/// As [`SOURCE_COUNTERS`].
pub const SOURCE_HISTOGRAM: u8 = 6;
/// As [`SOURCE_COUNTERS`].
pub const SOURCE_STATES: u8 = 7;

/// Where the name begins in a family's header.
pub const HEADER_NAME: usize = 7;

/// The symbols around the tables, in the order entries' start and end, families' start and end.
pub const SYMBOLS: [&str; 4] =
    ["__ukstore_entries_start", "__ukstore_entries_end", "__ukstore_families_start", "__ukstore_families_end"];

/// The section, not loaded, that says where each record was declared. One line of text for each, five fields
/// separated by tabs: `entry` or `family`, path or name, file, line number, module path, and for a family two more: the
/// path its series are at, and its labels as the declaration has them.
pub const ORIGINS_SECTION: &str = ".ukstore.origins";

const _: () = {
    assert!(size_of::<Entry>() == ENTRY_SIZE);
    assert!(size_of::<Family>() == FAMILY_SIZE);
    assert!(size_of::<&str>() == 16);
    assert!(offset_of!(super::Meta, name_len) + 2 == FAMILY_NAME_LEN - FAMILY_TAG);
    assert!(offset_of!(super::Meta, help_len) + 2 == FAMILY_HELP_LEN - FAMILY_TAG);
    assert!(offset_of!(super::Meta, kind) + 2 == FAMILY_KIND - FAMILY_TAG);
    assert!(offset_of!(super::Meta, unit) + 2 == FAMILY_UNIT - FAMILY_TAG);
};
