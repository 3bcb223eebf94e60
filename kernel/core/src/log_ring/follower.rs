//! When a thread that passes lines on looks for new ones: at the first at once, and at those that come soon behind it
//! together. So a line is never long on its way, and a program that prints a thousand a second costs a hundred wake-ups.

/// How long it rests after it looked and there were new lines.
const REST_NS: u64 = 10_000_000;

/// What such a thread knows of the log.
#[derive(Debug, Default)]
pub struct Follower {
    /// The newest line when it last looked.
    heard: u64,
    rests_until_ns: u64,
}

impl Follower {
    /// One that has not looked yet.
    pub const fn new() -> Self {
        Self { heard: 0, rests_until_ns: 0 }
    }

    /// It looks now, and the newest line is number `last`.
    pub fn look(&mut self, last: u64, now_ns: u64) {
        if self.heard != last {
            self.heard = last;
            self.rests_until_ns = now_ns.saturating_add(REST_NS);
        }
    }

    /// Until when new lines wait; without a time, none does.
    pub fn rests_until(&self, now_ns: u64) -> Option<u64> {
        Some(self.rests_until_ns).filter(|&until| now_ns < until)
    }

    /// Whether line number `last` was there when it last looked.
    pub fn has_heard(&self, last: u64) -> bool {
        self.heard == last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_at_once_and_the_others_together() {
        let mut follower = Follower::new();
        assert!(follower.has_heard(0) && follower.rests_until(0).is_none());
        assert!(!follower.has_heard(1));
        follower.look(1, 1_000);
        assert_eq!(follower.rests_until(1_000), Some(1_000 + REST_NS));
        // It was woken by something else: that begins no rest.
        follower.look(1, 5_000);
        assert_eq!(follower.rests_until(5_000), Some(1_000 + REST_NS));
        assert_eq!(follower.rests_until(1_000 + REST_NS), None);
        assert!(follower.has_heard(1) && !follower.has_heard(2));
        follower.look(7, 1_000 + REST_NS);
        assert!(follower.has_heard(7) && follower.rests_until(1_001 + REST_NS).is_some());
    }
}
