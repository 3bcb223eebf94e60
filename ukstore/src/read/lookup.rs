//! The tree: resolving a path, and what is found there. Not for going through everything: see `walk.rs`.

use core::fmt;

use super::directory::{Directory, Place};
use super::sample::{Part, Sample, Series};
use super::search::search;
use super::series;
use crate::object::{ClassRecord, Column, Key, Reading};
use crate::record::{Source, TextRecord, What};
use crate::{Entry, Family, Value, entries};

/// Why a path gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Nothing has this path, or the object is gone: give up, or list the directory above.
    NotFound,
    /// It is a directory, words, or a histogram: look it up and read its parts.
    NotOneValue,
    /// It has no value now: ask again later.
    Absent,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotFound => "no such path",
            Self::NotOneValue => "the path leads to more than one value",
            Self::Absent => "no value at present",
        })
    }
}

impl core::error::Error for Error {}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// Paths below this one: a static directory, a class or an object.
    Directory(Directory),
    /// One series.
    Metric(Metric),
    /// Words.
    Text(&'static TextRecord),
}

/// One series of a family.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    family: &'static Family,
    at: At,
}

#[derive(Clone, Copy, Debug)]
enum At {
    Index(u32),
    Object(&'static ClassRecord, Key, Column),
}

/// Finds what is at a path: `/memory/heap/used_bytes`, `/threads/exporter`, `/`. A slash at the end is ignored.
///
/// A binary search; for an object, up to three and then a look at each object of its class.
///
/// # Errors
/// [`Error::NotFound`].
pub fn lookup(path: &str) -> Result<Node, Error> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let entries = entries();
    if path.is_empty() {
        return Ok(Node::Directory(Directory { place: Place::Below { first: 0, prefix: "" } }));
    }
    let at = match search(entries.len(), |at| entries[at].path(), path) {
        Ok(at) => return Ok(node(&entries[at])),
        Err(at) => at,
    };
    if let Some(object) = object(entries, path) {
        return object;
    }
    below(entries, at, path).ok_or(Error::NotFound)
}

/// Reads the value at a path.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotOneValue`] for directories, words and histograms; [`Error::Absent`].
pub fn read(path: &str) -> Result<Value, Error> {
    match lookup(path)? {
        Node::Metric(metric) => metric.read(),
        Node::Directory(_) | Node::Text(_) => Err(Error::NotOneValue),
    }
}

pub(super) fn node(entry: &Entry) -> Node {
    match entry.what() {
        What::Series(index, family) => Node::Metric(Metric { family, at: At::Index(index) }),
        What::Text(text) => Node::Text(text),
        What::Class(class) => Node::Directory(Directory { place: Place::Class(class) }),
    }
}

/// The static directory at a path that is no entry itself. Paths below it are not always next to where the search
/// ended: `/a-b` comes between `/a` and `/a/b`.
fn below(entries: &'static [Entry], searched: usize, path: &str) -> Option<Node> {
    let after = entries.get(searched..)?;
    let first = searched + after.partition_point(|entry| is_before_children(entry.path(), path));
    let entry =
        entries.get(first).filter(|entry| entry.path().strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))?;
    let prefix = entry.path().get(..path.len())?;
    Some(Node::Directory(Directory { place: Place::Below { first, prefix } }))
}

/// Whether `other` sorts before every path that is below `path`.
pub(super) fn is_before_children(other: &str, path: &str) -> bool {
    other.bytes().lt(path.bytes().chain(*b"/"))
}

/// The object at `CLASS/NAME`, or what is below it.
fn object(entries: &'static [Entry], path: &str) -> Option<Result<Node, Error>> {
    let mut from = 1;
    while let Some(length) = path.get(from..)?.find('/') {
        let end = from + length;
        from = end + 1;
        let (above, rest) = (path.get(..end)?, path.get(from..)?);
        let Ok(at) = search(entries.len(), |at| entries[at].path(), above) else { continue };
        let What::Class(class) = entries[at].what() else { continue };
        let (name, field) = rest.split_once('/').map_or((rest, None), |(name, field)| (name, Some(field)));
        let Some((slot, born)) = class.objects().find(name) else { continue };
        let key = Key { slot, born };
        return Some(match field {
            None => Ok(Node::Directory(Directory { place: Place::Object(class, key) })),
            Some(field) => column(class, key, field).ok_or(Error::NotFound),
        });
    }
    None
}

/// What is below an object: `FIELD`, or `FIELD/VALUE` where a field has a label of its own.
fn column(class: &'static ClassRecord, key: Key, path: &str) -> Option<Node> {
    let (name, value) = path.split_once('/').map_or((path, None), |(name, value)| (name, Some(value)));
    let index = class.fields().iter().position(|field| field.name() == name)?;
    let (field, known) = (index as u8, &class.fields()[index]);
    let value = match value {
        None if known.series().is_empty() => 0,
        None => return Some(Node::Directory(Directory { place: Place::Field(class, key, field) })),
        Some(value) => known.series().iter().position(|series| series.1 == value)? as u8,
    };
    Some(Node::Metric(Metric { family: known.family(), at: At::Object(class, key, Column { field, value }) }))
}

impl Metric {
    /// The family it is of.
    #[must_use]
    pub const fn family(&self) -> &'static Family {
        self.family
    }

    /// Reads its value.
    ///
    /// # Errors
    /// [`Error::NotFound`] if its object is gone; [`Error::NotOneValue`] for a histogram; [`Error::Absent`].
    pub fn read(&self) -> Result<Value, Error> {
        let mut value = Value::Absent;
        let mut several = false;
        self.samples(|sample| {
            several |= sample.part != Part::Whole;
            value = sample.value;
        })?;
        if several { Err(Error::NotOneValue) } else { Ok(value) }
    }

    /// Gives its sample, or all samples of a histogram, to `take`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if its object is gone; [`Error::Absent`].
    pub fn samples(&self, mut take: impl FnMut(Sample<'_>)) -> Result<(), Error> {
        let family = self.family;
        let mut give = |series: Series<'_>, value| {
            if value == Value::Absent {
                return Err(Error::Absent);
            }
            take(Sample { family, series, part: Part::Whole, value });
            Ok(())
        };
        match (self.at, family.source()) {
            (At::Object(class, key, column), _) => {
                let reading = class.objects().get(key.slot, key.born, Some(column));
                let Reading { name, value, .. } = reading.ok_or(Error::NotFound)?;
                series::with_object_labels(class, column, &name, |labels| give(Series::Labels(labels), value))
            }
            (At::Index(_), Source::Histogram(_, histogram)) => {
                let snapshot = histogram.snapshot();
                let lines = (0..).map_while(|index| series::line(family, histogram, &snapshot, index));
                for (prefix, part, value) in lines {
                    take(Sample { family, series: Series::Fixed(prefix), part, value });
                }
                Ok(())
            }
            (At::Index(_), Source::Info(_, info)) if info.prefix().is_none() => {
                series::with_labels(info, |labels| give(Series::Labels(labels), Value::U64(1)))
            }
            (At::Index(_), Source::List(_, list)) => give(Series::Labels(&[]), list.sum()),
            (At::Index(index), _) => {
                let (prefix, value) = series::fixed(family, index).ok_or(Error::NotFound)?;
                give(Series::Fixed(prefix), value)
            }
        }
    }
}
