//! How deep a stack has been: marks that use overwrites, and a bounded look at them.
//!
//! Marks are written whenever a stack is nobody's: one every [`STEP`] bytes in its upper part, and below that one every
//! [`COARSE_STEP`], so that a large stack does not take all its memory from the host at once. The deepest that has changed
//! tells how far the stack has been used, to within a step. Frames skip marks (an array that is only filled in part), so the
//! look goes on for a few that are whole; it misses what lies beyond more than [`PATIENCE`] of them in a row.
//!
//! Not here: what keeps a stack from being overrun. That is its guard page.
#![expect(unsafe_code, reason = "looking at memory that another thread uses as its stack")]

use core::ops::Range;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes between marks in a stack's upper part: a cache line in eight.
const STEP: usize = 512;
/// The size of that part; the usual stack has no other.
const FINE_BYTES: usize = 128 * 1024;
/// Bytes between marks below it: a page in eight.
const COARSE_STEP: usize = 32 * 1024;
/// How many marks that are whole end a look: two pages.
const PATIENCE: usize = 16;
/// The most marks that one look goes over, so that it keeps nobody waiting; the next goes on where it ended.
const MOST: usize = 1024;
/// What no program writes by chance.
const MARK: u64 = u64::from_le_bytes(*b"\xA5untouch");

/// A stack, and how deep it has been.
#[derive(Debug)]
pub(crate) struct HighWater {
    range: Range<usize>,
    /// How many marks lie above the first that may be whole, as far as was looked.
    used: AtomicUsize,
}

impl HighWater {
    /// Of a stack that has been marked.
    ///
    /// # Safety
    /// The range is a stack's: mapped, aligned to [`STEP`], and there for as long as this value.
    pub(crate) unsafe fn new(range: Range<usize>) -> Self {
        Self { used: AtomicUsize::new(0), range }
    }

    /// The size of the stack.
    pub(crate) fn stack_bytes(&self) -> u64 {
        self.range.len() as u64
    }

    /// How much of it has been used so far, rounded up to a step.
    pub(crate) fn bytes(&self) -> u64 {
        let mut used = self.used.load(Relaxed);
        let first = used;
        for (mark, address) in (first..).zip(marks(&self.range, first)).take(MOST) {
            // SAFETY: the range is a stack's, by the promise made to `new`. Volatile: its owner writes there when it runs.
            if unsafe { (address as *const u64).read_volatile() } != MARK {
                used = mark + 1;
            } else if mark - used >= PATIENCE {
                break;
            }
        }
        self.used.store(used, Relaxed);
        depth(used).min(self.range.len()) as u64
    }
}

/// Writes the marks that lie below an address.
///
/// # Safety
/// The range is a stack's: mapped, aligned to [`STEP`], and below the address in nobody's use.
pub(crate) unsafe fn mark(range: &Range<usize>, below: usize) {
    if !ukstore::COUNTS {
        return;
    }
    for address in marks(range, 0).filter(|address| *address < below) {
        // SAFETY: the caller's promise.
        unsafe { (address as *mut u64).write_volatile(MARK) };
    }
}

/// How far below a stack's end a mark is; they are numbered from there down.
const fn depth(mark: usize) -> usize {
    const FINE: usize = FINE_BYTES / STEP;
    if mark < FINE { (mark + 1) * STEP } else { FINE_BYTES + (mark + 1 - FINE) * COARSE_STEP }
}

/// Where a stack's marks are, from a certain one down.
fn marks(range: &Range<usize>, first: usize) -> impl Iterator<Item = usize> {
    let bytes = range.len();
    let end = range.end;
    (first..).map(depth).take_while(move |depth| *depth <= bytes).map(move |depth| end - depth)
}
