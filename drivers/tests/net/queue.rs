//! The device's side of a split virtqueue (specification 2.7), which watches the driver's manners.

use std::sync::atomic::{AtomicU16, AtomicU32, Ordering, fence};

/// Descriptor flags.
const NEXT: u16 = 1;
const WRITE: u16 = 2;
/// Flags of both rings: no notification wanted.
const SUPPRESS: u16 = 1;
/// What the device finds in a receive buffer when it fills it must be what it left there when it took it.
const POISON: u8 = 0xdd;

/// A queue's addresses, as the driver set it up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) size: u32,
    pub(crate) descriptors: u64,
    pub(crate) available: u64,
    pub(crate) used: u64,
}

/// A buffer the device has taken from the available ring.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) id: u16,
    address: u64,
    len: u32,
    /// The bytes to send, or poison.
    pub(crate) bytes: Vec<u8>,
}

/// The device's view of one queue.
#[derive(Debug)]
pub(crate) struct DeviceQueue {
    at: Addresses,
    writable: bool,
    /// Bytes of the longest frame to send, with its header.
    longest: u32,
    taken: u16,
    used: u16,
    held: [bool; 256],
}

// Raw accesses to the rings: addresses come from the driver under test, whose memory outlives the device's use of it.
fn load_u16(address: u64) -> u16 {
    // SAFETY: see above; ring fields are aligned and only accessed atomically by the device.
    unsafe { AtomicU16::from_ptr(address as *mut u16) }.load(Ordering::SeqCst)
}

fn store_u16(address: u64, value: u16) {
    // SAFETY: as in `load_u16`.
    unsafe { AtomicU16::from_ptr(address as *mut u16) }.store(value, Ordering::SeqCst);
}

fn store_u32(address: u64, value: u32) {
    // SAFETY: as in `load_u16`.
    unsafe { AtomicU32::from_ptr(address as *mut u32) }.store(value, Ordering::SeqCst);
}

fn copy_in(address: u64, len: usize) -> Vec<u8> {
    // SAFETY: a buffer the driver handed over; it may not touch it meanwhile.
    unsafe { std::slice::from_raw_parts(address as *const u8, len) }.to_vec()
}

fn copy_out(address: u64, bytes: &[u8]) {
    // SAFETY: as in `copy_in`, and the descriptor was checked to be writable and long enough.
    let target = unsafe { std::slice::from_raw_parts_mut(address as *mut u8, bytes.len()) };
    target.copy_from_slice(bytes);
}

impl DeviceQueue {
    pub(crate) fn new(at: Addresses, writable: bool, longest: u32) -> Self {
        assert_eq!(at.size, 256);
        for (address, align) in [(at.descriptors, 16), (at.available, 2), (at.used, 4)] {
            assert!(address != 0 && address.is_multiple_of(align), "a ring misplaced at {address:#x}");
        }
        Self { at, writable, longest, taken: 0, used: 0, held: [false; 256] }
    }

    /// Whether the driver offered a buffer that the device has not taken.
    pub(crate) fn has_available(&self) -> bool {
        load_u16(self.at.available + 2) != self.taken
    }

    /// Takes the next buffer, checking that it is one the driver may offer.
    pub(crate) fn take(&mut self) -> Option<Taken> {
        let available = load_u16(self.at.available + 2).wrapping_sub(self.taken);
        assert!(available <= 256, "the available index ran {available} ahead");
        if available == 0 {
            return None;
        }
        let id = load_u16(self.at.available + 4 + u64::from(self.taken % 256) * 2);
        self.taken = self.taken.wrapping_add(1);
        assert!(id < 256, "descriptor {id} does not exist");
        assert!(!self.held[usize::from(id)], "descriptor {id} offered while the device has it");
        self.held[usize::from(id)] = true;
        let descriptor = copy_in(self.at.descriptors + u64::from(id) * 16, 16);
        let address = u64::from_le_bytes(descriptor[0..8].try_into().expect("eight bytes"));
        let len = u32::from_le_bytes(descriptor[8..12].try_into().expect("four bytes"));
        let flags = u16::from_le_bytes(descriptor[12..14].try_into().expect("two bytes"));
        assert_eq!(flags, if self.writable { WRITE } else { 0 }, "no chain, and the right direction");
        assert_eq!(flags & NEXT, 0);
        let bytes = if self.writable {
            assert!(len >= 12 + 1514, "a receive buffer too short for a frame: {len}");
            copy_out(address, &vec![POISON; len as usize]);
            vec![POISON; len as usize]
        } else {
            assert!((12 + 14..=self.longest).contains(&len), "no frame has {len} bytes with its header");
            copy_in(address, len as usize)
        };
        Some(Taken { id, address, len, bytes })
    }

    /// Returns a buffer with `bytes` written into it (none for one to send).
    pub(crate) fn give(&mut self, taken: Taken, bytes: &[u8]) {
        let now = copy_in(taken.address, taken.len as usize);
        assert_eq!(now, taken.bytes, "the driver touched a buffer the device has");
        copy_out(taken.address, bytes);
        self.held[usize::from(taken.id)] = false;
        self.push_used(u32::from(taken.id), bytes.len() as u32);
    }

    /// Forgets that it has a buffer, so that a test can return it wrongly.
    pub(crate) fn forget(&mut self, taken: &Taken) {
        self.held[usize::from(taken.id)] = false;
    }

    /// Writes a used element, whatever it says.
    pub(crate) fn push_used(&mut self, id: u32, len: u32) {
        let element = self.at.used + 4 + u64::from(self.used % 256) * 8;
        store_u32(element, id);
        store_u32(element + 4, len);
        self.used = self.used.wrapping_add(1);
        store_u16(self.at.used + 2, self.used);
    }

    /// Whether the driver wants an interrupt for used buffers.
    pub(crate) fn interrupt_wanted(&self) -> bool {
        fence(Ordering::SeqCst);
        load_u16(self.at.available) & SUPPRESS == 0
    }

    /// Says whether the device wants to be notified of available buffers.
    pub(crate) fn want_notification(&self, wanted: bool) {
        store_u16(self.at.used, if wanted { 0 } else { SUPPRESS });
        fence(Ordering::SeqCst);
    }
}
