//! Which log lines are kept: `LEVEL[,SOURCE:LEVEL...]`, as `--logs` and the setting `/log/levels` take it.
//!
//! A source is a crate or module path as the compiler names it; a setting for `web` covers `web` and everything below it
//! (`web::http`), not `webdav`. The setting with the longest matching source decides, else the default. `-` and `_` are the
//! same, because Cargo shows one and the compiler the other.
//!
//! Not here: where lines go ([`crate::log_ring`]) and how they look.

use core::fmt;
use heapless::{String, Vec};

/// How much a line matters, or which lines pass: a setting lets through its own level and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// As a setting: no line passes. No line has this level.
    Quiet,
    /// What the program prints: its output, not its log.
    App,
    /// Something failed that somebody must see to.
    Error,
    /// Something is wrong, and the machine copes.
    Warning,
    /// What an operator wants to read afterwards.
    Info,
    /// What a developer wants to read (also the `log` crate's trace).
    Debug,
}

impl Level {
    /// All levels, least talkative first: `ALL[level as usize] == level`.
    pub const ALL: [Self; 6] = [Self::Quiet, Self::App, Self::Error, Self::Warning, Self::Info, Self::Debug];

    /// The name used in settings and in log output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::App => "app",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    /// The level called `name`, in lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

impl From<log::Level> for Level {
    fn from(level: log::Level) -> Self {
        match level {
            log::Level::Error => Self::Error,
            log::Level::Warn => Self::Warning,
            log::Level::Info => Self::Info,
            log::Level::Debug | log::Level::Trace => Self::Debug,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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
        if spec.len() > MAX_SPEC_BYTES {
            return Err(FilterError::TooLong);
        }
        let mut filter = Self::new(Level::Info);
        for item in spec.split(',') {
            // From the right: a module path has colons of its own.
            let (source, level) = item.rsplit_once(':').unwrap_or(("*", item));
            if source.is_empty() || item.is_empty() {
                return Err(FilterError::NoSource);
            }
            let level = Level::from_name(level).ok_or(FilterError::UnknownLevel)?;
            filter.set(source, level)?;
        }
        Ok(filter)
    }

    fn set(&mut self, source: &str, level: Level) -> Result<(), FilterError> {
        if source == "*" {
            self.default = level;
            return Ok(());
        }
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

fn fold(byte: u8) -> u8 {
    if byte == b'-' { b'_' } else { byte }
}

fn same(a: &str, b: &str) -> bool {
    a.bytes().map(fold).eq(b.bytes().map(fold))
}

/// Whether `source` is `name` or a module below it.
fn covers(name: &str, source: &str) -> bool {
    let Some((head, tail)) = source.as_bytes().split_at_checked(name.len()) else { return false };
    (tail.is_empty() || tail.starts_with(b"::")) && head.iter().copied().map(fold).eq(name.bytes().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::ToString, vec::Vec};

    fn filter(spec: &str) -> LogFilter {
        LogFilter::parse(spec).unwrap_or_else(|error| panic!("{spec}: {error}"))
    }

    #[test]
    fn a_source_covers_its_modules_only() {
        let filter = filter("warning,web:debug,web::http:quiet");
        assert_eq!(filter.level("other"), Level::Warning);
        assert_eq!(filter.level("web"), Level::Debug);
        assert_eq!(filter.level("web::files"), Level::Debug);
        assert_eq!(filter.level("web::http"), Level::Quiet);
        assert_eq!(filter.level("web::http::parse"), Level::Quiet);
        assert_eq!(filter.level("webdav"), Level::Warning);
        assert_eq!(filter.max_level(), Level::Debug);
        assert!(filter.passes("other", Level::Error) && !filter.passes("other", Level::Info));
        assert!(!filter.passes("web::http", Level::App));
    }

    #[test]
    fn dashes_and_underscores_are_the_same() {
        let filter = filter("virtio-drivers:debug,virtio_drivers:error");
        assert_eq!(filter.level("virtio_drivers::queue"), Level::Error);
        assert_eq!(filter.to_string(), "info,virtio-drivers:error");
    }

    #[test]
    fn what_is_shown_can_be_parsed() {
        let filter = filter("*:debug,a::b:quiet,c:app");
        assert_eq!(filter.to_string(), "debug,a::b:quiet,c:app");
        assert_eq!(LogFilter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn a_bad_setting_is_refused_with_a_reason() {
        let long = format!("{}:info", "x".repeat(MAX_SOURCE_BYTES + 1));
        for (spec, error) in [
            ("", FilterError::NoSource),
            ("debug,", FilterError::NoSource),
            ("debug,:info", FilterError::NoSource),
            ("debug,loud", FilterError::UnknownLevel),
            ("a:debug,b:", FilterError::UnknownLevel),
            ("Info", FilterError::UnknownLevel),
            (&long, FilterError::SourceTooLong),
        ] {
            assert_eq!(LogFilter::parse(spec), Err(error), "{spec}");
        }
        let most = (0..MAX_SOURCES).map(|source| format!("s{source}:info")).collect::<Vec<_>>().join(",");
        assert!(LogFilter::parse(&most).is_ok());
        assert_eq!(LogFilter::parse(&format!("{most},one_more:info")), Err(FilterError::TooManySources));
        assert!(LogFilter::parse(&format!("{most},s3:debug")).is_ok(), "a known source can still change");
        let repeated = "s:info,".repeat(MAX_SPEC_BYTES / 7 + 1) + "info";
        assert_eq!(LogFilter::parse(&repeated), Err(FilterError::TooLong));
    }

    #[test]
    fn levels_are_ordered_by_talkativeness() {
        for (index, level) in Level::ALL.into_iter().enumerate() {
            assert_eq!(level as usize, index);
            assert_eq!(Level::from_name(level.name()), Some(level));
        }
        assert_eq!(Level::from(log::Level::Trace), Level::Debug);
    }
}
