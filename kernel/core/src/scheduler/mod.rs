//! What runs next: a run queue that is fair by virtual runtime, and the management share.
//!
//! *Fair threads* each carry a virtual runtime, the CPU time they used divided by their weight; the one with the least runs
//! next, for a slice. Weight is the only priority there is, so nobody starves. A thread that slept is brought forward to a
//! little before the others, not to where it was: sleeping earns a prompt wake-up, never a stock of CPU time.
//!
//! *Management threads* go before every fair thread while their token bucket ([`budget`]) is ready, and after all of them
//! otherwise. That makes the share a floor and a ceiling: in any stretch of time in which a fair thread was runnable
//! throughout, management and its NIC's interrupts use at most `share * time` + 1 ms, and at least about `share * time` if
//! they want it. CPU time nobody else wanted is not counted.
//!
//! Not here: switching, sleeping (the kernel keeps its own heap of wake-up times) and statistics.
//!
//! # Use
//! On every way back from an interrupt and on every call that blocks, with interrupts off and in this order:
//! 1. [`charge`](Scheduler::charge) the current thread's time, [`charge_management`](Scheduler::charge_management) the
//!    interrupt's if it came from the management NIC;
//! 2. [`wake`](Scheduler::wake) whatever became runnable;
//! 3. if the current thread blocks: [`pick`](Scheduler::pick). Else if
//!    [`should_preempt`](Scheduler::should_preempt): [`requeue`](Scheduler::requeue), then `pick`. If `pick` names the
//!    thread that ran before there is nothing to switch; if it names none, halt;
//! 4. set the timer to [`next_event`](Scheduler::next_event) or the first sleeper's time, whichever is sooner.

mod budget;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use crate::indexed_heap::IndexedHeap;
use crate::params::Share;
use budget::Budget;

pub use budget::CAPACITY_NS as MANAGEMENT_SLICE_NS;

/// Weight of a thread that asked for nothing special. One with twice the weight gets twice the time.
pub const DEFAULT_WEIGHT: u32 = 1024;

/// Bounds of a weight. At the lowest, virtual runtime passes 64 times as fast as time, and `u64` lasts nine years.
const WEIGHTS: (u32, u32) = (DEFAULT_WEIGHT / 64, DEFAULT_WEIGHT * 64);

/// Each runnable thread should have its turn in this time, as far as [`SLICE_NS`] allows.
const ROUND_NS: u64 = 16_000_000;

/// Bounds of a slice: shorter wastes CPU on switches, longer is felt by whoever waits.
const SLICE_NS: (u64, u64) = (1_000_000, 4_000_000);

/// How far before the others a thread wakes up at most, in virtual time.
const SLEEP_CREDIT_NS: u64 = 2_000_000;

/// A fair thread that wakes up interrupts one that is ahead of it by more than this in virtual time. Below it, threads that
/// wake each other would switch at every wake-up.
const WAKE_GRANULARITY_NS: u64 = 1_000_000;

/// A slice with less than this left is over: timers are a little early as often as late.
const SLICE_SLACK_NS: u64 = 10_000;

/// Who a thread works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The program: shares the CPU by weight.
    Fair,
    /// Management: its share first, and beyond it only what the program leaves.
    Management,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Absent,
    Blocked,
    Queued,
    Running,
}

#[derive(Clone, Copy, Debug)]
struct Thread {
    state: State,
    class: Class,
    weight: u32,
    vruntime_ns: u64,
}

/// Order in a run queue: least virtual runtime first; first come, first served where it is equal.
type Key = (u64, u64);

/// The run queue of one CPU, for threads with ids `0..N`.
///
/// Times are nanoseconds of one clock that never goes back. Ids are the kernel's own thread numbers; one that is `N` or more
/// panics.
#[derive(Debug)]
pub struct Scheduler<const N: usize> {
    threads: [Thread; N],
    fair: IndexedHeap<Key, N>,
    management: IndexedHeap<Key, N>,
    /// Numbers the insertions into the queues; the second half of a [`Key`].
    insertions: u64,
    /// Least virtual runtime of the runnable fair threads, as far as it ever got: never goes back.
    fair_floor_ns: u64,
    management_floor_ns: u64,
    current: Option<usize>,
    /// CPU time the current thread has had since it was picked.
    turn_ns: u64,
    budget: Budget,
}

impl<const N: usize> Scheduler<N> {
    /// No threads; the management share of a machine that was told nothing.
    pub const fn new() -> Self {
        const NOBODY: Thread =
            Thread { state: State::Absent, class: Class::Fair, weight: DEFAULT_WEIGHT, vruntime_ns: 0 };
        Self {
            threads: [NOBODY; N],
            fair: IndexedHeap::new(),
            management: IndexedHeap::new(),
            insertions: 0,
            fair_floor_ns: 0,
            management_floor_ns: 0,
            current: None,
            turn_ns: 0,
            budget: Budget::new(Share::DEFAULT.percent()),
        }
    }

