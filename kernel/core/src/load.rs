//! How loaded the CPU is: the time threads spent running and waiting for it, and the load averages made of that.
//!
//! [`Occupancy`] sums up what a run queue's length was over time, exactly: it is told whenever the length changes. From it
//! come the time threads had to wait, the time in which any had to, and the integral of the runnable threads.
//! [`LoadAverages`] folds that integral into averages that forget exponentially, when somebody reads them: between two reads
//! the load is its exact mean, so nothing has to wake up to sample it.
//!
//! Not here: clocks, and who is runnable.

/// Sums over time of what a run queue held. They wrap, as counters may.
#[derive(Debug, Default)]
pub struct Occupancy {
    until_ns: u64,
    waited_ns: u64,
    pressed_ns: u64,
    runnable_ns: u64,
}

impl Occupancy {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { until_ns: 0, waited_ns: 0, pressed_ns: 0, runnable_ns: 0 }
    }

    /// Since the last call, up to `now_ns`, `queued` threads waited for the CPU, and one ran, or none did.
    pub fn advance(&mut self, now_ns: u64, queued: usize, ran: bool) {
        let elapsed = now_ns.saturating_sub(self.until_ns);
        self.until_ns = now_ns;
        let waited = elapsed.wrapping_mul(queued as u64);
        self.waited_ns = self.waited_ns.wrapping_add(waited);
        self.runnable_ns = self.runnable_ns.wrapping_add(waited);
        if queued > 0 {
            self.pressed_ns = self.pressed_ns.wrapping_add(elapsed);
        }
        if ran {
            self.runnable_ns = self.runnable_ns.wrapping_add(elapsed);
        }
    }

    /// Time that threads spent waiting for the CPU, all of them added.
    #[must_use]
    pub const fn waited_ns(&self) -> u64 {
        self.waited_ns
    }

    /// Time in which at least one thread had to wait.
    #[must_use]
    pub const fn pressed_ns(&self) -> u64 {
        self.pressed_ns
    }

    /// Time that threads spent running or waiting to, all of them added: the integral of the load.
    #[must_use]
    pub const fn runnable_ns(&self) -> u64 {
        self.runnable_ns
    }
}

/// What each of the averages forgets by a factor of e.
const MINUTES: [u64; 3] = [1, 5, 15];

/// Reads that are closer together than this see the same averages, so that one scrape's agree. The shortest average moves by
/// 0.2 % of what there is to move in this time.
const FOLD_NS: u64 = 100_000_000;

/// Binary digits behind the point of the averages and of everything they are made with.
const FRACTION: u32 = 32;
const ONE: u64 = 1 << FRACTION;

/// The mean number of runnable threads over the last 1, 5 and 15 minutes, the past forgotten exponentially.
#[derive(Debug, Default)]
pub struct LoadAverages {
    folded_ns: u64,
    runnable_ns: u64,
    /// In 2^-32.
    averages: [u64; 3],
}

impl LoadAverages {
    /// Nothing was runnable so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { folded_ns: 0, runnable_ns: 0, averages: [0; 3] }
    }

    /// The averages at `now_ns`, in billionths of a thread, when the integral of the load ([`Occupancy::runnable_ns`]) was
    /// `runnable_ns`.
    pub fn at(&mut self, now_ns: u64, runnable_ns: u64) -> [u64; 3] {
        let elapsed_ns = now_ns.saturating_sub(self.folded_ns);
        if elapsed_ns >= FOLD_NS {
            let ran_ns = runnable_ns.wrapping_sub(self.runnable_ns);
            let mean = (u128::from(ran_ns) << FRACTION) / u128::from(elapsed_ns);
            for (average, minutes) in self.averages.iter_mut().zip(MINUTES) {
                let kept = decay(elapsed_ns / 1000, minutes * 60_000_000);
                let sum = u128::from(*average) * u128::from(kept) + mean * u128::from(ONE - kept);
                *average = u64::try_from(sum >> FRACTION).unwrap_or(u64::MAX);
            }
            self.folded_ns = now_ns;
            self.runnable_ns = runnable_ns;
        }
        self.averages.map(|average| {
            let billionths = (u128::from(average) * 1_000_000_000 + u128::from(ONE / 2)) >> FRACTION;
            u64::try_from(billionths).unwrap_or(u64::MAX)
        })
    }
}

