//! Listing what is below a path: static paths, a class's objects, an object's fields.

use core::ops::ControlFlow::{self, Continue};

use super::lookup::is_before_children;
use crate::entries;
use crate::object::{ClassRecord, Key};
use crate::record::What;

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
    Class(&'static ClassRecord),
    Object(&'static ClassRecord, Key),
    /// The values of a field's own label.
    Field(&'static ClassRecord, Key, u8),
}

/// One name in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child<'a> {
    /// The name, without slashes.
    pub name: &'a str,
    /// Whether it is a directory itself.
    pub is_directory: bool,
}

/// A resting place in a listing: a key, as in a [`Walk`](crate::Walk).
#[derive(Clone, Copy, Debug, Default)]
pub struct Listing {
    position: u32,
    /// Whether the static paths below a class are behind.
    in_objects: bool,
}

impl Directory {
    /// Gives one child after the other to `take`, from where `listing` rests, until `take` breaks or there is none
    /// left. Static children come in the order of their paths, then objects in no order. A child `take` broke at counts
    /// as not taken.
    pub fn children<B>(
        &self,
        listing: &mut Listing,
        mut take: impl FnMut(Child<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        match self.place {
            Place::Below { first, prefix } => below(first, prefix, listing, &mut take),
            Place::Class(class) => {
                if !listing.in_objects {
                    let prefix = class.path();
                    let first = entries().partition_point(|entry| is_before_children(entry.path(), prefix));
                    below(first, prefix, listing, &mut take)?;
                    *listing = Listing { position: 0, in_objects: true };
                }
                while let Some(object) = class.objects().at_or_after(listing.position, None) {
                    listing.position = object.key.slot;
                    take(Child { name: object.name.as_str(), is_directory: true })?;
                    listing.position += 1;
                }
                Continue(())
            }
            Place::Object(class, key) => {
                let fields = class.fields().iter();
                let children =
                    fields.map(|field| Child { name: field.name(), is_directory: !field.series().is_empty() });
                of_object(class, key, children, listing, &mut take)
            }
            Place::Field(class, key, field) => {
                let series = class.fields()[usize::from(field)].series().iter();
                let children = series.map(|&(_, value)| Child { name: value, is_directory: false });
                of_object(class, key, children, listing, &mut take)
            }
        }
    }
}

/// What is below an object is fixed; only the object may be gone.
fn of_object<B>(
    class: &ClassRecord,
    key: Key,
    children: impl Iterator<Item = Child<'static>>,
    listing: &mut Listing,
    take: &mut impl FnMut(Child<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    for child in children.skip(listing.position as usize) {
        if class.objects().get(key.slot, key.born, None).is_none() {
            break;
        }
        take(child)?;
        listing.position += 1;
    }
    Continue(())
}

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
        let is_directory = name.len() < rest.len() || matches!(entry.what(), What::Class(_));
        take(Child { name, is_directory })?;
        // Everything of this name is next to it, but for names that begin with it and sort before its slash.
        let shared = &entry.path()[..prefix.len() + 1 + name.len()];
        listing.position += 1;
        while let Some(next) = entries.get(first + listing.position as usize) {
            if !next.path().strip_prefix(shared).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
                break;
            }
            listing.position += 1;
        }
    }
    Continue(())
}
