//! How much a line matters.

use core::fmt;

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
