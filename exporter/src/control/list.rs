//! The lists: `ok: NAME:STATE,NAME:STATE`.

use core::fmt::{self, Write};

use ukstore::{MAX_ITEMS, Source};

use super::LogLevels;
use super::command::Fault;
use super::reply::Reply;

/// What is to be listed.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// What differs from the default, after the default.
    Different,
    Everything,
    /// These, separated by commas, without the default.
    Named(&'a str),
}

impl<'a> Wanted<'a> {
    pub(super) fn of(words: &'a str) -> Self {
        match words {
            "" => Self::Different,
            "*" => Self::Everything,
            names => Self::Named(names),
        }
    }
}

/// A list that is being written.
struct List<'r> {
    reply: &'r mut Reply,
    /// What stands before the next item.
    before: &'static str,
    /// Whether everything had room.
    result: fmt::Result,
}

impl<'r> List<'r> {
    const fn new(reply: &'r mut Reply) -> Self {
        Self { reply, before: "ok: ", result: Ok(()) }
    }

    fn add(&mut self, name: &str, state: &str) {
        let before = core::mem::replace(&mut self.before, ",");
        self.result = self.result.and_then(|()| write!(self.reply, "{before}{name}:{state}"));
    }
}

/// Lists levels of logs.
pub(super) fn levels<'a>(wanted: Wanted<'a>, levels: &dyn LogLevels, reply: &mut Reply) -> Result<(), Fault<'a>> {
    let mut list = List::new(reply);
    match wanted {
        Wanted::Different => {
            list.add("*", levels.default_level());
            levels.each_set(&mut |source| list.add(source, levels.level(source)));
        }
        Wanted::Everything => {
            list.add("*", levels.default_level());
            levels.each(&mut |source| list.add(source, levels.level(source)));
        }
        Wanted::Named(names) => {
            for name in each(names)? {
                if !levels.knows(name) {
                    return Err(Fault::UnknownSource(name));
                }
                list.add(name, levels.level(name));
            }
        }
    }
    Ok(list.result?)
}

/// Lists metric sources.
///
/// What `*` shows is what most of them are: so the list of what differs is short, and true whatever was written last.
pub(super) fn sources<'a>(wanted: Wanted<'a>, reply: &mut Reply) -> Result<(), Fault<'a>> {
    let mut list = List::new(reply);
    let on = ukstore::sources().filter(|source| source.is_on()).count();
    let mostly_on = on * 2 >= ukstore::sources().count();
    match wanted {
        Wanted::Different => {
            list.add("*", state(mostly_on));
            ukstore::sources().filter(|source| source.is_on() != mostly_on).for_each(|source| add(&mut list, source));
        }
        Wanted::Everything => {
            list.add("*", state(mostly_on));
            ukstore::sources().for_each(|source| add(&mut list, source));
        }
        Wanted::Named(names) => {
            for name in each(names)? {
                if let Some(name) = name.strip_prefix("tag:") {
                    let with_it = ukstore::tag(name).ok_or(Fault::UnknownTag(name))?.sources();
                    let have = ukstore::sources().filter(|source| source.bit() & with_it != 0);
                    have.for_each(|source| add(&mut list, source));
                } else {
                    let name = name.strip_prefix("src:").unwrap_or(name);
                    add(&mut list, ukstore::source(name).ok_or(Fault::UnknownSource(name))?);
                }
            }
        }
    }
    Ok(list.result?)
}

/// The names, as many as a command may have, so that its work is bounded.
fn each(names: &str) -> Result<impl Iterator<Item = &str>, Fault<'_>> {
    let names = names.split(',');
    if names.clone().count() > MAX_ITEMS { Err(Fault::Words("more than 64 names")) } else { Ok(names) }
}

const _: () = assert!(MAX_ITEMS == 64, "the words above");

fn add(list: &mut List<'_>, source: Source) {
    list.add(source.name(), state(source.is_on()));
}

const fn state(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}
