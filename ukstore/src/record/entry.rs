//! The record of one path of the tree. Not for resolving paths: see `read/lookup.rs`.

use core::fmt;

use super::{Family, GroupRecord, layout};
use crate::object::ClassRecord;
use crate::setting::SettingRecord;

/// One path and what is found there. 32 bytes (`layout.rs`).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Entry {
    path: &'static str,
    what: What,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(crate) enum What {
    /// The series of a family: a leaf if it has one, a directory of its label's values if it has several.
    Family(&'static Family) = layout::TAG_FAMILY,
    Text(&'static TextRecord) = layout::TAG_TEXT,
    Class(&'static ClassRecord) = layout::TAG_CLASS,
    Group(&'static GroupRecord) = layout::TAG_GROUP,
    Setting(&'static SettingRecord) = layout::TAG_SETTING,
    /// The switches of the sources: ukstore's own.
    Sources = layout::TAG_SOURCES,
    /// The switches of the tags: likewise.
    Tags = layout::TAG_TAGS,
}

/// An entry that is words.
#[derive(Debug)]
#[repr(C)]
pub struct TextRecord {
    /// First, because the build's check reads it there.
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
}

/// Writes the words.
impl fmt::Display for TextRecord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.write)(out)
    }
}

/// For the macros: one constructor for each sort.
#[doc(hidden)]
impl Entry {
    #[must_use]
    pub const fn family(path: &'static str, family: &'static Family) -> Self {
        Self { path, what: What::Family(family) }
    }

    #[must_use]
    pub const fn text(path: &'static str, text: &'static TextRecord) -> Self {
        Self { path, what: What::Text(text) }
    }

    #[must_use]
    pub const fn class(path: &'static str, class: &'static ClassRecord) -> Self {
        Self { path, what: What::Class(class) }
    }

    #[must_use]
    pub const fn group(path: &'static str, group: &'static GroupRecord) -> Self {
        Self { path, what: What::Group(group) }
    }

    #[must_use]
    pub const fn setting(path: &'static str, setting: &'static SettingRecord) -> Self {
        Self { path, what: What::Setting(setting) }
    }

    pub(crate) const fn sources(path: &'static str) -> Self {
        Self { path, what: What::Sources }
    }

    pub(crate) const fn tags(path: &'static str) -> Self {
        Self { path, what: What::Tags }
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
