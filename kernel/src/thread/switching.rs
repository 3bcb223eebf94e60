//! Who runs when: parking, waking, preemption, the idle halt, and the timer.
//!
//! A thread that goes to sleep when nothing else can run does the idling itself: it halts on its own
//! stack until an interrupt makes some thread runnable. If that thread is itself, nothing was switched.
#![expect(unsafe_code, reason = "the switch itself")]

use super::control::{Thread, ThreadId};
use super::pressure::{RUN_QUEUE_WAIT, SWITCHES, TIMER_LATENESS, WAKEUP_LATENCY};
use super::stats::{self, MANAGEMENT_NS};
use super::{SpawnError, table};
use crate::arch::{apic, context, cpu};
use crate::cpu_time::{self, Mode};
use crate::sync::preempt;
use crate::time::{Moment, now_ns};
use core::cell::{RefCell, RefMut};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use critical_section::{CriticalSection, Mutex};
use kernel_core::indexed_heap::IndexedHeap;
use kernel_core::load::Occupancy;
use kernel_core::scheduler::{Class, DEFAULT_WEIGHT, Scheduler};
use table::MAX_THREADS;

struct Switching {
    scheduler: Scheduler<MAX_THREADS>,
    /// When sleeping threads want to be woken, by slot.
    sleepers: IndexedHeap<u64, MAX_THREADS>,
    /// Until when the running thread's time has been charged.
    charged_until_ns: u64,
    occupancy: Occupancy,
}

static SWITCHING: Mutex<RefCell<Switching>> = Mutex::new(RefCell::new(Switching {
    scheduler: Scheduler::new(),
    sleepers: IndexedHeap::new(),
    charged_until_ns: 0,
    occupancy: Occupancy::new(),
}));

/// How soon to ask again for a switch that was not allowed.
const RETRY_NS: u64 = 100_000;

/// Another thread should run.
static DUE: AtomicBool = AtomicBool::new(false);
/// Nothing can run; the CPU is halted, or about to be.
static IDLE: AtomicBool = AtomicBool::new(false);

fn with<R>(cs: CriticalSection<'_>, f: impl FnOnce(&mut Switching) -> R) -> R {
    f(&mut SWITCHING.borrow(cs).borrow_mut())
}

impl Switching {
    /// Charges the running thread for its time up to now. Before the run queue changes.
    fn charge(&mut self, now: u64) {
        let ran = now.saturating_sub(self.charged_until_ns);
        self.charged_until_ns = now;
        let runs = self.scheduler.current().is_some();
        if ukstore::COUNTS {
            self.occupancy.advance(now, self.scheduler.queued(), runs);
        }
        if let (true, Some(thread)) = (runs, table::current()) {
            stats::add_alone(&thread.stats.cpu_ns, ran);
            if thread.management {
                stats::add_alone(&MANAGEMENT_NS, ran);
            }
        }
        self.scheduler.charge(ran, now);
    }

    /// Makes a thread runnable.
    fn wake(&mut self, thread: &Thread, now: u64) {
        let slot = usize::from(thread.id.slot);
        thread.parked.set(false);
        self.sleepers.remove(slot);
        if self.scheduler.current() == Some(slot) {
            // It is on its way to sleep, and its time has come before it got there.
            self.scheduler.requeue();
        } else {
            self.scheduler.wake(slot, now);
        }
        thread.ready_since_ns.set(now);
        thread.woken.set(true);
        thread.stats.runnable.store(true, Relaxed);
    }

    /// Wakes the sleepers whose time has come.
    fn wake_due(&mut self, cs: CriticalSection<'_>, now: u64) {
        while let Some((_, slot)) = self.sleepers.peek().filter(|&(deadline, _)| deadline <= now) {
            self.sleepers.remove(slot);
            if let Some(thread) = table::in_slot(cs, slot) {
                self.wake(thread, now);
            }
        }
    }

    /// Arms the timer for whatever comes first.
    fn set_timer(&mut self, now: u64) {
        let sleeper = self.sleepers.peek().map(|(deadline, _)| deadline);
        let mut event = self.scheduler.next_event(now);
        if DUE.load(Relaxed) {
            // The switch waits until it is allowed. An event of now would interrupt what it waits for
            // before its next instruction, and again, for ever.
            event = event.map(|event| event.max(now + RETRY_NS));
        }
        apic::set_timer(sleeper.into_iter().chain(event).min());
    }
}

