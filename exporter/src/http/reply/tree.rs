//! Replies that show the tree, in the form the client asked for.
//!
//! What is at a path is looked up when the reply begins, not when the request was read: samples were taken in between.

use super::body::Body;
use super::page::Page;
use crate::http::request::{Refusal, TreePath};
use crate::http::stats;
use crate::http::tree::Format;

/// Begins the reply that shows what is at `path`.
pub(super) fn begin(_path: &TreePath, _format: Format) -> Body {
    // No form is written yet, so nothing can be shown at any path.
    stats::refused(Refusal::NotFound);
    Body::Page(Page::Refused(Refusal::NotFound))
}
