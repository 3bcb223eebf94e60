//! Listing what is below a path, with what each child tells. What belongs together is copied at once, so a listing that
//! is sent in pieces still tells of one instant.

use core::ops::ControlFlow::{self, Continue};

use super::error::Error;
use super::group::GroupCopy;
use super::leaf::{At, Content, Leaf};
use super::lookup::{Node, node};
use crate::gate;
use crate::names;
use crate::object::{ClassRecord, Columns, Key, Which};
use crate::record::{Column, Field, GroupRecord};
use crate::{Family, Value, entries, tags};

/// A place in the tree with paths below it.
#[derive(Clone, Copy, Debug)]
pub struct Directory {
    pub(super) place: Place,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Static paths below `prefix`, from the entry at `first` on.
    Below {
        first: usize,
        prefix: &'static str,
    },
    /// The values of a family's label.
    Family(&'static Family),
    /// A group, or the values of one field's own label.
    Group(&'static GroupRecord, Option<u8>),
    Class(&'static ClassRecord),
    /// An object, or the values of one field's own label.
    Object(&'static ClassRecord, Key, Option<u8>),
    /// The switches of the sources.
    Sources,
    /// The switches of the tags.
    Tags,
}

/// Something in a directory.
#[derive(Clone, Copy, Debug)]
pub enum Child<'a> {
    /// A directory of this name.
    Directory(&'a str),
    /// A leaf.
    Leaf {
        /// The name, without slashes.
        name: &'a str,
        /// For a series of several, which are below a name of their own: the value of the label.
        value: Option<&'a str>,
        /// What is there.
        leaf: Leaf,
        /// What it tells: one instant for all of a group or an object.
        content: Result<Content<'a>, Error>,
    },
}

/// A resting place in a listing: a key, as in a [`Walk`](crate::Walk), and the copy of a group.
#[derive(Clone, Debug)]
pub struct Listing {
    position: u32,
    /// Which label value of the position is next.
    value: u32,
    /// Whether the births were noted, or the group has been copied.
    begun: bool,
    /// Objects this young or younger are not listed: one of them may have a name that was.
    births: u64,
    group: GroupCopy,
}

impl Listing {
    /// At the beginning.
    #[must_use]
    pub const fn new() -> Self {
        Self { position: 0, value: 0, begun: false, births: 0, group: GroupCopy::EMPTY }
    }
}

impl Default for Listing {
    fn default() -> Self {
        Self::new()
    }
}

impl Directory {
    /// What it is, where that was declared: for classes and groups.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self.place {
            Place::Class(class) => Some(class.help()),
            Place::Group(group, None) => Some(group.help()),
            Place::Family(family) => Some(family.help()),
            Place::Group(group, Some(field)) => group.fields().get(usize::from(field)).map(Field::help),
            Place::Object(class, _, Some(field)) => class.fields().get(usize::from(field)).map(Field::help),
            Place::Object(class, _, None) => Some(class.help()),
            Place::Sources => Some("The sources, each of which may be switched off."),
            Place::Tags => Some("The labels of metrics. What is set here is set for each source that has the label."),
            Place::Below { .. } => None,
        }
    }

    /// Gives one child after the other to `take`, from where `listing` rests, until `take` breaks or there is none
    /// left. Static children come in the order of their paths, objects in no order. A child `take` broke at counts
    /// as not taken.
    ///
    /// The series of a label, which are a directory of their own, come one by one, so that what belongs together is
    /// listed together.
    pub fn children<B>(
        &self,
        listing: &mut Listing,
        mut take: impl FnMut(Child<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        match self.place {
            Place::Below { first, prefix } => below(first, prefix, listing, &mut take),
            Place::Family(family) => series_of(family, None, listing, &mut take),
            Place::Group(group, field) => {
                let off = !gate::is_on(names::source(group.path()));
                if !listing.begun && !off {
                    critical_section::with(|_| listing.group.take(group.fields(), group.cells()));
                    listing.begun = true;
                }
                fields(group.fields(), field, off, |column| At::Group(group, column), listing, &mut take)
            }
            Place::Class(class) => {
                if !listing.begun {
                    (listing.begun, listing.births) = (true, class.objects().births());
                }
                loop {
                    let mut found = None;
                    class.objects().visit(listing.position, Which::All, &mut |key, name, _| found = Some((key, *name)));
                    let Some((key, name)) = found else { return Continue(()) };
                    listing.position = key.slot;
                    if key.born < listing.births {
                        take(Child::Directory(name.as_str()))?;
                    }
                    listing.position += 1;
                }
            }
            Place::Object(class, key, field) => {
                // An object's fields may be functions.
                let off = !gate::is_on(names::source(class.path()));
                if !listing.begun {
                    let group = &mut listing.group;
                    let mut copy = |cells: &dyn Columns| {
                        if !off {
                            group.take(class.fields(), cells)
                        }
                    };
                    if !class.objects().visit_key(key, &mut |_, cells| copy(cells)) {
                        return Continue(());
                    }
                    listing.begun = !off;
                }
                fields(class.fields(), field, off, |column| At::Object(class, key, column), listing, &mut take)
            }
            Place::Sources => {
                let switches = gate::sources().map(|source| (source.name(), At::Source(source)));
                leaves(switches, listing, &mut take)
            }
            Place::Tags => leaves(tags().map(|tag| (tag.name(), At::Tag(tag))), listing, &mut take),
        }
    }
}

/// The fields of a group or an object, or the values of one field, from the copy in the listing.
fn fields<B>(
    fields: &'static [Field],
    only: Option<u8>,
    off: bool,
    at: impl Fn(Column) -> At,
    listing: &mut Listing,
    take: &mut impl FnMut(Child<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let end = only.map_or(fields.len(), |field| usize::from(field) + 1);
    listing.position = listing.position.max(only.map_or(0, u32::from));
    while let Some(field) = fields[..end].get(listing.position as usize) {
        let index = listing.position as u8;
        while (listing.value as usize) < field.series() {
            let column = Column { field: index, value: listing.value as u8 };
            let content = match (off, listing.group.histogram(fields, index)) {
                (true, _) => Err(Error::Off),
                (false, Some(histogram)) => Ok(Content::Histogram(histogram)),
                (false, None) => match listing.group.value(fields, column) {
                    Value::Absent => Err(Error::Absent),
                    value => Ok(Content::Value(value)),
                },
            };
            let own = field.own_label(column.value).map(|(_, value)| value);
            let (name, value) = match (only, own) {
                (Some(_), Some(own)) => (own, None),
                _ => (field.name(), own),
            };
            take(Child::Leaf { name, value, leaf: Leaf { at: at(column) }, content })?;
            listing.value += 1;
        }
        listing.position += 1;
        listing.value = 0;
    }
    Continue(())
}

/// The series of a family with several: as values below `name`, or, if the family is listed itself, as its children.
fn series_of<B>(
    family: &'static Family,
    name: Option<&str>,
    listing: &mut Listing,
    take: &mut impl FnMut(Child<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let (_, labels) = family.label().unwrap_or_default();
    while let Some(&label) = labels.get(listing.value as usize) {
        let (name, value) = name.map_or((label, None), |name| (name, Some(label)));
        give(name, value, Leaf { at: At::Series(family, listing.value) }, take)?;
        listing.value += 1;
    }
    Continue(())
}

/// Leaves with names of their own, in the same order at each call.
fn leaves<B>(
    leaves: impl Iterator<Item = (&'static str, At)>,
    listing: &mut Listing,
    take: &mut impl FnMut(Child<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    for (name, at) in leaves.skip(listing.position as usize) {
        give(name, None, Leaf { at }, take)?;
        listing.position += 1;
    }
    Continue(())
}

/// Reads a leaf and gives it.
fn give<B>(
    name: &str,
    value: Option<&str>,
    leaf: Leaf,
    take: &mut impl FnMut(Child<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let given = leaf.content(|content| take(Child::Leaf { name, value, leaf, content: Ok(content) }));
    given.unwrap_or_else(|error| take(Child::Leaf { name, value, leaf, content: Err(error) }))
}

/// The static children of a prefix.
fn below<B>(
    first: usize,
    prefix: &'static str,
    listing: &mut Listing,
    take: &mut impl FnMut(Child<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let entries = entries();
    while let Some(entry) = entries.get(first + listing.position as usize) {
        let Some(rest) = entry.path().strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')) else { break };
        let name = rest.split_once('/').map_or(rest, |(name, _)| name);
        if name.len() < rest.len() {
            take(Child::Directory(name))?;
        } else {
            match node(entry) {
                Node::Leaf(leaf) => give(name, None, leaf, take)?,
                Node::Directory(Directory { place: Place::Family(family) }) => {
                    series_of(family, Some(name), listing, take)?;
                }
                Node::Directory(_) => take(Child::Directory(name))?,
            }
        }
        listing.value = 0;
        listing.position += if name.len() == rest.len() {
            1
        } else {
            // Everything below one directory is together.
            let directory = &entry.path()[..=prefix.len() + 1 + name.len()];
            let behind = &entries[first + listing.position as usize..];
            behind.partition_point(|entry| entry.path().starts_with(directory)) as u32
        };
    }
    Continue(())
}
