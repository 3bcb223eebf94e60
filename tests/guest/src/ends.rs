//! The ways a program can bring its machine down. Each is told from the others by its exit status and its report.
#![allow(unsafe_code, reason = "to do what safe Rust cannot: break the machine")]

use alloc::boxed::Box;
use core::arch::asm;
use core::hint::black_box;

/// Panics some calls deep, so that there is a backtrace to see.
#[inline(never)]
pub(crate) fn panic_in(calls: u32) -> ! {
    if black_box(calls) == 0 {
        panic!("as it was told to");
    }
    panic_in(calls - 1)
}

/// Reads from page zero.
#[inline(never)]
pub(crate) fn read_null() -> ! {
    let null = black_box(core::ptr::null::<u8>());
    // SAFETY: none: that this faults is the point.
    let byte = unsafe { null.read_volatile() };
    unreachable!("read {byte} from page zero")
}

/// Writes to its own code.
#[inline(never)]
pub(crate) fn write_code() -> ! {
    let code = black_box(write_code as *const () as *mut u8);
    // SAFETY: none: that this faults is the point.
    unsafe { code.write_volatile(0xc3) };
    unreachable!("wrote to code")
}

/// Runs bytes of the heap.
#[inline(never)]
pub(crate) fn run_data() -> ! {
    // A `ret`, so that a kernel that lets this pass comes back here and is found out.
    let data = Box::leak(Box::new([0xc3_u8; 16]));
    // SAFETY: none: that this faults is the point.
    let code = unsafe { core::mem::transmute::<*const u8, extern "C" fn()>(black_box(data.as_ptr())) };
    code();
    unreachable!("ran data")
}

/// Calls itself until the stack ends.
pub(crate) fn overflow_stack() -> ! {
    unreachable!("the stack has no end: {}", deeper(1))
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "that it never returns is the point")]
fn deeper(depth: u64) -> u64 {
    // Less than a page a call, so that no call steps over the guard page.
    let frame = black_box([depth; 64]);
    deeper(frame[63] + 1).wrapping_add(black_box(frame)[0])
}

/// Takes the exception table away and raises an exception: the CPU can only reset.
pub(crate) fn triple_fault() -> ! {
    let empty = [0_u16; 5];
    // SAFETY: none: that this ends the machine is the point.
    unsafe { asm!("lidt [{}]", "int3", in(reg) &raw const empty) };
    unreachable!("no exception table and still here")
}

/// Stops the CPU for good, deaf to interrupts: nothing inside the machine can mend this or tell of it.
pub(crate) fn hang() -> ! {
    periscope::println!("hanging");
    periscope::thread::sleep(periscope::time::Duration::from_millis(50)); // so that the line goes out
    loop {
        // SAFETY: touches no memory; that interrupts stay off is the point.
        unsafe { asm!("cli", "hlt") };
    }
}
