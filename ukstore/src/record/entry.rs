//! The record of one path of the tree. Not for resolving paths: see `read/lookup.rs`.

use core::fmt;

use super::{Family, layout};
use crate::object::ClassRecord;

/// One path and what is found there. 32 bytes (`layout.rs`).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Entry {
    path: &'static str,
    what: What,
}

/// What a path leads to. The tag and a series' index share a word.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(crate) enum What {
    /// The series at this index of a family.
    Series(u32, &'static Family) = layout::TAG_SERIES,
    Text(&'static TextRecord) = layout::TAG_TEXT,
    Class(&'static ClassRecord) = layout::TAG_CLASS,
}

/// An entry that is words.
#[derive(Debug)]
#[repr(C)]
pub struct TextRecord {
    help: &'static str,
    write: fn(&mut dyn fmt::Write) -> fmt::Result,
}

impl TextRecord {
    /// For the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(help: &'static str, write: fn(&mut dyn fmt::Write) -> fmt::Result) -> Self {
        Self { help, write }
    }

    /// What it tells.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// Writes the words.
    ///
    /// # Errors
    /// Only those of `out`.
    pub fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        (self.write)(out)
    }
}

/// For the macros: one constructor for each sort.
#[doc(hidden)]
impl Entry {
    #[must_use]
    pub const fn series(path: &'static str, family: &'static Family, index: u32) -> Self {
        Self { path, what: What::Series(index, family) }
    }

    #[must_use]
    pub const fn text(path: &'static str, text: &'static TextRecord) -> Self {
        Self { path, what: What::Text(text) }
    }

    #[must_use]
    pub const fn class(path: &'static str, class: &'static ClassRecord) -> Self {
        Self { path, what: What::Class(class) }
    }
}

impl Entry {
    /// Where it is in the tree, from the root: `/memory/heap/used_bytes`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    pub(crate) const fn what(&self) -> What {
        self.what
    }
}