/// Makes the code that runs now a thread and starts the clockwork. Once, at boot.
pub(crate) fn init(name: &str) -> Result<(), SpawnError> {
    let thread = table::adopt(name)?;
    thread.stats.runnable.store(true, Relaxed);
    let slot = usize::from(thread.id.slot);
    critical_section::with(|cs| {
        with(cs, |switching| {
            let now = now_ns();
            switching.charged_until_ns = now;
            switching.occupancy.advance(now, 0, true);
            switching.scheduler.add(slot, DEFAULT_WEIGHT, Class::Fair);
            switching.scheduler.wake(slot, now);
            switching.scheduler.pick(now);
        });
    });
    Ok(())
}

/// Sets management's share of the CPU in percent.
pub(crate) fn set_management_share(percent: u8) {
    critical_section::with(|cs| with(cs, |switching| switching.scheduler.set_management_share(percent, now_ns())));
}

/// Charges management for an interrupt of its NIC that began at `began_ns`. From the interrupt.
pub(crate) fn charge_management(began_ns: u64) {
    critical_section::with(|cs| {
        with(cs, |switching| {
            let now = now_ns();
            let ns = now.saturating_sub(began_ns);
            stats::add_alone(&MANAGEMENT_NS, ns);
            // Not the interrupted thread's time as well.
            switching.charged_until_ns += ns;
            switching.scheduler.charge_management(ns, now);
        });
    });
}

/// Makes a new thread known and lets it run.
pub(super) fn admit(id: ThreadId, weight: u32, class: Class) {
    critical_section::with(|cs| {
        let Some(thread) = table::get(cs, id) else { return };
        with(cs, |switching| {
            let now = now_ns();
            switching.charge(now);
            switching.scheduler.add(usize::from(id.slot), weight, class);
            switching.wake(thread, now);
            // It has not slept.
            thread.woken.set(false);
            reconsider(switching, now);
        });
    });
    yield_if_due();
}

/// The time, and what the run queue has held up to it.
pub(super) fn occupancy<'a>(cs: CriticalSection<'a>) -> (u64, RefMut<'a, Occupancy>) {
    let mut switching = SWITCHING.borrow(cs).borrow_mut();
    let now = now_ns();
    switching.charge(now);
    (now, RefMut::map(switching, |switching| &mut switching.occupancy))
}

/// How many threads run or could.
pub(super) fn runnable() -> usize {
    critical_section::with(|cs| with(cs, |switching| switching.scheduler.runnable()))
}

/// Sleeps until another thread or an interrupt unparks this one, or until `deadline_ns`. A wake-up
/// that came since the last sleep ends it at once. True when unparked, false when the time was up.
pub(crate) fn park_until(deadline_ns: Option<u64>) -> bool {
    critical_section::with(|cs| {
        let Some(thread) = table::current() else { return false };
        if thread.permit.take() {
            return true;
        }
        let now = Moment::now();
        if deadline_ns.is_some_and(|deadline| deadline <= now.ns) {
            return false;
        }
        thread.parked.set(true);
        thread.stats.runnable.store(false, Relaxed);
        with(cs, |switching| {
            switching.charge(now.ns);
            if let Some(deadline) = deadline_ns {
                switching.sleepers.insert(usize::from(thread.id.slot), deadline);
            }
        });
        give_up_cpu(cs, now);
        thread.permit.take()
    })
}

/// Wakes a thread, or lets its next sleep end at once. From threads and interrupts alike; an id of a
/// thread that has ended does nothing.
pub(crate) fn unpark(id: ThreadId) {
    critical_section::with(|cs| {
        let Some(thread) = table::get(cs, id) else { return };
        thread.permit.set(true);
        if thread.parked.get() {
            with(cs, |switching| {
                let now = now_ns();
                switching.charge(now);
                switching.wake(thread, now);
                reconsider(switching, now);
            });
        }
    });
    yield_if_due();
}

/// After a wake-up: notes whether another thread should run, and when to ask again.
fn reconsider(switching: &mut Switching, now: u64) {
    if IDLE.load(Relaxed) {
        return; // the idle loop looks itself
    }
    if switching.scheduler.should_preempt(now) {
        DUE.store(true, Relaxed);
    }
    switching.set_timer(now);
}

/// Lets the other runnable threads go first.
pub(super) fn yield_now() {
    critical_section::with(|cs| {
        let now = Moment::now();
        with(cs, |switching| {
            switching.charge(now.ns);
            mark_ready(now.ns);
            switching.scheduler.requeue_last();
        });
        give_up_cpu(cs, now);
    });
}

/// Whether another thread should run than the one that does.
pub(crate) fn switch_is_due() -> bool {
    DUE.load(Relaxed)
}

fn yield_if_due() {
    if switch_is_due() && preempt::allowed() && cpu::interrupts_enabled() {
        yield_to_due();
    }
}

