//! The interrupt table, its 256 stubs, and the way from a vector to its handler. Who has a vector: see `vectors.rs`.
//!
//! Vectors 0–31 are the CPU's exceptions (`exceptions.rs`), 32 the timer, 33–47 the kernel's own,
//! 48–254 devices, 255 the APIC's spurious one.

use core::arch::global_asm;
use x86_64::VirtAddr;
use x86_64::structures::idt::InterruptDescriptorTable;

use super::segments::FaultStack;
use super::vectors::Taken;
use super::{apic, exceptions, tsc};

/// The vector of the local APIC's timer.
pub(super) const TIMER_VECTOR: u8 = 32;
/// The first vector a device may get.
pub(super) const FIRST_DEVICE_VECTOR: u8 = 48;
/// The vector the local APIC raises when an interrupt vanished before it was taken.
pub(super) const SPURIOUS_VECTOR: u8 = 255;

/// The registers of the interrupted code, as the stubs below push them.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "each field is the register of its name")]
pub(crate) struct Frame {
    pub(crate) r15: u64,
    pub(crate) r14: u64,
    pub(crate) r13: u64,
    pub(crate) r12: u64,
    pub(crate) r11: u64,
    pub(crate) r10: u64,
    pub(crate) r9: u64,
    pub(crate) r8: u64,
    pub(crate) rbp: u64,
    pub(crate) rdi: u64,
    pub(crate) rsi: u64,
    pub(crate) rdx: u64,
    pub(crate) rcx: u64,
    pub(crate) rbx: u64,
    pub(crate) rax: u64,
    pub(crate) vector: u64,
    pub(crate) error: u64,
    pub(crate) rip: u64,
    pub(crate) cs: u64,
    pub(crate) rflags: u64,
    pub(crate) rsp: u64,
    pub(crate) ss: u64,
}

global_asm!(
    r#"
    .text
    .set vector, 0
    .rept 256
    .balign 16
interrupt_stub_\+:
    # The exceptions for which the CPU itself pushes an error code (Intel SDM 3A, table 6-1).
    .if (vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
    .else
    push 0
    .endif
    push vector
    jmp interrupt_common
    .set vector, vector + 1
    .endr

interrupt_common:
    push rax
    push rbx
    push rcx
    push rdx
    push rsi
    push rdi
    push rbp
    push r8
    push r9
    push r10
    push r11
    push r12
    push r13
    push r14
    push r15
    cld
    mov rdi, rsp                # the CPU aligned the stack; 22 words later it is aligned again
    call {dispatch}
    pop r15
    pop r14
    pop r13
    pop r12
    pop r11
    pop r10
    pop r9
    pop r8
    pop rbp
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rbx
    pop rax
    add rsp, 16
    iretq
    "#,
    dispatch = sym dispatch,
);

unsafe extern "C" {
    #[link_name = "interrupt_stub_0"]
    static FIRST_STUB: u8;
}

/// The stubs' distance: they are aligned to it and each is shorter.
const STUB_BYTES: u64 = 16;

static mut IDT: Option<InterruptDescriptorTable> = None;

/// Fills and loads the interrupt table. Once, at boot.
pub(super) fn init() {
    let first = &raw const FIRST_STUB as u64;
    let slot = &raw mut IDT;
    // SAFETY: boot is single-threaded and the CPU does not use the table yet.
    let idt = unsafe { (*slot).insert(InterruptDescriptorTable::new()) };
    let stub = |vector: u8| VirtAddr::new(first + u64::from(vector) * STUB_BYTES);
    macro_rules! exceptions {
        ($($vector:literal $entry:ident $(on $stack:expr)?;)*) => {$(
            // SAFETY: the stub is the one assembled for this vector and keeps every register.
            let options = unsafe { idt.$entry.set_handler_addr(stub($vector)) };
            $(
                // SAFETY: `segments` set up a stack at this index.
                unsafe { options.set_stack_index($stack as u16) };
            )?
            let _ = options;
        )*};
    }
    exceptions! {
        0 divide_error;
        1 debug;
        2 non_maskable_interrupt on FaultStack::NonMaskable;
        3 breakpoint;
        4 overflow;
        5 bound_range_exceeded;
        6 invalid_opcode;
        7 device_not_available;
        8 double_fault on FaultStack::DoubleFault;
        10 invalid_tss;
        11 segment_not_present;
        12 stack_segment_fault;
        13 general_protection_fault;
        14 page_fault on FaultStack::PageFault;
        16 x87_floating_point;
        17 alignment_check;
        18 machine_check on FaultStack::MachineCheck;
        19 simd_floating_point;
        20 virtualization;
        21 cp_protection_exception;
        28 hv_injection_exception;
        29 vmm_communication_exception;
        30 security_exception;
    }
    for vector in 32..=255u8 {
        // SAFETY: as above.
        unsafe { idt[vector].set_handler_addr(stub(vector)) };
    }
    // SAFETY: the table is a static that is not written again.
    unsafe { idt.load_unsafe() };
}

/// Every interrupt and exception comes here, with interrupts off.
extern "C" fn dispatch(frame: &Frame) {
    let vector = frame.vector as u8;
    if vector < 32 {
        exceptions::handle(frame);
    }
    let began = tsc::read();
    critical_section::with(|cs| {
        let taken = Taken::begin(cs, vector, began);
        match vector {
            TIMER_VECTOR => {
                apic::end_of_interrupt();
                crate::thread::on_timer(began);
            }
            // No end-of-interrupt for this one (Intel SDM 3A, 10.9).
            SPURIOUS_VECTOR => {}
            _ => {
                taken.handle();
                apic::end_of_interrupt();
            }
        }
        taken.end();
    });
    crate::thread::on_interrupt_exit();
}
