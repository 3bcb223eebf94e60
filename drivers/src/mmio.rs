//! A window of device registers in memory.
//!
//! For: the registers this crate touches itself (MSI-X tables, doorbells, interrupt status). Not for: DMA memory, which
//! has other rules, and not for mapping: the kernel maps a window before anyone makes one here.
#![expect(unsafe_code, reason = "volatile access to registers: the proof is on `Window::new`")]

use core::ptr::NonNull;

/// A mapped range of device registers. Copies reach the same device; each access is one volatile load or store.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    base: NonNull<u8>,
    len_bytes: usize,
}

// SAFETY: device registers belong to no thread; accesses are volatile and independent of the CPU that makes them.
unsafe impl Send for Window {}
// SAFETY: as above; a data race between two volatile accesses is settled by the device, one access after the other.
unsafe impl Sync for Window {}

impl Window {
    /// The registers from `base` on.
    ///
    /// # Safety
    /// `base` must be 4-byte aligned, and `len_bytes` from it must be mapped, uncached, as device registers for as long
    /// as any copy of the window is used; no Rust reference may point into it. Writing the registers must not break
    /// memory safety beyond what the holder's own contract allows.
    pub const unsafe fn new(base: NonNull<u8>, len_bytes: usize) -> Self {
        Self { base, len_bytes }
    }

    /// Length in bytes.
    pub const fn len_bytes(&self) -> usize {
        self.len_bytes
    }

    /// The part from `offset` on, or `None` if `len_bytes` from there do not fit or `offset` is not a multiple of 4.
    pub fn part(&self, offset: usize, len_bytes: usize) -> Option<Self> {
        if offset.checked_add(len_bytes)? > self.len_bytes || !offset.is_multiple_of(4) {
            return None;
        }
        // SAFETY: `offset` was just checked to lie within the window, which is one mapped range.
        let base = unsafe { self.base.add(offset) };
        Some(Self { base, len_bytes })
    }

    /// Reads the register at `offset`.
    ///
    /// # Panics
    /// If the register does not lie, naturally aligned, within the window: a driver's bug, never the device's doing.
    pub fn read<T: Register>(&self, offset: usize) -> T {
        let register = self.register(offset);
        // SAFETY: `register` checked range and alignment; `new`'s caller proved the range is mapped registers.
        unsafe { register.read_volatile() }
    }

    /// Writes the register at `offset`.
    ///
    /// # Panics
    /// As [`Window::read`].
    pub fn write<T: Register>(&self, offset: usize, value: T) {
        let register = self.register(offset);
        // SAFETY: `register` checked range and alignment; `new`'s caller proved the range is mapped registers.
        unsafe { register.write_volatile(value) }
    }

    fn register<T: Register>(&self, offset: usize) -> NonNull<T> {
        let fits = self.len_bytes >= size_of::<T>() && offset <= self.len_bytes - size_of::<T>();
        assert!(fits && offset.is_multiple_of(size_of::<T>().min(4)), "register outside its window");
        // SAFETY: the offset was just checked to lie within the window, which is one mapped range.
        unsafe { self.base.add(offset) }.cast()
    }
}

/// The widths a device register may have here; each is read and written whole.
pub trait Register: Copy + sealed::Sealed {}
impl Register for u8 {}
impl Register for u16 {}
impl Register for u32 {}

mod sealed {
    /// Keeps [`super::Register`] to integers, for which every bit pattern is a value.
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(memory: &mut [u32]) -> Window {
        let base = NonNull::from(&mut *memory).cast();
        // SAFETY: the memory outlives the window in each test and is reached through it alone meanwhile.
        unsafe { Window::new(base, size_of_val(memory)) }
    }

    #[test]
    fn reads_and_writes_each_width() {
        let mut memory = [0x4433_2211, 0];
        let window = window(&mut memory);
        assert_eq!(window.read::<u8>(1), 0x22);
        assert_eq!(window.read::<u16>(2), 0x4433);
        window.write(4, 0xdead_beef_u32);
        assert_eq!(window.part(4, 4).map(|part| part.read::<u32>(0)), Some(0xdead_beef));
    }

    #[test]
    fn parts_stay_inside() {
        let mut memory = [0; 4];
        let window = window(&mut memory);
        assert!(window.part(12, 8).is_none());
        assert!(window.part(2, 4).is_none());
        assert!(window.part(usize::MAX, 8).is_none());
        assert_eq!(window.part(8, 8).map(|part| part.len_bytes()), Some(8));
    }

    #[test]
    #[should_panic(expected = "register outside its window")]
    fn a_register_past_the_end_panics() {
        window(&mut [0; 2]).read::<u32>(8);
    }
}
