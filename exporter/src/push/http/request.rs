//! What a protocol adds to HTTP: the fields of its requests, and what a reply means to it.

use super::{HttpTarget, Reply};
use crate::{Site, Window};

/// The frame that a request carries.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The sink it is of, as the log calls it.
    pub sink: &'a str,
    /// Which frame of the backlog it is.
    pub seq: u64,
    /// What [`Request::PRELUDE`] set apart.
    pub prelude: &'a [u8],
    /// How many things are in it.
    pub items: u32,
    /// When the frame was made, since the Unix epoch, or 0.
    pub stamp_ns: u64,
}

/// What a reply means for the frame it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Accepted,
    /// The server cannot take it now, and the same frame is sent again: not before `retry_after_s` is over, if the
    /// server said so.
    Later {
        /// What the server asked for.
        retry_after_s: Option<u64>,
    },
    /// The server will never take it: it is dropped, and counted.
    Rejected,
}

impl Verdict {
    /// What a status means where the protocol says nothing else: 2xx is success; 429, a server that did not get the
    /// request in time (408), and what is its own trouble (500 and above) may pass; everything else will be no better the
    /// next time.
    #[must_use]
    pub fn of(reply: &Reply<'_>) -> Self {
        match reply.status {
            200..=299 => Self::Accepted,
            408 | 429 | 500.. => Self::Later { retry_after_s: reply.retry_after_s },
            _ => Self::Rejected,
        }
    }
}

/// One protocol over HTTP. All its requests are `POST`s with one frame as the body.
pub trait Request {
    /// How many bytes at the beginning of each frame are no part of the body, but tell what [`target`](Self::target) and
    /// [`fields`](Self::fields) must know of the frame. At most [`MAX_PRELUDE`].
    const PRELUDE: usize = 0;

    /// Writes the request target: by default the one the operator gave. At most 256 bytes more than that.
    fn target(&mut self, outgoing: &Outgoing<'_>, target: &HttpTarget, site: &dyn Site, out: &mut Window<'_>) {
        let _ = (outgoing, site);
        out.put(target.path_and_query().as_bytes());
    }

    /// Writes the protocol's own fields, such as `Content-Type`, each ended by CR LF. `Host`, `User-Agent`,
    /// `Authorization` and `Content-Length` are no business of theirs. At most 512 bytes.
    fn fields(&mut self, outgoing: &Outgoing<'_>, site: &dyn Site, out: &mut Window<'_>);

    /// What a reply means.
    fn judge(&mut self, outgoing: &Outgoing<'_>, reply: &Reply<'_>) -> Verdict {
        let _ = outgoing;
        Verdict::of(reply)
    }
}

/// Longest prelude, in bytes.
pub const MAX_PRELUDE: usize = 8;
