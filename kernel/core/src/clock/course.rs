//! How the wall clock goes, seen from the monotonic one: at a rate of its own, and for a while a little faster or slower
//! still, until it shows what it should. So it is put right without ever going backwards: a *slew*. To set it is to begin
//! another course, a *step*.
//!
//! Not here: when to do which (`sntp::Discipline`).

use core::sync::atomic::{
    AtomicI64, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

use super::NANOS_PER_SEC;

/// How much faster or slower a slew makes the clock at most, in billionths: 500 millionths, as Linux' clock and ntpd do.
pub const MAX_SLEW_PPB: i64 = 500_000;
/// How far from the monotonic clock's the rate may be, in billionths: what RFC 5905 assumes of a bad clock.
pub const MAX_RATE_PPB: i64 = 500_000;
/// A slew takes at least so long, so that a small error is not corrected in a jerk, ns.
const SLEW_NS: i64 = 16 * NANOS_PER_SEC as i64;

/// How the wall clock goes from one moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// The moment, of the monotonic clock.
    from_ns: u64,
    /// Unix time at that moment.
    unix_ns: u64,
    /// How much faster than the monotonic clock, in billionths.
    rate_ppb: i64,
    /// The same on top of it, until `slewed_ns`.
    slew_ppb: i64,
    slewed_ns: u64,
}

impl Course {
    /// A clock that shows `unix_ns` when the monotonic one shows `now_ns`, and goes like that but for `rate_ppb`.
    pub fn new(now_ns: u64, unix_ns: u64, rate_ppb: i64) -> Self {
        let rate_ppb = rate_ppb.clamp(-MAX_RATE_PPB, MAX_RATE_PPB);
        Self { from_ns: now_ns, unix_ns, rate_ppb, slew_ppb: 0, slewed_ns: now_ns }
    }

    /// Unix time, in ns, when the monotonic clock shows `now_ns`. Earlier than this course's beginning it shows that.
    pub fn unix_ns(&self, now_ns: u64) -> u64 {
        const BILLION: i128 = NANOS_PER_SEC as i128;
        let elapsed = now_ns.saturating_sub(self.from_ns);
        let slewing = elapsed.min(self.slewed_ns.saturating_sub(self.from_ns));
        // Neither product can overflow: both rates are below a millionth of 2^63. One division for both, rounded down, is
        // what makes it never go backwards.
        let gained = i128::from(elapsed) * i128::from(self.rate_ppb) + i128::from(slewing) * i128::from(self.slew_ppb);
        let unix_ns = i128::from(self.unix_ns) + i128::from(elapsed) + gained.div_euclid(BILLION);
        u64::try_from(unix_ns).unwrap_or(if unix_ns < 0 { 0 } else { u64::MAX })
    }

    /// The same for a moment that may lie before this course began. Until then the clock is taken to have gone like the
    /// monotonic one, so that whoever asks again for the same moment on the same course is told the same.
    pub fn unix_ns_of(&self, moment_ns: u64) -> u64 {
        match self.from_ns.checked_sub(moment_ns) {
            Some(before_ns) => self.unix_ns.saturating_sub(before_ns),
            None => self.unix_ns(moment_ns),
        }
    }

    /// The same clock, which from now on goes at `rate_ppb` and gains `amount_ns` (loses it if negative) as fast as a slew
    /// may.
    pub fn slewed(&self, now_ns: u64, rate_ppb: i64, amount_ns: i64) -> Self {
        let mut course = Self::new(now_ns, self.unix_ns(now_ns), rate_ppb);
        let wanted_ppb = i128::from(amount_ns) * i128::from(NANOS_PER_SEC) / i128::from(SLEW_NS);
        let slew_ppb = wanted_ppb.clamp(-i128::from(MAX_SLEW_PPB), i128::from(MAX_SLEW_PPB)) as i64;
        if slew_ppb != 0 {
            let takes = i128::from(amount_ns) * i128::from(NANOS_PER_SEC) / i128::from(slew_ppb);
            course.slew_ppb = slew_ppb;
            course.slewed_ns = now_ns.saturating_add(u64::try_from(takes).unwrap_or(u64::MAX));
        }
        course
    }

