//! What remote write adds to HTTP: the fields of its requests, and what a reply means. Not for messages.
//!
//! What either version's specification says on failures: 5xx and 429 may pass, and the same samples are sent again, in
//! order; any other status is the receiver's last word on them.
//!
//! What settles the version is said by the receiver alone. A proxy that wants another password (401), or knows no way for
//! the time being (404), says nothing of it: the question is dropped, and asked again with the next capture.

use super::Version;
use super::version::{Agreement, Content};
use crate::push::http::{Outgoing, Reply, Request, Verdict};
use crate::{Site, Window};

/// What is said to one receiver, and understood of it.
#[derive(Debug)]
pub struct Dialect {
    agreement: Agreement,
}

impl Dialect {
    pub(super) fn new(agreement: Agreement) -> Self {
        Self { agreement }
    }

    /// What the receiver has shown of itself.
    fn settle(&self, version: Version, outgoing: &Outgoing<'_>) {
        if self.agreement.settle(version) {
            log::info!("{}: the receiver speaks remote write {}", outgoing.sink, version.name());
        }
    }

    /// What a reply means that says nothing of versions.
    fn verdict(reply: &Reply<'_>) -> Verdict {
        // Where others would try again.
        if reply.status == 408 { Verdict::Rejected } else { Verdict::of(reply) }
    }
}

impl Request for Dialect {
    /// The byte that says what the frame is.
    const PRELUDE: usize = 1;

    fn fields(&mut self, outgoing: &Outgoing<'_>, _: &dyn Site, out: &mut Window<'_>) {
        out.put(Content::from_prelude(outgoing.prelude).version().fields());
    }

    fn judge(&mut self, outgoing: &Outgoing<'_>, reply: &Reply<'_>) -> Verdict {
        let content = Content::from_prelude(outgoing.prelude);
        if content.version() == Version::One {
            return Self::verdict(reply);
        }
        match reply.status {
            // It says what came of the samples: whatever that is, it has understood.
            200..=499 if reply.samples_written.is_some() => self.settle(Version::Two, outgoing),
            // It has taken them for something else, and stored nothing; or it knows that it cannot read them.
            200..=299 | 415 => {
                self.settle(Version::One, outgoing);
                return if content == Content::Question { Verdict::Accepted } else { Verdict::Rejected };
            }
            // Not every receiver says so in the words of 2.0, which it does not know.
            400 if content == Content::Question => {
                self.settle(Version::One, outgoing);
                return Verdict::Accepted;
            }
            _ => {}
        }
        Self::verdict(reply)
    }
}
