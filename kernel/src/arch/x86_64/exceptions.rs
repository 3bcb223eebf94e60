//! CPU exceptions: each ends this life with a readable report. Nothing here returns.

use super::interrupts::Frame;
use crate::ends::{self, End};
use crate::panic::Report;
use x86_64::registers::control::Cr2;

/// What the CPU calls its exceptions (Intel SDM 3A, table 6-1).
const NAMES: [&str; 32] = [
    "divide error",
    "debug",
    "non-maskable interrupt",
    "breakpoint",
    "overflow",
    "bound range exceeded",
    "invalid opcode",
    "device not available",
    "double fault",
    "coprocessor segment overrun",
    "invalid task state",
    "segment not present",
    "stack segment fault",
    "general protection",
    "page fault",
    "reserved",
    "x87 floating point",
    "alignment check",
    "machine check",
    "SIMD floating point",
    "virtualization",
    "control protection",
    "reserved",
    "reserved",
    "reserved",
    "reserved",
    "reserved",
    "reserved",
    "hypervisor injection",
    "VMM communication",
    "security",
    "reserved",
];
const PAGE_FAULT: u64 = 14;

/// Reports the exception and ends this life as a fault.
pub(super) fn handle(frame: &Frame) -> ! {
    let name = NAMES[frame.vector as usize & 31];
    let mut report = Report::begin();
    if frame.vector == PAGE_FAULT {
        let address = Cr2::read_raw();
        let doing = describe_page_fault(frame.error);
        report.line(format_args!("FAULT: page fault: {doing} {address:#018x}{}", crate::memory::name_of(address)));
    } else {
        report.line(format_args!("FAULT: {name} (exception {}, error {:#x})", frame.vector, frame.error));
    }
    registers(&mut report, frame);
    let (instruction, frame_pointer) = (frame.rip as usize, frame.rbp as usize);
    if crate::memory::map::code().contains(&instruction) {
        report.backtrace(instruction, frame_pointer);
    } else {
        report.backtrace_of_call(instruction, frame.rsp as usize, frame_pointer);
    }
    ends::end(End::Fault)
}

/// Bits of a page fault's error code (Intel SDM 3A, 4.7).
fn describe_page_fault(error: u64) -> &'static str {
    let present = error & 1 != 0;
    let write = error & 2 != 0;
    let execute = error & 16 != 0;
    match (present, write, execute) {
        (_, _, true) => "execution of memory that is not code at",
        (true, true, _) => "write to read-only memory at",
        (true, false, _) => "forbidden read at",
        (false, true, _) => "write to unmapped memory at",
        (false, false, _) => "read of unmapped memory at",
    }
}

fn registers(report: &mut Report, f: &Frame) {
    report.line(format_args!("rip {:016x}  rsp {:016x}  rbp {:016x}  rflags {:08x}", f.rip, f.rsp, f.rbp, f.rflags));
    report.line(format_args!("rax {:016x}  rbx {:016x}  rcx {:016x}  rdx {:016x}", f.rax, f.rbx, f.rcx, f.rdx));
    report.line(format_args!("rsi {:016x}  rdi {:016x}  r8  {:016x}  r9  {:016x}", f.rsi, f.rdi, f.r8, f.r9));
    report.line(format_args!("r10 {:016x}  r11 {:016x}  r12 {:016x}  r13 {:016x}", f.r10, f.r11, f.r12, f.r13));
    report.line(format_args!(
        "r14 {:016x}  r15 {:016x}  cr2 {:016x}  error {:x}",
        f.r14,
        f.r15,
        Cr2::read_raw(),
        f.error
    ));
}
