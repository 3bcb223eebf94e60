//! Uses of memory and of the CPU, one at a time: each when the setting says its number, so that a test can read the
//! figures before and after it and know by how much they have to differ.

use alloc::string::String;
use alloc::vec::Vec;
use core::hint::{black_box, spin_loop};
use core::mem::MaybeUninit;
use periscope::thread::{Builder, SpawnError};
use periscope::time::{Duration, Instant};
use periscope::ukstore::{gauge, setting};
use periscope::{println, thread};

setting! {
    /// The step to take next.
    static WANTED: u64 = 0, in 0..=100, "/guest/memory/wanted";
}

gauge! {
    /// The step that was taken last.
    static TAKEN = "/guest/memory/taken", "guest_memory_step";
}

/// A block of the class of 112 bytes, and one that has no class.
const SMALL_BYTES: usize = 100;
const LARGE_BYTES: usize = 100_000;
/// More than there is.
const TOO_LARGE_BYTES: usize = 1 << 30;
/// A stack of a size of its own, and how much of it is used.
const DEEP_STACK_BYTES: usize = 8 << 20;
const DEEP_BYTES: usize = 300_000;
/// How much of a stack of the usual size is used behind a gap that is left untouched, and how much by the stack's next thread:
/// deep enough to look across such a gap.
const BEHIND_GAP_BYTES: usize = 4000;
const GAP_BYTES: usize = 12_000;
const NEXT_BYTES: usize = 7000;
const BUSY: Duration = Duration::from_millis(300);

/// Takes the steps, one after the other.
pub(crate) fn take() -> Result<(), String> {
    println!("memory: ready");
    let small = step(1, || black_box(Vec::<u8>::with_capacity(SMALL_BYTES)));
    let large = step(2, || black_box(Vec::<u8>::with_capacity(LARGE_BYTES)));
    step(3, || drop((small, large)));
    let refused = step(4, || black_box(Vec::<u8>::new()).try_reserve_exact(black_box(TOO_LARGE_BYTES)));
    if refused.is_ok() {
        return Err("there is more memory than there can be".into());
    }
    let stack = |name| Builder::new().name(name).stack_bytes(DEEP_STACK_BYTES);
    let deep = step(5, || stack("deep").spawn(deep)).map_err(told)?;
    let beside = step(6, || stack("beside").spawn(|| wanted(8))).map_err(told)?;
    deep.join();
    beside.join();
    TAKEN.set(8);
    step(9, || thread::spawn(descend_behind_gap).join());
    Builder::new().name("rested").spawn(rested).map_err(told)?.join();
    step(11, || {
        let began = Instant::now();
        while began.elapsed() < BUSY {
            spin_loop();
        }
    });
    wanted(12);
    Ok(())
}

fn told(error: SpawnError) -> String {
    alloc::format!("{error}")
}

/// Uses its stack, and ends.
fn deep() {
    let reached = step(7, || descend_by(DEEP_BYTES));
    println!("memory: {reached} bytes deep");
    wanted(8);
}

/// Uses less of the same stack than the thread before it, and ends.
fn rested() {
    step(10, || descend_by(NEXT_BYTES));
    wanted(11);
}

/// Does something when it is its turn.
fn step<R>(number: u64, f: impl FnOnce() -> R) -> R {
    wanted(number);
    let result = f();
    TAKEN.set(number as i64);
    result
}

/// Waits for a step's turn, without a use of memory.
fn wanted(number: u64) {
    while WANTED.get() < number {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Uses so much of the stack, at least, and tells how much it came to be.
fn descend_by(bytes: usize) -> usize {
    let top = 0_u8;
    descend((&raw const top).addr(), bytes)
}

#[inline(never)]
fn descend(top: usize, bytes: usize) -> usize {
    let frame = black_box([1_u8; 256]);
    let depth = top - frame.as_ptr().addr();
    let reached = if depth < bytes { descend(top, bytes) } else { depth };
    // Used after the call, which is therefore none that replaces this frame.
    black_box(&frame);
    reached
}

/// Uses the stack below an array that it does not write to.
#[inline(never)]
fn descend_behind_gap() {
    let gap = MaybeUninit::<[u8; GAP_BYTES]>::uninit();
    black_box(gap.as_ptr());
    descend_by(BEHIND_GAP_BYTES);
    black_box(gap.as_ptr());
}
