//! The ways out of a virtual machine: QEMU's debug exit with a status, and two resets.
//!
//! For: the last instruction of a life. Not for: deciding which status means what (the kernel's table) nor for ACPI
//! power-off. Each call may come back, where the machine lacks the device; the caller then tries the next, or halts.
#![expect(unsafe_code, reason = "ports whose only effect is to end or reset the machine")]

use crate::port::IoPort;

/// Port of QEMU's `isa-debug-exit` as the project starts it (`-device isa-debug-exit,iobase=0xf4,iosize=0x04`).
const DEBUG_EXIT: u16 = 0xf4;
/// Reset control register of Intel's south bridges and of QEMU's `pc` and `q35`.
const RESET_CONTROL: u16 = 0xcf9;
/// Command port of the 8042 keyboard controller, which drives the CPU's reset line.
const KEYBOARD_COMMAND: u16 = 0x64;

/// Ends QEMU with the process status `2 * code + 1`. Returns if the machine has no such device.
pub fn exit(code: u8) {
    // SAFETY: writing this port ends the process or, without the device, does nothing.
    let mut port = unsafe { IoPort::<u32>::new(DEBUG_EXIT) };
    port.write(u32::from(code));
}

/// Resets the machine through the chipset (`pc`, `q35`). Returns if there is no such register (`microvm`).
pub fn reset_by_chipset() {
    // SAFETY: writing this register resets the machine or does nothing.
    let mut port = unsafe { IoPort::<u8>::new(RESET_CONTROL) };
    port.write(0x02); // bit 1: a full reset of the system
    port.write(0x06); // bit 2: now, on its rising edge
}

/// Resets the machine through the keyboard controller. Returns if there is none.
pub fn reset_by_keyboard_controller() {
    // SAFETY: this command resets the machine or does nothing; it moves no memory.
    let mut port = unsafe { IoPort::<u8>::new(KEYBOARD_COMMAND) };
    port.write(0xfe); // pulse output line 0, which is the reset line
}
