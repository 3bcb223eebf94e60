//! A ping as a request, and what a server's answer to it means.

use super::kind::Kind;
use crate::push::http::{HttpTarget, Outgoing, Reply, Request, Verdict};
use crate::{Site, Window};

/// What a server says, with status 200 for the sake of old clients, of a check that it does not know.
const NOT_FOUND: &str = "OK (not found)";

/// And of one that was pinged more than five times in a minute.
const RATE_LIMITED: &str = "OK (rate limited)";

/// How long such a minute takes.
const RATE_LIMITED_S: u64 = 60;

/// The requests that carry pings.
#[derive(Clone, Copy, Debug)]
pub struct Ping;

impl Request for Ping {
    const PRELUDE: usize = 1;

    fn target(&mut self, outgoing: &Outgoing<'_>, target: &HttpTarget, site: &dyn Site, out: &mut Window<'_>) {
        let suffix = Kind::of(outgoing.prelude).map_or("", Kind::suffix);
        let path = target.path();
        // With a suffix a slash at the end would be one too many.
        out.put(if suffix.is_empty() { path } else { path.trim_end_matches('/') }.as_bytes());
        out.put(suffix.as_bytes());
        let mut separator = "?";
        for (key, value) in [("", target.query().unwrap_or_default()), ("rid=", site.origin().boot_id)] {
            if !value.is_empty() {
                out.put(separator.as_bytes());
                out.put(key.as_bytes());
                out.put(value.as_bytes());
                separator = "&";
            }
        }
    }

    fn fields(&mut self, _: &Outgoing<'_>, _: &dyn Site, out: &mut Window<'_>) {
        out.put(b"Content-Type: text/plain; charset=utf-8\r\n");
    }

    fn judge(&mut self, _: &Outgoing<'_>, reply: &Reply<'_>) -> Verdict {
        match (reply.status, reply.excerpt) {
            (200, NOT_FOUND) => Verdict::Rejected,
            (200, RATE_LIMITED) => Verdict::Later { retry_after_s: Some(RATE_LIMITED_S) },
            _ => Verdict::of(reply),
        }
    }
}
