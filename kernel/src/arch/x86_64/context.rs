//! The switch between threads: callee-saved registers and the stack pointer. The kernel is built
//! soft-float, so there is no other state.

use core::arch::naked_asm;

/// Saves this thread's context at `*save` and continues the one whose stack pointer is `load`.
/// Returns when something switches back.
///
/// # Safety
/// Interrupts are off; `load` came from an earlier save or from [`prepare`]; its stack is alive.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(save: *mut usize, load: usize) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rdi], rsp",
        "mov rsp, rsi",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

/// Where a new thread begins: calls the function in RBX with the argument in R12.
#[unsafe(naked)]
unsafe extern "C" fn begin() {
    naked_asm!(
        "xor ebp, ebp",
        "mov rdi, r12",
        "call rbx",
        "ud2", // a thread's first function does not return
    )
}

/// Lays out the stack that ends at `top` so that a [`switch`] to the returned stack pointer calls
/// `main(argument)` with interrupts off.
///
/// # Safety
/// `top` is 16-byte aligned and ends at least 64 writable bytes that nothing else uses.
pub(crate) unsafe fn prepare(top: usize, main: extern "C" fn(usize) -> !, argument: usize) -> usize {
    // In the order `switch` pops: r15, r14, r13, r12, rbx, rbp, then the return address. `begin` is
    // entered by `ret`, so its stack pointer is `top` and its `call` aligns as the ABI wants.
    let frame: [usize; 7] = [0, 0, 0, argument, main as *const () as usize, 0, begin as *const () as usize];
    let pointer = top - size_of_val(&frame);
    // SAFETY: the caller gives the bytes below `top`; `pointer` is 8-byte aligned.
    unsafe { (pointer as *mut [usize; 7]).write(frame) };
    pointer
}
