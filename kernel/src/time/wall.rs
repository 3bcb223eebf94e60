//! The wall clock: what the hypervisor or the RTC said at boot, carried on by the monotonic clock.

use super::now_ns;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;
use drivers::rtc;
use kernel_core::clock::NANOS_PER_SEC;
use kernel_core::clock::civil::DateTime;

/// Unix time, in ns, at the first instruction; 0 when nothing has told the time.
static BOOTED_UNIX_NS: AtomicU64 = AtomicU64::new(0);

/// A moment of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SystemTime(u64);

impl SystemTime {
    /// Now; `None` when no clock has told the time in this life.
    pub fn now() -> Option<Self> {
        booted_unix_ns().map(|booted| Self(booted + now_ns()))
    }

    /// The time since 1970-01-01 00:00 UTC.
    pub fn since_epoch(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}

/// Unix time, in ns, at the first instruction; `None` when nothing has told the time.
pub(crate) fn booted_unix_ns() -> Option<u64> {
    Some(BOOTED_UNIX_NS.load(Relaxed)).filter(|&booted| booted != 0)
}

/// Takes the time from the hypervisor, else from the RTC.
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
    BOOTED_UNIX_NS.store(unix_ns.saturating_sub(now_ns()), Relaxed);
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
