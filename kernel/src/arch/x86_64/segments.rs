//! Segments, and stacks of their own for the faults that must not trust the one they came on.

use x86_64::VirtAddr;
use x86_64::instructions::tables::load_tss;
use x86_64::registers::segmentation::{CS, SS, Segment};
use x86_64::structures::gdt::{Descriptor, GlobalDescriptorTable};
use x86_64::structures::tss::TaskStateSegment;

/// Entries of the interrupt stack table, by fault. A page fault has one too: a thread that ran into
/// its guard page has no stack left to report on.
#[derive(Clone, Copy)]
#[repr(u16)]
pub(super) enum FaultStack {
    DoubleFault = 0,
    PageFault = 1,
    NonMaskable = 2,
    MachineCheck = 3,
}

const FAULT_STACKS: usize = 4;
const FAULT_STACK_BYTES: usize = 16 * 1024;

#[repr(C, align(16))]
struct Stacks([[u8; FAULT_STACK_BYTES]; FAULT_STACKS]);

static mut STACKS: Stacks = Stacks([[0; FAULT_STACK_BYTES]; FAULT_STACKS]);
static mut TSS: TaskStateSegment = TaskStateSegment::new();
static mut GDT: GlobalDescriptorTable = GlobalDescriptorTable::new();

/// Loads the segments and the task state. Once, at boot, with interrupts off.
pub(super) fn init() {
    let tss = &raw mut TSS;
    let stacks = &raw const STACKS;
    for index in 0..FAULT_STACKS {
        let top = stacks as u64 + ((index + 1) * FAULT_STACK_BYTES) as u64;
        // SAFETY: boot is single-threaded and the CPU does not use the table yet.
        unsafe { (*tss).interrupt_stack_table[index] = VirtAddr::new(top) };
    }
    let gdt = &raw mut GDT;
    // SAFETY: boot is single-threaded; nothing else refers to the table.
    let gdt = unsafe { &mut *gdt };
    let code = gdt.append(Descriptor::kernel_code_segment());
    let data = gdt.append(Descriptor::kernel_data_segment());
    // SAFETY: the task state is a static that is not moved or written again.
    let task = gdt.append(unsafe { Descriptor::tss_segment_unchecked(tss) });
    // SAFETY: the table is a static that is not written again.
    unsafe { gdt.load_unsafe() };
    // SAFETY: the selector was made above for a 64-bit ring 0 code segment.
    unsafe { CS::set_reg(code) };
    // SAFETY: the selector was made above for a data segment.
    unsafe { SS::set_reg(data) };
    // SAFETY: the selector was made above for the task state, which is loaded once.
    unsafe { load_tss(task) };
}
