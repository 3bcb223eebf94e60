//! How long a connection waits, and for what.

/// How long a client may take, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the first byte of a request head, or from the opening of the connection, to the head's end; and from there
    /// to the end of a body.
    pub head_ns: u64,
    /// From the moment the transport has the whole of a reply to the next request.
    pub idle_ns: u64,
    /// From a request to the moment the transport has the whole of its reply; of the last reply, until it is
    /// [sent](super::Connection::sent).
    pub reply_ns: u64,
    /// From the moment the last reply is sent until the client closes too.
    pub linger_ns: u64,
}

impl Timeouts {
    /// For scrapers that come every few seconds up to every two minutes.
    pub const DEFAULT: Self =
        Self { head_ns: 10_000_000_000, idle_ns: 150_000_000_000, reply_ns: 60_000_000_000, linger_ns: 2_000_000_000 };
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How long a reply waits for fresh samples, in nanoseconds, before it goes out without those that are late. A program
/// that never returns from its sampling must not keep a scrape from the rest, and a tenth of a second is far below the
/// shortest scrape interval and timeout in use (one second). A client that says it waits less gets a tenth of that.
pub(super) const SAMPLES_NS: u64 = 100_000_000;
