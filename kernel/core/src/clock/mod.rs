//! Clock arithmetic: counters to nanoseconds and back, what a counter's frequency is, what day it is and whether that can
//! be, and how the wall clock is put right.
//!
//! Not here: reading a counter, setting a timer, and deciding which clock source to trust.

pub mod calibration;
pub mod civil;
mod course;
mod plausible;
pub mod pvclock;
mod scale;

pub use course::{Course, MAX_RATE_PPB, MAX_SLEW_PPB, SharedCourse};
pub use plausible::{EARLIEST_SECONDS, LATEST_SECONDS, is_plausible};
pub use scale::Scale;

/// Nanoseconds in a second.
pub const NANOS_PER_SEC: u64 = 1_000_000_000;

/// Tells the time from a counter of constant frequency, such as the TSC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    base_tsc: u64,
    base_ns: u64,
    to_ns: Scale,
    to_tsc: Scale,
}

impl Clock {
    /// A clock that shows `base_ns` when the counter shows `base_tsc`. `None` if the frequency is 0.
    pub const fn new(tsc_hz: u64, base_tsc: u64, base_ns: u64) -> Option<Self> {
        match (Scale::new(tsc_hz, NANOS_PER_SEC), Scale::new(NANOS_PER_SEC, tsc_hz)) {
            (Some(to_ns), Some(to_tsc)) => Some(Self { base_tsc, base_ns, to_ns, to_tsc }),
            _ => None,
        }
    }

    /// The time in nanoseconds when the counter shows `tsc`. A counter before its base (read on the other side of an update)
    /// shows the base's time: never less, so that differences do not wrap.
    pub const fn to_ns(&self, tsc: u64) -> u64 {
        self.base_ns.saturating_add(self.to_ns.apply(tsc.saturating_sub(self.base_tsc)))
    }

    /// How long so many ticks of the counter take, in ns.
    pub const fn span_ns(&self, ticks: u64) -> u64 {
        self.to_ns.apply(ticks)
    }

    /// What the counter shows when the time is `ns`, rounded up: the clock has reached `ns` by then, and passed it by no
    /// more than a few ticks.
    pub const fn to_ticks(&self, ns: u64) -> u64 {
        let Some(ahead_ns) = ns.checked_sub(self.base_ns) else { return self.base_tsc };
        // One tick for what either scale's factor is rounded down by, and one for the fraction of a tick.
        self.base_tsc.saturating_add(self.to_tsc.apply(ahead_ns)).saturating_add(2)
    }

    /// The same clock with its base moved to `tsc`. Products are 128 bits wide, so nothing overflows without this.
    pub const fn rebased(&self, tsc: u64) -> Self {
        Self { base_tsc: tsc, base_ns: self.to_ns(tsc), ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tells_the_time() {
        let clock = Clock::new(2_500_000_000, 1000, 7).expect("not 0");
        assert_eq!(clock.to_ns(1000), 7);
        assert_eq!(clock.to_ns(1000 + 2_500_000_000), NANOS_PER_SEC + 6, "rounded down");
        assert_eq!(clock.to_ns(0), 7);
        assert_eq!(Clock::new(0, 0, 0), None);
        assert_eq!(clock.span_ns(5_000_000_000), 2 * NANOS_PER_SEC - 1, "wherever the base is");
        assert_eq!(clock.rebased(2_500_001_000).to_ns(2_500_001_000), NANOS_PER_SEC + 6);
    }

    proptest! {
        /// A year later the clock is still right to a microsecond, whatever its frequency.
        #[test]
        fn keeps_time(hz in 1_000_000u64..10_000_000_000, seconds in 0u64..31_536_000, base: u32) {
            let clock = Clock::new(hz, base.into(), 0).expect("not 0");
            let ns = clock.to_ns(u64::from(base) + hz * seconds);
            prop_assert!(ns <= seconds * NANOS_PER_SEC && ns + 1000 >= seconds * NANOS_PER_SEC, "{ns}");
        }

        /// A timer set for a time does not go off before it, nor much later.
        #[test]
        fn deadlines_are_reached(hz in 1_000_000u64..10_000_000_000, base: u32, at in 0u64..1 << 55) {
            let clock = Clock::new(hz, base.into(), 5).expect("not 0");
            let reached = clock.to_ns(clock.to_ticks(at));
            let tick_ns = NANOS_PER_SEC.div_ceil(hz);
            prop_assert!(reached >= at && reached <= at.max(5) + 4 * tick_ns, "{at} {reached}");
        }

        /// Time never goes back.
        #[test]
        fn is_monotonic(hz in 1u64.., tsc: u64, step: u32) {
            let clock = Clock::new(hz, 0, 0).expect("not 0");
            prop_assert!(clock.to_ns(tsc) <= clock.to_ns(tsc.saturating_add(step.into())));
        }
    }
}