    /// What is still to be gained by the slew, ns.
    pub fn pending_ns(&self, now_ns: u64) -> i64 {
        let left = self.slewed_ns.saturating_sub(now_ns.max(self.from_ns));
        let pending = i128::from(left) * i128::from(self.slew_ppb) / i128::from(NANOS_PER_SEC);
        i64::try_from(pending).unwrap_or(if pending < 0 { i64::MIN } else { i64::MAX })
    }

    /// How much faster than the monotonic clock it goes when no slew is under way, in billionths.
    pub fn rate_ppb(&self) -> i64 {
        self.rate_ppb
    }
}

/// A course that one writes and anybody reads, from wherever: who has interrupted the writer finds the course from before.
///
/// There are two copies, and a count of changes tells which is valid; the other one is written. So a reader never waits, and
/// only reads again if the course was changed meanwhile.
pub struct SharedCourse {
    /// Courses set until now. The last lies in the copy with its parity.
    changes: AtomicU64,
    copies: [Copy; 2],
}

struct Copy {
    from_ns: AtomicU64,
    unix_ns: AtomicU64,
    rate_ppb: AtomicI64,
    slew_ppb: AtomicI64,
    slewed_ns: AtomicU64,
}

impl Copy {
    const fn new() -> Self {
        Self {
            from_ns: AtomicU64::new(0),
            unix_ns: AtomicU64::new(0),
            rate_ppb: AtomicI64::new(0),
            slew_ppb: AtomicI64::new(0),
            slewed_ns: AtomicU64::new(0),
        }
    }
}

impl SharedCourse {
    /// A clock that nobody has set.
    pub const fn new() -> Self {
        Self { changes: AtomicU64::new(0), copies: [Copy::new(), Copy::new()] }
    }

    /// Sets the course. The caller sees to it that there is one writer at a time.
    pub fn set(&self, course: &Course) {
        let changes = self.changes.load(Relaxed).wrapping_add(1);
        let copy = &self.copies[(changes & 1) as usize];
        // Who sees any of what follows sees that the copy is no longer valid.
        fence(Release);
        copy.from_ns.store(course.from_ns, Relaxed);
        copy.unix_ns.store(course.unix_ns, Relaxed);
        copy.rate_ppb.store(course.rate_ppb, Relaxed);
        copy.slew_ppb.store(course.slew_ppb, Relaxed);
        copy.slewed_ns.store(course.slewed_ns, Relaxed);
        self.changes.store(changes, Release);
    }

    /// The course, and the time that `now` tells while it is valid; `None` if nobody has set it.
    pub fn read(&self, mut now: impl FnMut() -> u64) -> Option<(Course, u64)> {
        loop {
            let changes = self.changes.load(Acquire);
            if changes == 0 {
                return None;
            }
            let copy = &self.copies[(changes & 1) as usize];
            let course = Course {
                from_ns: copy.from_ns.load(Relaxed),
                unix_ns: copy.unix_ns.load(Relaxed),
                rate_ppb: copy.rate_ppb.load(Relaxed),
                slew_ppb: copy.slew_ppb.load(Relaxed),
                slewed_ns: copy.slewed_ns.load(Relaxed),
            };
            let now = now();
            fence(Acquire);
            if self.changes.load(Relaxed) == changes {
                return Some((course, now));
            }
        }
    }
}

impl Default for SharedCourse {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::AtomicBool;

    const SECOND: u64 = NANOS_PER_SEC;
    const UNIX: u64 = 1_800_000_000 * SECOND;

    #[test]
    fn a_slew_gains_what_it_should_and_ends() {
        let clock = Course::new(100, UNIX, 0);
        assert_eq!((clock.unix_ns(100), clock.unix_ns(SECOND + 100)), (UNIX, UNIX + SECOND));
        // 8 ms take 16 s; 400 ms, at the fastest, 800 s.
        for (amount, takes) in [(8_000_000, 16), (-8_000_000, 16), (400_000_000, 800), (-400_000_000, 800), (3, 0)] {
            let slewed = clock.slewed(100, 0, amount);
            assert_eq!(slewed.pending_ns(100), if takes > 0 { amount } else { 0 });
            let end = 100 + takes * SECOND;
            for after in [end, end + SECOND, end + 1000 * SECOND] {
                let gained = slewed.unix_ns(after) as i64 - clock.unix_ns(after) as i64;
                assert_eq!(gained, if takes > 0 { amount } else { 0 });
                assert_eq!(slewed.pending_ns(after), 0);
            }
            let half = slewed.unix_ns(100 + takes * SECOND / 2) as i64 - clock.unix_ns(100 + takes * SECOND / 2) as i64;
            assert_eq!(half, if takes > 0 { amount / 2 } else { 0 });
        }
    }

