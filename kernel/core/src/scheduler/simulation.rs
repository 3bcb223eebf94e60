//! The scheduler's promises, tested on a simulated machine: threads that spin or work and sleep, a management thread that
//! its NIC's interrupts wake, and a timer that is late. The machine calls the scheduler as the kernel does.

use super::*;
use proptest::prelude::*;
use std::{vec, vec::Vec};

const US: u64 = 1_000;
const MS: u64 = 1_000_000;
const THREADS: usize = 70;

/// What a thread does, again and again.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// Wants the CPU always.
    Spin,
    /// Wants the CPU for `run_ns`, then sleeps.
    Cycle { run_ns: u64, sleep_ns: u64 },
    /// Sleeps until the management NIC interrupts, then works on that.
    Serve { run_ns: u64 },
}

#[derive(Debug)]
struct Thread {
    work: Work,
    class: Class,
    /// CPU time until it blocks.
    left_ns: u64,
    /// When its sleep ends.
    wakes_at: Option<u64>,
    /// Since when it has been runnable and not run, and how long it had slept before.
    waiting: Option<(u64, u64)>,
    blocked_at: u64,
    used_ns: u64,
    longest_wait_ns: u64,
    /// The longest wait after a sleep of 20 ms and more.
    longest_wake_up_ns: u64,
}

/// The management NIC: interrupts every so often, but not before the last interrupt's work is done.
#[derive(Clone, Copy, Debug)]
struct Nic {
    interval_ns: u64,
    cost_ns: u64,
    next_at: u64,
}

struct Machine {
    scheduler: Scheduler<THREADS>,
    threads: Vec<Thread>,
    nic: Option<Nic>,
    now: u64,
    /// How late the timer is each time.
    late_ns: u64,
    /// CPU time of management and its interrupts: from, to.
    management: Vec<(u64, u64)>,
    /// Stretches in which some fair thread was runnable throughout: from, to.
    contended: Vec<(u64, u64)>,
}

impl Machine {
    fn new(share: u8, late_ns: u64, nic: Option<Nic>, threads: &[(Work, Class, u32)]) -> Self {
        let mut machine = Self {
            scheduler: Scheduler::new(),
            threads: Vec::new(),
            nic,
            now: 0,
            late_ns,
            management: Vec::new(),
            contended: Vec::new(),
        };
        machine.scheduler.set_management_share(share, 0);
        for (id, &(work, class, weight)) in threads.iter().enumerate() {
            machine.scheduler.add(id, weight, class);
            machine.threads.push(Thread {
                work,
                class,
                left_ns: 0,
                wakes_at: (!matches!(work, Work::Serve { .. })).then_some(0),
                waiting: None,
                blocked_at: 0,
                used_ns: 0,
                longest_wait_ns: 0,
                longest_wake_up_ns: 0,
            });
        }
        machine
    }

    fn run_until(&mut self, end: u64) {
        while self.now < end {
            self.wake_sleepers();
            self.switch();
            self.note_contention();
            let next = self.next_time().min(end).max(self.now + 1);
            self.run_current(next - self.now);
            self.interrupt();
        }
    }

    fn wake_sleepers(&mut self) {
        for id in 0..self.threads.len() {
            if self.threads[id].wakes_at.is_some_and(|at| at <= self.now) {
                self.wake(id);
            }
        }
    }

    fn wake(&mut self, id: usize) {
        let thread = &mut self.threads[id];
        thread.wakes_at = None;
        thread.left_ns = match thread.work {
            Work::Spin => u64::MAX,
            Work::Cycle { run_ns, .. } | Work::Serve { run_ns } => run_ns,
        };
        thread.waiting = Some((self.now, self.now - thread.blocked_at));
        assert!(self.scheduler.wake(id, self.now), "was blocked");
    }

    fn switch(&mut self) {
        let done = self.scheduler.current().filter(|&id| self.threads[id].left_ns == 0);
        if let Some(id) = done {
            let thread = &mut self.threads[id];
            thread.blocked_at = self.now;
            thread.wakes_at = match thread.work {
                Work::Cycle { sleep_ns, .. } => Some(self.now + sleep_ns),
                Work::Spin | Work::Serve { .. } => None,
            };
        } else if self.scheduler.should_preempt(self.now) {
            if let Some(id) = self.scheduler.current() {
                self.threads[id].waiting = Some((self.now, 0));
            }
            self.scheduler.requeue();
        } else {
            return;
        }
        if let Some(id) = self.scheduler.pick(self.now) {
            let thread = &mut self.threads[id];
            let (since, slept) = thread.waiting.take().expect("was runnable");
            thread.longest_wait_ns = thread.longest_wait_ns.max(self.now - since);
            if slept >= 20 * MS {
                thread.longest_wake_up_ns = thread.longest_wake_up_ns.max(self.now - since);
            }
        }
        assert!(!self.scheduler.should_preempt(self.now), "what was picked may run");
    }

