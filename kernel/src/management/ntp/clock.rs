//! The wall clock, put right by what the server has answered, and what metrics tell of that. By how much, and whether at
//! once, is `kernel_core::sntp`'s; how the clock goes is `time`'s.

use crate::time::{self, timex};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kernel_core::sntp::{Discipline, Judgement, Sample};
use ukstore::Value;

ukstore::counter! {
    /// Times the wall clock was set rather than slewed.
    static STEPS = "/ntp/steps_total", "uk_ntp_steps_total";
}
ukstore::gauge! {
    /// Servers between a clock of reference and the one that is asked, that one included; 0 before it has answered.
    static STRATUM = "/ntp/stratum", "uk_ntp_stratum";
}

/// What the wall clock was off when the server was last asked, ns, and when that was by the kernel's clock, 0 for never.
static OFFSET_NS: AtomicU64 = AtomicU64::new(0);
static ASKED_NS: AtomicU64 = AtomicU64::new(0);

ukstore::computed! {
    /// What the wall clock was behind the server's time when that was last asked, before it was put right.
    gauge "/ntp/offset_seconds", "uk_ntp_offset_seconds", Seconds => prompt || {
        timex::seconds(OFFSET_NS.load(Relaxed).cast_signed())
    };
    /// Time since the server has told the time.
    gauge "/ntp/last_sync_age_seconds", "uk_ntp_last_sync_age_seconds", Seconds => prompt || {
        match ASKED_NS.load(Relaxed) {
            0 => Value::Absent,
            asked => Value::Nanos(time::now_ns().saturating_sub(asked)),
        }
    };
}

/// What is known of the wall clock.
pub(super) struct Clock(Discipline);

impl Clock {
    /// The one that is kept from now on.
    pub(super) fn new() -> Self {
        Self(Discipline::new())
    }

    /// Puts it right as far as `sample` says that it is wrong.
    pub(super) fn put_right(&mut self, sample: &Sample, now: u64) -> Judgement {
        let judgement = self.0.judge(sample, time::course().as_ref(), now);
        if let Some(course) = &judgement.course {
            if judgement.stepped {
                time::step(course);
                STEPS.inc();
            } else {
                time::slew(course);
            }
        }
        STRATUM.set(sample.stratum.into());
        OFFSET_NS.store(judgement.offset_ns.cast_unsigned(), Relaxed);
        ASKED_NS.store(sample.at_ns.max(1), Relaxed);
        judgement
    }

    /// Has it told with `interval`, the binary logarithm of the seconds until the server is asked again.
    pub(super) fn note(&self, interval: u8) {
        timex::note(self.0, interval);
    }
}
