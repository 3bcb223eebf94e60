//! Waiting for the world, with a deadline. Not for a guest's serial lines: [`crate::SerialLog`] wakes those who wait.

use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what should take well under a second, before it calls it a failure. Generous because
/// guests are emulated, two at a time, on machines that may have two slow cores.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until the answer is `Some`, and returns it; `None` once `deadline` has passed.
///
/// This is the one place that sleeps between questions.
pub fn eventually<T>(deadline: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if start.elapsed() > deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Lets time pass, because something is measured over it. Not for waiting until something has happened: that is
/// [`eventually`].
pub fn let_pass(interval: Duration) {
    thread::sleep(interval);
}
