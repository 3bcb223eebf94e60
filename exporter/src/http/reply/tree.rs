//! Replies that show the tree, in the form the client asked for.
//!
//! What is at a path is looked up when the reply begins, not when the request was read: samples were taken in between.

use ukstore::{Error, Node};

use super::body::{Body, Lines};
use super::page::Page;
use crate::exposition::tree::Encoder;
use crate::http::request::{Refusal, TreePath};
use crate::http::stats;
use crate::http::tree::Format;

/// Begins the reply that shows what is at `path`.
pub(super) fn begin(path: &TreePath, format: Format) -> Body {
    let found = ukstore::lookup(path.as_str()).and_then(|node| match node {
        Node::Leaf(leaf) => leaf.content(|_| node),
        Node::Directory(_) => Ok(node),
    });
    let refusal = match found {
        Ok(node) => return Body::Lines(Lines::Tree(*path, Encoder::new(node, format))),
        Err(Error::NotFound | Error::NotOneValue) => Refusal::NotFound,
        Err(Error::Absent) => Refusal::Absent,
        Err(Error::Off) => Refusal::Off,
    };
    stats::refused(refusal);
    Body::Page(Page::Refused(refusal))
}
