//! The way in: a PVH entry in 32-bit protected mode, up to 64-bit Rust.
//!
//! QEMU, Firecracker and Cloud Hypervisor find the entry point in an ELF note (Xen's
//! `XEN_ELFNOTE_PHYS32_ENTRY`, type 18) and jump to it with paging off, flat 4 GiB segments and the
//! address of `hvm_start_info` in EBX (Xen, docs/misc/pvh.pandoc). They have loaded the segments and
//! zeroed the bss.

use core::arch::global_asm;

global_asm!(
    r#"
    .section .note.pvh, "a", @note
    .balign 4
    .long 4                     # name size
    .long 8                     # descriptor size
    .long 18                    # XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad pvh_entry

    .section .text.entry, "ax"
    .code32
    .global _start
_start:
pvh_entry:
    cli
    cld
    mov edi, ebx                # hvm_start_info; the multiplications below spare EDI
    rdtsc                       # when this life began
    mov [entry_tsc], eax
    mov [entry_tsc + 4], edx
    mov esp, offset __boot_stack_top

    mov eax, offset boot_pml4
    mov cr3, eax
    mov eax, cr4
    or eax, 0xa0                # PAE (bit 5), PGE (bit 7)
    mov cr4, eax
    mov ecx, 0xc0000080         # EFER
    rdmsr
    or eax, 0x900               # LME (bit 8), NXE (bit 11)
    wrmsr
    mov eax, cr0
    and eax, 0x9fffffff         # caches on: CD (bit 30) and NW (bit 29) clear
    or eax, 0x80010001          # PG (bit 31), WP (bit 16), PE (bit 0)
    mov cr0, eax

    lgdt [boot_gdt_pointer]
    push 0x08
    mov eax, offset long_mode
    push eax
    retf                        # a far return loads the 64-bit code segment

    .code64
long_mode:
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
    mov eax, 0x10
    mov ss, eax
    mov edi, edi                # clears the upper half
    xor ebp, ebp                # ends a backtrace
    call {start}
    ud2

    .section .rodata.boot, "a"
    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff    # 64-bit code
    .quad 0x00cf93000000ffff    # data
boot_gdt_pointer:
    .word . - boot_gdt - 1
    .long boot_gdt

    # The first gibibyte, mapped as it is: enough until memory::init maps what there really is.
    .section .data.boot, "aw"
    .balign 4096
boot_pml4:
    .quad boot_pdpt + 3
    .fill 511, 8, 0
boot_pdpt:
    .quad boot_pd + 3
    .fill 511, 8, 0
boot_pd:
    .set page, 0
    .rept 512
    .quad (page << 21) | 0x83   # present, writable, 2 MiB
    .set page, page + 1
    .endr
    .global entry_tsc
entry_tsc:
    .quad 0

    .section .boot_stack, "aw", @nobits
    .fill {boot_stack_bytes}

    .section .symbols, "a"
    .ascii "UKSYMTAB"
    .quad 0
    "#,
    start = sym crate::start::start,
    boot_stack_bytes = const BOOT_STACK_BYTES,
);

/// The stack of the boot thread: starting a NIC moves values of tens of KiB about.
const BOOT_STACK_BYTES: usize = 256 * 1024;

unsafe extern "C" {
    static entry_tsc: u64;
}

/// The time stamp counter at the first instruction of this life.
pub(super) fn entry_timestamp() -> u64 {
    // SAFETY: written once, by the entry code above, before any Rust ran.
    unsafe { entry_tsc }
}
