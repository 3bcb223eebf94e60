//! Which lines are kept, and which sources there are to set levels for.
//!
//! # What a source is
//! The `log` crate knows a source only when a line comes from it, and a line below every level in force never does. So the
//! build tells: it asks Cargo for the crates linked with the program that depend on `log`, however indirectly, since no
//! other can log (`PERISCOPE_LOG_SOURCES` in the Makefile). A source is known if it is such a crate, or a module path below
//! one: which modules log nobody can say beforehand. Lines may also give a target of their own; that is known once a line
//! came from it, or once `--logs` named it, so that what has not been seen yet can be made known. In an image whose build
//! did not tell, every name is taken.

use super::Level;
use crate::memory::map;
use crate::program;
use core::cell::RefCell;
use critical_section::Mutex;
use heapless::{String, Vec};
use kernel_core::log_filter::{LevelCache, LogFilter, MAX_SOURCE_BYTES, MAX_SOURCES, crate_of, same};

static FILTER: Mutex<RefCell<LogFilter>> = Mutex::new(RefCell::new(LogFilter::new(Level::Info)));
/// What the filter says of sources whose names are constants.
static CACHE: LevelCache = LevelCache::new();
/// Sources that no crate is, as far as their first name: seen, or named by the boot parameters. Beyond its bound none is
/// added: there is one for each target that a program makes up, not for each line.
static OTHERS: Mutex<RefCell<Vec<String<MAX_SOURCE_BYTES>, MAX_SOURCES>>> = Mutex::new(RefCell::new(Vec::new()));

/// What programs print comes from here.
const PRINTED: &str = "app";

/// Sets which lines are kept.
pub(crate) fn set_filter(filter: LogFilter) {
    let most = match filter.max_level() {
        Level::Quiet | Level::App => log::LevelFilter::Off,
        Level::Error => log::LevelFilter::Error,
        Level::Warning => log::LevelFilter::Warn,
        Level::Info => log::LevelFilter::Info,
        Level::Debug => log::LevelFilter::Trace,
    };
    critical_section::with(|cs| {
        log::set_max_level(most);
        FILTER.borrow(cs).replace(filter);
        CACHE.clear();
    });
}

/// The level in force for every source that has none of its own.
pub(crate) fn default_level() -> Level {
    critical_section::with(|cs| FILTER.borrow(cs).borrow().default_level())
}

/// The level in force for a source.
pub(crate) fn level_of(source: &str) -> Level {
    critical_section::with(|cs| FILTER.borrow(cs).borrow().level(source))
}

/// Whether a line is kept. A source that was asked for lately costs one load of its level and a comparison of addresses.
pub(super) fn passes(source: &str, level: Level) -> bool {
    level <= CACHE.get(source).unwrap_or_else(|| look_up(source))
}

#[cold]
#[inline(never)]
fn look_up(source: &str) -> Level {
    let level = critical_section::with(|cs| {
        let level = FILTER.borrow(cs).borrow().level(source);
        if map::constants().contains(&source.as_ptr().addr()) {
            CACHE.keep(source, level);
        }
        level
    });
    Sources.learn(source);
    level
}

/// The sources that levels can be set for.
#[derive(Clone, Copy)]
pub(crate) struct Sources;

impl Sources {
    /// Whether lines can come from a source of this name, as far as can be told.
    pub(crate) fn knows(self, source: &str) -> bool {
        // Names are shown to others.
        if source.chars().any(char::is_control) {
            return false;
        }
        let first = crate_of(source);
        self.lists(first) || program::log_sources().is_none() && !first.is_empty()
    }

    /// Whether [`each`](Self::each) gives it.
    pub(crate) fn lists(self, source: &str) -> bool {
        same(source, PRINTED)
            || program::log_sources().is_some_and(|mut linked| linked.any(|known| same(known, source)))
            || with_others(|others| is_in(others, source))
    }

    /// Gives each of them once: crates, what prints, and what else there was.
    pub(crate) fn each(self, tell: &mut dyn FnMut(&str)) {
        tell(PRINTED);
        program::log_sources().into_iter().flatten().for_each(&mut *tell);
        let mut at = 0;
        while let Some(other) = with_others(|others| others.get(at).cloned()) {
            tell(&other);
            at += 1;
        }
    }

    /// Makes a source known.
    pub(crate) fn learn(self, source: &str) {
        if !self.knows(source) {
            // One that is too long cannot be set, and one too many is left out, as `OTHERS` says.
            let Ok(first) = String::try_from(crate_of(source)) else { return };
            with_others(|others| {
                if !is_in(others, &first) {
                    let _ = others.push(first);
                }
            });
        }
    }
}

fn with_others<R>(f: impl FnOnce(&mut Vec<String<MAX_SOURCE_BYTES>, MAX_SOURCES>) -> R) -> R {
    critical_section::with(|cs| f(&mut OTHERS.borrow_ref_mut(cs)))
}

fn is_in(others: &[String<MAX_SOURCE_BYTES>], name: &str) -> bool {
    others.iter().any(|known| same(known, name))
}