    /// Sets the share of the CPU, in percent (100 at most), that management is sure of and confined to.
    pub fn set_management_share(&mut self, percent: u8, now_ns: u64) {
        self.budget.set_percent(percent, now_ns);
    }

    /// Makes `id` known, blocked: [`wake`](Self::wake) it to let it run. `weight` is relative to [`DEFAULT_WEIGHT`] and kept
    /// within 1/64 to 64 times that.
    pub fn add(&mut self, id: usize, weight: u32, class: Class) {
        debug_assert_eq!(self.threads[id].state, State::Absent, "thread {id} is known already");
        let vruntime_ns = self.floor_ns(class);
        let weight = weight.clamp(WEIGHTS.0, WEIGHTS.1);
        self.threads[id] = Thread { state: State::Blocked, class, weight, vruntime_ns };
    }

    /// Forgets `id`, whatever it was doing. If it is the current thread, [`pick`](Self::pick) comes next.
    pub fn remove(&mut self, id: usize) {
        self.fair.remove(id);
        self.management.remove(id);
        if self.current == Some(id) {
            self.current = None;
        }
        self.threads[id].state = State::Absent;
    }

    /// `id` became runnable. Returns false, and changes nothing, if it is runnable already or not known.
    pub fn wake(&mut self, id: usize, now_ns: u64) -> bool {
        if self.threads[id].state != State::Blocked {
            return false;
        }
        self.budget.refill(now_ns);
        let class = self.threads[id].class;
        let earliest = self.floor_ns(class).saturating_sub(SLEEP_CREDIT_NS);
        let thread = &mut self.threads[id];
        thread.vruntime_ns = thread.vruntime_ns.max(earliest);
        if class == Class::Management {
            self.budget.wake();
        }
        self.enqueue(id);
        true
    }

    /// The current thread has used `ran_ns` of CPU since it was picked or last charged, up to `now_ns`, interrupts not
    /// included. Nothing happens if there is no current thread.
    pub fn charge(&mut self, ran_ns: u64, now_ns: u64) {
        let Some(id) = self.current else { return };
        let thread = &mut self.threads[id];
        let virtual_ns = match thread.weight {
            DEFAULT_WEIGHT => ran_ns, // most have it, and a division of 128 bits is a long one
            weight => {
                let virtual_ns = u128::from(ran_ns) * u128::from(DEFAULT_WEIGHT) / u128::from(weight);
                u64::try_from(virtual_ns).unwrap_or(u64::MAX)
            }
        };
        thread.vruntime_ns = thread.vruntime_ns.saturating_add(virtual_ns);
        self.turn_ns = self.turn_ns.saturating_add(ran_ns);
        if thread.class == Class::Management {
            self.charge_management(ran_ns, now_ns);
        }
        self.raise_floors();
    }

    /// The management NIC's interrupts have used `ns` of CPU up to `now_ns`, whoever they interrupted.
    pub fn charge_management(&mut self, ns: u64, now_ns: u64) {
        if self.contended() {
            self.budget.spend(ns, now_ns);
        }
    }

    /// Whether another thread than the current one should run now. True also if there is no current thread and some thread
    /// is runnable.
    pub fn should_preempt(&mut self, now_ns: u64) -> bool {
        self.budget.refill(now_ns);
        let Some(id) = self.current else { return self.queued() > 0 };
        let management_waits = self.budget.ready() && !self.management.is_empty();
        let thread = self.threads[id];
        match thread.class {
            Class::Fair => {
                let overtaken = self.fair.peek().is_some_and(|((vruntime_ns, _), _)| {
                    self.slice_left_ns() <= SLICE_SLACK_NS
                        || vruntime_ns.saturating_add(WAKE_GRANULARITY_NS) < thread.vruntime_ns
                });
                management_waits || overtaken
            }
            Class::Management if self.fair.is_empty() || self.budget.ready() => {
                !self.management.is_empty() && self.slice_left_ns() <= SLICE_SLACK_NS
            }
            Class::Management => true,
        }
    }

    /// Puts the current thread, which could run on, back into its queue. [`pick`](Self::pick) comes next.
    pub fn requeue(&mut self) {
        if let Some(id) = self.current.take() {
            self.enqueue(id);
        }
    }

