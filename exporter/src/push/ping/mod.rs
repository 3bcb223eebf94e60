//! Pings, for jobs that run and end: a life's beginning, end and troubles, told to a server that misses them when they do
//! not come. The protocol is that of healthchecks (<https://healthchecks.io/docs/http_api/>); others speak it as well.
//!
//! | ping | when | body |
//! |---|---|---|
//! | `<url>/start` | when there is a network | who |
//! | `<url>` | each `--ping-interval`, if there is one | who, and for how long |
//! | `<url>/0` | when the program has ended well | that |
//! | `<url>/fail` | when the program has ended with an error | that, and the last lines of the log |
//! | `<url>/log` | after warnings and errors | them, but those about these pings |
//!
//! All have `rid=`, this life's UUID, so that the server can tie an end to its start. Of the statuses that a URL can end
//! in, a program here has 0 alone: its error is no number. QEMU's exit status, which a supervisor sees, is in the body: 33
//! for a machine that ended well, and a server would take that for a failure.
//!
//! A life that ends otherwise, by a panic or by losing its host, says nothing: that its end never comes is what the server
//! is there to notice.

mod body;
mod kind;
mod producer;
mod request;
mod troubles;

pub use producer::{ExitStatus, Pings};
pub use request::Ping;
