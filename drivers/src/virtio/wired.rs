//! A transport wired up: its interrupt, its doorbells, and where its rings are.
//!
//! For: the three things `virtio_drivers` 0.13 leaves out. It knows no MSI-X: the vectors are written here, before each
//! queue is enabled, as the specification wants (4.1.5.1.2). Its PCI `notify` reads and writes the common configuration
//! each time, which a hypervisor traps twice more than the notification itself: here each queue's doorbell is looked up
//! once. And it keeps the rings to itself, but an interrupt handler must reach their flags. Not for: policy.

use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU16, Ordering::Relaxed};

use ukstore::Counter;
use virtio_drivers::transport::{DeviceStatus, DeviceType, InterruptStatus, Transport};
use virtio_drivers::{PhysAddr, Result};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::Silencer;
use super::indices::Indices;
use crate::mmio::Window;
use crate::pci::Msix;

/// Queues of a network device without multiqueue: 0 receives, 1 transmits.
const QUEUES: usize = 2;
/// The one MSI-X table entry used, for both queues and for configuration changes.
const ENTRY: u16 = 0;

/// Offsets in the common configuration structure (specification 4.1.4.3).
mod common {
    pub(super) const CONFIG_MSIX_VECTOR: usize = 0x10;
    pub(super) const QUEUE_SELECT: usize = 0x16;
    pub(super) const QUEUE_MSIX_VECTOR: usize = 0x1a;
    pub(super) const QUEUE_NOTIFY_OFF: usize = 0x1e;
    /// Length of what is used here.
    pub(super) const LEN_BYTES: usize = 0x38;
}

/// A network device's configuration (specification 5.1.4).
mod config {
    /// Where it begins in the registers of a virtio-mmio device (4.2.2).
    pub(super) const MMIO_OFFSET: usize = 0x100;
    pub(super) const STATUS: usize = 6;
    pub(super) const LINK_UP: u16 = 1;
    /// Length of what is used here.
    pub(super) const LEN_BYTES: usize = 8;
}

/// A [`Transport`] with its interrupt wiring. Drivers use it as any other transport.
#[derive(Debug)]
pub struct Wired<T> {
    transport: T,
    interrupt: Interrupt,
    /// The device's configuration, if its registers are known.
    config: Option<Window>,
    doorbells: [Option<Window>; QUEUES],
    /// Where the queues' rings are, once they are set up.
    rings: [RingAddresses; QUEUES],
    /// The device did not take an MSI-X vector.
    refused: bool,
}

#[derive(Debug)]
enum Interrupt {
    /// None known: the driver is polled.
    None,
    /// A line that stays up until acknowledged at these registers.
    Line(Window),
    Message(PciWiring),
}

/// What MSI-X and doorbells need of a PCI device.
#[derive(Debug)]
pub(super) struct PciWiring {
    pub(super) msix: Msix,
    /// The common configuration structure.
    pub(super) common: Window,
    /// The notification area.
    pub(super) notify: Window,
    /// Bytes between doorbells.
    pub(super) notify_off_multiplier: u32,
    /// The device's own configuration.
    pub(super) config: Window,
}

/// Physical addresses of a queue's rings; 0 before it is set up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RingAddresses {
    pub(super) available: PhysAddr,
    pub(super) used: PhysAddr,
}

/// The state of a network device's link (specification 5.1.4), as the device said when it was last asked. It can be asked
/// while the driver is borrowed.
#[derive(Debug)]
pub struct Link {
    config: Window,
    is_up: AtomicBool,
}

impl Link {
    fn new(config: Window) -> Self {
        let link = Self { config, is_up: AtomicBool::new(false) };
        link.ask();
        link
    }

    /// Asks the device: an exit to the hypervisor. So this is for whoever is about to show the state, once, and not for
    /// each place where it shows.
    pub fn ask(&self) {
        self.is_up.store(self.config.read::<u16>(config::STATUS) & config::LINK_UP != 0, Relaxed);
    }

    /// Whether it was up then.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Relaxed)
    }
}

impl<T: Transport> Wired<T> {
    /// A transport of which no interrupt wiring is known.
    pub fn polled(transport: T) -> Self {
        Self::new(transport, Interrupt::None, None)
    }

    /// A virtio-mmio transport with its registers, for acknowledging.
    pub(super) fn by_line(transport: T, registers: Window) -> Self {
        Self::new(transport, Interrupt::Line(registers), registers.part(config::MMIO_OFFSET, config::LEN_BYTES))
    }

    /// A PCI transport with MSI-X. `None` if the common configuration is cut short.
    pub(super) fn by_message(transport: T, wiring: PciWiring) -> Option<Self> {
        let config = wiring.config.part(0, config::LEN_BYTES);
        let complete = wiring.common.len_bytes() >= common::LEN_BYTES;
        complete.then(|| Self::new(transport, Interrupt::Message(wiring), config))
    }

    fn new(transport: T, interrupt: Interrupt, config: Option<Window>) -> Self {
        Self { transport, interrupt, config, doorbells: [None; QUEUES], rings: Default::default(), refused: false }
    }

    /// The link, if its state can be read; only for a device that has STATUS.
    pub(super) fn link(&self) -> Option<Link> {
        self.config.map(Link::new)
    }

    /// Sends the device's interrupt to `vector` of the CPU with that APIC identifier. True if the device interrupts by
    /// message (PCI); false if its line must be routed instead (MMIO).
    pub fn route_interrupt(&self, apic_id: u8, vector: u8) -> bool {
        if let Interrupt::Message(wiring) = &self.interrupt {
            wiring.msix.route(ENTRY, apic_id, vector);
        }
        matches!(self.interrupt, Interrupt::Message(_))
    }

