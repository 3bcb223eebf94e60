//! The port's side of ukstore's tree: the forms it is shown in, what may be done at a path, and the one place where a
//! setting is written. Requests and replies both ask here; neither knows ukstore's own terms.

use core::net::IpAddr;

use ukstore::{Node, Writer};

pub(super) use crate::exposition::tree::Format;

use super::request::{Methods, Refusal, TreePath, choose};

/// The form a client likes best, by the values of its `Accept` fields.
pub(super) fn wanted<'h>(accept: impl Iterator<Item = &'h [u8]>) -> Format {
    Format::ALL[choose(accept, &Format::CONTENT_TYPES)]
}

/// What may be done at a path.
pub(super) struct Place {
    /// The methods it has.
    pub(super) methods: Methods,
    /// Whether to write it is to provoke a fault.
    pub(super) is_fault: bool,
}

/// Looks at a path, without reading what it tells.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) fn find(path: &TreePath) -> Result<Place, Refusal> {
    match ukstore::lookup(path.as_str()) {
        Ok(Node::Directory(_)) => Ok(Place { methods: Methods::Read, is_fault: false }),
        Ok(Node::Leaf(leaf)) if !path.names_directory() => Ok(Place {
            methods: if leaf.is_writable() { Methods::ReadWrite } else { Methods::Read },
            is_fault: leaf.setting().is_some_and(ukstore::SettingRecord::is_fault),
        }),
        Ok(Node::Leaf(_)) | Err(_) => Err(Refusal::NotFound),
    }
}

/// Writes a setting on behalf of the client at `from`.
///
/// # Errors
/// Why it was not written.
pub(super) fn write(path: &TreePath, text: &str, from: IpAddr) -> Result<(), ukstore::Refused> {
    ukstore::write(path.as_str(), text, Writer::Network(from))
}
