//! Time as a program sees it: monotonic since the first instruction, and the wall clock.

mod wall;

pub use core::time::Duration;
pub use wall::SystemTime;
pub(crate) use wall::{booted_unix_ns, init as init_wall};

/// Nanoseconds since this life began: the kernel's clock.
#[inline]
pub(crate) fn now_ns() -> u64 {
    crate::arch::tsc::now_ns()
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

ukstore::computed! {
    /// Time since this life's first instruction.
    gauge "/time/uptime_seconds", "uk_uptime_seconds", Seconds => prompt || ukstore::Value::Nanos(now_ns());
}
