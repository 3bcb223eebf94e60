//! What the log is told of the server: changes alone.

use core::fmt;
use kernel_core::clock::civil::Rfc3339;
use kernel_core::params::Host;
use kernel_core::sntp::{Judgement, Sample};

/// Rounds in a row that must have found the clock near before it is said again that it is far off.
const NEAR_ROUNDS: u8 = 8;

/// What was told last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Answers,
    /// It says that the clock is far off, which only more of its answers make sure.
    Far,
    Fails,
}

/// A server, and what is known of it.
pub(super) struct News {
    host: Host<'static>,
    told: Told,
    /// Rounds in a row that found the clock near.
    near: u8,
}

impl News {
    /// Of `host`, of whom nothing is known.
    pub(super) const fn new(host: Host<'static>) -> Self {
        Self { host, told: Told::Nothing, near: 0 }
    }

    /// It has answered, with that judgement on the clock, which `was_set` before or was not.
    pub(super) fn answered(&mut self, sample: &Sample, judgement: &Judgement, was_set: bool) {
        let host = self.host;
        let offset = Behind(judgement.offset_ns);
        let is_far = was_set && judgement.course.is_none();
        self.near = if is_far { 0 } else { self.near.saturating_add(1) };
        // A server that says now this, now that, is told of once.
        let is_known = self.told == Told::Far && !judgement.stepped && self.near < NEAR_ROUNDS;
        if is_known {
            return;
        }
        if !was_set {
            log::info!("ntp: it is {} by {host}, stratum {}", Rfc3339(sample.unix_ns), sample.stratum);
        } else if judgement.stepped {
            log::warn!("ntp: the clock was {offset} {host} and is set to {}", Rfc3339(sample.unix_ns));
        } else if is_far {
            log::warn!("ntp: the clock is {offset} {host}: it is set if that stays so");
        } else if self.told != Told::Answers {
            log::info!("ntp: {host}, stratum {}, answers: the clock is {offset} it", sample.stratum);
        }
        self.told = if is_far { Told::Far } else { Told::Answers };
    }

    /// It is of no use now, which is said once.
    pub(super) fn fails(&mut self, why: fmt::Arguments<'_>) {
        if self.told != Told::Fails {
            self.told = Told::Fails;
            log::warn!("ntp: no time from {}: {why}; it is asked on", self.host);
        }
    }

    /// It is not asked again.
    pub(super) fn given_up(&self) {
        log::error!("ntp: {} refuses to be asked and is not asked again", self.host);
    }
}

/// An offset in words.
struct Behind(i64);

impl fmt::Display for Behind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.unsigned_abs() / 1000;
        let word = if self.0 < 0 { "ahead of" } else { "behind" };
        write!(out, "{}.{:06} s {word}", micros / 1_000_000, micros % 1_000_000)
    }
}
