//! Copying, filling and comparing memory, for every call the compiler makes of `memcpy`, `memset` and `memcmp`. Not for
//! overlapping places: those stay with `memmove` of the compiler's library.
//!
//! That library's own use the string instructions, which an emulated processor takes byte by byte or word by word (280 MB/s
//! against some 1,500), and whose start costs a real one some 30 cycles, more than most copies here take: text of a line,
//! a header. So these move integers; there are no vector registers to use. Whatever is left at the end is moved as one
//! piece that may overlap the one before.

use core::arch::naked_asm;

/// Copies `len` bytes and returns `to`. Called by compiled code.
///
/// # Safety
/// As C's: `from` can be read and `to` written for `len` bytes, and they are the same place or do not overlap.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "cmp rdx, 16",
        "jb 3f",
        "cmp rdx, 32",
        "jbe 2f",
        // 64 bytes at a time, while more than that are left.
        "cmp rdx, 64",
        "jbe 5f",
        "4:",
        "mov rcx, [rsi]",
        "mov r8, [rsi + 8]",
        "mov r9, [rsi + 16]",
        "mov r10, [rsi + 24]",
        "mov [rdi], rcx",
        "mov [rdi + 8], r8",
        "mov [rdi + 16], r9",
        "mov [rdi + 24], r10",
        "mov rcx, [rsi + 32]",
        "mov r8, [rsi + 40]",
        "mov r9, [rsi + 48]",
        "mov r10, [rsi + 56]",
        "mov [rdi + 32], rcx",
        "mov [rdi + 40], r8",
        "mov [rdi + 48], r9",
        "mov [rdi + 56], r10",
        "add rsi, 64",
        "add rdi, 64",
        "sub rdx, 64",
        "cmp rdx, 64",
        "ja 4b",
        "cmp rdx, 32",
        "jbe 6f",
        // 33 to 64: the first 32, then the last 32.
        "5:",
        "mov rcx, [rsi]",
        "mov r8, [rsi + 8]",
        "mov r9, [rsi + 16]",
        "mov r10, [rsi + 24]",
        "mov [rdi], rcx",
        "mov [rdi + 8], r8",
        "mov [rdi + 16], r9",
        "mov [rdi + 24], r10",
        // The last 32, of which some may have been moved.
        "6:",
        "mov rcx, [rsi + rdx - 32]",
        "mov r8, [rsi + rdx - 24]",
        "mov r9, [rsi + rdx - 16]",
        "mov r10, [rsi + rdx - 8]",
        "mov [rdi + rdx - 32], rcx",
        "mov [rdi + rdx - 24], r8",
        "mov [rdi + rdx - 16], r9",
        "mov [rdi + rdx - 8], r10",
        "ret",
        // 16 to 32: the first 16 and the last 16.
        "2:",
        "mov rcx, [rsi]",
        "mov r8, [rsi + 8]",
        "mov r9, [rsi + rdx - 16]",
        "mov r10, [rsi + rdx - 8]",
        "mov [rdi], rcx",
        "mov [rdi + 8], r8",
        "mov [rdi + rdx - 16], r9",
        "mov [rdi + rdx - 8], r10",
        "ret",
        // 0 to 15: the same with eight, four and two bytes.
        "3:",
        "cmp edx, 8",
        "jb 7f",
        "mov rcx, [rsi]",
        "mov r8, [rsi + rdx - 8]",
        "mov [rdi], rcx",
        "mov [rdi + rdx - 8], r8",
        "ret",
        "7:",
        "cmp edx, 4",
        "jb 8f",
        "mov ecx, [rsi]",
        "mov r8d, [rsi + rdx - 4]",
        "mov [rdi], ecx",
        "mov [rdi + rdx - 4], r8d",
        "ret",
        "8:",
        "cmp edx, 2",
        "jb 9f",
        "movzx ecx, word ptr [rsi]",
        "movzx r8d, word ptr [rsi + rdx - 2]",
        "mov [rdi], cx",
        "mov [rdi + rdx - 2], r8w",
        "ret",
        "9:",
        "test edx, edx",
        "jz 10f",
        "movzx ecx, byte ptr [rsi]",
        "mov [rdi], cl",
        "10:",
        "ret",
    )
}

/// Fills `len` bytes with the lowest byte of `byte` and returns `to`. Called by compiled code.
///
/// # Safety
/// As C's: `to` can be written for `len` bytes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        // The byte in all eight of a word.
        "movzx ecx, sil",
        "movabs r8, 0x0101010101010101",
        "imul rcx, r8",
        "cmp rdx, 8",
        "jb 3f",
        "cmp rdx, 32",
        "jbe 4f",
        "2:",
        "mov [rdi], rcx",
        "mov [rdi + 8], rcx",
        "mov [rdi + 16], rcx",
        "mov [rdi + 24], rcx",
        "add rdi, 32",
        "sub rdx, 32",
        "cmp rdx, 32",
        "ja 2b",
        // 1 to 32 are left: of more than 7 the last 8 end at the end, and the others come before.
        "4:",
        "cmp rdx, 8",
        "jbe 5f",
        "mov [rdi], rcx",
        "add rdi, 8",
        "sub rdx, 8",
        "jmp 4b",
        "5:",
        // At least 8 bytes were filled, or are left, so the last 8 lie within.
        "mov [rdi + rdx - 8], rcx",
        "ret",
        "3:",
        "test edx, edx",
        "jz 6f",
        "mov [rdi + rdx - 1], cl",
        "dec edx",
        "jmp 3b",
        "6:",
        "ret",
    )
}

/// Compares `len` bytes as C's does: negative, 0 or positive as the first that differ do. Called by compiled code.
///
/// # Safety
/// As C's: both can be read for `len` bytes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    naked_asm!(
        "2:",
        "cmp rdx, 8",
        "jb 3f",
        "mov rcx, [rdi]",
        "mov r8, [rsi]",
        "cmp rcx, r8",
        "jne 4f",
        "add rdi, 8",
        "add rsi, 8",
        "sub rdx, 8",
        "jmp 2b",
        // Eight that differ: as numbers whose first byte weighs most.
        "4:",
        "bswap rcx",
        "bswap r8",
        "5:",
        "xor eax, eax",
        "cmp rcx, r8",
        "seta al",
        "sbb eax, 0",
        "ret",
        "3:",
        "test edx, edx",
        "jz 6f",
        "movzx ecx, byte ptr [rdi]",
        "movzx r8d, byte ptr [rsi]",
        "cmp ecx, r8d",
        "jne 5b",
        "inc rdi",
        "inc rsi",
        "dec edx",
        "jmp 3b",
        "6:",
        "xor eax, eax",
        "ret",
    )
}
