//! The management share as a token bucket: tokens are nanoseconds of CPU, they come at the share's rate up to one slice, and
//! are spent by the management threads and their NIC's interrupts while a program thread wants the CPU.
//!
//! The bucket is what makes the share a ceiling (over any time `t` no more than `share * t` plus one slice can be spent) and
//! a floor at once (the scheduler runs management first while it is [`ready`](Budget::ready)). It knows nothing of threads.

/// Most tokens the bucket holds: after idleness management may run this long at once, and no longer.
pub const CAPACITY_NS: u64 = 1_000_000;

/// Once spent, management that is still runnable goes first again only with this many tokens. Without it every token would
/// be spent as it arrives, with two context switches each; with it there are at most `share / 0.5 ms` switches (100 a second
/// at 5 %).
const REFILLED_NS: u64 = 500_000;

/// Management that wakes up (as opposed to: was kept waiting) goes first with this many tokens. Lower, because a wake-up
/// costs its switch anyway, and what counts then is to answer soon: 20 ms of idleness earn this much even at a share of 1 %.
const WAKE_NS: u64 = 100_000;

/// Fewer tokens than this are none: the timer that ends a turn is a little early as often as late.
const SLACK_NS: u64 = 10_000;

/// Most tokens that can be owed. A turn overruns by a timer's lateness at most, so this is only reached when the host did
/// not run the machine in between; it bounds how long management is blind after that (100 ms at 5 %).
const MAX_DEBT_NS: u64 = 5_000_000;

/// A token is counted in hundredths of a nanosecond, so that a share in percent refills without rounding.
const UNIT: i64 = 100;

const fn tokens(ns: u64) -> i64 {
    ns as i64 * UNIT
}

#[derive(Debug)]
pub(super) struct Budget {
    percent: u8,
    /// Tokens in hundredths of a nanosecond; negative while in debt.
    tokens: i64,
    refilled_ns: u64,
    ready: bool,
}

impl Budget {
    /// A full bucket.
    pub(super) const fn new(percent: u8) -> Self {
        Self { percent, tokens: tokens(CAPACITY_NS), refilled_ns: 0, ready: true }
    }

    /// Sets the rate to `percent` of the CPU, 100 at most. At 0 the bucket never fills.
    pub(super) fn set_percent(&mut self, percent: u8, now_ns: u64) {
        self.refill(now_ns);
        self.percent = percent.min(100);
    }

    /// Credits the time since the last call. Time that stands still or goes back credits nothing.
    pub(super) fn refill(&mut self, now_ns: u64) {
        self.spend(0, now_ns);
    }

    /// Spends `ns` that were used up to `now_ns`, into debt if need be.
    pub(super) fn spend(&mut self, ns: u64, now_ns: u64) {
        let elapsed = now_ns.saturating_sub(self.refilled_ns);
        self.refilled_ns = self.refilled_ns.max(now_ns);
        // 1000 s fill any debt at 1 % and empty any bucket; more would only overflow.
        const ENOUGH_NS: u64 = 1_000_000_000_000;
        let earned = elapsed.min(ENOUGH_NS) as i64 * i64::from(self.percent);
        let spent = tokens(ns.min(ENOUGH_NS));
        // In one sum: what comes during a turn serves the turn, and is not lost to a bucket that is nearly full.
        self.tokens = (self.tokens + earned - spent).clamp(-tokens(MAX_DEBT_NS), tokens(CAPACITY_NS));
        if self.tokens >= tokens(REFILLED_NS) {
            self.ready = true;
        } else if self.tokens <= tokens(SLACK_NS) {
            self.ready = false;
        }
    }

    /// A management thread became runnable after having been blocked.
    pub(super) fn wake(&mut self) {
        if self.tokens >= tokens(WAKE_NS) {
            self.ready = true;
        }
    }

    /// Whether management goes before the program now.
    pub(super) fn ready(&self) -> bool {
        self.ready
    }

    /// How long from the last refill until [`ready`](Self::ready) turns false if management runs on; `None` if it never does.
    pub(super) fn lasts_ns(&self) -> Option<u64> {
        let drain = UNIT - i64::from(self.percent);
        (drain > 0).then(|| (self.tokens.max(0) as u64).div_ceil(drain as u64))
    }

    /// How long from the last refill until management that is kept waiting turns [`ready`](Self::ready); `None` if never.
    pub(super) fn returns_ns(&self) -> Option<u64> {
        let missing = (tokens(REFILLED_NS) - self.tokens).max(0) as u64;
        (self.percent > 0).then(|| missing.div_ceil(u64::from(self.percent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn starts_full_and_is_spent_once() {
        let mut budget = Budget::new(5);
        assert!(budget.ready());
        budget.spend(MS, 0);
        assert!(!budget.ready());
        assert_eq!(budget.returns_ns(), Some(10 * MS), "0.5 ms at 5 % take 10 ms");
        budget.refill(10 * MS - 1);
        assert!(!budget.ready());
        budget.refill(10 * MS);
        assert!(budget.ready());
    }

    #[test]
    fn a_turn_lasts_longer_than_its_tokens_because_they_keep_coming() {
        let budget = Budget::new(50);
        assert_eq!(budget.lasts_ns(), Some(2 * MS));
        assert_eq!(Budget::new(100).lasts_ns(), None);
        assert_eq!(Budget::new(0).returns_ns(), None);
    }

    #[test]
    fn what_comes_during_a_turn_is_not_lost() {
        let mut budget = Budget::new(90);
        budget.spend(9 * MS, 9 * MS);
        assert!(budget.ready(), "8.1 of the 9 ms came meanwhile");
        assert_eq!(budget.lasts_ns(), Some(MS), "0.1 ms are left, and 0.9 come");
    }

    #[test]
    fn a_wake_up_needs_less_than_a_wait() {
        let mut budget = Budget::new(5);
        budget.spend(MS, 0);
        budget.refill(2 * MS - 1);
        budget.wake();
        assert!(!budget.ready());
        budget.refill(2 * MS);
        budget.wake();
        assert!(budget.ready());
    }

    #[test]
    fn debt_is_bounded_and_time_never_runs_back() {
        let mut budget = Budget::new(5);
        budget.spend(u64::MAX, 0);
        assert_eq!(budget.returns_ns(), Some(110 * MS), "5 ms owed and 0.5 ms to gather, at 5 %");
        budget.refill(200 * MS);
        assert!(budget.ready());
        budget.spend(MS, 200 * MS);
        let before = budget.returns_ns();
        budget.refill(100 * MS);
        assert_eq!(budget.returns_ns(), before);
        budget.refill(u64::MAX);
        assert!(budget.ready());
    }
}
