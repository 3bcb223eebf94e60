//! What wiring writes into the registers of a PCI and of an MMIO device.

use core::sync::atomic::Ordering;

use virtio_drivers::transport::SomeTransport;

use super::super::fake::{Identity, SLOT, slot, window};
use super::super::mmio;
use super::*;

const NO_VECTOR: u16 = 0xffff;

/// A transport that is nobody's: a network device in memory.
fn transport() -> SomeTransport<'static> {
    use virtio_drivers::transport::mmio::MmioTransport;
    let registers = slot(u32::from_le_bytes(*b"virt"), 2, 1);
    let header = NonNull::new(registers.address as *mut _).expect("leaked memory has an address");
    #[expect(unsafe_code, reason = "registers in leaked memory")]
    // SAFETY: leaked memory of that length, used by nothing else.
    let transport = unsafe { MmioTransport::new(header, SLOT) };
    transport.expect("the header is sound").into()
}

struct Pci {
    wired: Wired<SomeTransport<'static>>,
    common: Window,
    notify: Window,
    table: Window,
    config: Window,
}

fn pci(notify_off_multiplier: u32, notify_words: usize) -> Pci {
    let (common, notify, table, config) = (window(14), window(notify_words), window(8), window(2));
    common.write(common::CONFIG_MSIX_VECTOR, NO_VECTOR);
    common.write(common::QUEUE_MSIX_VECTOR, NO_VECTOR);
    let wiring = PciWiring { msix: Msix::over(table), common, notify, notify_off_multiplier, config };
    let wired = Wired::by_message(transport(), wiring).expect("complete");
    Pci { wired, common, notify, table, config }
}

#[test]
fn queues_and_configuration_get_the_one_vector() {
    let mut pci = pci(4, 4);
    pci.wired.queue_set(1, 256, 0x1000, 0x2000, 0x3000);
    assert_eq!(pci.common.read::<u16>(common::QUEUE_SELECT), 1);
    assert_eq!(pci.common.read::<u16>(common::QUEUE_MSIX_VECTOR), ENTRY);
    assert_eq!(pci.common.read::<u16>(common::CONFIG_MSIX_VECTOR), NO_VECTOR, "a reset would clear it again");
    pci.wired.finish_init();
    assert_eq!(pci.common.read::<u16>(common::CONFIG_MSIX_VECTOR), ENTRY);
    assert!(!pci.wired.interrupt_refused());
    assert!(pci.wired.route_interrupt(2, 0x31));
    assert_eq!((pci.table.read::<u32>(0), pci.table.read::<u32>(8)), (0xfee0_2000, 0x31));
}

#[test]
fn doorbells_are_rung_where_the_device_has_them() {
    let mut pci = pci(4, 4);
    pci.common.write(common::QUEUE_NOTIFY_OFF, 3_u16);
    pci.wired.queue_set(1, 256, 0x1000, 0x2000, 0x3000);
    pci.notify.write(12, 0xaaaa_aaaa_u32);
    pci.wired.notify(1);
    assert_eq!(pci.notify.read::<u32>(12), 0xaaaa_0001, "16 bits, the queue's number");
}

#[test]
fn a_doorbell_outside_the_notification_area_is_not_rung() {
    for (multiplier, offset) in [(4, 4), (u32::MAX, u16::MAX), (2, 1)] {
        let mut pci = pci(multiplier, 4);
        pci.common.write(common::QUEUE_NOTIFY_OFF, offset);
        pci.wired.queue_set(0, 256, 0x1000, 0x2000, 0x3000);
        assert!(pci.wired.doorbells[0].is_none(), "left to the transport: {multiplier} * {offset}");
    }
}

#[test]
fn a_common_configuration_cut_short_is_refused() {
    let (msix, config) = (Msix::over(window(4)), window(2));
    let wiring = PciWiring { msix, common: window(13), notify: window(1), notify_off_multiplier: 0, config };
    assert!(Wired::by_message(transport(), wiring).is_none());
}

#[test]
fn the_link_is_what_the_device_said_when_it_was_asked() {
    let pci = pci(4, 4);
    let link = pci.wired.link().expect("its registers are known");
    assert!(!link.is_up());
    for (status, is_up) in [(config::LINK_UP, true), (0, false)] {
        pci.config.write(config::STATUS, status);
        assert_eq!(link.is_up(), !is_up, "nobody has asked");
        link.ask();
        assert_eq!(link.is_up(), is_up);
    }
}

#[test]
fn silencing_counts_acknowledges_and_flags_both_rings() {
    let registers = slot(u32::from_le_bytes(*b"virt"), 2, 1);
    #[expect(unsafe_code, reason = "registers in leaked memory")]
    // SAFETY: the slot is leaked memory that nobody else uses.
    let nic = unsafe { mmio::probe::<Identity>(registers.address, SLOT) };
    let mut wired = nic.expect("a device").expect("a NIC").transport;
    assert!(!wired.route_interrupt(0, 0x31), "its line is the caller's to route");
    let rings: [&'static AtomicU16; 2] = [const { AtomicU16::new(0) }; 2].map(|flags| &*Box::leak(Box::new(flags)));
    let interrupts: &'static Counter = Box::leak(Box::new(Counter::new()));
    #[expect(unsafe_code, reason = "rings in leaked memory")]
    // SAFETY: a handle is only made once there are rings, here of leaked memory.
    let silencer = |wired: &NicTransportUnderTest| unsafe { wired.silencer(interrupts) };
    assert!(silencer(&wired).is_none(), "no rings, no handle");
    for (queue, ring) in (0..).zip(rings) {
        wired.queue_set(queue, 256, 0x1000, core::ptr::from_ref(ring) as PhysAddr, 0x3000);
    }
    let silencer = silencer(&wired).expect("both rings are set up");
    registers.window.write(0x60, 3_u32);
    silencer.silence();
    assert_eq!(registers.window.read::<u32>(0x64), 3, "everything pending is acknowledged");
    assert_eq!(rings.map(|ring| ring.load(Ordering::SeqCst)), [1, 1]);
    assert_eq!(interrupts.get(), 1);
}

type NicTransportUnderTest = Wired<SomeTransport<'static>>;
