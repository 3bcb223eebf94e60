//! The two tables as the file has them, and what their records lead to. Not for judging them: see `check/`.

use ukstore::layout as at;

use crate::image::{Error, Image, number};
use crate::records::{Class, Field, Group, Info, Setting, texts};

/// Both tables, in the order of the file.
pub(crate) struct Tables<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) families: Vec<Family<'a>>,
}

/// A path, and what it leads to.
pub(crate) struct Entry<'a> {
    pub(crate) path: &'a str,
    pub(crate) what: What<'a>,
}

/// What a path leads to.
pub(crate) enum What<'a> {
    Family(Link),
    /// Words, with their help.
    Text(&'a str),
    Class(Class<'a>),
    Group(Group<'a>),
    Setting(Setting<'a>),
    /// The directory of the sources' switches.
    Sources,
    /// The directory of the tags' switches.
    Tags,
    /// A tag nobody writes.
    Unknown(u64),
}

/// A record's address of a family.
#[derive(Clone, Copy)]
pub(crate) enum Link {
    /// Zero: what the record is of has no family.
    None,
    /// The family at this index of the table.
    To(usize),
    /// No family of the table is there.
    Broken,
}

impl Link {
    /// The family's index in the table.
    pub(crate) fn index(self) -> Option<usize> {
        match self {
            Self::To(index) => Some(index),
            Self::None | Self::Broken => None,
        }
    }
}

/// A family. Kind and unit are bytes as they are in the file.
pub(crate) struct Family<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    pub(crate) kind: u8,
    pub(crate) unit: u8,
    /// Nothing of the kind is there to be measured.
    pub(crate) is_zero: bool,
    pub(crate) samples: Samples<'a>,
}

/// Where a family's samples come from, as far as the check needs it.
pub(crate) enum Samples<'a> {
    /// One series for each value of a label, with the prefix of each.
    Labelled(Vec<&'a str>),
    /// A histogram's line prefixes.
    Histogram(Vec<&'a str>),
    /// One series for each state, with the prefix of each.
    States(Vec<&'a str>),
    Info(Info),
    /// Found when read.
    List,
    /// Of a field that no exposition has.
    Untold,
    /// One cell or function, or a field of a class or a group.
    Other,
}

/// Where the table of families is.
#[derive(Clone, Copy)]
pub(crate) struct FamiliesAt {
    address: u64,
    count: usize,
}

impl<'a> Tables<'a> {
    pub(crate) fn read(image: &Image<'a>) -> Result<Self, Error> {
        let [entries_start, entries_end, families_start, families_end] = at::SYMBOLS;
        let address = image.symbol(families_start)?;
        let entries = records(image, image.symbol(entries_start)?, entries_end, at::ENTRY_SIZE, "entries")?;
        let families = records(image, address, families_end, at::FAMILY_SIZE, "families")?;
        let table = FamiliesAt { address, count: families.len() };
        Ok(Self {
            entries: entries.map(|record| Entry::read(image, record, table)).collect::<Result<_, _>>()?,
            families: families.map(|record| Family::read(image, record)).collect::<Result<_, _>>()?,
        })
    }
}

impl FamiliesAt {
    /// What an address in a record leads to.
    pub(crate) fn link(self, address: u64) -> Link {
        if address == 0 {
            return Link::None;
        }
        let offset = address.checked_sub(self.address).and_then(|offset| usize::try_from(offset).ok());
        let index = offset.filter(|offset| offset.is_multiple_of(at::FAMILY_SIZE)).map(|it| it / at::FAMILY_SIZE);
        index.filter(|&index| index < self.count).map_or(Link::Broken, Link::To)
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
    fn read(image: &Image<'a>, record: &[u8], families: FamiliesAt) -> Result<Self, Error> {
        let address = number(record, at::ENTRY_TARGET, 8);
        let tag = number(record, at::ENTRY_TAG, 4);
        let what = match u32::try_from(tag) {
            Ok(at::TAG_FAMILY) => match families.link(address) {
                Link::None => What::Family(Link::Broken),
                link => What::Family(link),
            },
            Ok(at::TAG_TEXT) => What::Text(image.text(image.memory(address, 16)?, 0)?),
            Ok(at::TAG_CLASS) => What::Class(Class::read(image, address, families)?),
            Ok(at::TAG_GROUP) => What::Group(Group::read(image, address, families)?),
            Ok(at::TAG_SETTING) => What::Setting(Setting::read(image, address, families)?),
            Ok(at::TAG_SOURCES) => What::Sources,
            Ok(at::TAG_TAGS) => What::Tags,
            _ => What::Unknown(tag),
        };
        Ok(Self { path: image.text(record, at::ENTRY_PATH)?, what })
    }

    /// The fields below it, if it is a class or a group.
    pub(crate) fn fields(&self) -> &[Field<'a>] {
        match &self.what {
            What::Class(class) => &class.fields,
            What::Group(group) => &group.fields,
            _ => &[],
        }
    }

    /// Its own family, if it is a series or a setting.
    pub(crate) fn family(&self) -> Link {
        match &self.what {
            What::Family(link) => *link,
            What::Setting(setting) => setting.family,
            _ => Link::None,
        }
    }
}

impl<'a> Family<'a> {
    pub(crate) fn read(image: &Image<'a>, record: &[u8]) -> Result<Self, Error> {
        let header = image.text(record, at::FAMILY_HEADER)?;
        let len = |at, bytes| usize::try_from(number(record, at, bytes)).unwrap_or_default();
        let help_at = at::HEADER_NAME + len(at::FAMILY_NAME_LEN, 1) + 1;
        let target = number(record, at::FAMILY_TARGET, 8);
        let prefixes = || texts(image, image.memory(target, 16)?, 0);
        let samples = match record[at::FAMILY_TAG] {
            at::SOURCE_COUNTERS | at::SOURCE_GAUGES | at::SOURCE_PROMPTS => Samples::Labelled(prefixes()?),
            at::SOURCE_HISTOGRAM => Samples::Histogram(prefixes()?),
            at::SOURCE_STATES => Samples::States(prefixes()?),
            at::SOURCE_INFO => Samples::Info(Info::read(image, target)?),
            at::SOURCE_LIST => Samples::List,
            at::SOURCE_UNTOLD => Samples::Untold,
            _ => Samples::Other,
        };
        Ok(Self {
            name: header.get(at::HEADER_NAME..help_at - 1).unwrap_or_default(),
            help: header.get(help_at..help_at + len(at::FAMILY_HELP_LEN, 2)).unwrap_or_default(),
            kind: record[at::FAMILY_KIND],
            unit: record[at::FAMILY_UNIT],
            is_zero: record[at::FAMILY_NATURE] == at::NATURE_ZERO,
            samples,
        })
    }

    /// Prefixes of its series, if they were known when the program was built.
    pub(crate) fn prefixes(&self) -> &[&'a str] {
        match &self.samples {
            Samples::Labelled(prefixes) | Samples::Histogram(prefixes) | Samples::States(prefixes) => prefixes,
            Samples::Info(_) | Samples::List | Samples::Untold | Samples::Other => &[],
        }
    }

    /// The label's values, if it has one series for each: in an exposition `name{label="value"}`.
    pub(crate) fn values(&self) -> Vec<&'a str> {
        match &self.samples {
            Samples::Labelled(prefixes) | Samples::States(prefixes) => {
                prefixes.iter().map(|prefix| prefix.rsplit('"').nth(1).unwrap_or_default()).collect()
            }
            _ => Vec::new(),
        }
    }
}
