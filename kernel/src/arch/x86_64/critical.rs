//! The kernel's side of the `critical-section` crate: interrupts off, on the one CPU there is.

use critical_section::RawRestoreState;
use x86_64::instructions::interrupts;

struct InterruptsOff;
critical_section::set_impl!(InterruptsOff);

// SAFETY: with interrupts off nothing else runs on the one CPU that is started, so the section is
// exclusive; `release` turns them on again only for the outermost section.
unsafe impl critical_section::Impl for InterruptsOff {
    unsafe fn acquire() -> RawRestoreState {
        let enabled = interrupts::are_enabled();
        interrupts::disable();
        enabled
    }

    unsafe fn release(enabled: RawRestoreState) {
        if enabled {
            interrupts::enable();
        }
    }
}
