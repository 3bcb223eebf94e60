//! The housekeeper: the boot thread's second job. It frees ended threads, starts samplers, and tells the
//! log on the serial port and changes of the tree in the log, so that nobody who has to go on waits for any of it.

use crate::console::{self, Step};
use crate::thread::{self, ThreadId};
use crate::time::Duration;
use crate::{changes, sampler};
use spin::Once;

/// How long to leave a serial port alone that takes no bytes: its FIFO empties in 1.4 ms.
const SERIAL_PAUSE: Duration = Duration::from_millis(1);

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
    changes::listen();
    loop {
        thread::reap();
        sampler::relieve();
        changes::tell();
        match console::write_some() {
            Step::Wrote => {}
            Step::Blocked => thread::sleep(SERIAL_PAUSE),
            Step::Idle => {
                thread::park_until(None);
            }
        }
    }
}

/// Whether the housekeeper has begun: before it, whoever logs writes the log out itself.
pub(crate) fn works() -> bool {
    HOUSEKEEPER.get().is_some()
}
