//! How a life ends, and how QEMU is told.

use crate::arch::cpu;
use crate::{console, kernel_log, management, thread, time};

/// The ways a life can end. The value goes to QEMU's `isa-debug-exit`, which ends QEMU with twice
/// it plus one: nothing but a success is 33, and a triple fault, which ends QEMU with 0, is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum End {
    /// The program returned. Status 33.
    Success = 16,
    /// The program returned an error. Status 35.
    ProgramError = 17,
    /// A panic. Status 37.
    Panic = 18,
    /// A CPU exception. Status 39.
    Fault = 19,
    /// A boot parameter that cannot be. Status 41.
    BadParameter = 20,
    /// The machine lacks something. Status 43.
    BootFailure = 21,
}

impl End {
    /// QEMU's exit status.
    pub(crate) const fn status(self) -> u8 {
        2 * self as u8 + 1
    }
}

/// Ends this life: what is logged goes out on the serial port, then QEMU is told.
///
/// Where there is no exit device, a life that ended well halts and any other resets the machine,
/// so that whoever runs it sees it end (`-no-reboot`) or begin again.
pub(crate) fn end(end: End) -> ! {
    cpu::disable_interrupts();
    console::drain();
    drivers::exit::exit(end as u8);
    match end {
        End::Success => cpu::halt_for_ever(),
        _ => cpu::reset(),
    }
}

/// How long the end of a program waits for the serial port.
const LAST_WORDS_NS: u64 = 2_000_000_000;

/// The program is done: lets the log go out, then ends.
pub(crate) fn program_ended(success: bool) -> ! {
    kernel_log::flush_print_buffer();
    log::info!("the program has ended{}", if success { "" } else { " with an error" });
    if !management::farewell::say(success) {
        log::warn!("the machine ends, and not every receiver has what was pushed last");
    }
    // The housekeeper writes what has been logged so far; what others go on to log is not waited for.
    let last = kernel_log::last_seq();
    let deadline = time::now_ns() + LAST_WORDS_NS;
    while console::written() < last && time::now_ns() < deadline {
        thread::yield_now();
    }
    end(if success { End::Success } else { End::ProgramError })
}
