//! Who runs when: parking, waking, preemption, the idle halt, and the timer.
//!
//! A thread that goes to sleep when nothing else can run does the idling itself: it halts on its own
//! stack until an interrupt makes some thread runnable. If that thread is itself, nothing was switched.
#![expect(unsafe_code, reason = "the switch itself")]

use super::control::{Thread, ThreadId};
use super::stats::{HALTS, IDLE_NS, MANAGEMENT_NS, SWITCHES};
use super::{SpawnError, table};
use crate::arch::{apic, context, cpu};
use crate::sync::preempt;
use crate::time::now_ns;
use core::cell::RefCell;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use critical_section::{CriticalSection, Mutex};
use kernel_core::indexed_heap::IndexedHeap;
use kernel_core::scheduler::{Class, DEFAULT_WEIGHT, Scheduler};
use table::MAX_THREADS;

struct Switching {
    scheduler: Scheduler<MAX_THREADS>,
    /// When sleeping threads want to be woken, by slot.
    sleepers: IndexedHeap<u64, MAX_THREADS>,
    /// Until when the running thread's time has been charged.
    charged_until_ns: u64,
}

static SWITCHING: Mutex<RefCell<Switching>> = Mutex::new(RefCell::new(Switching {
    scheduler: Scheduler::new(),
    sleepers: IndexedHeap::new(),
    charged_until_ns: 0,
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
    /// Charges the running thread for its time up to now.
    fn charge(&mut self, now: u64) {
        let ran = now.saturating_sub(self.charged_until_ns);
        self.charged_until_ns = now;
        if IDLE.load(Relaxed) {
            IDLE_NS.fetch_add(ran, Relaxed);
            return;
        }
        if let (Some(_), Some(thread)) = (self.scheduler.current(), table::current()) {
            thread.stats.cpu_ns.fetch_add(ran, Relaxed);
            if thread.management {
                MANAGEMENT_NS.fetch_add(ran, Relaxed);
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
    let slot = usize::from(thread.id.slot);
    critical_section::with(|cs| {
        with(cs, |switching| {
            let now = now_ns();
            switching.charged_until_ns = now;
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

/// Charges management for an interrupt of its NIC that took `ns`. From the interrupt.
pub(crate) fn charge_management(ns: u64) {
    MANAGEMENT_NS.fetch_add(ns, Relaxed);
    critical_section::with(|cs| {
        with(cs, |switching| {
            // Not the interrupted thread's time as well.
            switching.charged_until_ns += ns;
            switching.scheduler.charge_management(ns, now_ns());
        });
    });
}

/// Makes a new thread known and lets it run.
pub(super) fn admit(id: ThreadId, weight: u32, class: Class) {
    let slot = usize::from(id.slot);
    critical_section::with(|cs| {
        with(cs, |switching| {
            switching.scheduler.add(slot, weight, class);
        });
    });
    unpark(id);
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
        if deadline_ns.is_some_and(|deadline| deadline <= now_ns()) {
            return false;
        }
        thread.parked.set(true);
        if let Some(deadline) = deadline_ns {
            with(cs, |switching| switching.sleepers.insert(usize::from(thread.id.slot), deadline));
        }
        give_up_cpu(cs);
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
        with(cs, |switching| {
            switching.charge(now_ns());
            mark_ready();
            switching.scheduler.requeue_last();
        });
        give_up_cpu(cs);
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
        if !DUE.swap(false, Relaxed) {
            return;
        }
        let preempted = with(cs, |switching| {
            let now = now_ns();
            switching.charge(now);
            let preempted = switching.scheduler.should_preempt(now);
            if preempted {
                mark_ready();
                switching.scheduler.requeue();
            } else {
                switching.set_timer(now);
            }
            preempted
        });
        if preempted {
            give_up_cpu(cs);
        }
    });
}

fn mark_ready() {
    if let Some(thread) = table::current() {
        thread.ready_since_ns.set(now_ns());
    }
}

/// The timer fired.
pub(crate) fn on_timer() {
    apic::timer_fired();
    critical_section::with(|cs| {
        with(cs, |switching| {
            let now = now_ns();
            switching.wake_due(cs, now);
            switching.charge(now);
            reconsider(switching, now);
        });
    });
}

/// The last thing in every interrupt: switches if a switch is due and allowed.
pub(crate) fn on_interrupt_exit() {
    if switch_is_due() && preempt::allowed() && !IDLE.load(Relaxed) {
        yield_to_due();
    }
}

/// Switches to the thread that should run, or halts until there is one. This thread has been parked,
/// requeued or ended by the caller, and continues here when it is its turn again.
fn give_up_cpu(cs: CriticalSection<'_>) {
    debug_assert!(preempt::allowed(), "a thread may not sleep where it may not be switched");
    let slot = next_slot(cs);
    let (Some(next), Some(previous)) = (table::in_slot(cs, slot), table::current()) else {
        unreachable!("the scheduler knows only threads of the table, and this is one")
    };
    next.stats.switches.fetch_add(1, Relaxed);
    let ready_since = next.ready_since_ns.take();
    if ready_since != 0 {
        next.stats.queued_ns.fetch_add(now_ns().saturating_sub(ready_since), Relaxed);
    }
    if core::ptr::eq(next, previous) {
        return;
    }
    SWITCHES.inc();
    table::set_current(cs, next);
    // SAFETY: interrupts are off; `next` was saved here or prepared when it was made, and it is not
    // freed before it has ended.
    unsafe { context::switch(previous.stack_pointer.as_ptr(), next.stack_pointer.get()) };
}

/// The slot of the thread to run, waiting in a halt until there is one.
fn next_slot(cs: CriticalSection<'_>) -> usize {
    loop {
        let picked = with(cs, |switching| {
            let now = now_ns();
            switching.charge(now);
            switching.wake_due(cs, now);
            let picked = switching.scheduler.pick(now);
            switching.set_timer(now);
            picked
        });
        if let Some(slot) = picked {
            IDLE.store(false, Relaxed);
            DUE.store(false, Relaxed);
            return slot;
        }
        IDLE.store(true, Relaxed);
        HALTS.inc();
        cpu::wait_for_interrupt();
    }
}

/// Takes the running thread off the CPU for good; `note` is called when nothing can come between.
pub(super) fn leave(note: impl FnOnce()) -> ! {
    critical_section::with(|cs| {
        note();
        with(cs, |switching| {
            switching.charge(now_ns());
            if let Some(thread) = table::current() {
                switching.scheduler.remove(usize::from(thread.id.slot));
            }
        });
        give_up_cpu(cs);
    });
    unreachable!("an ended thread is not in the run queue")
}
