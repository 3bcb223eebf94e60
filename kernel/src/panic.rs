//! A panic ends this life with a report: reason, place, thread, backtrace. It goes straight to the
//! serial port, allocates nothing, waits for no lock, and cannot recurse.
#![expect(unsafe_code, reason = "walks the chain of frame pointers")]

use crate::arch::cpu;
use crate::ends::{self, End};
use crate::{console, memory, symbols, thread};
use core::fmt::{Arguments, Write};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

static REPORTING: AtomicBool = AtomicBool::new(false);

/// A backtrace ends here at the latest.
const MAX_FRAMES: usize = 32;

/// A report on the way to the serial port; interrupts stay off from here to the end.
pub(crate) struct Report {
    serial: console::RawSerial,
}

impl Report {
    /// Begins the one report of this life. A fault while reporting ends it at once.
    pub(crate) fn begin() -> Self {
        cpu::disable_interrupts();
        if REPORTING.swap(true, Relaxed) {
            let mut serial = console::RawSerial;
            // Nothing can be done about a serial port that fails.
            let _ = serial.write_str("\nFAULT while reporting: giving up\n");
            drivers::exit::exit(End::Panic as u8);
            cpu::reset();
        }
        console::drain();
        let mut report = Self { serial: console::RawSerial };
        report.line(format_args!(""));
        report
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, line: Arguments<'_>) {
        // The raw port never fails: without a listener the bytes are gone.
        let _ = self.serial.write_fmt(line);
        let _ = self.serial.write_str("\n");
    }

    /// Writes the thread and the calls that led to `instruction`, by the chain of frame pointers.
    pub(crate) fn backtrace(&mut self, instruction: usize, mut frame: usize) {
        thread::name_of_current(|name| self.line(format_args!("thread `{name}`, backtrace:")));
        self.frame(0, instruction);
        for depth in 1..MAX_FRAMES {
            if !on_stack(frame, size_of::<[usize; 2]>()) {
                break;
            }
            // SAFETY: an aligned pair of words on this thread's stack: the caller's frame pointer and
            // the return address, since everything is built with frame pointers.
            let [caller, return_address] = unsafe { *(frame as *const [usize; 2]) };
            if !memory::map::code().contains(&return_address) {
                break;
            }
            self.frame(depth, return_address - 1); // inside the call, also when it was the last instruction
            if caller <= frame {
                break; // the stack grows down, so callers lie above
            }
            frame = caller;
        }
    }

    /// As `backtrace`, for code that was called where there is none, and so has pushed no frame: what
    /// lies on top of the stack is the address to return to.
    pub(crate) fn backtrace_of_call(&mut self, instruction: usize, stack_pointer: usize, frame: usize) {
        let caller = on_stack(stack_pointer, size_of::<usize>()).then(|| {
            // SAFETY: an aligned word on this thread's stack.
            unsafe { *(stack_pointer as *const usize) }
        });
        match caller.filter(|address| memory::map::code().contains(address)) {
            Some(caller) => {
                self.line(format_args!("called at {instruction:#x}, by"));
                self.backtrace(caller - 1, frame);
            }
            None => self.backtrace(instruction, frame),
        }
    }

    fn frame(&mut self, depth: usize, address: usize) {
        match symbols::lookup(address) {
            Some((name, offset)) => self.line(format_args!("  {depth:2}: {address:#010x} {name}+{offset:#x}")),
            None => self.line(format_args!("  {depth:2}: {address:#010x}")),
        }
    }
}

/// Whether these bytes are whole words on the running thread's stack.
fn on_stack(address: usize, bytes: usize) -> bool {
    address.is_multiple_of(align_of::<usize>())
        && thread::on_stack(address)
        && address.checked_add(bytes - 1).is_some_and(thread::on_stack)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let frame = cpu::frame_pointer();
    let mut report = Report::begin();
    match info.location() {
        Some(place) => report.line(format_args!("PANIC: {} ({}:{})", info.message(), place.file(), place.line())),
        None => report.line(format_args!("PANIC: {}", info.message())),
    }
    report.backtrace(panic as *const () as usize, frame);
    ends::end(End::Panic)
}
