//! Bodies short enough to be written at once: the landing page, the two probes and refusals.
//!
//! Bodies that are streamed line by line are in `body`.

use core::fmt::{self, Write as _};

use super::head::Status;
use crate::exposition::tree::{self, Format};
use crate::http::request::Refusal;
use crate::{Site, Window};

const PLAIN: &str = "text/plain; charset=utf-8";

/// Bytes of the node's name and of the program's that the landing page shows, so that the page keeps its bound.
const NAME_BYTES: usize = 100;

/// Bytes of a setting's own sentence that are passed on, for the same reason.
const REASON_BYTES: usize = 500;

/// A short body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Page {
    /// What this machine is, with links.
    Landing,
    /// Always well: that somebody answers is the message.
    Healthy,
    /// Whether the program is ready for work.
    Ready(bool),
    /// No body: the head says what there is to say.
    Nothing,
    /// Why a request is refused.
    Refused(Refusal),
    /// Why a setting does not take what was written.
    NotTaken(ukstore::Refused),
}

impl Page {
    /// The status that goes with it.
    pub(super) fn status(self) -> Status {
        match self {
            Self::Landing | Self::Healthy | Self::Ready(true) => Status::Ok,
            Self::Ready(false) => Status::Unavailable,
            Self::Nothing => Status::NoContent,
            Self::Refused(refusal) => refusal.explain().0,
            Self::NotTaken(_) => Refusal::Value.explain().0,
        }
    }

    /// Its `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Landing => "text/html; charset=utf-8",
            _ => PLAIN,
        }
    }

    /// Writes it.
    pub(super) fn put(self, site: &dyn Site, window: &mut Window<'_>) {
        match self {
            Self::Landing => put_landing(site, window),
            Self::Healthy => window.put(b"healthy\n"),
            Self::Ready(true) => window.put(b"ready\n"),
            Self::Ready(false) => window.put(b"not ready\n"),
            Self::Nothing => {}
            Self::Refused(refusal) => put_refusal(self.status(), refusal.explain().1, window),
            Self::NotTaken(why) => put_refusal(self.status(), why, window),
        }
    }
}

fn put_refusal(status: Status, why: impl fmt::Display, window: &mut Window<'_>) {
    window.put(status.line().as_bytes());
    window.put(b": ");
    // An error is only that the sentence was cut, or that the window overflowed, which says so itself.
    let _ = write!(AtMost { window, left: REASON_BYTES }, "{why}");
    window.put(b"\n");
}

/// Writes as many whole characters as `left` has bytes for.
struct AtMost<'w, 'b> {
    window: &'w mut Window<'b>,
    left: usize,
}

impl fmt::Write for AtMost<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (fits, rest) = text.split_at(text.floor_char_boundary(self.left));
        self.window.put(fits.as_bytes());
        self.left -= fits.len();
        if rest.is_empty() { Ok(()) } else { Err(fmt::Error) }
    }
}

fn put_landing(site: &dyn Site, window: &mut Window<'_>) {
    window.put(b"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>");
    put_name(site.node(), window);
    window.put(b"</title></head>\n<body>\n<h1>");
    put_name(site.node(), window);
    window.put(b"</h1>\n<p>");
    put_name(site.program(), window);
    window.put(concat!(", on Periscope ", env!("CARGO_PKG_VERSION"), "</p>\n<ul>\n").as_bytes());
    for (path, what) in [
        ("/metrics", "for Prometheus; <code>?name[]=METRIC</code> and <code>?collect[]=SOURCE</code> for a part of it"),
        ("/-/healthy", "whether this machine answers"),
        ("/-/ready", "whether the program is ready for work"),
        ("/ukstore/", "everything this machine knows about itself"),
        ("/log", "the log; <code>?since=SEQ</code> for what is new, <code>?level=LEVEL</code> for what matters"),
    ] {
        for part in ["<li><a href=\"", path, "\">", path, "</a>: ", what, "</li>\n"] {
            window.put(part.as_bytes());
        }
    }
    window.put(b"</ul>\n</body>\n</html>\n");
}

/// Writes as much of a name as the page shows, so that HTML shows it as it is.
fn put_name(name: &str, window: &mut Window<'_>) {
    let shown = name.get(..name.floor_char_boundary(NAME_BYTES)).unwrap_or_default();
    tree::put_escaped(shown, Format::Html, window);
}
