//! The methods a path has: what `Allow` lists, and what a request that asks for another is told.

use super::head::Method;
use super::refusal::Refusal;

/// A set of methods. `OPTIONS` belongs to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Methods {
    /// Of a path that can only be read.
    Read,
    /// Of a path that can be written too.
    ReadWrite,
}

impl Methods {
    /// The value of `Allow`.
    pub(in crate::http) fn allow(self) -> &'static str {
        match self {
            Self::Read => "GET, HEAD, OPTIONS",
            Self::ReadWrite => "GET, HEAD, PUT, OPTIONS",
        }
    }

    /// Passes the methods that belong to the set.
    ///
    /// # Errors
    /// The refusal of all others.
    pub(super) fn check(self, method: Method) -> Result<(), Refusal> {
        match (method, self) {
            (Method::Get | Method::Head | Method::Options, _) | (Method::Put, Self::ReadWrite) => Ok(()),
            (_, Self::Read) => Err(Refusal::Method),
            (_, Self::ReadWrite) => Err(Refusal::SettingMethod),
        }
    }
}
