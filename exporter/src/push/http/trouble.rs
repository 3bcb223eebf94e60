//! What the log is told of a server's answers: one line when something changes, not one for each request.

use super::{Reply, Verdict};

/// A server that goes on refusing is worth a line again after so long.
const REMIND_NS: u64 = 600_000_000_000;

/// What the log was told last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trouble {
    told: Option<Told>,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    kind: Kind,
    at_ns: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It does not answer as it should.
    NotUnderstood,
    /// It has asked for a pause, by this status.
    Later(u16),
    /// It refuses what it is told, by this status.
    Rejected(u16),
}

impl Trouble {
    /// The server called `name` has answered.
    pub(super) fn judged(&mut self, now_ns: u64, name: &str, reply: &Reply<'_>, verdict: Verdict) {
        let Reply { status, excerpt, .. } = *reply;
        let colon = if excerpt.is_empty() { "" } else { ": " };
        match verdict {
            // Refusals may alternate with successes, and are not over for that.
            Verdict::Accepted => {
                if self.told.take_if(|told| !matches!(told.kind, Kind::Rejected(_))).is_some() {
                    log::info!("{name}: the server takes what it is told");
                }
            }
            Verdict::Later { .. } if self.is_news(now_ns, Kind::Later(status)) => {
                log::warn!("{name}: the server answers {status}{colon}{excerpt}; trying again");
            }
            Verdict::Rejected if self.is_news(now_ns, Kind::Rejected(status)) => {
                log::warn!("{name}: the server refuses by {status}{colon}{excerpt}; what it refuses is dropped");
            }
            Verdict::Later { .. } | Verdict::Rejected => {}
        }
    }

    /// What the server called `name` said is no answer.
    pub(super) fn not_understood(&mut self, now_ns: u64, name: &str, words: &str) {
        if self.is_news(now_ns, Kind::NotUnderstood) {
            log::warn!("{name}: {words}; trying again");
        }
    }

    fn is_news(&mut self, now_ns: u64, kind: Kind) -> bool {
        let is_news = self.told.is_none_or(|told| told.kind != kind || now_ns.saturating_sub(told.at_ns) >= REMIND_NS);
        if is_news {
            self.told = Some(Told { kind, at_ns: now_ns });
        }
        is_news
    }
}
