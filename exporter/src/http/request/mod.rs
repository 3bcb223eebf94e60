//! From request bytes to what is asked for: `scan` finds where a head ends, `head` parses and judges it with `target`,
//! `host`, `framing` and `list`, `route` says what it asks for (`methods` for what may be done, `query` for `/log`'s
//! parameters, `selection`, `formats` and `coding` for `/metrics`, `path` and `accept` for the tree, `patience` for how
//! long the client waits), and `refusal` lists why it may be refused. `percent` and `media_range` are the grammar that
//! several of them share.
//!
//! Nothing here outlives the request's bytes, but for what `negotiated` remembers of the last, or knows how a reply is
//! made.

mod accept;
mod coding;
mod formats;
pub(crate) mod framing;
mod head;
mod host;
pub(crate) mod list;
mod media_range;
mod methods;
mod negotiated;
mod path;
mod patience;
mod percent;
mod query;
pub(crate) mod refusal;
mod route;
pub(crate) mod scan;
mod selection;
mod target;

pub(super) use accept::choose;
pub(super) use head::{FieldRoom, MAX_FIELDS, Method, Request};
pub(super) use methods::Methods;
pub(super) use negotiated::Negotiated;
pub(super) use path::TreePath;
pub(super) use patience::patience_ns;
pub(super) use refusal::Refusal;
pub(super) use route::{Route, Scrape, Upload};
pub(super) use scan::{Scan, Scanner};
