//! Switching several sources at once, in the words that `--metrics` and the control port take:
//! `VALUE`, `*:VALUE`, `SOURCE:VALUE`, `src:SOURCE:VALUE`, `tag:TAG:VALUE`, any of them, separated by commas. A value is
//! `enable`, `on`, `disable` or `off`, in any case, or another word that a setting of yes or no takes.
//!
//! Wherever they stand, what is for all sources holds first, then what is for tags, then what is for single ones. A text with
//! a mistake in it switches nothing.

use core::fmt;

use crate::gate::{self, MAX_SOURCES, source};
use crate::setting::Scalar;
use crate::{Unit, Writer, tag};

/// The most items of a text: as many as there may be sources, so that reading one is bounded.
pub const MAX_ITEMS: usize = MAX_SOURCES;

/// Which sources are to be switched, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// A bit for each that is to be switched.
    touched: u64,
    /// Of those, a bit for each that is to be on.
    on: u64,
}

/// What is wrong with a text that should switch sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake<'a> {
    /// There is no such source.
    UnknownSource(&'a str),
    /// No source has a family with this label.
    UnknownTag(&'a str),
    /// This is neither on nor off.
    NotABool(&'a str),
    /// An item is empty, or lacks a name.
    Empty,
    /// There are more than [`MAX_ITEMS`].
    TooMany,
}

const _: () = assert!(MAX_ITEMS == 64, "what is said of too many");

impl Mistake<'_> {
    /// What is wrong, without the word that is.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownSource(_) => "unknown source",
            Self::UnknownTag(_) => "unknown tag",
            Self::NotABool(_) => "neither on nor off",
            Self::Empty => "an item is empty (VALUE, SOURCE:VALUE or tag:TAG:VALUE)",
            Self::TooMany => "more than 64 items",
        }
    }
}

impl fmt::Display for Mistake<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSource(word) | Self::UnknownTag(word) | Self::NotABool(word) => {
                write!(out, "{}: {word}", self.reason())
            }
            Self::Empty | Self::TooMany => out.write_str(self.reason()),
        }
    }
}

impl core::error::Error for Mistake<'_> {}

/// What items of one scope say together: the later one holds.
#[derive(Clone, Copy, Default)]
struct Layer {
    touched: u64,
    on: u64,
}

impl Layer {
    const fn set(&mut self, sources: u64, on: bool) {
        self.touched |= sources;
        self.on = if on { self.on | sources } else { self.on & !sources };
    }
}

impl Switches {
    /// What a text says.
    ///
    /// # Errors
    /// [`Mistake`], the first of the text.
    pub fn parse(text: &str) -> Result<Self, Mistake<'_>> {
        let [mut all, mut tags, mut single] = [Layer::default(); 3];
        for (index, item) in text.split(',').enumerate() {
            if index == MAX_ITEMS {
                return Err(Mistake::TooMany);
            }
            let (name, value) = item.rsplit_once(':').unwrap_or(("*", item));
            if name.is_empty() || value.is_empty() {
                return Err(Mistake::Empty);
            }
            let on = bool::parse(value, Unit::None).map_err(|_| Mistake::NotABool(value))?;
            if name == "*" {
                all.set(gate::sources().fold(0, |bits, source| bits | source.bit()), on);
            } else if let Some(name) = name.strip_prefix("tag:") {
                tags.set(tag(name).ok_or(Mistake::UnknownTag(name))?.sources(), on);
            } else {
                let name = name.strip_prefix("src:").unwrap_or(name);
                single.set(source(name).ok_or(Mistake::UnknownSource(name))?.bit(), on);
            }
        }
        let layers = [all, tags, single];
        let touched = layers.iter().fold(0, |bits, layer| bits | layer.touched);
        let on = layers.iter().fold(0, |bits, layer| bits & !layer.touched | layer.on);
        Ok(Self { touched, on })
    }

    /// Switches them, in somebody's name.
    pub fn apply(self, by: Writer) {
        gate::switch_all(self.touched, self.on, by);
    }
}
