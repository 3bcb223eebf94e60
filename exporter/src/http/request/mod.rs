//! From request bytes to what is asked for: `scan` finds where a head ends, `head` parses and judges it, `route` says what
//! it asks for (with `query` for its parameters), and `refusal` lists why it may be refused.
//!
//! Nothing here outlives the request's bytes or knows how a reply is made.

mod head;
mod query;
mod refusal;
mod route;
mod scan;

pub(super) use head::{Method, Request};
pub(super) use refusal::Refusal;
pub(super) use route::Route;
pub(super) use scan::{Scan, Scanner};
