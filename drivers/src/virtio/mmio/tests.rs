//! What probing an address makes of what answers there.

use super::super::fake::{Identity, SLOT, slot};
use super::*;

const MAGIC: u32 = u32::from_le_bytes(*b"virt");

fn look(magic: u32, version: u32, device: u32) -> Result<Option<Nic>, ProbeError> {
    // SAFETY: the slot is leaked memory that nobody else uses.
    unsafe { probe::<Identity>(slot(magic, version, device).address, SLOT) }
}

#[test]
fn tells_nics_from_empty_slots_other_devices_and_nothing() {
    assert!(matches!(look(MAGIC, 2, 1), Ok(Some(_))));
    assert!(matches!(look(MAGIC, 2, 0), Ok(None)), "an empty slot");
    assert!(matches!(look(MAGIC, 2, 2), Ok(None)), "a disk");
    assert!(matches!(look(MAGIC, 2, 999), Ok(None)), "something unheard of");
    assert_eq!(look(MAGIC, 1, 1).err(), Some(ProbeError::Legacy));
    assert_eq!(look(MAGIC, 3, 1).err(), Some(ProbeError::NotVirtio));
    assert_eq!(look(0xffff_ffff, 0xffff_ffff, 0xffff_ffff).err(), Some(ProbeError::NotVirtio));
}

#[test]
fn windows_that_cannot_be_are_not_touched() {
    let good = slot(MAGIC, 2, 1).address;
    for (address, len) in [(0, SLOT), (good + 1, SLOT), (good, 0x100), (good, 0)] {
        // SAFETY: refused before anything is read.
        let outcome = unsafe { probe::<Identity>(address, len) };
        assert_eq!(outcome.err(), Some(ProbeError::BadWindow));
    }
}

#[test]
fn the_address_is_read_where_the_device_says_it_has_one() {
    let registers = slot(MAGIC, 2, 1);
    registers.window.write(0x10, 1_u32 << 5); // the feature MAC
    registers.window.write(0x100, 0x1200_5452_u32);
    registers.window.write(0x104, 0x5634_u32);
    // SAFETY: the slot is leaked memory that nobody else uses.
    let nic = unsafe { probe::<Identity>(registers.address, SLOT) }.expect("a device").expect("a NIC");
    assert_eq!(nic.mac, Some([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]));
    assert_eq!(nic.location, Location::Mmio(registers.address));
    drop(nic);
    registers.window.write(0x10, 0_u32);
    // SAFETY: as above, and the first user is gone.
    let nic = unsafe { probe::<Identity>(registers.address, SLOT) }.expect("a device").expect("a NIC");
    assert_eq!(nic.mac, None);
}
