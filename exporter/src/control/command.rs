//! One command: what it says, and carrying it out.

use core::fmt::{self, Write};

use ukstore::{Mistake, Switches, Writer};

use super::list::{self, Wanted};
use super::reply::{MAX_REPLY, Reply};
use super::stats::{COMMANDS, Command as Counted, Reason};
use super::{LevelsRefused, LogLevels, MAX_COMMAND};

/// Why a command was not carried out: nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault<'a> {
    /// Its first letter is none of the four.
    UnknownCommand,
    UnknownSource(&'a str),
    UnknownTag(&'a str),
    /// A level, a value or an item that makes no sense.
    Words(&'static str),
    NotABool(&'a str),
    NotText,
    TooLong,
    /// There is something behind its line end.
    Several,
    ReplyTooLong,
}

impl Fault<'_> {
    /// As what it is counted.
    pub(super) const fn reason(&self) -> Reason {
        match self {
            Self::UnknownCommand => Reason::Command,
            Self::UnknownSource(_) | Self::UnknownTag(_) => Reason::Source,
            Self::Words(_) | Self::NotABool(_) => Reason::Value,
            Self::NotText => Reason::Text,
            Self::TooLong => Reason::Length,
            Self::Several => Reason::Several,
            Self::ReplyTooLong => Reason::Reply,
        }
    }
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCommand => out.write_str("unknown command"),
            Self::UnknownSource(name) => write!(out, "unknown source: {name}"),
            Self::UnknownTag(name) => write!(out, "unknown tag: {name}"),
            Self::Words(reason) => out.write_str(reason),
            Self::NotABool(word) => write!(out, "neither enable (on) nor disable (off): {word}"),
            Self::NotText => out.write_str("not UTF-8 text"),
            Self::TooLong => write!(out, "longer than {MAX_COMMAND} bytes"),
            Self::Several => out.write_str("one command a connection, and nothing was done"),
            Self::ReplyTooLong => write!(out, "the list is longer than {MAX_REPLY} bytes: name some sources"),
        }
    }
}

impl<'a> From<LevelsRefused<'a>> for Fault<'a> {
    fn from(refused: LevelsRefused<'a>) -> Self {
        match refused {
            LevelsRefused::UnknownSource(name) => Self::UnknownSource(name),
            LevelsRefused::Because(reason) => Self::Words(reason),
        }
    }
}

impl<'a> From<Mistake<'a>> for Fault<'a> {
    fn from(mistake: Mistake<'a>) -> Self {
        match mistake {
            Mistake::UnknownSource(name) => Self::UnknownSource(name),
            Mistake::UnknownTag(name) => Self::UnknownTag(name),
            Mistake::NotABool(word) => Self::NotABool(word),
            Mistake::Empty | Mistake::TooMany => Self::Words(mistake.reason()),
        }
    }
}

/// The list was cut.
impl From<fmt::Error> for Fault<'_> {
    fn from(_: fmt::Error) -> Self {
        Self::ReplyTooLong
    }
}

/// Carries out what was sent, and writes the reply.
pub(super) fn carry_out(sent: &[u8], levels: &dyn LogLevels, by: Writer, reply: &mut Reply) {
    reply.clear();
    if let Err(fault) = command(sent).and_then(|text| run(text, levels, by, reply)) {
        refuse(fault, reply);
    }
}

/// Counts a fault, and makes it the reply.
pub(super) fn refuse(fault: Fault<'_>, reply: &mut Reply) {
    fault.reason().count();
    reply.clear();
    if write!(reply, "error: {fault}").is_err() {
        // It repeats a word that fills the command.
        reply.clear();
        // It has room.
        let _ = reply.write_str("error: what is wrong with it is too long to repeat");
    }
}

/// The text of the one command that was sent.
fn command(sent: &[u8]) -> Result<&str, Fault<'_>> {
    let text = core::str::from_utf8(sent).map_err(|_| Fault::NotText)?;
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    if rest.trim_ascii().is_empty() { Ok(line.trim_ascii_end()) } else { Err(Fault::Several) }
}

fn run<'a>(text: &'a str, levels: &dyn LogLevels, by: Writer, reply: &mut Reply) -> Result<(), Fault<'a>> {
    let mut chars = text.chars();
    let letter = chars.next();
    let words = chars.as_str();
    match letter {
        Some('L') => {
            COMMANDS[Counted::SetLevels].inc();
            levels.adjust(words, by)?;
            Ok(reply.write_str("ok")?)
        }
        Some('M') => {
            COMMANDS[Counted::SetSources].inc();
            Switches::parse(words)?.apply(by);
            Ok(reply.write_str("ok")?)
        }
        Some('l') => {
            COMMANDS[Counted::ListLevels].inc();
            list::levels(Wanted::of(words), levels, reply)
        }
        Some('m') => {
            COMMANDS[Counted::ListSources].inc();
            list::sources(Wanted::of(words), reply)
        }
        _ => Err(Fault::UnknownCommand),
    }
}
