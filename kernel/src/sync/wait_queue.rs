//! Threads waiting for one thing, first come first served. The links are in the threads themselves,
//! so any number may wait and nothing is allocated.

use super::preempt::NoPreempt;
use crate::thread::{self, ThreadId};
use core::cell::Cell;
use critical_section::{CriticalSection, Mutex};

/// A thread's place in the one queue it may be in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Link {
    /// In none.
    #[default]
    Free,
    /// At the end.
    Last,
    /// Before this thread.
    Before(ThreadId),
}

impl Link {
    fn next(self) -> Option<ThreadId> {
        match self {
            Link::Before(next) => Some(next),
            Link::Free | Link::Last => None,
        }
    }
}

/// A queue of waiting threads.
pub(crate) struct WaitQueue {
    ends: Mutex<Cell<Option<(ThreadId, ThreadId)>>>,
}

impl WaitQueue {
    pub(crate) const fn new() -> Self {
        Self { ends: Mutex::new(Cell::new(None)) }
    }

    /// Puts this thread at the end, unless `ready` holds now; then nothing waits and it says false.
    /// The check and the enqueueing are one step: no wake-up falls between.
    pub(crate) fn enqueue_unless(&self, ready: impl FnOnce(CriticalSection<'_>) -> bool) -> bool {
        critical_section::with(|cs| {
            if ready(cs) {
                return false;
            }
            let me = thread::current_id();
            thread::set_link(cs, me, Link::Last);
            let ends = self.ends.borrow(cs);
            ends.set(Some(match ends.get() {
                None => (me, me),
                Some((head, tail)) => {
                    thread::set_link(cs, tail, Link::Before(me));
                    (head, me)
                }
            }));
            true
        })
    }

    /// Waits until a wake-up has taken this thread off the queue, or until `deadline_ns`. False when
    /// the deadline came first; then the thread has left the queue.
    pub(crate) fn wait(&self, deadline_ns: Option<u64>) -> bool {
        let me = thread::current_id();
        loop {
            if critical_section::with(|cs| thread::link(cs, me) == Link::Free) {
                return true;
            }
            if !thread::park_until(deadline_ns) && critical_section::with(|cs| self.remove(cs, me)) {
                return false;
            }
        }
    }

    /// Wakes the thread that has waited longest; whether there was one.
    pub(crate) fn wake_one(&self) -> bool {
        match critical_section::with(|cs| self.take_head(cs)) {
            Some(head) => {
                thread::unpark(head);
                true
            }
            None => false,
        }
    }

    /// Wakes all that wait now. None of them runs before the last is woken: one that came back to wait
    /// again at once would be woken again, and so on for ever.
    pub(crate) fn wake_all(&self) {
        let _kept = NoPreempt::new();
        while self.wake_one() {}
    }

    fn take_head(&self, cs: CriticalSection<'_>) -> Option<ThreadId> {
        let ends = self.ends.borrow(cs);
        let (head, tail) = ends.get()?;
        ends.set(thread::link(cs, head).next().map(|next| (next, tail)));
        thread::set_link(cs, head, Link::Free);
        Some(head)
    }

    /// Takes a thread out of the queue wherever it stands; whether it was there.
    fn remove(&self, cs: CriticalSection<'_>, id: ThreadId) -> bool {
        let ends = self.ends.borrow(cs);
        let Some((head, tail)) = ends.get() else { return false };
        if head == id {
            return self.take_head(cs).is_some();
        }
        let mut before = head;
        while let Some(waiter) = thread::link(cs, before).next() {
            if waiter == id {
                thread::set_link(cs, before, thread::link(cs, id));
                thread::set_link(cs, id, Link::Free);
                if tail == id {
                    ends.set(Some((head, before)));
                }
                return true;
            }
            before = waiter;
        }
        false
    }
}
