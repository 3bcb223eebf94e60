//! When everything is told at once, and what is waited for before. For the producers of measurements, not for how they walk.

use super::date::DatePatience;
use crate::Site;

/// How long what the program's functions tell is waited for. Then they are left out, as of a scrape.
const PATIENCE_NS: u64 = 100_000_000;

/// The times at which everything is captured: one at once, then one an interval.
#[derive(Debug)]
pub struct Capture {
    interval_ns: u64,
    due_ns: u64,
    /// The ticket of what is being prepared, and until when that is waited for.
    preparing: Option<(u64, u64)>,
    date: DatePatience,
}

impl Capture {
    /// The first is due at once, or if captures have a date, when that is known well: a clock that is put right only after
    /// the first one would put the next before it.
    #[must_use]
    pub fn new(interval_ns: u64, has_date: bool) -> Self {
        let mut date = DatePatience::default();
        if !has_date {
            date.end();
        }
        Self { interval_ns: interval_ns.max(1), due_ns: 0, preparing: None, date }
    }

    /// Whether one begins now: it is due, and what it shows is prepared, which this call begins if need be.
    pub fn begins(&mut self, now_ns: u64, site: &dyn Site) -> bool {
        if now_ns < self.due_ns || self.date.waits(now_ns, site) {
            return false;
        }
        let preparing = self.preparing.or_else(|| Some((site.prepare(now_ns)?, now_ns.saturating_add(PATIENCE_NS))));
        if let Some((ticket, until_ns)) = preparing
            && now_ns < until_ns
            && !site.prepared(ticket)
        {
            self.preparing = preparing;
            return false;
        }
        self.preparing = None;
        // Those that nobody could begin in time are left out, and the others stay where they were.
        let late_ns = (now_ns - self.due_ns) % self.interval_ns;
        self.due_ns = (now_ns - late_ns).saturating_add(self.interval_ns);
        true
    }

    /// Makes the next one due now, whatever the date.
    pub const fn hasten(&mut self, now_ns: u64) {
        self.date.end();
        if now_ns < self.due_ns {
            self.due_ns = now_ns;
        }
    }

    /// When to ask whether one [begins](Self::begins).
    #[must_use]
    pub fn deadline_ns(&self) -> u64 {
        let preparing = self.preparing.map(|(_, until_ns)| until_ns);
        preparing.or_else(|| self.date.deadline_ns()).unwrap_or(self.due_ns)
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    /// A machine whose functions take their time.
    struct Machine {
        prepared: Cell<bool>,
        asked: Cell<u64>,
        awaits_date: Cell<bool>,
    }

    impl Machine {
        fn new(prepared: bool) -> Self {
            Self { prepared: Cell::new(prepared), asked: Cell::new(0), awaits_date: Cell::new(false) }
        }
    }

    impl Site for Machine {
        fn node(&self) -> &str {
            "one"
        }

        fn program(&self) -> &str {
            "test"
        }

        fn prepare(&self, _: u64) -> Option<u64> {
            self.asked.set(self.asked.get() + 1);
            Some(self.asked.get())
        }

        fn prepared(&self, ticket: u64) -> bool {
            assert_eq!(ticket, self.asked.get());
            self.prepared.get()
        }

        fn now_ns(&self) -> u64 {
            0
        }

        fn awaits_date(&self) -> bool {
            self.awaits_date.get()
        }
    }

    #[test]
    fn one_an_interval_however_late_one_was() {
        let machine = Machine::new(true);
        let mut capture = Capture::new(100, true);
        assert!(capture.begins(1_010, &machine), "at once");
        for (now_ns, begins) in
            [(1_099, false), (1_100, true), (1_230, true), (1_231, false), (1_299, false), (1_300, true)]
        {
            assert_eq!(capture.begins(now_ns, &machine), begins, "{now_ns}");
        }
        assert!(capture.begins(1_750, &machine), "the three between are left out");
        assert_eq!(capture.deadline_ns(), 1_800);
        capture.hasten(1_760);
        assert!(capture.begins(1_760, &machine));
        assert!(!capture.begins(1_760, &machine));
    }

    #[test]
    fn what_is_shown_is_waited_for_but_not_forever() {
        let machine = Machine::new(false);
        let mut capture = Capture::new(1_000_000_000, true);
        assert!(!capture.begins(5, &machine));
        assert_eq!(capture.deadline_ns(), 5 + PATIENCE_NS);
        assert!(!capture.begins(6, &machine));
        machine.prepared.set(true);
        assert!(capture.begins(7, &machine));
        machine.prepared.set(false);
        assert!(!capture.begins(1_000_000_000, &machine));
        assert!(capture.begins(1_100_000_000, &machine), "those that are late are left out");
        assert_eq!((machine.asked.get(), capture.deadline_ns()), (2, 2_000_000_000));
    }

    #[test]
    fn the_date_is_waited_for_but_not_forever() {
        let machine = Machine::new(true);
        machine.awaits_date.set(true);
        let mut undated = Capture::new(1_000, false);
        assert!(undated.begins(5, &machine));
        let [mut patient, mut hastened, mut capture] = [(); 3].map(|()| Capture::new(1_000, true));
        assert!(!patient.begins(5, &machine) && !hastened.begins(5, &machine) && !capture.begins(5, &machine));
        assert_eq!((machine.asked.get(), capture.deadline_ns()), (1, 10_000_000_005));
        hastened.hasten(6);
        assert!(hastened.begins(6, &machine), "the program has ended");
        assert!(patient.begins(10_000_000_005, &machine) && patient.begins(10_000_001_005, &machine));
        machine.awaits_date.set(false);
        assert!(capture.begins(7, &machine), "the date is known");
        assert_eq!(capture.deadline_ns(), 1_000);
    }
}
