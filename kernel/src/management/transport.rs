//! The stack management works on: its own, with no lock, or the service NIC's.

use crate::net::devices::NicInterrupt;
use crate::net::service;
use crate::net::setup::{self, KernelStack};
use crate::thread;
use alloc::boxed::Box;

/// A stack management can use, from its one thread.
pub(super) trait Transport {
    /// Called once, by the management thread.
    fn begin(&mut self);

    /// Runs `f` with the stack.
    fn with<R>(&mut self, f: impl FnOnce(&mut KernelStack) -> R) -> R;

    /// Moves packets. When to look again: at once, or at the time given, or when woken.
    fn poll(&mut self) -> Next;

    /// Asks to be woken by the next packet; false if there is work already.
    fn may_sleep(&mut self) -> bool;
}

/// When to look at a stack again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    /// There is more to do.
    Now,
    /// At this time, if at all, or when woken.
    At(Option<u64>),
}

/// A stack of management's own.
pub(super) struct Own {
    stack: Box<KernelStack>,
    interrupt: &'static NicInterrupt,
}

impl Own {
    pub(super) fn new(stack: Box<KernelStack>, interrupt: &'static NicInterrupt) -> Self {
        Self { stack, interrupt }
    }
}

impl Transport for Own {
    fn begin(&mut self) {
        self.interrupt.wake(thread::current_id());
    }

    fn with<R>(&mut self, f: impl FnOnce(&mut KernelStack) -> R) -> R {
        f(&mut self.stack)
    }

    fn poll(&mut self) -> Next {
        // Waiters are this thread itself, which is awake.
        let polled = setup::turn(&mut self.stack, |_| {});
        if polled.more { Next::Now } else { Next::At(polled.next_poll_at) }
    }

    fn may_sleep(&mut self) -> bool {
        !self.stack.device_mut().enable_interrupts()
    }
}

/// The service NIC's stack, driven by whoever drives that; this thread is woken as one of its waiters.
pub(super) struct Shared;

impl Transport for Shared {
    fn begin(&mut self) {}

    fn with<R>(&mut self, f: impl FnOnce(&mut KernelStack) -> R) -> R {
        service::with(f).expect("shared management starts after the service stack")
    }

    fn poll(&mut self) -> Next {
        service::drive();
        Next::At(None)
    }

    fn may_sleep(&mut self) -> bool {
        true
    }
}
