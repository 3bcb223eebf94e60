//! Thread stacks: each above a page that is never mapped, so that running out is a fault at once
//! and not damage found later. Ended threads' stacks are kept for the next ones.
#![expect(unsafe_code, reason = "stacks are raw memory")]

use super::high_water::{self, HighWater};
use super::map;
use alloc::alloc::{Layout, alloc, dealloc};
use core::cell::RefCell;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use critical_section::Mutex;
use heapless::Vec;

/// The usual size, without the guard page.
pub(crate) const DEFAULT_BYTES: usize = 64 * 1024;
const GUARD_BYTES: usize = 4096;
/// How many stacks of the usual size wait for reuse: taking one of these costs no page-table write.
const KEPT: usize = 32;

static SPARE: Mutex<RefCell<Vec<Stack, KEPT>>> = Mutex::new(RefCell::new(Vec::new()));

/// Bytes of all stacks from the heap, in use and kept, with their guard pages.
static STACK_BYTES: AtomicU64 = AtomicU64::new(0);

/// See [`STACK_BYTES`].
pub(super) fn bytes() -> u64 {
    STACK_BYTES.load(Relaxed)
}

/// A stack and its guard page; freed on drop. It is marked ([`high_water`]) whenever it is nobody's.
pub(crate) struct Stack {
    /// The lowest address, that of the guard page.
    bottom: usize,
    /// Bytes with the guard page.
    bytes: usize,
}

impl Stack {
    /// A stack of at least `bytes`; `None` when memory is out.
    pub(crate) fn new(bytes: usize) -> Option<Self> {
        if bytes <= DEFAULT_BYTES
            && let Some(spare) = critical_section::with(|cs| SPARE.borrow(cs).borrow_mut().pop())
        {
            return Some(spare);
        }
        let bytes = bytes.max(DEFAULT_BYTES).checked_next_multiple_of(GUARD_BYTES)?.checked_add(GUARD_BYTES)?;
        let layout = Layout::from_size_align(bytes, GUARD_BYTES).ok()?;
        // SAFETY: the layout is not empty.
        let bottom = unsafe { alloc(layout) } as usize;
        if bottom == 0 {
            return None;
        }
        if !map::guard(bottom as u64) {
            // SAFETY: allocated above with this layout.
            unsafe { dealloc(bottom as *mut u8, layout) };
            return None;
        }
        STACK_BYTES.fetch_add(bytes as u64, Relaxed);
        let stack = Self { bottom, bytes };
        // SAFETY: memory of the heap that nobody else has, page-aligned.
        unsafe { high_water::mark(&stack.range(), stack.top()) };
        Some(stack)
    }

    /// The usable part.
    fn range(&self) -> Range<usize> {
        self.bottom + GUARD_BYTES..self.top()
    }

    /// The end of the stack, where it begins to be used; 16-byte aligned.
    pub(crate) fn top(&self) -> usize {
        self.bottom + self.bytes
    }

    /// Whether the address lies in the guard page.
    pub(crate) fn guards(&self, address: u64) -> bool {
        (self.bottom as u64..(self.bottom + GUARD_BYTES) as u64).contains(&address)
    }

    /// Whether the address lies in the usable part.
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.range().contains(&address)
    }
}

/// Marks the boot stack below the caller's frame. Once, by the first function that is on it.
pub(crate) fn mark_boot_stack() {
    /// More than this function's frame and those of what it calls take.
    const IN_USE: usize = 2048;
    let here = 0_u8;
    let stack = map::boot_stack();
    let unused = (&raw const here).addr() - IN_USE;
    // SAFETY: the stack is mapped and page-aligned, and nothing is so far below the last frame: interrupts are off.
    unsafe { high_water::mark(&stack, unused) };
}

/// How deep a thread's stack has been: the given one, or the boot stack.
///
/// # Safety
/// The stack is there, and in no other thread's use, for as long as what is returned.
pub(crate) unsafe fn high_water(stack: Option<&Stack>) -> HighWater {
    // SAFETY: stacks are page-aligned and mapped; the rest is the caller's promise.
    unsafe { HighWater::new(stack.map_or_else(map::boot_stack, Stack::range)) }
}

/// Gives a stack back: kept for the next thread if it has the usual size and there is room.
pub(crate) fn recycle(stack: Stack) {
    if stack.bytes == DEFAULT_BYTES + GUARD_BYTES {
        // SAFETY: it is mapped, page-aligned and nobody's.
        unsafe { high_water::mark(&stack.range(), stack.top()) };
        let excess = critical_section::with(|cs| SPARE.borrow(cs).borrow_mut().push(stack).err());
        drop(excess);
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        map::unguard(self.bottom as u64);
        STACK_BYTES.fetch_sub(self.bytes as u64, Relaxed);
        if let Ok(layout) = Layout::from_size_align(self.bytes, GUARD_BYTES) {
            // SAFETY: allocated in `new` with this layout; the guard page is writable again.
            unsafe { dealloc(self.bottom as *mut u8, layout) };
        }
    }
}
