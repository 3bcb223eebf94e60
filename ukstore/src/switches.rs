//! Switching several sources at once, in the words that `--metrics` and the control port take:
//! `VALUE`, `*:VALUE`, `SOURCE:VALUE`, `src:SOURCE:VALUE`, `tag:TAG:VALUE`, any of them, separated by commas. A value is
//! `enable`, `on`, `disable` or `off`, in any case, or another word that a setting of yes or no takes.
//!
//! Wherever they stand, what is for all sources holds first, then what is for tags, then what is for single ones. A text with
//! a mistake in it switches nothing.

use core::fmt;

use crate::gate::{self, source};
use crate::setting::Scalar;
use crate::{Unit, Writer, tag};

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
}

impl Mistake<'_> {
    /// What is wrong, without the word that is.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownSource(_) => "unknown source",
            Self::UnknownTag(_) => "unknown tag",
            Self::NotABool(_) => "neither on nor off",
            Self::Empty => "an item is empty (VALUE, SOURCE:VALUE or tag:TAG:VALUE)",
        }
    }
}

impl fmt::Display for Mistake<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSource(word) | Self::UnknownTag(word) | Self::NotABool(word) => {
                write!(out, "{}: {word}", self.reason())
            }
            Self::Empty => out.write_str(self.reason()),
        }
    }
}

impl core::error::Error for Mistake<'_> {}

/// What an item is for. Ordered as they are applied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    All,
    Tag,
    Source,
}

impl Scope {
    const IN_ORDER: [Self; 3] = [Self::All, Self::Tag, Self::Source];
}

impl Switches {
    /// What a text says.
    ///
    /// # Errors
    /// [`Mistake`], the first of the text.
    pub fn parse(text: &str) -> Result<Self, Mistake<'_>> {
        for item in text.split(',') {
            parse_item(item)?;
        }
        let mut switches = Self { touched: 0, on: 0 };
        for scope in Scope::IN_ORDER {
            // Without mistakes, as was just found.
            let items = text.split(',').filter_map(|item| parse_item(item).ok());
            for (_, sources, on) in items.filter(|(of, ..)| *of == scope) {
                switches.touched |= sources;
                switches.on = if on { switches.on | sources } else { switches.on & !sources };
            }
        }
        Ok(switches)
    }

    /// Switches them, in somebody's name.
    pub fn apply(self, by: Writer) {
        gate::switch_all(self.touched, self.on, by);
    }
}

/// What an item is for, the sources it is about, and whether they are to be on.
fn parse_item(item: &str) -> Result<(Scope, u64, bool), Mistake<'_>> {
    let (name, value) = item.rsplit_once(':').unwrap_or(("*", item));
    if name.is_empty() || value.is_empty() {
        return Err(Mistake::Empty);
    }
    let (scope, sources) = if name == "*" {
        (Scope::All, gate::sources().fold(0, |bits, source| bits | source.bit()))
    } else if let Some(name) = name.strip_prefix("tag:") {
        (Scope::Tag, tag(name).ok_or(Mistake::UnknownTag(name))?.sources())
    } else {
        let name = name.strip_prefix("src:").unwrap_or(name);
        (Scope::Source, source(name).ok_or(Mistake::UnknownSource(name))?.bit())
    };
    let on = bool::parse(value, Unit::None).map_err(|_| Mistake::NotABool(value))?;
    Ok((scope, sources, on))
}
