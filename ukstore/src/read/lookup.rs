//! The tree: resolving a path. Not for what is found there, see `leaf.rs` and `directory.rs`, nor for going through
//! everything, see `walk.rs`.

use super::directory::{Directory, Place};
use super::error::Error;
use super::leaf::{At, Leaf};
use super::search::search;
use crate::object::{ClassRecord, Key};
use crate::record::{Column, Field, GroupRecord, Source, What};
use crate::{Entry, Family, Refused, Value, Writer, entries};
use crate::{gate, tag};

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// Paths below this one.
    Directory(Directory),
    /// A value, words, or a histogram.
    Leaf(Leaf),
}

impl Node {
    /// Writes it, if it is a setting.
    pub(crate) fn write(&self, text: &str, by: Writer) -> Result<(), Refused> {
        match self {
            Self::Leaf(leaf) => leaf.write(text, by),
            Self::Directory(_) => Err(Refused::NotASetting),
        }
    }
}

/// Finds what is at a path: `/memory/heap/used_bytes`, `/threads/exporter`, `/`. A slash at the end is ignored.
///
/// A binary search; for what is below an entry, such as an object, at most one more, and then one among the class's
/// objects.
///
/// # Errors
/// [`Error::NotFound`].
pub fn lookup(path: &str) -> Result<Node, Error> {
    let entries = entries();
    match search(entries, Entry::path, path) {
        Ok(entry) => Ok(node(entry)),
        Err(at) => elsewhere(entries, at, path).ok_or(Error::NotFound),
    }
}

/// Reads the value at a path. What a program's function gives (`computed!`) is as old as the last look from outside; an
/// info is 1.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotOneValue`] for directories, words and histograms; [`Error::Absent`];
/// [`Error::Off`].
pub fn read(path: &str) -> Result<Value, Error> {
    match lookup(path)? {
        Node::Leaf(leaf) => leaf.read(),
        Node::Directory(_) => Err(Error::NotOneValue),
    }
}

/// What an entry is.
pub(super) fn node(entry: &Entry) -> Node {
    let directory = |place| Node::Directory(Directory { place });
    let leaf = |at| Node::Leaf(Leaf { at });
    match entry.what() {
        What::Family(family) if has_one_series(family) => leaf(At::Family(family)),
        What::Family(family) => directory(Place::Family(family)),
        What::Text(text) => leaf(At::Text(text)),
        What::Setting(setting) => leaf(At::Setting(setting)),
        What::Class(class) => directory(Place::Class(class)),
        What::Group(group) => directory(Place::Group(group, None)),
        What::Sources => directory(Place::Sources),
        What::Tags => directory(Place::Tags),
    }
}

fn has_one_series(family: &Family) -> bool {
    !matches!(family.source(), Source::Counters(..) | Source::Gauges(..))
}

/// What is at a path that is no entry: below one, above one, or one with a slash behind. `searched` is where it would be.
#[cold]
#[inline(never)]
fn elsewhere(entries: &'static [Entry], searched: usize, path: &str) -> Option<Node> {
    match path.strip_suffix('/') {
        None if path.is_empty() => Some(Node::Directory(Directory { place: Place::Below { first: 0, prefix: "" } })),
        None => below_entry(entries, searched, path).or_else(|| above_entries(entries, searched, path)),
        Some(path) if path.ends_with('/') => None,
        Some(path) => lookup(path).ok(),
    }
}

/// The static directory at a path. The entries whose paths begin as it does are behind where it would be, but not all
/// of them are below it: `/a/b-c` comes between `/a/b` and `/a/b/c`.
fn above_entries(entries: &'static [Entry], searched: usize, path: &str) -> Option<Node> {
    let behind = entries.get(searched..)?;
    behind.first().filter(|entry| entry.path().starts_with(path))?;
    let first = searched + behind.partition_point(|entry| is_before_children(entry.path(), path));
    let entry =
        entries.get(first).filter(|entry| entry.path().strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))?;
    let prefix = entry.path().get(..path.len())?;
    Some(Node::Directory(Directory { place: Place::Below { first, prefix } }))
}

/// Whether `other` sorts before every path that is below `path`.
fn is_before_children(other: &str, path: &str) -> bool {
    other.bytes().lt(path.bytes().chain(*b"/"))
}

