//! A thread as the kernel sees it.

use super::stats::ThreadStats;
use crate::cpu_time::Mode;
use crate::memory::stack::Stack;
use crate::sync::Link;
use alloc::boxed::Box;
use core::cell::{Cell, RefCell};
use heapless::String;

/// The longest line `print!` collects before it goes to the log as it is.
pub(crate) const PRINT_LINE_BYTES: usize = 256;
/// The longest name of a thread.
pub(super) const NAME_BYTES: usize = 32;

/// Names a thread, and never another one: a slot of the table and how often it has been used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadId {
    pub(super) slot: u16,
    pub(super) generation: u32,
}

/// What a thread runs.
pub(super) type Body = Box<dyn FnOnce() + Send>;

/// A thread. Its cells are only touched with interrupts off, except those that are marked.
pub(super) struct Thread {
    pub(super) id: ThreadId,
    pub(super) name: String<NAME_BYTES>,
    /// Where it continues, while it does not run.
    pub(super) stack_pointer: Cell<usize>,
    /// Whose time its is: while it does not run, as it was when it left the CPU.
    pub(super) mode: Cell<Mode>,
    /// It works for management.
    pub(super) management: bool,
    /// None: the boot stack.
    pub(super) stack: Option<Stack>,
    /// A wake-up that came before the thread slept.
    pub(super) permit: Cell<bool>,
    pub(super) parked: Cell<bool>,
    pub(super) link: Cell<Link>,
    /// Since when it could have run, while it does not.
    pub(super) ready_since_ns: Cell<u64>,
    /// It slept before it could run.
    pub(super) woken: Cell<bool>,
    /// What it runs, until it has begun.
    pub(super) body: Cell<Option<Body>>,
    pub(super) stats: ukstore::Object<ThreadStats>,
    /// Touched by the thread itself only.
    pub(super) print_buffer: RefCell<String<PRINT_LINE_BYTES>>,
}