    #[test]
    fn what_was_before_has_its_time() {
        let clock = Course::new(5 * SECOND, UNIX, 1000).slewed(7 * SECOND, 1000, 8_000_000);
        let began = clock.unix_ns(7 * SECOND);
        for (moment_ns, unix_ns) in
            [(8 * SECOND, clock.unix_ns(8 * SECOND)), (7 * SECOND, began), (SECOND, began - 6 * SECOND)]
        {
            assert_eq!(clock.unix_ns_of(moment_ns), unix_ns, "at {moment_ns}");
        }
        assert_eq!(Course::new(u64::MAX, 5, 0).unix_ns_of(0), 0);
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        for rate in [i64::MIN, i64::MAX] {
            let course = Course::new(0, u64::MAX, rate).slewed(5, rate, rate);
            assert!(course.unix_ns(u64::MAX) > 0);
            let _ = course.pending_ns(7);
        }
        assert_eq!(Course::new(0, 0, -1).unix_ns(1), 0);
    }

    proptest! {
        /// Whatever is asked of it, the clock goes forward, at most a thousandth off the other's rate.
        #[test]
        fn it_never_goes_backwards(
            changes in prop::collection::vec((0u64..100 * SECOND, any::<i64>(), -1_000_000_000i64..1_000_000_000), 1..20),
            step in 1u64..3 * SECOND,
        ) {
            let mut course = Course::new(0, UNIX, 0);
            let (mut now, mut shown) = (0, UNIX);
            for (length, rate_ppb, amount_ns) in changes {
                course = course.slewed(now, rate_ppb, amount_ns);
                prop_assert_eq!(course.unix_ns(now), shown, "no jump where a slew begins");
                let end = now + length;
                while now < end {
                    let next = end.min(now + step);
                    let then = course.unix_ns(next);
                    prop_assert!(then >= shown);
                    prop_assert!(then.abs_diff(shown).abs_diff(next - now) <= (next - now) / 1000 + 1);
                    (now, shown) = (next, then);
                }
            }
        }

        /// Moments however close together keep their order.
        #[test]
        fn neighbouring_moments_keep_their_order(rate: i64, amount: i64, at in 0u64..1 << 50) {
            let course = Course::new(0, UNIX, 0).slewed(0, rate, amount);
            prop_assert!(course.unix_ns(at) <= course.unix_ns(at + 1));
        }
    }

    #[test]
    fn readers_find_whole_courses() {
        let shared = SharedCourse::new();
        assert_eq!(shared.read(|| 0), None);
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut found = 0u64;
                while !over.load(Acquire) {
                    let Some((course, _)) = shared.read(|| 0) else { continue };
                    assert_eq!((course.unix_ns, course.slewed_ns), (2 * course.from_ns, 3 * course.from_ns));
                    assert_eq!((course.rate_ppb, course.slew_ppb), (-(course.from_ns as i64), course.from_ns as i64));
                    found += 1;
                }
                found
            });
            let mut from_ns = 0;
            while from_ns < 1_000_000 {
                from_ns += 1;
                let (rate_ppb, slew_ppb) = (-(from_ns as i64), from_ns as i64);
                shared.set(&Course { from_ns, unix_ns: 2 * from_ns, rate_ppb, slew_ppb, slewed_ns: 3 * from_ns });
            }
            over.store(true, Release);
            assert!(reader.join().unwrap() > 0);
        });
    }

    #[test]
    fn what_is_read_while_it_changes_is_read_again() {
        let shared = SharedCourse::new();
        shared.set(&Course::new(0, UNIX, 0));
        let mut calls = 0;
        let (course, now) = shared
            .read(|| {
                calls += 1;
                if calls == 1 {
                    shared.set(&Course::new(50, UNIX + SECOND, 0));
                }
                calls
            })
            .unwrap();
        assert_eq!((course, now), (Course::new(50, UNIX + SECOND, 0), 2));
    }
}