    /// Like [`requeue`](Self::requeue), for a thread that gives way of its own accord: it also gives up what it is owed, so
    /// that every thread of its class that is runnable now and owed no more runs before it.
    pub fn requeue_last(&mut self) {
        if let Some(id) = self.current.take() {
            let class = self.threads[id].class;
            if let Some(((first_ns, _), _)) = self.queue(class).peek() {
                let thread = &mut self.threads[id];
                thread.vruntime_ns = thread.vruntime_ns.max(first_ns);
            }
            self.enqueue(id);
        }
    }

    /// Takes the thread to run now out of its queue and makes it the current one. A current thread that was not requeued
    /// counts as blocked. `None`: nothing is runnable.
    pub fn pick(&mut self, now_ns: u64) -> Option<usize> {
        self.budget.refill(now_ns);
        if let Some(id) = self.current.take() {
            self.threads[id].state = State::Blocked;
        }
        let management_first = self.budget.ready() && !self.management.is_empty();
        let (_, id) = if management_first || self.fair.is_empty() { self.management.pop() } else { self.fair.pop() }?;
        self.threads[id].state = State::Running;
        self.current = Some(id);
        self.turn_ns = 0;
        self.raise_floors();
        Some(id)
    }

    /// The time at which [`should_preempt`](Self::should_preempt) may turn true without any wake-up: the end of a slice or of
    /// the management budget, or its return. `None`: not before some thread wakes up, so no timer is needed.
    pub fn next_event(&mut self, now_ns: u64) -> Option<u64> {
        self.budget.refill(now_ns);
        let id = self.current?;
        let slice_end = |contended: bool| contended.then(|| self.slice_left_ns());
        let (slice, budget) = match self.threads[id].class {
            Class::Fair => {
                let waits = !self.management.is_empty();
                (slice_end(!self.fair.is_empty()), self.budget.returns_ns().filter(|_| waits))
            }
            Class::Management => {
                let confined = !self.fair.is_empty();
                (slice_end(!self.management.is_empty()), self.budget.lasts_ns().filter(|_| confined))
            }
        };
        let sooner = slice.into_iter().chain(budget).min()?;
        Some(now_ns.saturating_add(sooner))
    }

    /// The thread [`pick`](Self::pick) chose last, unless it was requeued or removed since.
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    /// Number of threads that are runnable, the current one included.
    pub fn runnable(&self) -> usize {
        self.queued() + usize::from(self.current.is_some())
    }

    /// Number of threads that wait for the CPU: runnable, and not the current one.
    pub fn queued(&self) -> usize {
        self.fair.len() + self.management.len()
    }

    /// Whether management's CPU time is time that the program wanted.
    fn contended(&self) -> bool {
        !self.fair.is_empty() || self.current.is_some_and(|id| self.threads[id].class == Class::Fair)
    }

    fn slice_left_ns(&self) -> u64 {
        let slice_ns = match self.current.map(|id| self.threads[id].class) {
            Some(Class::Management) => MANAGEMENT_SLICE_NS,
            _ => (ROUND_NS / self.runnable().max(1) as u64).clamp(SLICE_NS.0, SLICE_NS.1),
        };
        slice_ns.saturating_sub(self.turn_ns)
    }

    fn queue(&self, class: Class) -> &IndexedHeap<Key, N> {
        match class {
            Class::Fair => &self.fair,
            Class::Management => &self.management,
        }
    }

    fn floor_ns(&self, class: Class) -> u64 {
        match class {
            Class::Fair => self.fair_floor_ns,
            Class::Management => self.management_floor_ns,
        }
    }

    fn enqueue(&mut self, id: usize) {
        let thread = &mut self.threads[id];
        thread.state = State::Queued;
        let key = (thread.vruntime_ns, self.insertions);
        self.insertions += 1;
        let queue = match thread.class {
            Class::Fair => &mut self.fair,
            Class::Management => &mut self.management,
        };
        queue.insert(id, key);
    }

    /// Brings the floors up to the least virtual runtime among each class's runnable threads.
    fn raise_floors(&mut self) {
        for class in [Class::Fair, Class::Management] {
            let first = self.queue(class).peek().map(|((vruntime_ns, _), _)| vruntime_ns);
            let current = self.current.map(|id| self.threads[id]).filter(|thread| thread.class == class);
            let least = first.into_iter().chain(current.map(|thread| thread.vruntime_ns)).min();
            let floor_ns = match class {
                Class::Fair => &mut self.fair_floor_ns,
                Class::Management => &mut self.management_floor_ns,
            };
            *floor_ns = (*floor_ns).max(least.unwrap_or(0));
        }
    }
}

impl<const N: usize> Default for Scheduler<N> {
    fn default() -> Self {
        Self::new()
    }
}
