//! How deep a stack has been: marks that use overwrites, and a bounded look at them.
//!
//! A mark every [`STEP`] bytes is written when the stack is made. The deepest that has changed tells how far the stack has
//! been used, to within a step. Frames skip marks (an array that is only filled in part), so the look goes on for a few that
//! are whole; it misses what lies beyond more than [`PATIENCE`] of them in a row.
//!
//! Not here: what keeps a stack from being overrun. That is its guard page.
#![expect(unsafe_code, reason = "looking at memory that another thread uses as its stack")]

use core::ops::Range;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes between marks: a cache line in eight.
const STEP: usize = 512;
/// How many marks that are whole end a look: two pages.
const PATIENCE: usize = 16;
/// The most changed marks that one look goes over, so that it keeps nobody waiting; the next goes on where it ended.
const MOST: usize = 1024;
/// What no program writes by chance.
const MARK: u64 = u64::from_le_bytes(*b"\xA5untouch");

/// A stack, and how deep it has been.
#[derive(Debug)]
pub(crate) struct HighWater {
    range: Range<usize>,
    /// The address of the deepest mark that was found changed; the range's end before the first.
    deepest: AtomicUsize,
}

impl HighWater {
    /// Of a stack that has been marked.
    ///
    /// # Safety
    /// The range is a stack's: mapped, aligned to [`STEP`], and there for as long as this value.
    pub(crate) unsafe fn new(range: Range<usize>) -> Self {
        Self { deepest: AtomicUsize::new(range.end), range }
    }

    /// The size of the stack.
    pub(crate) fn stack_bytes(&self) -> u64 {
        self.range.len() as u64
    }

    /// How much of it has been used so far, rounded up to a step.
    pub(crate) fn bytes(&self) -> u64 {
        let deepest = self.deepest.load(Relaxed);
        // SAFETY: the range is a stack's, by the promise made to `new`.
        let changed = unsafe { changed(self.range.start..deepest) };
        let deepest = changed.take(MOST).last().unwrap_or(deepest);
        self.deepest.store(deepest, Relaxed);
        (self.range.end - deepest + STEP).min(self.range.len()) as u64
    }
}

/// Writes all marks.
///
/// # Safety
/// The range is memory that is mapped, aligned to [`STEP`], and in nobody's use.
pub(crate) unsafe fn mark(range: Range<usize>) {
    if !ukstore::COUNTS {
        return;
    }
    for address in range.step_by(STEP) {
        // SAFETY: the caller's promise.
        unsafe { (address as *mut u64).write_volatile(MARK) };
    }
}

/// Writes those marks again that have changed.
///
/// # Safety
/// As for [`mark`], and the range has been marked.
pub(crate) unsafe fn restore(range: Range<usize>) {
    if !ukstore::COUNTS {
        return;
    }
    // SAFETY: the caller's promise.
    for address in unsafe { changed(range) } {
        // SAFETY: likewise.
        unsafe { (address as *mut u64).write_volatile(MARK) };
    }
}

/// The changed marks of a range, from its end down, until too many in a row are whole.
///
/// # Safety
/// The range is mapped and aligned to [`STEP`] for as long as the iterator is used.
unsafe fn changed(range: Range<usize>) -> impl Iterator<Item = usize> {
    let mut whole = 0;
    range
        .step_by(STEP)
        .rev()
        .map(|address| {
            // SAFETY: the caller's promise. Volatile: the stack's owner writes there when it runs.
            (address, unsafe { (address as *const u64).read_volatile() } == MARK)
        })
        .take_while(move |&(_, is_whole)| {
            whole = if is_whole { whole + 1 } else { 0 };
            whole <= PATIENCE
        })
        .filter_map(|(address, is_whole)| (!is_whole).then_some(address))
}
