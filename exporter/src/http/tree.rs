//! The port's side of ukstore's tree: the forms it is shown in, what may be done at a path, and the one place where a
//! setting is written. Requests and replies both ask here; neither knows ukstore's own terms.

use core::net::IpAddr;

use super::request::{Methods, Refusal, TreePath, choose};

/// A form the tree is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people with a terminal, and for scripts.
    Text,
    /// For programs.
    Json,
    /// For people with a browser.
    Html,
}

impl Format {
    /// All forms with their `Content-Type`s, the one for who does not mind first.
    const ALL: [Self; 3] = [Self::Text, Self::Json, Self::Html];
    const CONTENT_TYPES: [&str; 3] = ["text/plain; charset=utf-8", "application/json", "text/html; charset=utf-8"];

    /// The form a client likes best, by the values of its `Accept` fields.
    pub(super) fn wanted<'h>(accept: impl Iterator<Item = &'h [u8]>) -> Self {
        Self::ALL[choose(accept, &Self::CONTENT_TYPES)]
    }
}

/// The methods of a path. A directory is never written; of other paths ukstore says whether they are settings when they
/// are written.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) fn methods(path: &TreePath) -> Result<Methods, Refusal> {
    Ok(if path.names_directory() { Methods::Read } else { Methods::ReadWrite })
}

/// Whether a path belongs to the faults that can be provoked for tests.
pub(super) fn is_fault(path: &TreePath) -> bool {
    path.as_str().strip_prefix("/faults").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Writes a setting on behalf of the client at `from`.
///
/// # Errors
/// Why it was not written.
pub(super) fn write(_path: &TreePath, _text: &str, _from: IpAddr) -> Result<(), Refusal> {
    // No entry is a setting yet.
    Err(Refusal::NotFound)
}
