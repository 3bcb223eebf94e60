//! The account of a CPU's time by mode: every moment is charged once, to what the CPU did, less what a hypervisor has taken
//! from it meanwhile.
//!
//! Not here: what the modes are, and reading the counter. Nothing here decides who runs: see [`crate::scheduler`].

use core::cell::Cell;

/// Time in each of `N` modes, which are numbers below that. In ticks of a counter of constant frequency, but for what was
/// stolen, which the hypervisor tells in nanoseconds.
#[derive(Debug)]
pub struct CpuAccount<const N: usize> {
    mode: Cell<usize>,
    since: Cell<u64>,
    /// What was stolen meanwhile included.
    ticks: [Cell<u64>; N],
    /// By the mode it was stolen from: never more than the time in the mode.
    stolen_ns: [Cell<u64>; N],
    /// How much of what was stolen in all has been charged.
    stolen_until_ns: Cell<u64>,
}

impl<const N: usize> CpuAccount<N> {
    /// A CPU in `mode` since the counter showed 0.
    #[must_use]
    pub const fn new(mode: usize) -> Self {
        assert!(mode < N);
        Self {
            mode: Cell::new(mode),
            since: Cell::new(0),
            ticks: [const { Cell::new(0) }; N],
            stolen_ns: [const { Cell::new(0) }; N],
            stolen_until_ns: Cell::new(0),
        }
    }

    /// What went before this moment is nobody's.
    pub fn begin(&self, ticks: u64, stolen_ns: u64) {
        self.since.set(ticks);
        self.stolen_until_ns.set(stolen_ns);
    }

    /// What the CPU does now.
    #[inline]
    pub fn mode(&self) -> usize {
        self.mode.get()
    }

    /// What the counter showed when it began to do that.
    #[inline]
    pub fn since(&self) -> u64 {
        self.since.get()
    }

    /// From now on the CPU is in `mode`: the counter showed `ticks`, and `stolen_ns` were stolen in all. A counter that has
    /// gone back stands still until it is where it was.
    ///
    /// What was stolen may have been read later than the counter, and then be more than the mode that ends has had. So it
    /// bears no more than that, by `to_ns`, and the next ones bear the rest: in no mode does the time that is left ever fall.
    #[inline]
    pub fn change(&self, mode: usize, ticks: u64, stolen_ns: u64, to_ns: impl FnOnce(u64) -> u64) {
        let old = self.mode.replace(mode);
        let passed = ticks.saturating_sub(self.since.get());
        add(&self.since, passed);
        add(&self.ticks[old], passed);
        let uncharged_ns = stolen_ns.saturating_sub(self.stolen_until_ns.get());
        if uncharged_ns != 0 {
            let borne_ns = uncharged_ns.min(to_ns(passed));
            add(&self.stolen_ns[old], borne_ns);
            add(&self.stolen_until_ns, borne_ns);
        }
    }

    /// Ticks in `mode` up to the last change, and the nanoseconds of them that were stolen.
    pub fn of(&self, mode: usize) -> (u64, u64) {
        (self.ticks[mode].get(), self.stolen_ns[mode].get())
    }

    /// Nanoseconds that were stolen, from whatever mode, and have been charged.
    pub fn stolen_ns(&self) -> u64 {
        self.stolen_ns.iter().map(Cell::get).fold(0, u64::wrapping_add)
    }
}

#[inline]
fn add(cell: &Cell<u64>, amount: u64) {
    cell.set(cell.get().wrapping_add(amount));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A counter of three nanoseconds a tick.
    fn to_ns(ticks: u64) -> u64 {
        3 * ticks
    }

    #[test]
    fn time_goes_to_the_mode_that_ends() {
        let account = CpuAccount::<3>::new(0);
        account.begin(100, 7);
        account.change(1, 110, 7, to_ns);
        account.change(2, 115, 9, to_ns);
        account.change(1, 116, 9, to_ns);
        account.change(1, 118, 10, to_ns); // as a reader does, to have what is not charged yet
        assert_eq!((account.mode(), account.since()), (1, 118));
        assert_eq!([0, 1, 2].map(|mode| account.of(mode)), [(10, 0), (5 + 2, 2 + 1), (1, 0)]);
        assert_eq!(account.stolen_ns(), 3);
    }

    #[test]
    fn what_was_stolen_after_the_reading_is_borne_by_the_next_mode() {
        let account = CpuAccount::<2>::new(0);
        account.begin(0, 0);
        account.change(1, 10, 100, to_ns);
        assert_eq!([account.of(0), account.of(1)], [(10, 30), (0, 0)]);
        account.change(0, 100, 100, to_ns);
        assert_eq!([account.of(0), account.of(1)], [(10, 30), (90, 70)]);
    }

    #[test]
    fn counters_that_go_back_take_nothing_back() {
        let account = CpuAccount::<2>::new(0);
        account.begin(50, 10);
        account.change(1, 40, 5, to_ns);
        account.change(0, 60, 12, to_ns);
        assert_eq!([account.of(0), account.of(1)], [(0, 0), (10, 2)]);
    }

    proptest! {
        /// However the CPU goes from mode to mode, whatever is stolen, and however long after the counter that is read: the
        /// time is all there, and no mode is ever left with less than it had.
        #[test]
        fn the_modes_are_all_the_time_and_none_falls(
            steps in proptest::collection::vec((0usize..5, 0u64..1 << 40, 0u64..1 << 20, 0u64..1 << 41), 1..100),
            began: u32,
        ) {
            let account = CpuAccount::<5>::new(0);
            let (mut now, mut stolen) = (u64::from(began), 0);
            account.begin(now, stolen);
            let left = |mode| {
                let (ticks, stolen_ns) = account.of(mode);
                to_ns(ticks).checked_sub(stolen_ns)
            };
            let mut before = [Some(0); 5];
            for (mode, ticks, gap, stolen_in_gap) in steps {
                let reading = now + ticks;
                // Here somebody else may run, and what is stolen is read afterwards.
                stolen += stolen_in_gap;
                account.change(mode, reading, stolen, to_ns);
                now = reading + gap + stolen_in_gap.div_ceil(3);
                let after = [0, 1, 2, 3, 4].map(left);
                prop_assert!(after.iter().zip(before).all(|(after, before)| after.is_some() && *after >= before));
                let all = after.iter().flatten().sum::<u64>() + account.stolen_ns();
                prop_assert_eq!(all, to_ns(reading - u64::from(began)));
                before = after;
            }
            // Once as much time has passed, all that was stolen is charged.
            account.change(0, now, stolen, to_ns);
            prop_assert_eq!(account.stolen_ns(), stolen);
        }
    }
}
