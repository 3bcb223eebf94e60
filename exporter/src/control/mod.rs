//! The control port: levels of logs and switches of metric sources, in the words of `MirageOS`' mirage-monitoring, so that
//! its tools, and a person with `nc`, find here what they know. One command a connection, one reply, then the end.
//!
//! | command | what it does |
//! |---|---|
//! | `L`*spec* | sets log levels: `LEVEL`, `*:LEVEL`, `SOURCE:LEVEL`, separated by commas |
//! | `M`*spec* | switches metric sources: `VALUE`, `*:VALUE`, `SOURCE:VALUE`, `src:SOURCE:VALUE`, `tag:TAG:VALUE` |
//! | `l`, `m` | lists what differs from the default, after the default |
//! | `l*`, `m*` | lists everything |
//! | `lA,B`, `mA,B` | lists the named; for `m` also `src:A`, and `tag:T` for all that have the tag |
//!
//! Two commands in one piece are an error, and nothing is done. Where the second comes later, the first was carried out, its
//! reply is the last thing that is said, and the second is thrown away: the client sees the end, and
//! `uk_management_control_errors_total{reason="several"}` counts it.
//!
//! A reply is `ok`, `ok: *:disabled,memory:enabled`, or `error: ` and what is wrong; it has no line end. Of a command with
//! an error nothing is done. What it changes are settings of ukstore, with the client as who wrote them last.
//!
//! Unlike its model a line end behind the command is no part of it, sources that are not there are errors, and what is
//! set for a tag leaves what was set for other sources.
//!
//! Not here: the port, who may connect (the kernel), and what levels there are ([`LogLevels`] asks the machine).

mod command;
mod list;
mod reply;
mod session;
mod stats;

pub use session::{MAX_COMMAND, Session};

use ukstore::Writer;

/// The levels of logs, as the machine has them.
pub trait LogLevels {
    /// Whether there is a source of this name, as far as the machine knows.
    fn knows(&self, source: &str) -> bool;

    /// The level of every source that has none of its own.
    fn default_level(&self) -> &'static str;

    /// The level in force for a source.
    fn level(&self, source: &str) -> &'static str;

    /// Gives each source that has a level of its own, by which something differs from the default.
    fn each_set(&self, tell: &mut dyn FnMut(&str));

    /// Gives each source that there is, whatever its level, those that have one of their own among them.
    fn each(&self, tell: &mut dyn FnMut(&str));

    /// Changes what the words name: all of it, or nothing.
    ///
    /// # Errors
    /// [`LevelsRefused`].
    fn adjust<'w>(&self, words: &'w str, by: Writer) -> Result<(), LevelsRefused<'w>>;
}

/// Why levels were not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelsRefused<'w> {
    /// There is no such source.
    UnknownSource(&'w str),
    /// The words make no sense, or there is no room for what they ask for.
    Because(&'static str),
}
