//! Where the fields of the two tables' records lie, for the build's check, which reads them from a file.
//! Assertions below, and beside the types whose fields are private, tie these numbers to the types; nothing here is used
//! at run time.

use core::mem::{offset_of, size_of};

use super::{Entry, Family, Field, FieldLabel, TextRecord};
use crate::GroupRecord;
use crate::object::{ClassRecord, FieldRead};
use crate::setting::SettingRecord;
use crate::source::{Cells, Counter, Histogram, Info, LabelValue, States};

/// Size of one entry. All numbers here are bytes; a text is an address and a length, eight bytes each.
pub const ENTRY_SIZE: usize = 32;
/// The path, a text.
pub const ENTRY_PATH: usize = 0;
/// Four bytes: one of the `TAG_` numbers.
pub const ENTRY_TAG: usize = 16;
/// Address of the family or the record; none for [`TAG_SOURCES`] and [`TAG_TAGS`].
pub const ENTRY_TARGET: usize = 24;

/// The entry is the series of a family.
pub const TAG_FAMILY: u32 = 0;
/// The entry is words; as with all that follow, its record begins with the help, a text.
pub const TAG_TEXT: u32 = 1;
/// The entry is a class of objects; see the numbers that begin with `CLASS_`.
pub const TAG_CLASS: u32 = 2;
/// The entry is a group; see the numbers that begin with `GROUP_`.
pub const TAG_GROUP: u32 = 3;
/// The entry is a setting; see the numbers that begin with `SETTING_`.
pub const TAG_SETTING: u32 = 4;
/// The entry is the directory of the sources' switches.
pub const TAG_SOURCES: u32 = 5;
/// The entry is the directory of the tags' switches.
pub const TAG_TAGS: u32 = 6;

/// Size of one family.
pub const FAMILY_SIZE: usize = 32;
/// The joined text, which begins `# HELP name help\n`.
pub const FAMILY_HEADER: usize = 0;
/// One byte: where its samples come from.
pub const FAMILY_TAG: usize = 16;
/// One byte: length of the name, which begins at [`HEADER_NAME`] in the header.
pub const FAMILY_NAME_LEN: usize = 18;
/// One byte: one of the `NATURE_` numbers.
pub const FAMILY_NATURE: usize = 19;
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
/// The record at [`FAMILY_TARGET`] is an info.
pub const SOURCE_INFO: u8 = 8;
/// The series are found when read.
pub const SOURCE_LIST: u8 = 11;
/// It is a field's that no exposition has.
pub const SOURCE_UNTOLD: u8 = 12;
/// As [`SOURCE_COUNTERS`].
pub const SOURCE_PROMPTS: u8 = 13;

/// The metric is measured.
pub const NATURE_REAL: u8 = 0;
/// The metric is always zero: the machine has nothing of the kind.
pub const NATURE_ZERO: u8 = 1;

/// Where an info's labels are: address and count.
pub const INFO_LABELS: usize = 16;

/// The label that carries an object's name, a text; empty if the class has no series.
pub const CLASS_LABEL: usize = 32;
/// A class's fields: address and count.
pub const CLASS_FIELDS: usize = 48;
/// A group's fields: address and count.
pub const GROUP_FIELDS: usize = 32;

/// Size of one field of a class or a group.
pub const FIELD_SIZE: usize = 32;
/// Its name in the tree, a text.
pub const FIELD_NAME: usize = 0;
/// Address of its own label, or 0.
pub const FIELD_LABEL: usize = 16;
/// Address of its family, which is in the table, or of [`SOURCE_UNTOLD`] and in no table.
pub const FIELD_FAMILY: usize = 24;
/// Size of a field's own label, which begins with the label's name, a text.
pub const LABEL_SIZE: usize = 48;
/// The label's values: address and count of a list of texts.
pub const LABEL_VALUES: usize = 16;

/// One byte: [`Unit`](crate::Unit).
pub const SETTING_UNIT: usize = 16;
/// One byte: whether to set it is to do harm on purpose.
pub const SETTING_FAULT: usize = 17;
/// Address of the family that tells its value, or 0.
pub const SETTING_FAMILY: usize = 24;

/// Sizes of the records in read-only memory that entries and families lead to, for the report of what an entry costs:
/// words, classes, groups, settings.
pub const RECORD_SIZES: [usize; 4] =
    [size_of::<TextRecord>(), size_of::<ClassRecord>(), size_of::<GroupRecord>(), size_of::<SettingRecord>()];
/// The same: labelled cells, histograms without their buckets' bounds, state sets, infos without their labels.
pub const SOURCE_SIZES: [usize; 4] =
    [size_of::<Cells<Counter>>(), size_of::<Histogram>(), size_of::<States>(), size_of::<Info>()];
/// The same: one label of an info.
pub const INFO_LABEL_SIZE: usize = size_of::<(&str, LabelValue)>();
/// The same: how a field is read, which lies apart from the field.
pub const FIELD_READ_SIZE: usize = size_of::<FieldRead<()>>();

/// Where the name begins in a family's header.
pub const HEADER_NAME: usize = 7;

/// The symbols around the tables, in the order entries' start and end, families' start and end.
pub const SYMBOLS: [&str; 4] =
    ["__ukstore_entries_start", "__ukstore_entries_end", "__ukstore_families_start", "__ukstore_families_end"];

/// The section, not loaded, that says where each record was declared. One line of text for each, five fields
/// separated by tabs: `entry` or `family`, path or name, file, line number, module path, and for a family two more: the
/// path its series are at, and its labels, separated by spaces, each perhaps followed by its values: `level=info=error`.
pub const ORIGINS_SECTION: &str = ".ukstore.origins";

const _: () = {
    assert!(size_of::<Entry>() == ENTRY_SIZE);
    assert!(size_of::<Family>() == FAMILY_SIZE);
    assert!(size_of::<Field>() == FIELD_SIZE);
    assert!(size_of::<FieldLabel>() == LABEL_SIZE);
    assert!(size_of::<&str>() == 16);
    assert!(offset_of!(super::Meta, name_len) + 2 == FAMILY_NAME_LEN - FAMILY_TAG);
    assert!(offset_of!(super::Meta, nature) + 2 == FAMILY_NATURE - FAMILY_TAG);
    assert!(offset_of!(super::Meta, help_len) + 2 == FAMILY_HELP_LEN - FAMILY_TAG);
    assert!(offset_of!(super::Meta, kind) + 2 == FAMILY_KIND - FAMILY_TAG);
    assert!(offset_of!(super::Meta, unit) + 2 == FAMILY_UNIT - FAMILY_TAG);
};
