//! The two tables as the file has them. Not for judging them: see `check.rs`.

use ukstore::layout as at;

use crate::image::{Error, Image, number};

/// Both tables, in the order of the file.
pub(crate) struct Tables<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) families: Vec<Family<'a>>,
}

/// A path, and what it leads to.
pub(crate) struct Entry<'a> {
    pub(crate) path: &'a str,
    pub(crate) target: Target<'a>,
}

/// What a path leads to.
pub(crate) enum Target<'a> {
    /// A series of a family: the family's index in the table, if it is there.
    Series(Option<usize>),
    /// Words or a class, with its help.
    Described(&'a str),
    /// A tag nobody writes.
    Unknown(u64),
}

/// A family. Kind and unit are bytes as they are in the file.
pub(crate) struct Family<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    pub(crate) kind: u8,
    pub(crate) unit: u8,
    /// Prefixes of its series, if they were known when the program was built.
    pub(crate) series: Vec<&'a str>,
}

impl<'a> Tables<'a> {
    pub(crate) fn read(image: &Image<'a>) -> Result<Self, Error> {
        let [entries_start, entries_end, families_start, families_end] = at::SYMBOLS;
        let families_at = image.symbol(families_start)?;
        let entries = records(image, image.symbol(entries_start)?, entries_end, at::ENTRY_SIZE, "entries")?;
        let families = records(image, families_at, families_end, at::FAMILY_SIZE, "families")?;
        let entries = entries.map(|record| Entry::read(image, record, families_at, families.len()));
        Ok(Self {
            entries: entries.collect::<Result<_, _>>()?,
            families: families.clone().map(|record| Family::read(image, record)).collect::<Result<_, _>>()?,
        })
    }

    /// Size of both tables, without the texts they point at.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.len() * at::ENTRY_SIZE + self.families.len() * at::FAMILY_SIZE
    }
}

/// The records from `start` to the symbol `end`.
fn records<'a>(
    image: &Image<'a>,
    start: u64,
    end: &'static str,
    size: usize,
    what: &'static str,
) -> Result<std::slice::ChunksExact<'a, u8>, Error> {
    let len = image.symbol(end)?.checked_sub(start).ok_or(Error::NotWhole(what))?;
    let bytes = if len == 0 { &[] } else { image.memory(start, len)? };
    let records = bytes.chunks_exact(size);
    if records.remainder().is_empty() { Ok(records) } else { Err(Error::NotWhole(what)) }
}

impl<'a> Entry<'a> {
    fn read(image: &Image<'a>, record: &[u8], families_at: u64, families: usize) -> Result<Self, Error> {
        let address = number(record, at::ENTRY_TARGET, 8);
        let tag = number(record, at::ENTRY_TAG, 4);
        let target = match u32::try_from(tag) {
            Ok(at::TAG_SERIES) => {
                let offset = address.checked_sub(families_at).and_then(|offset| usize::try_from(offset).ok());
                let index =
                    offset.filter(|offset| offset.is_multiple_of(at::FAMILY_SIZE)).map(|it| it / at::FAMILY_SIZE);
                Target::Series(index.filter(|&index| index < families))
            }
            Ok(at::TAG_TEXT | at::TAG_CLASS) => Target::Described(image.text(image.memory(address, 16)?, 0)?),
            _ => Target::Unknown(tag),
        };
        Ok(Self { path: image.text(record, at::ENTRY_PATH)?, target })
    }
}

impl<'a> Family<'a> {
    fn read(image: &Image<'a>, record: &[u8]) -> Result<Self, Error> {
        let header = image.text(record, at::FAMILY_HEADER)?;
        let len = |at| usize::try_from(number(record, at, 2)).unwrap_or_default();
        let help_at = at::HEADER_NAME + len(at::FAMILY_NAME_LEN) + 1;
        let series = match record[at::FAMILY_TAG] {
            at::SOURCE_COUNTERS | at::SOURCE_GAUGES | at::SOURCE_HISTOGRAM => {
                let list = image.memory(number(record, at::FAMILY_TARGET, 8), 16)?;
                let texts = image.memory(number(list, 0, 8), number(list, 8, 8).saturating_mul(16))?;
                texts.chunks_exact(16).map(|text| image.text(text, 0)).collect::<Result<_, _>>()?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            name: header.get(at::HEADER_NAME..help_at - 1).unwrap_or_default(),
            help: header.get(help_at..help_at + len(at::FAMILY_HELP_LEN)).unwrap_or_default(),
            kind: record[at::FAMILY_KIND],
            unit: record[at::FAMILY_UNIT],
            series,
        })
    }
}
