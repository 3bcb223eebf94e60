//! What the log is told of a server's answers: one line when something changes, not one for each request.

use super::{Reply, Verdict};

/// What goes on, or comes and goes, is worth a line again after so long.
const REMIND_NS: u64 = 600_000_000_000;

/// How many kinds of trouble are remembered: a server that has more of them at once is worth more lines.
const KINDS: usize = 4;

/// What the log was told lately.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trouble {
    /// The latest one first.
    told: [Option<Told>; KINDS],
    /// Whether it was told of one that would be over if the server took something.
    goes_on: bool,
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
            Verdict::Accepted => {
                if core::mem::take(&mut self.goes_on) {
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

    /// Whether the log was not told so lately, whatever has come between.
    fn is_news(&mut self, now_ns: u64, kind: Kind) -> bool {
        let known = self.told.iter().position(|told| told.is_some_and(|told| told.kind == kind));
        let told = known.and_then(|at| *self.told.get(at)?);
        if told.is_some_and(|told| now_ns.saturating_sub(told.at_ns) < REMIND_NS) {
            return false;
        }
        // The one that was told before, or the oldest, makes way.
        if let Some(older) = self.told.get_mut(..=known.unwrap_or(KINDS - 1)) {
            older.rotate_right(1);
        }
        self.told[0] = Some(Told { kind, at_ns: now_ns });
        // Refusals are about what is told: they may alternate with successes, and are not over for that.
        self.goes_on |= !matches!(kind, Kind::Rejected(_));
        true
    }
}