/// Lets the thread run that should; this one stays runnable.
pub(crate) fn yield_to_due() {
    critical_section::with(|cs| {
        if switch_is_due() {
            preempt_at(cs, Moment::now());
        }
    });
}

/// Lets the thread run that should, if one still should.
fn preempt_at(cs: CriticalSection<'_>, now: Moment) {
    DUE.store(false, Relaxed);
    let preempted = with(cs, |switching| {
        switching.charge(now.ns);
        let preempted = switching.scheduler.should_preempt(now.ns);
        if preempted {
            mark_ready(now.ns);
            switching.scheduler.requeue();
        } else {
            switching.set_timer(now.ns);
        }
        preempted
    });
    if preempted {
        give_up_cpu(cs, now);
    }
}

fn mark_ready(now: u64) {
    if let Some(thread) = table::current() {
        thread.ready_since_ns.set(now);
        thread.woken.set(false);
    }
}

/// The timer fired, when the time stamp counter showed `ticks`.
pub(crate) fn on_timer(ticks: u64) {
    let now = Moment::at(ticks).ns;
    // One that is early was set for as long as it can be, and is set again.
    if let Some(late) = now.checked_sub(apic::timer_fired()) {
        TIMER_LATENESS.observe(late);
    }
    critical_section::with(|cs| {
        with(cs, |switching| {
            switching.charge(now);
            switching.wake_due(cs, now);
            reconsider(switching, now);
        });
    });
}

/// The last thing in every interrupt: switches if a switch is due and allowed.
pub(crate) fn on_interrupt_exit() {
    if switch_is_due() && preempt::allowed() && !IDLE.load(Relaxed) {
        critical_section::with(|cs| preempt_at(cs, cpu_time::after_interrupt(cs)));
    }
}

/// Switches to the thread that should run, or halts until there is one. This thread has been charged up
/// to `now`, and parked, requeued or ended, by the caller; it continues here when it is its turn again.
fn give_up_cpu(cs: CriticalSection<'_>, now: Moment) {
    debug_assert!(preempt::allowed(), "a thread may not sleep where it may not be switched");
    let mode = cpu_time::mode(cs);
    let (slot, now) = next_slot(cs, now);
    let (Some(next), Some(previous)) = (table::in_slot(cs, slot), table::current()) else {
        unreachable!("the scheduler knows only threads of the table, and this is one")
    };
    previous.mode.set(mode);
    cpu_time::change(cs, next.mode.get(), now.ticks);
    stats::add_alone(&next.stats.switches, 1);
    let waited = now.ns.saturating_sub(next.ready_since_ns.get());
    stats::add_alone(&next.stats.queued_ns, waited);
    RUN_QUEUE_WAIT.observe_in(cs, waited);
    if next.woken.get() {
        WAKEUP_LATENCY.observe_in(cs, waited);
    }
    if core::ptr::eq(next, previous) {
        return;
    }
    stats::add_alone(&SWITCHES, 1);
    table::set_current(cs, next);
    // SAFETY: interrupts are off; `next` was saved here or prepared when it was made, and it is not
    // freed before it has ended.
    unsafe { context::switch(previous.stack_pointer.as_ptr(), next.stack_pointer.get()) };
}

/// The slot of the thread to run, waiting in a halt until there is one, and when it was found.
fn next_slot(cs: CriticalSection<'_>, mut now: Moment) -> (usize, Moment) {
    loop {
        let picked = with(cs, |switching| {
            switching.wake_due(cs, now.ns);
            let picked = switching.scheduler.pick(now.ns);
            switching.set_timer(now.ns);
            picked
        });
        if let Some(slot) = picked {
            IDLE.store(false, Relaxed);
            DUE.store(false, Relaxed);
            return (slot, now);
        }
        IDLE.store(true, Relaxed);
        cpu_time::change(cs, Mode::Idle, now.ticks);
        cpu::wait_for_interrupt();
        now = cpu_time::after_interrupt(cs);
        with(cs, |switching| switching.charge(now.ns));
    }
}

/// Takes the running thread off the CPU for good; `note` is called when nothing can come between.
pub(super) fn leave(note: impl FnOnce()) -> ! {
    critical_section::with(|cs| {
        note();
        let now = Moment::now();
        with(cs, |switching| {
            switching.charge(now.ns);
            if let Some(thread) = table::current() {
                thread.stats.runnable.store(false, Relaxed);
                switching.scheduler.remove(usize::from(thread.id.slot));
            }
        });
        give_up_cpu(cs, now);
    });
    unreachable!("an ended thread is not in the run queue")
}
