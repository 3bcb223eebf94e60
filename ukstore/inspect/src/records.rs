//! The records that entries and families lead to, as the file has them. Not for the tables: see `tables.rs`.

use ukstore::layout as at;

use crate::image::{Error, Image, number};
use crate::tables::{FamiliesAt, Family, Link, Samples};

/// A class of objects.
pub(crate) struct Class<'a> {
    pub(crate) help: &'a str,
    /// Empty if its objects have no series.
    pub(crate) label: &'a str,
    pub(crate) fields: Vec<Field<'a>>,
}

/// Numbers that are read together.
pub(crate) struct Group<'a> {
    pub(crate) help: &'a str,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of every object of a class, or of a group. Kind and unit are bytes as they are in the file.
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    /// Its own label and the label's values, both empty if it has none.
    pub(crate) label: &'a str,
    pub(crate) values: Vec<&'a str>,
    pub(crate) family: Link,
    pub(crate) kind: u8,
    pub(crate) unit: u8,
    /// Nothing of the kind is there to be measured.
    pub(crate) is_zero: bool,
}

/// Something that may be written.
pub(crate) struct Setting<'a> {
    pub(crate) help: &'a str,
    pub(crate) unit: u8,
    pub(crate) is_fault: bool,
    pub(crate) family: Link,
}

/// Facts told as labels: how many.
pub(crate) struct Info {
    pub(crate) labels: usize,
}

impl<'a> Class<'a> {
    pub(crate) fn read(image: &Image<'a>, address: u64, families: FamiliesAt) -> Result<Self, Error> {
        let record = image.memory(address, at::CLASS_FIELDS as u64 + 16)?;
        Ok(Self {
            help: image.text(record, 0)?,
            label: image.text(record, at::CLASS_LABEL)?,
            fields: fields(image, record, at::CLASS_FIELDS, families)?,
        })
    }
}

impl<'a> Group<'a> {
    pub(crate) fn read(image: &Image<'a>, address: u64, families: FamiliesAt) -> Result<Self, Error> {
        let record = image.memory(address, at::GROUP_FIELDS as u64 + 16)?;
        Ok(Self { help: image.text(record, 0)?, fields: fields(image, record, at::GROUP_FIELDS, families)? })
    }
}

impl<'a> Setting<'a> {
    pub(crate) fn read(image: &Image<'a>, address: u64, families: FamiliesAt) -> Result<Self, Error> {
        let record = image.memory(address, at::SETTING_FAMILY as u64 + 8)?;
        Ok(Self {
            help: image.text(record, 0)?,
            unit: record[at::SETTING_UNIT],
            is_fault: record[at::SETTING_FAULT] != 0,
            family: families.link(number(record, at::SETTING_FAMILY, 8)),
        })
    }
}

impl Info {
    pub(crate) fn read(image: &Image<'_>, address: u64) -> Result<Self, Error> {
        let record = image.memory(address, at::INFO_LABELS as u64 + 16)?;
        Ok(Self { labels: list(image, record, at::INFO_LABELS, at::INFO_LABEL_SIZE)?.len() })
    }
}

fn fields<'a>(image: &Image<'a>, record: &[u8], at: usize, families: FamiliesAt) -> Result<Vec<Field<'a>>, Error> {
    let field = |record: &'a [u8]| {
        let family = number(record, at::FIELD_FAMILY, 8);
        let told = image.memory(family, at::FAMILY_SIZE as u64).and_then(|record| Family::read(image, record));
        // Where there is none, the check says so; of its own the field has only a name then.
        let lost = Family { name: "", help: "lost", kind: 0, unit: 0, is_zero: false, samples: Samples::Other };
        let told = told.unwrap_or(lost);
        let label = match number(record, at::FIELD_LABEL, 8) {
            0 => None,
            address => Some(image.memory(address, at::LABEL_SIZE as u64)?),
        };
        Ok(Field {
            name: image.text(record, at::FIELD_NAME)?,
            help: told.help,
            label: label.map_or(Ok(""), |label| image.text(label, 0))?,
            values: label.map_or(Ok(Vec::new()), |label| texts(image, label, at::LABEL_VALUES))?,
            family: if matches!(told.samples, Samples::Untold) { Link::None } else { families.link(family) },
            kind: told.kind,
            unit: told.unit,
            is_zero: told.is_zero,
        })
    };
    list(image, record, at, at::FIELD_SIZE)?.map(field).collect()
}

/// The list of texts whose address and count a record has at `at`.
pub(crate) fn texts<'a>(image: &Image<'a>, record: &[u8], at: usize) -> Result<Vec<&'a str>, Error> {
    list(image, record, at, 16)?.map(|text| image.text(text, 0)).collect()
}

/// The list of items of one size whose address and count a record has at `at`.
fn list<'a>(
    image: &Image<'a>,
    record: &[u8],
    at: usize,
    size: usize,
) -> Result<std::slice::ChunksExact<'a, u8>, Error> {
    let (address, count) = (number(record, at, 8), number(record, at + 8, 8));
    let bytes = if count == 0 { &[] } else { image.memory(address, count.saturating_mul(size as u64))? };
    Ok(bytes.chunks_exact(size))
}
