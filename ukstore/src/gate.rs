//! The gate of each source: whether it is told at all. A source is the first name of a path: `/net/service/…` is told
//! by `net`. A source that is off is not walked, and none of its functions is called.
//!
//! There is nothing to declare and nothing is done at boot: sources are counted through the sorted table of paths, and
//! each has a bit by its place there. Whoever switches one marks its families, so that a walk asks for no names: it looks at a
//! byte for each family.

use core::cell::OnceCell;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use critical_section::Mutex;

use crate::setting::Written;
use crate::{Family, LastWrite, Name, Writer, entries, families, names, tables::families_off};

/// The most sources there may be: one bit each in a word. The build's check counts them.
pub const MAX_SOURCES: usize = 64;

/// A bit for each source that is off.
static OFF: AtomicU64 = AtomicU64::new(0);

/// Who switched each last.
static WRITTEN: [Written; MAX_SOURCES] = [const { Written::never() }; MAX_SOURCES];

/// A part of the tree that can be switched off while the machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    name: &'static str,
    index: u32,
}

impl Source {
    /// The source that tells this family.
    #[must_use]
    pub fn of(family: &'static Family) -> Self {
        let name = family.source_name();
        let index = with_names(|names| names.binary_search(&name).ok());
        // Every family has a path, and so its source a place.
        Self { name, index: index.map_or(MAX_SOURCES as u32, |index| index as u32) }
    }

    /// The source at this place: what [`index`](Self::index) says.
    #[must_use]
    pub fn at(index: usize) -> Option<Self> {
        with_names(|names| names.get(index).map(|&name| Self { name, index: index as u32 }))
    }

    /// Its name, the first of its paths.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether it is told.
    #[must_use]
    pub fn is_on(self) -> bool {
        OFF.load(Relaxed) & self.bit() == 0
    }

    /// Switches it on or off. Walks that are made meanwhile may still tell some of its families as it was.
    pub fn switch(self, on: bool, by: Writer) {
        self.set(on, by);
        mark_families(self.bit());
    }

    /// Switches it, but for its families.
    fn set(self, on: bool, by: Writer) {
        let Some(written) = WRITTEN.get(self.index as usize) else { return };
        written.now(SOURCES_PATH, Some(Name::clean(self.name)), by, |_| {
            if on {
                OFF.fetch_and(!self.bit(), Relaxed);
            } else {
                OFF.fetch_or(self.bit(), Relaxed);
            }
        });
    }

    /// Who switched it last, and when; `None` if nobody did.
    #[must_use]
    pub fn last_write(self) -> Option<LastWrite> {
        WRITTEN.get(self.index as usize)?.get()
    }

    /// Its place among all sources, by name: below [`MAX_SOURCES`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// Its bit in a set of sources.
    #[must_use]
    pub const fn bit(self) -> u64 {
        match 1_u64.checked_shl(self.index) {
            Some(bit) => bit,
            None => 0,
        }
    }
}

/// A bit for each source that is off.
pub(crate) fn off() -> u64 {
    OFF.load(Relaxed)
}

/// Switches the sources whose bits are in `touched`: on, those whose bits are in `on` too. One that is as it should be is
/// left alone, so that what is told of a change of many is what has changed.
pub(crate) fn switch_all(touched: u64, on: u64, by: Writer) {
    let changed = touched & (on ^ !off());
    for source in sources().filter(|source| source.bit() & changed != 0) {
        source.set(source.bit() & on != 0, by);
    }
    mark_families(changed);
}

/// Where the switches are in the tree.
pub(crate) const SOURCES_PATH: &str = "/ukstore/sources";

/// All sources, by name.
pub fn sources() -> impl Iterator<Item = Source> {
    (0..).map_while(Source::at)
}

/// The names of all sources, found in the table.
fn found_names() -> impl Iterator<Item = &'static str> {
    let mut rest = entries();
    core::iter::from_fn(move || {
        let name = names::source(rest.first()?.path());
        rest = &rest[rest.partition_point(|entry| names::source(entry.path()) <= name)..];
        Some(name)
    })
}

/// Calls `f` with the names of all sources, in their order. The first call finds them.
fn with_names<R>(f: impl FnOnce(&[&'static str]) -> R) -> R {
    static NAMES: Mutex<OnceCell<([&str; MAX_SOURCES], usize)>> = Mutex::new(OnceCell::new());
    critical_section::with(|cs| {
        let (names, count) = NAMES.borrow(cs).get_or_init(|| {
            let mut names = [""; MAX_SOURCES];
            let mut count = 0;
            for (place, name) in names.iter_mut().zip(found_names()) {
                *place = name;
                count += 1;
            }
            (names, count)
        });
        f(&names[..*count])
    })
}

/// The source of this name.
#[must_use]
pub fn source(name: &str) -> Option<Source> {
    let index = with_names(|names| names.binary_search(&name).ok())?;
    Source::at(index)
}

/// Whether the source of this name is told. While none is off, which is one load, it is not looked for.
#[inline]
pub(crate) fn is_on(name: &str) -> bool {
    off() == 0 || source(name).is_none_or(Source::is_on)
}

/// Marks the families of the sources in `changed`, as they are switched.
fn mark_families(changed: u64) {
    for (family, is_off) in families().iter().zip(families_off()) {
        let source = Source::of(family);
        if source.bit() & changed != 0 {
            // As one: of several who switch a source at once, whoever marks last marks what holds.
            critical_section::with(|_| is_off.store(!source.is_on(), Relaxed));
        }
    }
}

/// For who has families by source: the switches as they were when it began, and the last answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    off: u64,
    last: Option<(&'static str, bool)>,
}

impl Gate {
    /// The switches as they are now.
    pub(crate) fn now() -> Self {
        Self { off: off(), last: None }
    }

    /// Whether the source of this name is on. It is looked for once for each stretch of families of one source.
    pub(crate) fn admits(&mut self, name: &'static str) -> bool {
        match self.last {
            _ if self.off == 0 => true,
            Some((last, on)) if last == name => on,
            _ => {
                let on = source(name).is_none_or(|source| self.off & source.bit() == 0);
                self.last = Some((name, on));
                on
            }
        }
    }
}
