//! MSI-X against a table in memory.

use core::ptr::NonNull;
use std::cell::RefCell;

use virtio_drivers::{BufferDirection, PhysAddr};

use super::super::fake::{Config, at};
use super::*;

const BAR: u64 = 0xfebd_1000;

thread_local! {
    /// The memory behind `BAR`: 4 KiB, all ones as a sloppy device might leave it.
    static TABLE: RefCell<&'static mut [u32; 1024]> = RefCell::new(Box::leak(Box::new([u32::MAX; 1024])));
}

struct TableHal;

// SAFETY: only `mmio_phys_to_virt` is ever called, and it returns memory that lives for ever.
unsafe impl Hal for TableHal {
    fn dma_alloc(_: usize, _: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        unreachable!("MSI-X does no DMA")
    }

    unsafe fn dma_dealloc(_: PhysAddr, _: NonNull<u8>, _: usize) -> i32 {
        unreachable!("MSI-X does no DMA")
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, size: usize) -> NonNull<u8> {
        let offset = address.checked_sub(BAR).expect("an address within the BAR") as usize;
        assert!(offset + size <= 4096, "mapped past the BAR");
        // SAFETY: the offset was just checked to lie within the table's page.
        TABLE.with_borrow_mut(|table| unsafe { NonNull::from(&mut **table).cast::<u8>().add(offset) })
    }

    unsafe fn share(_: NonNull<[u8]>, _: BufferDirection) -> PhysAddr {
        unreachable!("MSI-X does no DMA")
    }

    unsafe fn unshare(_: PhysAddr, _: NonNull<[u8]>, _: BufferDirection) {
        unreachable!("MSI-X does no DMA")
    }
}

/// A function with a table of `entries` at `offset` in `bar`, which is 4 KiB.
fn open(entries: u16, bar: u32, offset: u32) -> (Config, Result<Msix, MsixError>) {
    let mut config = Config::default();
    let nic = at(0, 1, 0);
    let [low, high] = (entries - 1).to_le_bytes();
    let [o0, o1, o2, o3] = (offset | bar).to_le_bytes();
    config
        .add(nic, 0x1af4, 0x1041)
        .bar(1, 0, 0x1000, BAR)
        .capability(0x40, 0x09, &[16, 1])
        .capability(0x98, CAPABILITY, &[low, high, o0, o1, o2, o3])
        .capability(0x50, 0x09, &[16, 2])
        .writable(0x98, 0xc000_0000);
    let mut root = PciRoot::new(config.clone());
    // SAFETY: `TableHal` maps memory of the test's own, which nothing else uses.
    let msix = unsafe { Msix::new::<TableHal, _>(&mut root, &mut config.clone(), nic) };
    (config, msix)
}

fn entry(index: usize) -> [u32; 4] {
    TABLE.with_borrow(|table| table[index * 4..index * 4 + 4].try_into().expect("four words"))
}

#[test]
fn opening_masks_all_entries_then_enables() {
    let (config, msix) = open(3, 1, 0);
    let msix = msix.expect("a sound table");
    assert_eq!(msix.entries(), 3);
    for index in 0..3 {
        assert_eq!(entry(index)[3], MASKED);
    }
    assert_eq!(entry(3), [u32::MAX; 4], "nothing past the table is touched");
    assert_eq!(config.word(at(0, 1, 0), 0x98) >> 16, 0x8002, "enabled, not function-masked, size kept");
}

#[test]
fn a_route_is_a_message_to_one_cpu() {
    let msix = open(3, 1, 0).1.expect("a sound table");
    msix.route(1, 5, 0x41);
    assert_eq!(entry(1), [0xfee0_5000, 0, 0x41, 0]);
    assert_eq!(entry(0)[3], MASKED, "the others stay masked");
    msix.mask(1);
    assert_eq!(entry(1), [0xfee0_5000, 0, 0x41, MASKED]);
    msix.unmask(1);
    assert_eq!(entry(1), [0xfee0_5000, 0, 0x41, 0]);
    msix.route(3, 0, 0x42);
    assert_eq!(entry(3), [u32::MAX; 4], "there is no entry 3");
}

#[test]
fn broken_tables_are_refused() {
    assert_eq!(open(3, 1, 0xfe0).1.err(), Some(MsixError::BadTable), "past the BAR's end");
    assert_eq!(open(3, 2, 0).1.err(), Some(MsixError::BadTable), "in a BAR that is not there");
    assert_eq!(open(3, 7, 0).1.err(), Some(MsixError::BadTable), "in a BAR that cannot be");
    assert_eq!(open(2048, 1, 0).1.err(), Some(MsixError::BadTable), "larger than the BAR");
    assert!(open(256, 1, 0).1.is_ok(), "exactly as large as the BAR");
}

#[test]
fn a_function_without_the_capability_says_so() {
    let mut config = Config::default();
    config.add(at(0, 1, 0), 0x1af4, 0x1041);
    let mut root = PciRoot::new(config.clone());
    // SAFETY: there is nothing to map.
    let msix = unsafe { Msix::new::<TableHal, _>(&mut root, &mut config, at(0, 1, 0)) };
    assert_eq!(msix.err(), Some(MsixError::Missing));
}
