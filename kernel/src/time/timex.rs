//! How well the wall clock is kept, in the words that Linux has for it (adjtimex(2)) and node_exporter.
//!
//! Nothing of it is told where nobody was asked to keep the clock (`--ntp`): that it is not synchronized would be no news
//! then, and an alert on it no help.
//!
//! Not for how it is kept: `management::ntp` asks a server, and notes here what came of it.

use super::{now_ns, wall};
use core::cell::Cell;
use critical_section::Mutex;
use kernel_core::clock::Course;
use kernel_core::sntp::Discipline;
use ukstore::Value;

/// Linux' bit for a clock that is not synchronized (STA_UNSYNC).
const UNSYNCHRONIZED: u64 = 0x40;

/// What is told.
#[derive(Clone, Copy)]
struct Kept {
    discipline: Discipline,
    interval: u8,
}

/// None while nobody keeps it.
static KEPT: Mutex<Cell<Option<Kept>>> = Mutex::new(Cell::new(None));

/// The clock was looked at: what is known of it now, and the binary logarithm of the seconds until the next time.
pub(crate) fn note(discipline: Discipline, interval: u8) {
    critical_section::with(|cs| KEPT.borrow(cs).set(Some(Kept { discipline, interval })));
}

/// What `tell` tells of the clock that is kept, if it is.
fn kept(tell: impl FnOnce(Kept) -> Value) -> Value {
    critical_section::with(|cs| KEPT.borrow(cs).get()).map_or(Value::Absent, tell)
}

/// What `tell` tells of the way the clock goes, if it is kept.
fn of_course(tell: impl FnOnce(Option<Course>) -> Value) -> Value {
    kept(|_| tell(wall::course()))
}

/// Nanoseconds that may be negative, in seconds.
pub(crate) fn seconds(ns: i64) -> Value {
    Value::F64(ns as f64 / 1e9)
}

ukstore::computed! {
    /// What the wall clock is still to gain on itself to show the server's time, or to lose if negative.
    gauge "/timex/offset_seconds", "node_timex_offset_seconds", Seconds => prompt || {
        of_course(|course| seconds(course.map_or(0, |course| course.pending_ns(now_ns()))))
    };
    /// How fast the wall clock goes beside the time stamp counter.
    gauge "/timex/frequency_adjustment_ratio", "node_timex_frequency_adjustment_ratio", Ratio => prompt || {
        of_course(|course| Value::F64(1.0 + course.map_or(0, |course| course.rate_ppb()) as f64 / 1e9))
    };
    /// How far from the server's time the wall clock is at most; it grows until the server is asked again, to 16.
    gauge "/timex/maxerror_seconds", "node_timex_maxerror_seconds", Seconds => prompt || {
        kept(|kept| Value::Nanos(kept.discipline.max_error_ns(now_ns())))
    };
    /// How far from the server's time the wall clock usually is when that is asked; 16 if it never was.
    gauge "/timex/estimated_error_seconds", "node_timex_estimated_error_seconds", Seconds => prompt || {
        kept(|kept| Value::Nanos(kept.discipline.estimated_error_ns()))
    };
    /// Binary logarithm of the seconds between two looks at the server's time.
    gauge "/timex/loop_time_constant", "node_timex_loop_time_constant" => prompt || {
        kept(|kept| Value::U64(kept.interval.into()))
    };
    /// Whether the wall clock is synchronized with the server in --ntp; nothing without one.
    gauge "/timex/sync_status", "node_timex_sync_status" => prompt || {
        kept(|kept| Value::Bool(kept.discipline.is_synchronized(now_ns())))
    };
    /// Linux' status bits, of which there is one: 64 while the wall clock is not synchronized.
    gauge "/timex/status", "node_timex_status" => prompt || {
        kept(|kept| Value::U64(if kept.discipline.is_synchronized(now_ns()) { 0 } else { UNSYNCHRONIZED }))
    };
}

ukstore::zero! {
    /// International Atomic Time's distance to UTC: 0 as on a machine that nobody told of leap seconds.
    gauge "/timex/tai_offset_seconds", "node_timex_tai_offset_seconds", Seconds;
    /// Intervals of calibration by a pulse per second: there is no such signal.
    counter "/timex/pps_calibration_total", "node_timex_pps_calibration_total";
    /// Errors of calibration by a pulse per second: there is no such signal.
    counter "/timex/pps_error_total", "node_timex_pps_error_total";
    /// Frequency by a pulse per second: there is no such signal.
    gauge "/timex/pps_frequency_hertz", "node_timex_pps_frequency_hertz";
    /// Jitter of a pulse per second: there is no such signal.
    gauge "/timex/pps_jitter_seconds", "node_timex_pps_jitter_seconds", Seconds;
    /// Pulses per second that came too early or late: there is no such signal.
    counter "/timex/pps_jitter_total", "node_timex_pps_jitter_total";
    /// Interval of calibration by a pulse per second: there is no such signal.
    gauge "/timex/pps_shift_seconds", "node_timex_pps_shift_seconds", Seconds;
    /// Times the frequency by a pulse per second wandered too far: there is no such signal.
    counter "/timex/pps_stability_exceeded_total", "node_timex_pps_stability_exceeded_total";
    /// Wander of the frequency by a pulse per second: there is no such signal.
    gauge "/timex/pps_stability_hertz", "node_timex_pps_stability_hertz";
}