    /// Whether the device refused an MSI-X vector while its queues were set up, and so would never interrupt.
    pub(super) fn interrupt_refused(&self) -> bool {
        self.refused
    }

    /// Where each queue's depth is read. `None` before both queues are set up.
    ///
    /// # Safety
    /// The rings must be identity mapped, and stay allocated for as long as any copy is used.
    #[expect(unsafe_code, reason = "passes the obligation on")]
    pub(super) unsafe fn indices(&self) -> Option<[Indices; QUEUES]> {
        // SAFETY: as this function's own.
        let [receive, transmit] = self.rings.map(|rings| unsafe { Indices::new(rings) });
        Some([receive?, transmit?])
    }

    /// A handle for the interrupt handler, which counts in `interrupts`. `None` before both queues are set up.
    ///
    /// # Safety
    /// The rings must be identity mapped, and they and the counter stay allocated for as long as any copy of the handle
    /// is used.
    #[expect(unsafe_code, reason = "passes the obligation on")]
    pub(super) unsafe fn silencer(&self, interrupts: &Counter) -> Option<Silencer> {
        let flags = self.rings.map(|ring| NonNull::new(ring.available as usize as *mut AtomicU16));
        let [Some(receive), Some(transmit)] = flags else { return None };
        let registers = match &self.interrupt {
            Interrupt::Line(registers) => Some(*registers),
            Interrupt::None | Interrupt::Message(_) => None,
        };
        // SAFETY: an available ring begins with its flags, aligned to 2; the caller keeps it mapped and allocated.
        Some(unsafe { Silencer::new([receive, transmit], registers, interrupts) })
    }

    /// Before a queue is enabled: name its table entry, and see whether the device took it.
    fn set_queue_vector(&mut self, queue: u16) {
        if let Interrupt::Message(wiring) = &self.interrupt {
            wiring.common.write(common::QUEUE_SELECT, queue);
            wiring.common.write(common::QUEUE_MSIX_VECTOR, ENTRY);
            self.refused |= wiring.common.read::<u16>(common::QUEUE_MSIX_VECTOR) != ENTRY;
        }
    }

    /// The doorbell of a queue that is set up, if it is known and plain.
    fn find_doorbell(&self, queue: u16) -> Option<Window> {
        let Interrupt::Message(wiring) = &self.interrupt else { return None };
        wiring.common.write(common::QUEUE_SELECT, queue);
        let offset = wiring.common.read::<u16>(common::QUEUE_NOTIFY_OFF);
        let bytes = usize::from(offset).checked_mul(usize::try_from(wiring.notify_off_multiplier).ok()?)?;
        wiring.notify.part(bytes, size_of::<u16>())
    }
}

impl<T: Transport> Transport for Wired<T> {
    fn queue_set(&mut self, queue: u16, size: u32, descriptors: PhysAddr, driver: PhysAddr, device: PhysAddr) {
        self.set_queue_vector(queue);
        self.transport.queue_set(queue, size, descriptors, driver, device);
        let doorbell = self.find_doorbell(queue);
        if let Some(slot) = self.doorbells.get_mut(usize::from(queue)) {
            *slot = doorbell;
        }
        if let Some(slot) = self.rings.get_mut(usize::from(queue)) {
            *slot = RingAddresses { available: driver, used: device };
        }
    }

    fn notify(&mut self, queue: u16) {
        match self.doorbells.get(usize::from(queue)) {
            Some(Some(doorbell)) => doorbell.write(0, queue),
            _ => self.transport.notify(queue),
        }
    }

    fn finish_init(&mut self) {
        // Here and not earlier: a reset, with which every initialization begins, clears the vector.
        if let Interrupt::Message(wiring) = &self.interrupt {
            wiring.common.write(common::CONFIG_MSIX_VECTOR, ENTRY);
        }
        self.transport.finish_init();
    }

    fn ack_interrupt(&mut self) -> InterruptStatus {
        self.transport.ack_interrupt()
    }

    fn device_type(&self) -> DeviceType {
        self.transport.device_type()
    }

    fn read_device_features(&mut self) -> u64 {
        self.transport.read_device_features()
    }

    fn write_driver_features(&mut self, driver_features: u64) {
        self.transport.write_driver_features(driver_features);
    }

    fn max_queue_size(&mut self, queue: u16) -> u32 {
        self.transport.max_queue_size(queue)
    }

    fn get_status(&self) -> DeviceStatus {
        self.transport.get_status()
    }

    fn set_status(&mut self, status: DeviceStatus) {
        self.transport.set_status(status);
    }

    fn set_guest_page_size(&mut self, guest_page_size: u32) {
        self.transport.set_guest_page_size(guest_page_size);
    }

    fn requires_legacy_layout(&self) -> bool {
        self.transport.requires_legacy_layout()
    }

    fn queue_unset(&mut self, queue: u16) {
        self.transport.queue_unset(queue);
    }

    fn queue_used(&mut self, queue: u16) -> bool {
        self.transport.queue_used(queue)
    }

    fn read_config_generation(&self) -> u32 {
        self.transport.read_config_generation()
    }

    fn read_config_space<V: FromBytes + IntoBytes>(&self, offset: usize) -> Result<V> {
        self.transport.read_config_space(offset)
    }

    fn write_config_space<V: IntoBytes + Immutable>(&mut self, offset: usize, value: V) -> Result<()> {
        self.transport.write_config_space(offset, value)
    }
}

#[cfg(test)]
mod tests;
