//! Time as a program sees it: monotonic since the first instruction, and the wall clock.

pub(crate) mod timex;
mod wall;

use crate::arch::tsc;

pub use core::time::Duration;
pub use wall::SystemTime;
pub(crate) use wall::{booted_unix_ns, course, init as init_wall, slew, step};

/// Nanoseconds since this life began: the kernel's clock.
#[inline]
pub(crate) fn now_ns() -> u64 {
    tsc::now_ns()
}

/// One reading of the clock, in both its units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Of the time stamp counter.
    pub(crate) ticks: u64,
    /// Since this life began.
    pub(crate) ns: u64,
}

impl Moment {
    #[inline]
    pub(crate) fn now() -> Self {
        Self::at(tsc::read())
    }

    /// The moment at which the time stamp counter showed `ticks`.
    #[inline]
    pub(crate) fn at(ticks: u64) -> Self {
        Self { ticks, ns: tsc::at_ns(ticks) }
    }
}

/// The time of the kernel's clock when `duration` will have passed; the end of time if it never will.
pub(crate) fn after(duration: Duration) -> u64 {
    now_ns().saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

/// A moment of the monotonic clock, as std's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// Now.
    pub fn now() -> Self {
        Self(now_ns())
    }

    /// The time since this moment.
    pub fn elapsed(self) -> Duration {
        Self::now().duration_since(self)
    }

    /// The time from `earlier` to this moment; zero if it was not earlier.
    pub fn duration_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Nanoseconds since this life began.
    pub fn since_boot_ns(self) -> u64 {
        self.0
    }
}

impl core::ops::Add<Duration> for Instant {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

ukstore::zero! {
    /// The time zone's distance to UTC: the machine's is UTC.
    gauge "/time/zone_offset_seconds", "node_time_zone_offset_seconds", Seconds, { time_zone = ["UTC"] };
}

ukstore::computed! {
    /// The clocks that time could be told by: the time stamp counter.
    gauge "/time/clocksource_available", "node_time_clocksource_available_info", { device = "0", clocksource = ["tsc"] }
        => prompt |_| ukstore::Value::U64(1);
    /// The clock that time is told by.
    gauge "/time/clocksource_current", "node_time_clocksource_current_info", { device = "0", clocksource = ["tsc"] }
        => prompt |_| ukstore::Value::U64(1);
    /// Time since this life's first instruction.
    gauge "/time/uptime_seconds", "uk_uptime_seconds", Seconds => prompt || ukstore::Value::Nanos(now_ns());
}
