//! Tags: the names of labels. A source has a tag if a family of it has that label, so that whatever is told by device can
//! be switched off in one word. The switch of a tag is nothing by itself: it is that of its sources (`gate.rs`).
//!
//! Tags are found in the table of families when somebody asks, which is seldom; nothing is kept.

use crate::gate::Source;
use crate::{Family, Writer, families, gate};

/// The name of a label that some source tells its series by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    name: &'static str,
}

impl Tag {
    /// The label's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// A bit for each source that has it: see [`Source::bit`].
    #[must_use]
    pub fn sources(self) -> u64 {
        let with_it = families().iter().filter(|family| family.has_label(self.name));
        with_it.fold(0, |bits, family| bits | Source::of(family).bit())
    }

    /// Whether all of its sources are told.
    #[must_use]
    pub fn is_on(self) -> bool {
        gate::off() & self.sources() == 0
    }

    /// Switches all of its sources on or off.
    pub fn switch(self, on: bool, by: Writer) {
        gate::switch_all(self.sources(), if on { u64::MAX } else { 0 }, by);
    }
}

/// Where the switches are in the tree.
pub(crate) const TAGS_PATH: &str = "/ukstore/tags";

/// The tag of this name.
#[must_use]
pub fn tag(name: &str) -> Option<Tag> {
    tags_from(name).next().filter(|tag| tag.name == name)
}

/// All tags, by name.
pub fn tags() -> impl Iterator<Item = Tag> {
    // No label has an empty name.
    tags_from("")
}

/// The tags whose names do not sort before this one.
fn tags_from(name: &str) -> impl Iterator<Item = Tag> {
    let first = least(|label| label >= name);
    core::iter::successors(first, |last| least(|label| label > last.name))
}

/// The first of those tags, by name, that will do.
fn least(will_do: impl Fn(&str) -> bool) -> Option<Tag> {
    let name = families().iter().flat_map(Family::label_names).filter(|label| will_do(label)).min()?;
    Some(Tag { name })
}
