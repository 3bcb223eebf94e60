//! From request bytes to what is asked for: `scan` finds where a head ends, `head` parses and judges it with `framing` and
//! `list`, `route` says what it asks for (with `query` for `/log`'s parameters, `path` and `accept` for the tree, `methods`
//! for what may be done), and `refusal` lists why it may be refused.
//!
//! Nothing here outlives the request's bytes or knows how a reply is made.

mod accept;
mod framing;
mod head;
mod list;
mod methods;
mod path;
mod query;
mod refusal;
mod route;
mod scan;

pub(super) use accept::choose;
pub(super) use head::{FieldRoom, MAX_FIELDS, Method, Request};
pub(super) use methods::Methods;
pub(super) use path::TreePath;
pub(super) use refusal::Refusal;
pub(super) use route::{Route, Upload};
pub(super) use scan::{Scan, Scanner};
