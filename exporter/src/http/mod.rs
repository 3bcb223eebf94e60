//! The management port's HTTP/1.1 server, as a state machine.
//!
//! [`Connection`] is one client's connection: request bytes go in, reply bytes come out, and it says when it must be
//! closed. `request` reads heads up to what they ask for; `reply` makes what is sent; both share the one buffer in
//! `stage`, `tree` stands between them and ukstore, and `auth` knows who may ask.
//!
//! The only bodies are those of `PUT`, one short line each, so the server is strict where strictness costs a good
//! client nothing: CRLF line ends only, no folding, one `Host`, a `Content-Length` for every body, no second reading of
//! what the framing may mean. After a request whose framing is in doubt, or whose body was refused unread, the
//! connection is closed, so nothing can be smuggled behind it.
//!
//! It counts: connections, requests by route, writes by outcome, replies by status, replies cut off, refusals by
//! reason, and timeouts by what was waited for (`uk_management_http_*`), and measures its scrapes by format
//! (`uk_scrape_*`) and by source (`node_scrape_collector_*`, which ukstore keeps).
//!
//! Not here: TLS, and the table of connections.

mod auth;
mod connection;
mod reply;
pub(crate) mod request;
mod scrapes;
mod stage;
mod stats;
mod tree;

pub use auth::{Credentials, MAX_USER};
pub use connection::{Closing, Connection, Timeouts};
pub use stage::STAGE_BYTES;