/// What is below an entry that is a directory of its own: a label's value, a group's field, an object.
///
/// If an entry's path is the beginning of this one, so it is of every path between the two: of the one before this path,
/// too. No entry is below another, so it is all that those two have in common.
fn below_entry(entries: &'static [Entry], searched: usize, path: &str) -> Option<Node> {
    let (before, earlier) = entries[..searched].split_last()?;
    let common = before.path().bytes().zip(path.bytes()).take_while(|(one, other)| one == other).count();
    let (above, rest) = (path.get(..common)?, path.get(common..)?.strip_prefix('/')?);
    // `/a-x/b` comes between `/a` and `/a/b`.
    let entry = if before.path() == above { before } else { search(earlier, Entry::path, above).ok()? };
    in_entry(entry, rest)
}

/// What is below an entry, by the rest of the path.
fn in_entry(entry: &Entry, rest: &str) -> Option<Node> {
    match entry.what() {
        What::Family(family) => value_of(family, rest),
        What::Class(class) => object(class, rest),
        What::Group(group) => field_of(group, rest),
        What::Sources => gate::source(rest).map(|source| Node::Leaf(Leaf { at: At::Source(source) })),
        What::Tags => tag(rest).map(|tag| Node::Leaf(Leaf { at: At::Tag(tag) })),
        What::Text(_) | What::Setting(_) => None,
    }
}

/// The series of a label's value.
fn value_of(family: &'static Family, value: &str) -> Option<Node> {
    let (_, values) = family.label()?;
    let index = values.iter().position(|known| *known == value)? as u32;
    Some(Node::Leaf(Leaf { at: At::Series(family, index) }))
}

/// The object `NAME`, or what is below it.
fn object(class: &'static ClassRecord, path: &str) -> Option<Node> {
    let (name, field) = path.split_once('/').map_or((path, None), |(name, field)| (name, Some(field)));
    let key: Key = class.objects().find(name)?;
    match field {
        None => Some(Node::Directory(Directory { place: Place::Object(class, key, None) })),
        Some(field) => column(
            class.fields(),
            field,
            |field| Place::Object(class, key, Some(field)),
            |column| At::Object(class, key, column),
        ),
    }
}

fn field_of(group: &'static GroupRecord, path: &str) -> Option<Node> {
    column(group.fields(), path, |field| Place::Group(group, Some(field)), |column| At::Group(group, column))
}

/// `FIELD`, or `FIELD/VALUE` where a field has a label of its own.
fn column(
    fields: &'static [Field],
    path: &str,
    directory: impl FnOnce(u8) -> Place,
    leaf: impl FnOnce(Column) -> At,
) -> Option<Node> {
    let (name, value) = path.split_once('/').map_or((path, None), |(name, value)| (name, Some(value)));
    let index = fields.iter().position(|field| field.name() == name)?;
    let (field, (_, values)) = (index as u8, fields[index].label());
    let value = match value {
        None if values.is_empty() => 0,
        None => return Some(Node::Directory(Directory { place: directory(field) })),
        Some(value) => values.iter().position(|known| *known == value)? as u8,
    };
    Some(Node::Leaf(Leaf { at: leaf(Column { field, value }) }))
}

#[cfg(test)]
mod tests {
    use super::{Node, below_entry};
    use crate::Entry;

    /// The last two come between the first and what is in it.
    const TABLE: &[Entry] = &[Entry::sources("/a"), Entry::sources("/a-x/b"), Entry::sources("/a.y")];

    #[test]
    fn what_is_between_an_entry_and_what_is_in_it_hides_nothing() {
        for searched in 1..=TABLE.len() {
            let table = &TABLE[..searched];
            assert!(matches!(below_entry(table, searched, "/a/ukstore"), Some(Node::Leaf(_))), "{searched}");
            for nothing in ["/a/nosource", "/a/", "/b/ukstore", "/aa/ukstore", "//ukstore"] {
                assert!(below_entry(table, searched, nothing).is_none(), "{nothing}");
            }
        }
        assert!(matches!(below_entry(TABLE, 2, "/a-x/b/ukstore"), Some(Node::Leaf(_))));
        assert!(below_entry(TABLE, 2, "/a-x/ukstore").is_none());
        assert!(below_entry(TABLE, 0, "/a/ukstore").is_none());
    }
}
