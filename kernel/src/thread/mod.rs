//! Threads: preemptive, on one CPU, fair by virtual runtime (`kernel_core::scheduler`).
//!
//! This file is what a program sees, and reads like std's. `control` is a thread as the kernel sees
//! it, `table` all of them, `switching` who runs when, `stats` what they tell, `pressure` what their queue does.

mod control;
mod pressure;
mod stats;
mod switching;
mod table;

use crate::cpu_time::Mode;
use crate::sync::{PreemptLock, WaitQueue};
use crate::time::{Duration, after, now_ns};
use alloc::boxed::Box;
use alloc::sync::Arc;
use kernel_core::scheduler::{Class, DEFAULT_WEIGHT};

pub(crate) use control::ThreadId;
pub(crate) use stats::{add_alone, seal_management};
pub(crate) use switching::{
    charge_management, init, on_interrupt_exit, on_timer, park_until, set_management_share, switch_is_due, unpark,
    yield_to_due,
};
pub(crate) use table::{
    count_allocation, current_id, guards, link, name_of_current, on_stack, print_buffer, reap, set_link,
};

/// Why a thread could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// As many threads as there can be are alive.
    TooManyThreads,
    /// No memory for its stack.
    OutOfMemory,
}

impl core::fmt::Display for SpawnError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            SpawnError::TooManyThreads => "as many threads as there can be are alive",
            SpawnError::OutOfMemory => "no memory for the thread's stack",
        })
    }
}

impl core::error::Error for SpawnError {}

/// What a thread should be like.
///
/// ```ignore
/// let worker = Builder::new().name("worker").share_percent(200).spawn(|| work())?;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Builder<'a> {
    name: &'a str,
    stack_bytes: usize,
    weight: u32,
    class: Class,
    mode: Mode,
}

impl<'a> Builder<'a> {
    /// A thread called `thread`, with a stack of 64 KiB and the usual share of the CPU.
    pub const fn new() -> Self {
        Self {
            name: "thread",
            stack_bytes: crate::memory::stack::DEFAULT_BYTES,
            weight: DEFAULT_WEIGHT,
            class: Class::Fair,
            mode: Mode::User,
        }
    }

    /// The name it has in logs and in `/threads`.
    pub const fn name(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// The size of its stack.
    pub const fn stack_bytes(mut self, bytes: usize) -> Self {
        self.stack_bytes = bytes;
        self
    }

    /// Its share of the CPU in percent of a usual thread's, from 2 to 6400: a weight, never a priority.
    pub const fn share_percent(mut self, percent: u32) -> Self {
        self.weight = percent.saturating_mul(DEFAULT_WEIGHT) / 100;
        self
    }

    /// Makes it a thread of the kernel: its CPU time is told as system's.
    pub(crate) const fn kernel(mut self) -> Self {
        self.mode = Mode::System;
        self
    }

    /// Makes it a management thread, which is the kernel's: its CPU time is the management share.
    pub(crate) const fn management(mut self) -> Self {
        self.class = Class::Management;
        self.kernel()
    }

    /// Starts it.
    pub fn spawn<T, F>(self, main: F) -> Result<JoinHandle<T>, SpawnError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let end = Arc::new(End { result: PreemptLock::new(None), waiting: WaitQueue::new() });
        let told = end.clone();
        let body = Box::new(move || {
            let value = main();
            told.result.with(|result| *result = Some(value));
            told.waiting.wake_all();
        });
        table::start(self, body)?;
        Ok(JoinHandle { end })
    }
}

impl Default for Builder<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// What a thread leaves behind.
struct End<T> {
    result: PreemptLock<Option<T>>,
    waiting: WaitQueue,
}

/// The right to wait for a thread's end. Dropping it lets the thread run on.
pub struct JoinHandle<T> {
    end: Arc<End<T>>,
}

impl<T> JoinHandle<T> {
    /// Sleeps until the thread has ended and gives its result.
    pub fn join(self) -> T {
        while self.end.waiting.enqueue_unless(|_| self.is_finished()) {
            self.end.waiting.wait(None);
        }
        self.end.result.with(Option::take).expect("only join takes the result, and consumes the handle")
    }

    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.end.result.with(|result| result.is_some())
    }
}

/// Starts a thread with the usual properties.
///
/// # Panics
/// When there is no room for it; [`Builder::spawn`] gives an error instead.
pub fn spawn<T, F>(main: F) -> JoinHandle<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    match Builder::new().spawn(main) {
        Ok(handle) => handle,
        Err(error) => panic!("thread::spawn: {error}"),
    }
}

/// Sleeps for at least `duration`.
pub fn sleep(duration: Duration) {
    let until = after(duration);
    while now_ns() < until {
        park_until(Some(until));
    }
}

/// Lets the other runnable threads go first.
pub fn yield_now() {
    switching::yield_now();
}
