//! What remote write adds to HTTP: the fields of its requests, and what a reply means. Not for messages.
//!
//! What either version's specification says on failures: 5xx and 429 may pass, and the same samples are sent again, in
//! order; any other status is the receiver's last word on them.

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
    fn settle(&self, version: Version) {
        if self.agreement.settle(version) {
            log::info!("remote write: the receiver speaks {}", version.name());
        }
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
            return Verdict::of(reply);
        }
        match reply.status {
            // It says what came of the samples: whatever that is, it has understood.
            200..=499 if reply.samples_written.is_some() => self.settle(Version::Two),
            // It has taken them for something else, and stored nothing; or it knows that it cannot read them.
            200..=299 | 415 => {
                self.settle(Version::One);
                return if content == Content::Question { Verdict::Accepted } else { Verdict::Rejected };
            }
            // Not every receiver says so in the words of 2.0, which it does not know.
            400..=499 if content == Content::Question && reply.status != 429 => {
                self.settle(Version::One);
                return Verdict::Accepted;
            }
            _ => {}
        }
        Verdict::of(reply)
    }
}
