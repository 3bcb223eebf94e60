//! All threads: the table of them, how one begins and what is left to do when it has ended.
#![expect(unsafe_code, reason = "threads are freed by hand, after they left the CPU")]

use super::control::{Body, NAME_BYTES, PRINT_LINE_BYTES, Thread, ThreadId};
use super::stats::{self, THREADS, ThreadStats};
use super::{Builder, SpawnError, switching};
use crate::arch::context;
use crate::cpu_time::Mode;
use crate::memory::stack::{self, Stack};
use crate::sync::Link;
use alloc::boxed::Box;
use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::Relaxed};
use critical_section::CriticalSection;
use heapless::String;
use kernel_core::scheduler::Class;

/// How many threads can be alive.
pub(super) const MAX_THREADS: usize = 512;

/// The threads by slot; null where a slot is free. A thread is freed only by [`reap`], after it has
/// left the CPU for good.
static TABLE: [AtomicPtr<Thread>; MAX_THREADS] = [const { AtomicPtr::new(core::ptr::null_mut()) }; MAX_THREADS];
/// The thread that runs; null until there are threads.
static CURRENT: AtomicPtr<Thread> = AtomicPtr::new(core::ptr::null_mut());
static ALIVE: AtomicUsize = AtomicUsize::new(0);
static GENERATION: AtomicU32 = AtomicU32::new(0);
/// Slots whose thread has ended and must be freed by somebody else: one bit a slot.
static ENDED: [AtomicU32; MAX_THREADS / 32] = [const { AtomicU32::new(0) }; MAX_THREADS / 32];

/// The thread in a slot, if it is still the one meant.
pub(super) fn get<'a>(_cs: CriticalSection<'a>, id: ThreadId) -> Option<&'a Thread> {
    // SAFETY: a non-null pointer in the table is a thread that `reap` frees only with interrupts off,
    // so it outlives this critical section.
    let thread = unsafe { TABLE[usize::from(id.slot)].load(Relaxed).as_ref() }?;
    (thread.id == id).then_some(thread)
}

/// The thread in a slot, whichever it is.
pub(super) fn in_slot<'a>(_cs: CriticalSection<'a>, slot: usize) -> Option<&'a Thread> {
    // SAFETY: as in `get`.
    unsafe { TABLE[slot].load(Relaxed).as_ref() }
}

/// The running thread; none during boot.
pub(super) fn current<'a>() -> Option<&'a Thread> {
    // SAFETY: the running thread is not freed while it runs, and what refers to it through here does
    // not outlive its turn: the callers below are its own calls.
    unsafe { CURRENT.load(Relaxed).as_ref() }
}

/// Notes who runs.
pub(super) fn set_current(_cs: CriticalSection<'_>, thread: &Thread) {
    CURRENT.store(core::ptr::from_ref(thread).cast_mut(), Relaxed);
}

/// How many threads are alive.
pub(super) fn alive() -> usize {
    ALIVE.load(Relaxed)
}

fn truncated(name: &str) -> String<NAME_BYTES> {
    let mut kept = String::new();
    for c in name.chars() {
        if kept.push(c).is_err() {
            break;
        }
    }
    kept
}

/// Puts a thread into a free slot.
fn insert(
    name: &str,
    class: Class,
    mode: Mode,
    stack: Option<Stack>,
    stack_pointer: usize,
    body: Option<Body>,
) -> Result<&'static Thread, SpawnError> {
    let name = truncated(name);
    // SAFETY: the thread owns the stack (or is the one on the boot stack), and `free` drops the object before it.
    let stack_use = unsafe { stack::high_water(stack.as_ref()) };
    let stats = THREADS.add(&name, ThreadStats::new(stack_use));
    let mut thread = Box::new(Thread {
        id: ThreadId { slot: 0, generation: GENERATION.fetch_add(1, Relaxed) },
        name,
        stack_pointer: Cell::new(stack_pointer),
        mode: Cell::new(mode),
        management: class == Class::Management,
        stack,
        permit: Cell::new(false),
        parked: Cell::new(true),
        link: Cell::new(Link::Free),
        ready_since_ns: Cell::new(0),
        woken: Cell::new(false),
        body: Cell::new(body),
        stats,
        print_buffer: RefCell::new(String::<PRINT_LINE_BYTES>::new()),
    });
    let seated = critical_section::with(|_| {
        let Some(slot) = TABLE.iter().position(|slot| slot.load(Relaxed).is_null()) else { return Err(thread) };
        thread.id.slot = slot as u16;
        let thread = Box::leak(thread);
        TABLE[slot].store(thread, Relaxed);
        ALIVE.fetch_add(1, Relaxed);
        stats::STARTED.inc();
        Ok(&*thread)
    });
    // What finds no room is dropped here, with interrupts on: its body may hold anything.
    seated.map_err(|thread| {
        free(thread);
        SpawnError::TooManyThreads
    })
}

/// Frees a thread that is not, or no longer, in the table: first what tells of its stack, then the stack.
fn free(mut thread: Box<Thread>) {
    let stack = thread.stack.take();
    drop(thread);
    if let Some(stack) = stack {
        stack::recycle(stack);
    }
}

