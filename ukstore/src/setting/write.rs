//! Who writes, when, and writing by path.

use core::cell::Cell;
use core::fmt;
use core::net::IpAddr;

use critical_section::Mutex;

use super::Refused;
use crate::event::{self, Change};
use crate::{Error, Name, lookup, machine};

/// Who wrote a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The boot parameters.
    Boot,
    /// The program, or the kernel itself.
    Program,
    /// Somebody on the management network.
    Network(IpAddr),
}

impl fmt::Display for Writer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boot => out.write_str("boot"),
            Self::Program => out.write_str("program"),
            Self::Network(address) => write!(out, "{address}"),
        }
    }
}

/// The write a setting has its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastWrite {
    /// Who wrote.
    pub by: Writer,
    /// When, in nanoseconds since boot.
    pub at_ns: u64,
}

/// Writes the setting at a path.
///
/// # Errors
/// [`Refused::NotFound`], [`Refused::NotASetting`], or why the setting does not take the text.
pub fn write(path: &str, text: &str, by: Writer) -> Result<(), Refused> {
    match lookup(path) {
        Ok(node) => node.write(text, by),
        Err(Error::NotFound | Error::Absent | Error::Off | Error::NotOneValue) => Err(Refused::NotFound),
    }
}

/// The memory of the last write.
pub(crate) struct Written(Mutex<Cell<Option<LastWrite>>>);

impl Written {
    pub(crate) const fn never() -> Self {
        Self(Mutex::new(Cell::new(None)))
    }

    pub(crate) fn get(&self) -> Option<LastWrite> {
        critical_section::with(|cs| self.0.borrow(cs).get())
    }

    /// Stores a value and who wrote it as one, and tells whoever subscribed.
    pub(crate) fn now(
        &self,
        path: &'static str,
        name: Option<Name>,
        by: Writer,
        store: impl FnOnce(critical_section::CriticalSection<'_>),
    ) {
        critical_section::with(|cs| {
            store(cs);
            self.0.borrow(cs).set(Some(LastWrite { by, at_ns: machine::now_ns() }));
            event::raise(Change::Set(by), path, name);
        });
        machine::wake();
    }
}
