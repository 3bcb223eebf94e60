//! The I/O APIC: routes an interrupt line (virtio-mmio devices have one) to a vector.
//! Registers: Intel 82093AA data sheet, 3.0.

/// Where it is on QEMU's machines and every PC that has not moved it.
pub(crate) const BASE: u64 = 0xfec0_0000;
/// The bytes it takes.
pub(crate) const BYTES: u64 = 4096;

const SELECT: u64 = 0x00;
const WINDOW: u64 = 0x10;
const VERSION: u32 = 0x01;
const REDIRECTION: u32 = 0x10;

fn read(register: u32) -> u32 {
    // SAFETY: the index register, mapped uncached by memory::init.
    unsafe { ((BASE + SELECT) as *mut u32).write_volatile(register) };
    // SAFETY: the data register, likewise.
    unsafe { ((BASE + WINDOW) as *const u32).read_volatile() }
}

fn write(register: u32, value: u32) {
    // SAFETY: the index register, mapped uncached by memory::init.
    unsafe { ((BASE + SELECT) as *mut u32).write_volatile(register) };
    // SAFETY: the data register, likewise.
    unsafe { ((BASE + WINDOW) as *mut u32).write_volatile(value) };
}

/// Routes `line` to `vector` on the CPU with this APIC id: edge-triggered, active high, as QEMU
/// raises virtio-mmio lines. An error when the I/O APIC has no such line.
///
/// Edge, although the device holds its line until acknowledged: the driver acknowledges before it
/// looks at the ring, so each new event makes a new edge, and no end-of-interrupt has to reach the
/// I/O APIC.
pub(crate) fn route(line: u32, vector: u8, apic_id: u8) -> Result<(), NoSuchLine> {
    let lines = (read(VERSION) >> 16 & 0xff) + 1;
    if line >= lines {
        return Err(NoSuchLine);
    }
    let entry = REDIRECTION + 2 * line;
    write(entry + 1, u32::from(apic_id) << 24);
    write(entry, u32::from(vector));
    Ok(())
}

/// The I/O APIC has fewer lines than the one asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoSuchLine;