/// Makes the code that runs now, on the boot stack, a thread.
pub(super) fn adopt(name: &str) -> Result<&'static Thread, SpawnError> {
    let thread = insert(name, Class::Fair, Mode::System, None, 0, None)?;
    thread.parked.set(false);
    CURRENT.store(core::ptr::from_ref(thread).cast_mut(), Relaxed);
    Ok(thread)
}

/// Makes a thread that runs `body` and lets it run.
pub(super) fn start(like: Builder<'_>, body: Body) -> Result<(), SpawnError> {
    reap();
    let Builder { name, stack_bytes, weight, class, mode } = like;
    let stack = Stack::new(stack_bytes).ok_or(SpawnError::OutOfMemory)?;
    // SAFETY: the stack is new, and larger than what is laid out.
    let stack_pointer = unsafe { context::prepare(stack.top(), begin, 0) };
    let thread = insert(name, class, mode, Some(stack), stack_pointer, Some(body))?;
    switching::admit(thread.id, weight, class);
    Ok(())
}

/// The first function of every thread: entered with interrupts off, from the switch.
extern "C" fn begin(_argument: usize) -> ! {
    crate::arch::cpu::enable_interrupts();
    let body = current().and_then(|thread| critical_section::with(|_| thread.body.take()));
    body.expect("a thread begins once, with its body")();
    crate::kernel_log::flush_print_buffer();
    end()
}

/// Leaves the CPU for good. The stack and the table's slot are freed by another thread.
fn end() -> ! {
    switching::leave(|| {
        if let Some(thread) = current() {
            let slot = usize::from(thread.id.slot);
            ENDED[slot / 32].fetch_or(1 << (slot % 32), Relaxed);
        }
        crate::housekeeper::wake();
    })
}

/// Frees the threads that have ended and left the CPU.
pub(crate) fn reap() {
    for (word_index, word) in ENDED.iter().enumerate() {
        let mut bits = word.load(Relaxed);
        while bits != 0 {
            let bit = bits.trailing_zeros();
            bits &= bits - 1;
            let slot = word_index * 32 + bit as usize;
            let ended = critical_section::with(|_| {
                let pointer = TABLE[slot].load(Relaxed);
                if word.load(Relaxed) & (1 << bit) == 0 {
                    return None; // somebody else freed it since, and the slot may be another's
                }
                if pointer == CURRENT.load(Relaxed) {
                    return None; // it halts on its own stack until somebody else runs
                }
                word.fetch_and(!(1 << bit), Relaxed);
                TABLE[slot].store(core::ptr::null_mut(), Relaxed);
                ALIVE.fetch_sub(1, Relaxed);
                // SAFETY: the pointer came from Box::leak; the slot is empty now, the thread has left
                // the CPU and nobody refers to it outside critical sections.
                Some(unsafe { Box::from_raw(pointer) })
            });
            if let Some(thread) = ended {
                free(thread);
            }
        }
    }
}

/// The running thread's id.
///
/// # Panics
/// Before there are threads: nothing that waits may be called during boot.
pub(crate) fn current_id() -> ThreadId {
    current().expect("nothing waits before there are threads").id
}

/// Calls `f` with the running thread's name; "boot" before there are threads.
pub(crate) fn name_of_current<R>(f: impl FnOnce(&str) -> R) -> R {
    f(current().map_or("boot", |thread| thread.name.as_str()))
}

/// The running thread's unfinished line of output.
pub(crate) fn print_buffer<R>(f: impl FnOnce(&mut String<PRINT_LINE_BYTES>) -> R) -> Option<R> {
    current()?.print_buffer.try_borrow_mut().ok().map(|mut buffer| f(&mut buffer))
}

/// Counts an allocation of the running thread. Interrupts do not allocate: the heap's lock does not keep them off.
pub(crate) fn count_allocation(bytes: usize) {
    if !ukstore::COUNTS {
        return;
    }
    if let Some(thread) = current() {
        stats::add_alone(&thread.stats.allocations, 1);
        stats::add_alone(&thread.stats.allocated_bytes, bytes as u64);
        if thread.management && stats::MANAGEMENT_SEALED.load(Relaxed) {
            stats::MANAGEMENT_ALLOCATIONS.inc();
        }
    }
}

/// Whether the address is in the guard page of the running thread.
pub(crate) fn guards(address: u64) -> bool {
    current().and_then(|thread| thread.stack.as_ref()).is_some_and(|stack| stack.guards(address))
}

/// Whether the address is on the running thread's stack.
pub(crate) fn on_stack(address: usize) -> bool {
    match current().and_then(|thread| thread.stack.as_ref()) {
        Some(stack) => stack.contains(address),
        None => crate::memory::map::boot_stack().contains(&address),
    }
}

/// A thread's place in a queue of waiting threads.
pub(crate) fn link(cs: CriticalSection<'_>, id: ThreadId) -> Link {
    get(cs, id).map_or(Link::Free, |thread| thread.link.get())
}

/// Sets a thread's place in a queue of waiting threads.
pub(crate) fn set_link(cs: CriticalSection<'_>, id: ThreadId, link: Link) {
    if let Some(thread) = get(cs, id) {
        thread.link.set(link);
    }
}
