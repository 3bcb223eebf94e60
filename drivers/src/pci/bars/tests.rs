//! Placing BARs in a configuration space in memory, as qboot and SeaBIOS leave it.

use super::super::enable;
use super::super::fake::{Config, at};
use super::*;

const WINDOW: Range<u64> = 0xc000_0000..0xd000_0000;
const MEM32: u32 = 0b0000;
const MEM64_PREFETCHABLE: u32 = 0b1100;

/// QEMU's virtio-net: BAR 1 for MSI-X (4 KiB, 32-bit), BAR 4 for the rest (16 KiB, 64-bit).
fn add_nic(config: &mut Config, device: u8, msix: u64, modern: u64) -> DeviceFunction {
    let function = at(0, device, 0);
    config.add(function, 0x1af4, 0x1041).bar(1, MEM32, 0x1000, msix).bar(4, MEM64_PREFETCHABLE, 0x4000, modern);
    function
}

fn address(config: &Config, function: DeviceFunction, bar: u8) -> u64 {
    let info = PciRoot::new(config.clone()).bar_info(function, bar).expect("a memory BAR").expect("present");
    info.memory_address_size().expect("a memory BAR").0
}

#[test]
fn places_what_qboot_left_and_keeps_it_apart() {
    let mut config = Config::default();
    let nics = [add_nic(&mut config, 1, 0, 0), add_nic(&mut config, 2, 0, 0)];
    let mut root = PciRoot::new(config.clone());
    let mut placer = Placer::new(&mut root, &config, WINDOW).expect("room");
    let mut ranges = Vec::new();
    for nic in nics {
        assert_eq!(placer.place(&mut root, nic), Ok(2));
        enable(&mut root, nic);
        for (bar, size) in [(1, 0x1000), (4, 0x4000)] {
            let start = address(&config, nic, bar);
            assert!(start >= WINDOW.start && start + size <= WINDOW.end && start.is_multiple_of(size));
            assert!(ranges.iter().all(|&(s, e)| start >= e || start + size <= s), "overlap at {start:#x}");
            ranges.push((start, start + size));
        }
        assert_eq!(config.word(nic, 4) & 0x406, 0x406, "memory, bus master, no legacy interrupt");
    }
    assert_eq!(ranges.len(), 4);
}

#[test]
fn changes_nothing_under_a_firmware_that_placed_all() {
    let mut config = Config::default();
    let nic = add_nic(&mut config, 1, 0xfebd_1000, 0x38_0000_0000);
    let mut root = PciRoot::new(config.clone());
    enable(&mut root, nic);
    let mut placer = Placer::new(&mut root, &config, WINDOW).expect("room");
    assert_eq!(placer.place(&mut root, nic), Ok(0));
    assert_eq!((address(&config, nic, 1), address(&config, nic, 4)), (0xfebd_1000, 0x38_0000_0000));
}

#[test]
fn goes_around_what_is_placed_in_the_window() {
    let mut config = Config::default();
    let vga = at(0, 1, 0);
    config.add(vga, 0x1234, 0x1111).bar(0, 0b1000, 0x100_0000, 0xc000_0000).set(4, 0b10);
    let bridge = at(0, 3, 0);
    config.add(bridge, 0x1b36, 0x000c).set(0x0e, 1).set(0x19, 1).set(4, 0b10).set_word(0x20, 0xc110_c100);
    let nic = add_nic(&mut config, 2, 0, 0);
    let mut root = PciRoot::new(config.clone());
    let mut placer = Placer::new(&mut root, &config, WINDOW).expect("room");
    assert_eq!(placer.place(&mut root, nic), Ok(2));
    assert_eq!(address(&config, nic, 1), 0xc120_0000, "past the display's 16 MiB and the bridge's window");
}

#[test]
fn a_full_window_is_an_error_and_not_an_overlap() {
    let mut config = Config::default();
    let nic = add_nic(&mut config, 1, 0, 0);
    let mut root = PciRoot::new(config.clone());
    for window in [0xc000_0000..0xc000_1000, 0xc000_1000..0xc000_1000, 0xffff_f000..u64::MAX] {
        let mut placer = Placer::new(&mut root, &config, window.clone()).expect("nothing taken");
        let outcome = placer.place(&mut root, nic);
        if window.end != u64::MAX {
            assert_eq!(outcome, Err(BarError::WindowFull));
        }
    }
}

#[test]
fn a_32_bit_bar_never_gets_an_address_it_cannot_hold() {
    let mut config = Config::default();
    let nic = at(0, 1, 0);
    config.add(nic, 0x1af4, 0x1041).bar(0, MEM32, 0x1000, 0);
    let mut root = PciRoot::new(config.clone());
    let mut placer = Placer::new(&mut root, &config, 0x1_0000_0000..0x2_0000_0000).expect("nothing taken");
    assert_eq!(placer.place(&mut root, nic), Err(BarError::WindowFull));
    assert_eq!(config.word(nic, 0x10), 0);
}

#[test]
fn behind_a_bridge_only_the_firmware_places() {
    let mut config = Config::default();
    config.add(at(0, 1, 0), 0x1b36, 0x000c).set(0x0e, 1).set(0x19, 1);
    let nic = at(1, 0, 0);
    config.add(nic, 0x1af4, 0x1041).bar(0, MEM32, 0x1000, 0);
    let mut root = PciRoot::new(config.clone());
    let mut placer = Placer::new(&mut root, &config, WINDOW).expect("room");
    assert_eq!(placer.place(&mut root, nic), Err(BarError::BehindBridge));
}
