//! Times several works by turns, so that whatever else the machine does meets all of them alike.

use std::time::{Duration, Instant};

/// How often each has its turn.
pub(crate) const RUNS: usize = 51;
/// A turn takes at least as long, so that the clock's own time does not show.
const TURN: Duration = Duration::from_millis(4);

/// How long one round of a work took.
pub(crate) struct Times {
    pub(crate) median_ns: f64,
    quartiles_ns: (f64, f64),
}

impl Times {
    /// The share of each of so many: `median (quartiles)`.
    pub(crate) fn for_each(&self, count: u64) -> String {
        let share = |ns: f64| ns / count as f64;
        let (low, high) = self.quartiles_ns;
        format!("{:.1} ({:.1}-{:.1})", share(self.median_ns), share(low), share(high))
    }
}

/// Runs each work as often as the others.
pub(crate) fn by_turns<const N: usize>(mut works: [&mut dyn FnMut(); N]) -> [Times; N] {
    // The first round warms up; how long it takes says how many make a turn.
    let rounds = works.each_mut().map(|work| {
        work();
        let once = Instant::now();
        work();
        TURN.as_nanos().div_ceil(once.elapsed().as_nanos().max(1)).max(1) as u32
    });
    let mut times = [const { Vec::new() }; N];
    for _ in 0..RUNS {
        for ((work, rounds), times) in works.iter_mut().zip(rounds).zip(&mut times) {
            let turn = Instant::now();
            for _ in 0..rounds {
                work();
            }
            times.push(turn.elapsed().as_nanos() as f64 / f64::from(rounds));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        let at = |quarters: usize| times[(times.len() - 1) * quarters / 4];
        Times { median_ns: at(2), quartiles_ns: (at(1), at(3)) }
    })
}
