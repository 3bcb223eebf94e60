//! The housekeeper: the boot thread's second job. It writes the log to the serial port and frees
//! ended threads, so that neither a logging nor an ending thread waits for it.

use crate::thread::{self, ThreadId};
use crate::{console, time};
use spin::Once;

static HOUSEKEEPER: Once<ThreadId> = Once::new();

/// There is something to do.
pub(crate) fn wake() {
    if let Some(&id) = HOUSEKEEPER.get() {
        thread::unpark(id);
    }
}

/// Works for ever, in the calling thread.
pub(crate) fn run() -> ! {
    HOUSEKEEPER.call_once(thread::current_id);
    loop {
        thread::reap();
        if !console::write_some() {
            thread::park_until(None);
        }
    }
}

/// Whether the housekeeper has begun: before it, whoever logs writes the log out itself.
pub(crate) fn works() -> bool {
    HOUSEKEEPER.get().is_some() && time::now_ns() > 0
}
