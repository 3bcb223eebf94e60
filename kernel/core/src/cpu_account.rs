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
    /// By the mode it was stolen from.
    stolen_ns: [Cell<u64>; N],
    /// What was stolen in all, at the last change.
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

    /// From now on the CPU is in `mode`: the counter shows `ticks`, and `stolen_ns` were stolen in all. Counters that go
    /// back a little take back as much from the mode that ends, so that the sum stays what it is.
    #[inline]
    pub fn change(&self, mode: usize, ticks: u64, stolen_ns: u64) {
        let old = self.mode.replace(mode);
        add(&self.ticks[old], ticks.wrapping_sub(self.since.replace(ticks)));
        if stolen_ns != self.stolen_until_ns.get() {
            add(&self.stolen_ns[old], stolen_ns.wrapping_sub(self.stolen_until_ns.replace(stolen_ns)));
        }
    }

    /// Ticks in `mode` up to the last change, and the nanoseconds of them that were stolen.
    pub fn of(&self, mode: usize) -> (u64, u64) {
        (self.ticks[mode].get(), self.stolen_ns[mode].get())
    }

    /// Nanoseconds that were stolen up to the last change, from whatever mode.
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

    #[test]
    fn time_goes_to_the_mode_that_ends() {
        let account = CpuAccount::<3>::new(0);
        account.begin(100, 7);
        account.change(1, 110, 7);
        account.change(2, 115, 9);
        account.change(1, 116, 9);
        account.change(1, 118, 10); // as a reader does, to have what is not charged yet
        assert_eq!(account.mode(), 1);
        assert_eq!([0, 1, 2].map(|mode| account.of(mode)), [(10, 0), (5 + 2, 2 + 1), (1, 0)]);
        assert_eq!(account.stolen_ns(), 3);
    }

    proptest! {
        /// However the CPU goes from mode to mode, its time is all there.
        #[test]
        fn the_modes_are_all_the_time(
            steps in proptest::collection::vec((0usize..5, 0u64..1 << 40, 0u64..1 << 20), 1..100),
            began: u32,
        ) {
            let account = CpuAccount::<5>::new(0);
            let (mut now, mut stolen) = (u64::from(began), 0);
            account.begin(now, stolen);
            for (mode, ticks, more) in steps {
                now += ticks;
                stolen += more;
                account.change(mode, now, stolen);
                let (ticks, of_them) = (0..5).map(|mode| account.of(mode)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                prop_assert_eq!((ticks, of_them), (now - u64::from(began), stolen));
                prop_assert_eq!(account.stolen_ns(), stolen);
            }
        }
    }
}