/// `e^(-elapsed / constant)` in 2^-32, for constants below 2^30 (a quarter of an hour in µs) and any time.
fn decay(elapsed_us: u64, constant_us: u64) -> u64 {
    /// The natural logarithm of 2, in billionths.
    const LN_2: u64 = 693_147_181;
    // A half-life is a shift, and what is left of the exponent is below ln 2.
    let half_life_us = constant_us * LN_2 / 1_000_000_000;
    let halves = elapsed_us / half_life_us;
    let exponent = ((elapsed_us % half_life_us) << FRACTION) / constant_us;
    // The series of e^-x as products: 1 - x/1 * (1 - x/2 * (1 - x/3 * ...)), all of them between 0 and 1. After twelve the
    // rest is below 2^-32.
    let series = (1..=12).rev().fold(ONE, |series, term| ONE - ((exponent * series) >> FRACTION) / term);
    u32::try_from(halves).ok().and_then(|halves| series.checked_shr(halves)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;

    /// What `decay` is, by the host's floating point.
    fn exactly(elapsed_us: u64, constant_us: u64) -> f64 {
        (-(elapsed_us as f64) / constant_us as f64).exp()
    }

    fn threads(billionths: u64) -> f64 {
        billionths as f64 / 1e9
    }

    #[test]
    fn a_queue_is_summed_over_time() {
        let mut occupancy = Occupancy::new();
        occupancy.advance(10, 0, false);
        occupancy.advance(15, 0, true);
        occupancy.advance(35, 3, true);
        occupancy.advance(36, 1, false);
        assert_eq!((occupancy.waited_ns(), occupancy.pressed_ns(), occupancy.runnable_ns()), (61, 21, 5 + 80 + 1));
        occupancy.advance(30, 7, true); // a clock that goes back adds nothing
        assert_eq!(occupancy.waited_ns(), 61);
    }

    #[test]
    fn spinning_threads_are_the_load_in_the_end() {
        let mut averages = LoadAverages::new();
        // Eight threads from the start, read every 15 s.
        let mut last = [0; 3];
        for seconds in (15..=7200).step_by(15) {
            last = averages.at(seconds * SECOND, 8 * seconds * SECOND);
            for (average, minutes) in last.into_iter().zip(MINUTES) {
                let expected = 8.0 * (1.0 - (-(seconds as f64) / (60 * minutes) as f64).exp());
                assert!((threads(average) - expected).abs() < 1e-6, "{seconds} s: {average} is not {expected}");
            }
        }
        assert!(last.into_iter().all(|average| (7.99..=8.0).contains(&threads(average))), "{last:?}");
    }

    #[test]
    fn a_machine_that_went_idle_is_forgotten() {
        let mut averages = LoadAverages::new();
        let _ = averages.at(3600 * SECOND, 4 * 3600 * SECOND);
        let [one, five, fifteen] = averages.at(3660 * SECOND, 4 * 3600 * SECOND);
        assert!((threads(one) - 4.0 / 1f64.exp()).abs() < 1e-6, "{one}");
        assert!(one < five && five < fifteen);
        assert_eq!(averages.at(1_000_000 * SECOND, 4 * 3600 * SECOND), [0; 3]);
    }

    #[test]
    fn reads_of_one_scrape_agree() {
        let mut averages = LoadAverages::new();
        let first = averages.at(10 * SECOND, 10 * SECOND);
        assert_eq!(averages.at(10 * SECOND + FOLD_NS - 1, 99 * SECOND), first);
        assert_ne!(averages.at(10 * SECOND + FOLD_NS, 99 * SECOND), first);
    }

    proptest! {
        #[test]
        fn decays_as_e_does(elapsed_us in 0u64..1 << 44, minutes in 0usize..3) {
            let constant_us = MINUTES[minutes] * 60_000_000;
            let decayed = decay(elapsed_us, constant_us) as f64 / ONE as f64;
            prop_assert!((decayed - exactly(elapsed_us, constant_us)).abs() < 1e-8, "{decayed}");
        }

        /// However often it is read meanwhile, a steady load comes out the same.
        #[test]
        fn reads_do_not_disturb(gaps in proptest::collection::vec(FOLD_NS..100 * SECOND, 1..50), load in 0u64..512) {
            let (mut often, mut once, mut now) = (LoadAverages::new(), LoadAverages::new(), 0);
            for gap in gaps {
                now += gap;
                let _ = often.at(now, load * now);
            }
            for (one, other) in often.at(now, load * now).into_iter().zip(once.at(now, load * now)) {
                prop_assert!((threads(one) - threads(other)).abs() < 1e-3, "{one} {other}");
            }
        }

        #[test]
        fn nothing_overflows(steps in proptest::collection::vec((any::<u64>(), any::<u64>()), 1..20)) {
            let mut averages = LoadAverages::new();
            for (now, runnable) in steps {
                let _ = averages.at(now, runnable);
            }
        }
    }
}
