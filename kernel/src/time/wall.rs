//! The wall clock: what the hypervisor or the RTC said at boot, if it can be true, carried on by the monotonic clock and put
//! right by whoever knows better (`management::ntp`). It is read without a lock, from wherever, interrupts included.

use super::now_ns;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;
use drivers::rtc;
use kernel_core::clock::civil::{DateTime, Rfc3339};
use kernel_core::clock::{Course, NANOS_PER_SEC, SharedCourse, is_plausible};

/// Nobody has set it while nothing has told a time that can be.
static WALL: SharedCourse = SharedCourse::new();

/// Unix time, in ns, at the first instruction, as it was known when the clock was last set; 0 before. A slew leaves it alone:
/// who compares it between two scrapes sees a step, or another life.
static BOOTED_UNIX_NS: AtomicU64 = AtomicU64::new(0);

/// A moment of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SystemTime(u64);

impl SystemTime {
    /// Now; `None` while no clock has told a time that can be: before 2024 this program was not written.
    ///
    /// It may jump, in either direction, when a clock that is half a second and more off is set right. Smaller errors are
    /// corrected by a rate that differs from the true one by a thousandth at most, and never backwards.
    pub fn now() -> Option<Self> {
        let (course, now_ns) = WALL.read(now_ns)?;
        Some(Self(course.unix_ns(now_ns)))
    }

    /// The time since 1970-01-01 00:00 UTC.
    pub fn since_epoch(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}

/// Unix time, in ns, at the first instruction; `None` while nothing has told the time.
pub(crate) fn booted_unix_ns() -> Option<u64> {
    Some(BOOTED_UNIX_NS.load(Relaxed)).filter(|&booted| booted != 0)
}

/// How the wall clock goes now; `None` while nothing has told the time.
pub(crate) fn course() -> Option<Course> {
    WALL.read(now_ns).map(|(course, _)| course)
}

/// Sets the clock: it may jump.
pub(crate) fn step(course: &Course) {
    slew(course);
    let now_ns = now_ns();
    BOOTED_UNIX_NS.store(course.unix_ns(now_ns).saturating_sub(now_ns), Relaxed);
}

/// Lets the clock go otherwise from now on. `course` was made of the one before.
pub(crate) fn slew(course: &Course) {
    // One writer at a time.
    critical_section::with(|_| WALL.set(course));
}

/// Takes the time from the hypervisor, else from the RTC, if what that says can be.
pub(crate) fn init() {
    let (source, unix_ns) = match crate::arch::tsc::hypervisor_unix_ns() {
        Some(now) => ("the hypervisor", now),
        None => match rtc_unix_ns() {
            Some(now) => ("the RTC", now),
            None => {
                log::warn!("no clock tells the time of day: the machine has neither a paravirtual clock nor an RTC");
                return;
            }
        },
    };
    if !is_plausible(unix_ns) {
        log::warn!("no clock tells the time of day: {source} says {:.0}, which cannot be", Rfc3339(unix_ns));
        return;
    }
    step(&Course::new(now_ns(), unix_ns, 0));
    log::debug!("wall clock from {source}");
}

fn rtc_unix_ns() -> Option<u64> {
    // SAFETY: ring 0, at boot: nothing else uses the RTC's ports.
    #[expect(unsafe_code, reason = "port I/O")]
    let mut ports = unsafe { rtc::CmosPorts::new() };
    let rtc::DateTime { year, month, day, hour, minute, second } = rtc::read(&mut ports)?;
    let seconds = DateTime { year, month, day, hour, minute, second }.unix_seconds()?;
    seconds.checked_mul(NANOS_PER_SEC)
}

ukstore::computed! {
    /// Unix time of this life's first instruction; 0 when no clock has told the time.
    gauge "/time/boot_time_seconds", "node_boot_time_seconds", Seconds => prompt || ukstore::Value::Nanos(BOOTED_UNIX_NS.load(Relaxed));
    /// Unix time; 0 when no clock has told the time.
    gauge "/time/time_seconds", "node_time_seconds", Seconds => prompt || {
        ukstore::Value::Nanos(SystemTime::now().map_or(0, |now| now.0))
    };
}
