//! The client half of HTTP/1.1: one request at a time to a server that takes what is pushed, as a state machine.
//!
//! `reply` reads what the server answers, however its bytes are cut, and keeps of it what decides and what a log line
//! shows. A [`Request`] is what one protocol adds to that: the fields of its requests, and what a reply means.
//!
//! Redirects are not followed: where things are pushed to is the operator's word. Requests are not pipelined: a frame
//! counts as arrived when its own reply says so, and not before.
//!
//! Not here: connecting, which is `push::link`'s business, TLS and proxies.

mod exchange;
mod head;
mod post;
mod reply;
mod request;
mod target;
mod trouble;

pub use head::{MAX_REQUEST_HEAD, put_head};
pub use post::Post;
pub use reply::{MAX_BODY, MAX_HEAD, Malformed, Progress, Reader, Reply};
pub use request::{MAX_PRELUDE, Outgoing, Request, Verdict};
pub use target::{Authorization, HttpTarget, MAX_PATH, MAX_SECRET};
