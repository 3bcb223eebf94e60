//! What a sample means for the clock.
//!
//! Half a second and more off, the clock is stepped: at the first round of a life, because an RTC is read to the second and a
//! host's may be anywhere, and later when three rounds in a row have found it so, because a guest that was paused or restored
//! is hours behind, and one bad answer is not. Less is slewed, so that the clock never goes backwards for it.
//!
//! What the clock gained or lost although nothing was to be slewed is an error of its rate, and a quarter of that is put right
//! at a time: the rest may be the network's doing.

use crate::clock::{Course, MAX_RATE_PPB, NANOS_PER_SEC};

use super::Sample;

/// From here on the clock is stepped, ns.
const STEP_NS: u64 = 500_000_000;
/// Rounds in a row that must have found it so.
const STEP_ROUNDS: u8 = 3;
/// The rate is judged over at least so long, ns: a millisecond of doubt is then 31 millionths, and a quarter of that counts.
const RATE_NS: u64 = 32 * NANOS_PER_SEC;
const RATE_SHARE: i64 = 4;
/// What the clock may be off and still be called right, beside what the network makes uncertain, ns.
const RIGHT_NS: u64 = 1_000_000;
/// What a clock without correction may gain or lose, in millionths (RFC 5905: PHI is 15, Linux reckons with 500).
const WANDER_PPM: u64 = 500;
/// What is said of a clock that nobody has set or looked after, ns: Linux' limit, from where on it says that it is not
/// synchronized.
const UNKNOWN_NS: u64 = 16 * NANOS_PER_SEC;

/// The clock's discipline: what is known of its errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discipline {
    last: Option<Synchronized>,
    rate_ppb: i64,
    /// Rounds in a row that found it far off.
    far: u8,
    /// What it gained or lost on its own, and since when.
    drift_ns: i64,
    drift_since_ns: u64,
}

/// The clock after a round that has put it right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synchronized {
    /// When, by the monotonic clock, ns.
    pub at_ns: u64,
    /// What it was off then, ns: positive if it was behind.
    pub offset_ns: i64,
    /// How much that differs from one round to the next, on average, ns.
    pub jitter_ns: u64,
    /// How far off the sample itself may have been, ns.
    pub distance_ns: u64,
    /// The server's.
    pub stratum: u8,
}

impl Synchronized {
    /// How far from the time the clock may be at `now_ns`, ns.
    pub fn max_error_ns(&self, now_ns: u64) -> u64 {
        let wander_ns = now_ns.saturating_sub(self.at_ns) / 1_000_000 * WANDER_PPM;
        self.distance_ns.saturating_add(self.jitter_ns).saturating_add(wander_ns).min(UNKNOWN_NS)
    }
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What the clock was off, ns: positive if it was behind, 0 if it was not set.
    pub offset_ns: i64,
    /// How it is to go from now on; `None`: as before.
    pub course: Option<Course>,
    /// That is a step.
    pub stepped: bool,
    /// The clock was about right: it need not be looked at so soon again.
    pub right: bool,
}

impl Discipline {
    /// One that knows nothing.
    pub const fn new() -> Self {
        Self { last: None, rate_ppb: 0, far: 0, drift_ns: 0, drift_since_ns: 0 }
    }

    /// What a round's best sample means for the clock, which goes on `course` if it was set.
    pub fn judge(&mut self, sample: &Sample, course: Option<&Course>, now_ns: u64) -> Judgement {
        let Some(course) = course else { return self.step(sample, 0) };
        let offset_ns = difference(sample.unix_ns, course.unix_ns(sample.at_ns));
        if offset_ns.unsigned_abs() >= STEP_NS {
            self.far += 1;
            if self.last.is_none() || self.far >= STEP_ROUNDS {
                return self.step(sample, offset_ns);
            }
            return Judgement { offset_ns, course: None, stepped: false, right: false };
        }
        self.far = 0;
        let drift_ns = offset_ns - course.pending_ns(sample.at_ns);
        match self.last {
            None => self.drift_since_ns = sample.at_ns,
            Some(_) => self.learn(drift_ns, sample.at_ns),
        }
        let jitter_ns = match self.last {
            None => drift_ns.unsigned_abs(),
            Some(last) => (3 * last.jitter_ns + drift_ns.unsigned_abs()) / 4,
        };
        self.note(sample, offset_ns, jitter_ns);
        // The sample may be seconds old: what the slew under way has gained since then is not to be gained again.
        let gained_ns = course.pending_ns(sample.at_ns) - course.pending_ns(now_ns);
        Judgement {
            offset_ns,
            course: Some(course.slewed(now_ns, self.rate_ppb, offset_ns - gained_ns)),
            stepped: false,
            right: offset_ns.unsigned_abs() <= RIGHT_NS + sample.delay_ns / 2,
        }
    }

    /// The clock when it was last put right; `None` if it never was.
    pub fn last(&self) -> Option<&Synchronized> {
        self.last.as_ref()
    }

    /// How far from the time the clock may be, ns.
    pub fn max_error_ns(&self, now_ns: u64) -> u64 {
        self.last.map_or(UNKNOWN_NS, |last| last.max_error_ns(now_ns))
    }

    /// How far from the time the clock usually is, ns.
    pub fn estimated_error_ns(&self) -> u64 {
        self.last.map_or(UNKNOWN_NS, |last| last.jitter_ns)
    }

    /// Whether it has been put right, and not so long ago that it may be anything by now.
    pub fn is_synchronized(&self, now_ns: u64) -> bool {
        self.max_error_ns(now_ns) < UNKNOWN_NS
    }

    fn step(&mut self, sample: &Sample, offset_ns: i64) -> Judgement {
        self.far = 0;
        self.drift_ns = 0;
        self.drift_since_ns = sample.at_ns;
        self.note(sample, offset_ns, 0);
        let course = Some(Course::new(sample.at_ns, sample.unix_ns, self.rate_ppb));
        Judgement { offset_ns, course, stepped: true, right: false }
    }

    /// The clock has gained or lost so much on its own since the last round.
    fn learn(&mut self, drift_ns: i64, at_ns: u64) {
        self.drift_ns = self.drift_ns.saturating_add(drift_ns);
        let elapsed_ns = at_ns.saturating_sub(self.drift_since_ns);
        if elapsed_ns < RATE_NS {
            return;
        }
        let error_ppb = i128::from(self.drift_ns) * i128::from(NANOS_PER_SEC) / i128::from(elapsed_ns);
        let share_ppb = error_ppb.clamp(-i128::from(MAX_RATE_PPB), i128::from(MAX_RATE_PPB)) as i64 / RATE_SHARE;
        self.rate_ppb = (self.rate_ppb + share_ppb).clamp(-MAX_RATE_PPB, MAX_RATE_PPB);
        self.drift_ns = 0;
        self.drift_since_ns = at_ns;
    }

    fn note(&mut self, sample: &Sample, offset_ns: i64, jitter_ns: u64) {
        self.last = Some(Synchronized {
            at_ns: sample.at_ns,
            offset_ns,
            jitter_ns,
            distance_ns: sample.distance_ns(),
            stratum: sample.stratum,
        });
    }
}

fn difference(a: u64, b: u64) -> i64 {
    let difference = i128::from(a) - i128::from(b);
    i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
}
