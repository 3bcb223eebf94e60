//! Which log lines are kept: `LEVEL[,SOURCE:LEVEL...]`, as `--logs` and the setting `/log/levels` take it.
//!
//! A source is a crate or module path as the compiler names it; a setting for `web` covers `web` and everything below it
//! (`web::http`), not `webdav`. The setting with the longest matching source decides, else the default. `-` and `_` are the
//! same, because Cargo shows one and the compiler the other.
//!
//! Not here: where lines go ([`crate::log_ring`]) and how they look.

mod cache;
mod level;

pub use cache::LevelCache;
pub use level::Level;

use core::fmt;
use heapless::{String, Vec};

/// Most sources with a level of their own.
pub const MAX_SOURCES: usize = 16;

/// Longest name of a source in a setting, in bytes.
pub const MAX_SOURCE_BYTES: usize = 48;

/// Longest setting, in bytes: what a text in the tree may have.
pub const MAX_SPEC_BYTES: usize = 255;

/// What is wrong with a log setting. Nothing of the setting was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterError {
    /// Not one of the six level names.
    UnknownLevel,
    /// Nothing before the colon, or an empty item.
    NoSource,
    /// More than [`MAX_SOURCE_BYTES`].
    SourceTooLong,
    /// More than [`MAX_SOURCES`] sources.
    TooManySources,
    /// More than [`MAX_SPEC_BYTES`] in all.
    TooLong,
}

impl FilterError {
    /// What is wrong, in words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::UnknownLevel => "unknown level (quiet, app, error, warning, info, debug)",
            Self::NoSource => "an item is empty (LEVEL[,SOURCE:LEVEL...])",
            Self::SourceTooLong => "a source name is longer than 48 bytes",
            Self::TooManySources => "more than 16 sources",
            Self::TooLong => "longer than 255 bytes",
        }
    }
}

// The words above.
const _: () = assert!(MAX_SOURCE_BYTES == 48 && MAX_SOURCES == 16 && MAX_SPEC_BYTES == 255);

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl core::error::Error for FilterError {}

/// The levels in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter {
    default: Level,
    sources: Vec<(String<MAX_SOURCE_BYTES>, Level), MAX_SOURCES>,
}

impl LogFilter {
    /// The same level for every source.
    pub const fn new(default: Level) -> Self {
        Self { default, sources: Vec::new() }
    }

    /// What `LEVEL[,SOURCE:LEVEL...]` says; a bare `LEVEL`, or `*:LEVEL`, sets the default wherever it stands, which else
    /// is `info`.
    pub fn parse(spec: &str) -> Result<Self, FilterError> {
        Self::new(Level::Info).adjusted(spec)
    }

    /// These levels and what the same words change of them: a default, wherever it stands, holds for all sources, and then
    /// each source that is named has its own.
    pub fn adjusted(&self, spec: &str) -> Result<Self, FilterError> {
        if spec.len() > MAX_SPEC_BYTES {
            return Err(FilterError::TooLong);
        }
        let mut filter = self.clone();
        for item in spec.split(',') {
            if let (DEFAULT, level) = parse_item(item)? {
                filter = Self::new(level);
            }
        }
        for item in spec.split(',') {
            let (source, level) = parse_item(item)?;
            if source != DEFAULT {
                filter.set(source, level)?;
            }
        }
        Ok(filter)
    }

    /// The same levels, without what says nothing new: a source whose level is the one that it would have anyway.
    pub fn simplified(mut self) -> Self {
        let mut at = 0;
        while let Some((source, level)) = self.sources.get(at).cloned() {
            let mut without = self.clone();
            without.sources.remove(at);
            // Whatever had its level from here has the same one then.
            if without.level(&source) == level {
                self = without;
            } else {
                at += 1;
            }
        }
        self
    }

    /// The level of every source that has none of its own.
    pub fn default_level(&self) -> Level {
        self.default
    }

    /// The sources that have a level of their own, in the order in which they were first set.
    pub fn sources(&self) -> impl Iterator<Item = (&str, Level)> {
        self.sources.iter().map(|(source, level)| (source.as_str(), *level))
    }

    fn set(&mut self, source: &str, level: Level) -> Result<(), FilterError> {
        if let Some((_, known)) = self.sources.iter_mut().find(|(name, _)| same(name, source)) {
            *known = level;
            return Ok(());
        }
        let name = String::try_from(source).map_err(|_| FilterError::SourceTooLong)?;
        self.sources.push((name, level)).map_err(|_| FilterError::TooManySources)
    }

    /// The level in force for `source`.
    pub fn level(&self, source: &str) -> Level {
        self.sources
            .iter()
            .filter(|(name, _)| covers(name, source))
            .max_by_key(|(name, _)| name.len())
            .map_or(self.default, |&(_, level)| level)
    }

    /// Whether a line of this level from `source` is kept.
    pub fn passes(&self, source: &str, level: Level) -> bool {
        level <= self.level(source)
    }

    /// The most talkative level any source has: a line above it needs no further look.
    pub fn max_level(&self) -> Level {
        self.sources.iter().fold(self.default, |max, &(_, level)| max.max(level))
    }
}

/// Writes the levels as [`LogFilter::parse`] takes them.
impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.default.name())?;
        self.sources.iter().try_for_each(|(source, level)| write!(f, ",{source}:{level}"))
    }
}

/// What stands for all sources.
const DEFAULT: &str = "*";

/// The source and the level that an item names; [`DEFAULT`] for a bare level.
fn parse_item(item: &str) -> Result<(&str, Level), FilterError> {
    // From the right: a module path has colons of its own.
    let (source, level) = item.rsplit_once(':').unwrap_or((DEFAULT, item));
    if source.is_empty() || item.is_empty() {
        return Err(FilterError::NoSource);
    }
    Ok((source, Level::from_name(level).ok_or(FilterError::UnknownLevel)?))
}

/// The sources that a setting names, in its order, whether or not it is a good one.
pub fn sources_named(spec: &str) -> impl Iterator<Item = &str> {
    let named = spec.split(',').filter_map(|item| item.rsplit_once(':'));
    named.map(|(source, _)| source).filter(|&source| source != DEFAULT)
}

/// The crate that a source is, or is in.
pub fn crate_of(source: &str) -> &str {
    source.split_once("::").map_or(source, |(name, _)| name)
}

fn fold(byte: u8) -> u8 {
    if byte == b'-' { b'_' } else { byte }
}

/// Whether two names are one to Cargo and the compiler.
pub fn same(a: &str, b: &str) -> bool {
    a.bytes().map(fold).eq(b.bytes().map(fold))
}

/// Whether `source` is `name` or a module below it.
fn covers(name: &str, source: &str) -> bool {
    let Some((head, tail)) = source.as_bytes().split_at_checked(name.len()) else { return false };
    (tail.is_empty() || tail.starts_with(b"::")) && head.iter().copied().map(fold).eq(name.bytes().map(fold))
}

#[cfg(test)]
mod tests;
