//! Thread stacks: each above a page that is never mapped, so that running out is a fault at once
//! and not damage found later. Ended threads' stacks are kept for the next ones.
#![expect(unsafe_code, reason = "stacks are raw memory")]

use super::map;
use alloc::alloc::{Layout, alloc, dealloc};
use core::cell::RefCell;
use critical_section::Mutex;
use heapless::Vec;

/// The usual size, without the guard page.
pub(crate) const DEFAULT_BYTES: usize = 64 * 1024;
const GUARD_BYTES: usize = 4096;
/// How many stacks of the usual size wait for reuse: taking one of these costs no page-table write.
const KEPT: usize = 32;

static SPARE: Mutex<RefCell<Vec<Stack, KEPT>>> = Mutex::new(RefCell::new(Vec::new()));

/// A stack and its guard page; freed on drop.
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
        Some(Self { bottom, bytes })
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
        (self.bottom + GUARD_BYTES..self.top()).contains(&address)
    }
}

/// Gives a stack back: kept for the next thread if it has the usual size and there is room.
pub(crate) fn recycle(stack: Stack) {
    if stack.bytes == DEFAULT_BYTES + GUARD_BYTES {
        let excess = critical_section::with(|cs| SPARE.borrow(cs).borrow_mut().push(stack).err());
        drop(excess);
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        map::unguard(self.bottom as u64);
        if let Ok(layout) = Layout::from_size_align(self.bytes, GUARD_BYTES) {
            // SAFETY: allocated in `new` with this layout; the guard page is writable again.
            unsafe { dealloc(self.bottom as *mut u8, layout) };
        }
    }
}
