//! The end of the program, as management hears of it: what is pushed last must have left before the machine ends.

use crate::thread::{self, ThreadId};
use crate::time::{Duration, now_ns};
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use exporter::push::Ending;
use spin::Once;

/// How long an end waits for receivers: those that are there need a thousandth of it.
const LAST_WORDS_NS: u64 = 5_000_000_000;

/// How often an end looks whether they have.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

const RUNNING: u8 = 0;
const SUCCEEDED: u8 = 1;
const FAILED: u8 = 2;
const SAID: u8 = 3;

static STATE: AtomicU8 = AtomicU8::new(RUNNING);
/// Whether there is somebody to say something to.
static EXPECTED: AtomicBool = AtomicBool::new(false);
/// The management thread, from its first turn on.
static LISTENER: Once<ThreadId> = Once::new();

/// There will be something to say: before there is a program, which may end before management has its first turn.
pub(super) fn expect() {
    EXPECTED.store(true, Relaxed);
}

/// The calling thread wants to be woken for the end.
pub(super) fn listen() {
    LISTENER.call_once(thread::current_id);
}

/// How the program ended, once it has.
pub(super) fn asked() -> Option<Ending> {
    match STATE.load(Relaxed) {
        SUCCEEDED => Some(Ending::Success),
        FAILED => Some(Ending::Failure),
        _ => None,
    }
}

/// Everybody has what was said last.
pub(super) fn said() {
    STATE.store(SAID, Relaxed);
}

/// Tells receivers that the program has ended, and waits until they have it, or long enough. Whether they have.
pub(crate) fn say(success: bool) -> bool {
    if !EXPECTED.load(Relaxed) {
        return true;
    }
    STATE.store(if success { SUCCEEDED } else { FAILED }, Relaxed);
    if let Some(&listener) = LISTENER.get() {
        thread::unpark(listener);
    }
    let deadline = now_ns() + LAST_WORDS_NS;
    while STATE.load(Relaxed) != SAID && now_ns() < deadline {
        // Asleep, because beside a thread that wants the CPU management has but its share.
        thread::sleep(LOOK_AGAIN);
    }
    STATE.load(Relaxed) == SAID
}
