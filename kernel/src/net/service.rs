//! The service NIC's stack, and who drives it.
//!
//! The stack is behind one lock, held for at most one packet budget and one bounded copy. Whoever waits
//! for a socket drives the stack itself, so that a packet's way to the thread that wants it has one
//! wake-up and no detour; while nobody waits, the thread `service-net` does. An interrupt wakes whoever
//! began to wait last, else `service-net`, which also keeps the stack's deadlines.

use super::Error;
use super::devices::{Nic, NicInterrupt};
use super::setup::{self, KernelStack, Pools};
use crate::management;
use crate::sync::PreemptLock;
use crate::thread::{self, ThreadId};
use crate::time::now_ns;
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kernel_core::net::Wait;
use kernel_core::params::{ManagementMode, Params};
use spin::Once;

static SERVICE: Once<Service> = Once::new();

struct Service {
    stack: PreemptLock<Box<KernelStack>>,
    interrupt: &'static NicInterrupt,
    /// The thread that drives when nobody else does.
    thread: Once<ThreadId>,
    /// When that thread will look at the stack by itself; `u64::MAX`: never.
    looks_at_ns: AtomicU64,
}

/// Builds the stack and starts its thread. Once, at boot.
pub(crate) fn start(nic: Nic, params: &Params<'_>, seed: u64) -> Result<(), thread::SpawnError> {
    // Only management asks for names.
    let dns = params.management_dns.filter(|_| params.management_mode == ManagementMode::Shared);
    let pools = {
        let (sockets, names) = management::shared(params);
        Pools::service(sockets, names)
    };
    let stack = setup::build("service", nic.device, &params.service, dns, pools, seed);
    let service = SERVICE.call_once(|| Service {
        stack: PreemptLock::named("service-stack", stack),
        interrupt: nic.interrupt,
        thread: Once::new(),
        looks_at_ns: AtomicU64::new(u64::MAX),
    });
    thread::Builder::new().name("service-net").kernel().spawn(|| service.run()).map(|_| ())
}

/// Runs `f` with the stack, for what neither waits nor sends; `None` without a service NIC.
pub(crate) fn with<R>(f: impl FnOnce(&mut KernelStack) -> R) -> Option<R> {
    SERVICE.get().map(|service| service.stack.with(|stack| f(stack)))
}

/// Runs `f` with the stack and sends what it caused.
pub(crate) fn act<R>(f: impl FnOnce(&mut KernelStack) -> Result<R, Error>) -> Result<R, Error> {
    let service = SERVICE.get().ok_or(Error::Unreachable)?;
    service.stack.with(|stack| {
        let result = f(stack);
        service.poll_and_leave(stack);
        result
    })
}

/// Sends what earlier calls have caused and receives what has come, one budget of each.
pub(crate) fn drive() {
    if let Some(service) = SERVICE.get() {
        service.stack.with(|stack| service.poll_and_leave(stack));
    }
}

/// What a blocking call needs besides its attempt: how to be woken, and how not to be any more.
pub(super) trait Waiting {
    fn wait(&self, stack: &mut KernelStack, thread: ThreadId) -> Result<Wait, Error>;
    fn forget(&self, stack: &mut KernelStack, thread: ThreadId);
}

/// Tries `attempt` until it does not say [`Error::WouldBlock`], driving the stack meanwhile;
/// [`Error::TimedOut`] when `deadline_ns` has come.
pub(super) fn block_on<R>(
    deadline_ns: Option<u64>,
    waiting: &impl Waiting,
    mut attempt: impl FnMut(&mut KernelStack) -> Result<R, Error>,
) -> Result<R, Error> {
    let service = SERVICE.get().ok_or(Error::Unreachable)?;
    let me = thread::current_id();
    let mut registered = false;
    loop {
        let step = service.stack.with(|stack| {
            let mut result = attempt(stack);
            if matches!(result, Err(Error::WouldBlock)) {
                if service.poll(stack) {
                    return Step::Again;
                }
                result = attempt(stack);
            }
            if matches!(result, Err(Error::WouldBlock)) && deadline_ns.is_some_and(|deadline| deadline <= now_ns()) {
                result = Err(Error::TimedOut);
            }
            if matches!(result, Err(Error::WouldBlock)) {
                match waiting.wait(stack, me) {
                    Ok(Wait::Ready) => return Step::Again,
                    Ok(Wait::Registered) => {
                        registered = true;
                        service.interrupt.wake(me);
                        // Work that came before the device was asked to interrupt raises no interrupt.
                        return if stack.device_mut().enable_interrupts() { Step::Again } else { Step::Sleep };
                    }
                    Err(error) => result = Err(error),
                }
            }
            if registered {
                // The attempt may have succeeded on less than the waiter was to be woken for.
                waiting.forget(stack, me);
            }
            service.hand_over(me);
            service.poll_and_leave(stack);
            Step::Done(result)
        });
        match step {
            Step::Done(result) => return result,
            Step::Again => {}
            Step::Sleep => {
                thread::park_until(deadline_ns);
            }
        }
    }
}

enum Step<R> {
    Done(Result<R, Error>),
    Again,
    Sleep,
}

impl Service {
    /// One budget of work, and what it wakes; whether there is more.
    fn poll(&self, stack: &mut KernelStack) -> bool {
        let polled = setup::turn(stack, thread::unpark);
        let next = polled.next_poll_at.unwrap_or(u64::MAX);
        if next < self.looks_at_ns.load(Relaxed) {
            self.wake_thread();
        }
        polled.more
    }

    /// The last thing a call does with the stack: from here on somebody else must hear the device.
    fn poll_and_leave(&self, stack: &mut KernelStack) {
        if self.poll(stack) || stack.device_mut().enable_interrupts() {
            self.wake_thread();
        }
    }

    fn wake_thread(&self) {
        if let Some(&thread) = self.thread.get() {
            thread::unpark(thread);
        }
    }

    /// A thread that may be the one to be woken will wait no more: from now on the interrupt wakes
    /// `service-net`, unless another thread has taken its place. Before interrupts are asked for the
    /// last time, or the next one would wake nobody.
    fn hand_over(&self, from: ThreadId) {
        if let Some(&to) = self.thread.get() {
            self.interrupt.wake_instead_of(from, to);
        }
    }

    /// `service-net`: drives the stack while nobody else does, and at its deadlines.
    fn run(&self) -> ! {
        let me = *self.thread.call_once(thread::current_id);
        self.interrupt.wake(me);
        loop {
            let (again, next) = self.stack.with(|stack| {
                let polled = setup::turn(stack, thread::unpark);
                let again = polled.more || stack.device_mut().enable_interrupts();
                self.looks_at_ns.store(polled.next_poll_at.unwrap_or(u64::MAX), Relaxed);
                (again, polled.next_poll_at)
            });
            if !again {
                thread::park_until(next);
            }
        }
    }
}