    fn next_time(&mut self) -> u64 {
        let event = self.scheduler.next_event(self.now);
        assert!(event.is_none_or(|at| at > self.now), "the timer would fire for ever");
        let late = event.map(|at| at + self.late_ns);
        let sleepers = self.threads.iter().filter_map(|thread| thread.wakes_at).min();
        let done = self.scheduler.current().map(|id| self.now.saturating_add(self.threads[id].left_ns));
        let interrupt = self.nic.filter(|_| self.servant().is_some()).map(|nic| nic.next_at);
        [late, sleepers, done, interrupt].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    fn run_current(&mut self, ns: u64) {
        let from = self.now;
        self.now += ns;
        if let Some(id) = self.scheduler.current() {
            let thread = &mut self.threads[id];
            thread.left_ns -= ns.min(thread.left_ns);
            thread.used_ns += ns;
            if thread.class == Class::Management {
                self.management.push((from, self.now));
            }
        }
        self.scheduler.charge(ns, self.now);
    }

    /// The thread that serves the NIC, if it waits for it: until then the NIC is masked.
    fn servant(&self) -> Option<usize> {
        let waits = |thread: &Thread| matches!(thread.work, Work::Serve { .. }) && thread.left_ns == 0;
        self.threads.iter().position(waits).filter(|&id| self.scheduler.current() != Some(id))
    }

    fn interrupt(&mut self) {
        let (Some(mut nic), Some(servant)) = (self.nic, self.servant()) else { return };
        if nic.next_at > self.now {
            return;
        }
        self.management.push((self.now, self.now + nic.cost_ns));
        self.now += nic.cost_ns;
        self.scheduler.charge_management(nic.cost_ns, self.now);
        nic.next_at = self.now + nic.interval_ns;
        self.nic = Some(nic);
        self.wake(servant);
    }

    fn note_contention(&mut self) {
        let runnable = |thread: &Thread| thread.class == Class::Fair && thread.left_ns > 0;
        if self.threads.iter().any(runnable) {
            match self.contended.last_mut() {
                Some((_, to)) if *to == self.now => {}
                _ => self.contended.push((self.now, self.now)),
            }
            // Holds at least until the machine looks again.
            let next = self.next_time().max(self.now + 1);
            if let Some((_, to)) = self.contended.last_mut() {
                *to = next;
            }
        }
    }

    /// Most CPU time that management had in any window of this length in which the program wanted the CPU throughout.
    fn most_in_window(&self, window_ns: u64) -> u64 {
        // Before each turn of management, how much it had in all the turns before.
        let mut had = vec![0];
        for &(from, to) in &self.management {
            had.push(had[had.len() - 1] + to - from);
        }
        let mut most = 0;
        // A window that begins elsewhere has no more in it than the one that begins with the next turn in it.
        for (first, &(from, _)) in self.management.iter().enumerate() {
            let to = from + window_ns;
            let stretch = self.contended.partition_point(|&(_, end)| end < to);
            if self.contended.get(stretch).is_some_and(|&(begin, _)| begin <= from) {
                let last = self.management.partition_point(|&(begin, _)| begin < to) - 1;
                let (begin, end) = self.management[last];
                most = most.max(had[last] - had[first] + end.min(to) - begin);
            }
        }
        most
    }

    fn used_ns(&self, id: usize) -> u64 {
        self.threads[id].used_ns
    }
}

fn spinner() -> (Work, Class, u32) {
    (Work::Spin, Class::Fair, DEFAULT_WEIGHT)
}

fn management(work: Work) -> (Work, Class, u32) {
    (work, Class::Management, DEFAULT_WEIGHT)
}

fn cycle() -> impl Strategy<Value = Work> {
    (10 * US..20 * MS, 10 * US..40 * MS).prop_map(|(run_ns, sleep_ns)| Work::Cycle { run_ns, sleep_ns })
}

fn fair_work() -> impl Strategy<Value = (Work, Class, u32)> {
    let work = prop_oneof![Just(Work::Spin), cycle()];
    (work, 64u32..4096).prop_map(|(work, weight)| (work, Class::Fair, weight))
}

fn management_work() -> impl Strategy<Value = (Work, Class, u32)> {
    let serve = (US..3 * MS).prop_map(|run_ns| Work::Serve { run_ns });
    prop_oneof![Just(Work::Spin), cycle(), serve].prop_map(management)
}

fn nic() -> impl Strategy<Value = Nic> {
    (20 * US..5 * MS, US..30 * US).prop_map(|(interval_ns, cost_ns)| Nic { interval_ns, cost_ns, next_at: MS })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The ceiling: whatever everybody does, in any 100 ms in which the program wanted the CPU throughout, management and
    /// its interrupts use at most their share and one slice (and what the timer and the last interrupt overrun).
    #[test]
    fn management_stays_within_its_share(
        share in 1u8..=50, late_ns in 0..20 * US, nic in nic(),
        fair in prop::collection::vec(fair_work(), 1..8), managing in prop::collection::vec(management_work(), 1..4),
    ) {
        let threads: Vec<_> = fair.into_iter().chain(managing).collect();
        let mut machine = Machine::new(share, late_ns, Some(nic), &threads);
        machine.run_until(500 * MS);
        let most = machine.most_in_window(100 * MS);
        let allowed = MS * u64::from(share) + MS + late_ns + nic.cost_ns;
        prop_assert!(most <= allowed, "{most} > {allowed}");
    }

    /// The floor: management that always wants the CPU gets its share, however many others spin.
    #[test]
    fn management_gets_its_share(share in 1u8..=90, late_ns in 0..20 * US, spinners in 1usize..64) {
        let mut threads = vec![spinner(); spinners];
        threads.push(management(Work::Spin));
        let mut machine = Machine::new(share, late_ns, None, &threads);
        machine.run_until(1000 * MS);
        let (used, due) = (machine.used_ns(spinners), 10 * MS * u64::from(share));
        prop_assert!(used >= due * 95 / 100 && used <= due + 2 * MS, "{used} of {due}");
    }

    /// Never blinded: woken after 20 ms of idleness, management runs within 2 ms beside 64 threads that spin.
    #[test]
    fn management_wakes_up_promptly(
        share in 1u8..=50, late_ns in 0..20 * US, run_ns in 10 * US..30 * MS, sleep_ns in 20 * MS..60 * MS,
    ) {
        let mut threads = vec![spinner(); 64];
        threads.push(management(Work::Cycle { run_ns, sleep_ns }));
        let mut machine = Machine::new(share, late_ns, None, &threads);
        machine.run_until(3000 * MS);
        prop_assert!(machine.used_ns(64) > 0);
        prop_assert!(machine.threads[64].longest_wake_up_ns <= 2 * MS, "{:?}", machine.threads[64]);
    }

    /// Threads of equal weight that always want the CPU get equal time, within two slices, and none waits for long.
    #[test]
    fn equal_threads_get_equal_time(spinners in 2usize..65, late_ns in 0..20 * US, managing in management_work()) {
        let mut threads = vec![spinner(); spinners];
        threads.push(managing);
        let mut machine = Machine::new(5, late_ns, None, &threads);
        machine.run_until(2000 * MS);
        let used = (0..spinners).map(|id| machine.used_ns(id));
        let (least, most) = (used.clone().min().unwrap_or(0), used.max().unwrap_or(0));
        prop_assert!(most - least <= 2 * (SLICE_NS.1 + late_ns), "{least} to {most}");
        let round_ns = spinners as u64 * (SLICE_NS.1.min(ROUND_NS / spinners as u64).max(SLICE_NS.0) + late_ns);
        for thread in &machine.threads[..spinners] {
            // In the worst case each of the others is owed a slice first and then gets its turn; the share comes on top.
            let allowed = 2 * round_ns * 110 / 100 + MS;
            prop_assert!(thread.longest_wait_ns <= allowed, "{} > {allowed}", thread.longest_wait_ns);
        }
    }

    /// Time is shared by weight.
    #[test]
    fn time_follows_weight(weights in prop::collection::vec(256u32..4096, 2..8)) {
        let threads: Vec<_> = weights.iter().map(|&weight| (Work::Spin, Class::Fair, weight)).collect();
        let mut machine = Machine::new(5, 0, None, &threads);
        machine.run_until(5000 * MS);
        let total: u64 = weights.iter().copied().map(u64::from).sum();
        for (id, &weight) in weights.iter().enumerate() {
            let due = 5000 * MS * u64::from(weight) / total;
            // What two slices of the lightest thread are for this one.
            let grain = 2 * SLICE_NS.1 * u64::from(weight).div_ceil(256);
            prop_assert!(machine.used_ns(id).abs_diff(due) <= grain, "{id}: {} of {due}", machine.used_ns(id));
        }
    }

    /// Sleeping earns no more than the share: beside a thread that sleeps as it likes, one that spins keeps its half.
    #[test]
    fn sleepers_do_not_starve_spinners(work in cycle()) {
        let mut machine = Machine::new(5, 0, None, &[spinner(), (work, Class::Fair, DEFAULT_WEIGHT)]);
        machine.run_until(2000 * MS);
        prop_assert!(machine.used_ns(0) + 2 * SLICE_NS.1 >= 1000 * MS, "{}", machine.used_ns(0));
    }
}

/// The examples of the design: 5 %, a scraper that never rests, 64 spinning threads.
#[test]
fn five_percent_beside_sixty_four_spinners() {
    let mut threads = vec![spinner(); 64];
    threads.push(management(Work::Serve { run_ns: 300 * US }));
    let nic = Nic { interval_ns: 10 * US, cost_ns: 5 * US, next_at: 0 };
    let mut machine = Machine::new(5, 5 * US, Some(nic), &threads);
    machine.run_until(1000 * MS);
    let served = machine.used_ns(64);
    assert!((45 * MS..=51 * MS).contains(&served), "{served}");
    assert!(machine.most_in_window(100 * MS) <= 6 * MS + 10 * US);
}
