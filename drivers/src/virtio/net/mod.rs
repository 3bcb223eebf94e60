//! virtio-net: a NIC as a `smoltcp` device.
//!
//! For: moving Ethernet frames through one receive and one transmit virtqueue without allocating, and counting what it
//! moves. Not for: polling policy, threads or interrupts' routing, which are the kernel's.
//!
//! # How a driver thread uses it
//! ```text
//! interrupt handler:  silencer.silence(); wake the thread
//! thread:             loop {
//!                         stack.poll(&mut nic); nic.flush();          // within its packet budget
//!                         if !nic.enable_interrupts() { break }       // true: more came meanwhile
//!                     }
//!                     sleep until woken or the stack's next deadline
//! ```
//! `flush` is what tells the device: forgetting it leaves frames lying in the ring until the next one.
//!
//! # Memory
//! 256 buffers of 2 KiB each way and the rings: 1 MiB and a little, all taken in [`VirtioNet::new`]. The value itself is
//! some 13 KiB, and making it moves it: give the constructing thread 64 KiB of stack.
//!
//! # Offloads
//! Each is optional; user-mode networking has none, a tap has all. The device completes TCP and UDP checksums, vouches for
//! those of received frames (the metadata's `id` is then [`CHECKSUM_VOUCHED`]), and cuts frames of up to 16 KiB into TCP
//! segments. Such a frame lies in up to eight buffers side by side, which are one descriptor; since its length is not known
//! when the stack asks for room, there is room only while eight such are free.
//!
//! # Two traps of `virtio_drivers` 0.13, kept out here
//! With EVENT_IDX its `should_notify` compares indices without wrapping, and transmission stops for good after 65,536
//! packets: the feature is never negotiated. And it reads the device's flags without a full barrier after publishing a
//! buffer, so on x86, too, a store may still be under way when "no notification needed" is read; the barrier is
//! where the ring is kicked.

pub mod feature;
mod free;
mod offload;
mod phy;
mod receive;
mod ring;
mod stats;
mod transmit;

use alloc::sync::Arc;
use core::fmt;

use virtio_drivers::Hal;
use virtio_drivers::transport::{DeviceStatus, Transport};

pub use feature::Duplex;
pub use offload::Offloads;
pub use phy::{RxToken, TxToken};
pub use stats::{NicStats, Queue};

use super::{Link, Silencer, Wired};
use feature::Negotiated;
use receive::Receiver;
use stats::Stats;
use transmit::Transmitter;

/// Bytes of an Ethernet header: what a frame is longer than its IP packet.
const ETHERNET_HEADER: usize = 14;

/// The `id` in the metadata of a received frame for whose TCP or UDP checksum the device vouches: it found it right, or the
/// frame comes from this very host and needs none.
///
/// It is a word between this driver and the stack: `kernel_core::net` has the same, and the kernel, which knows both, asserts
/// that (`kernel/src/net/setup.rs`).
pub const CHECKSUM_VOUCHED: u32 = 1;

/// Why a NIC could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The device offers only the legacy interface: start QEMU with `disable-legacy=on`, or
    /// `-global virtio-mmio.force-legacy=false`.
    Legacy,
    /// The device did not accept the features chosen from its own offer, or did not come out of reset: it is broken.
    Refused,
    /// The device has no hardware address: give it one (`mac=`).
    NoMac,
    /// The device's queues are shorter than 256: give it `rx_queue_size=256,tx_queue_size=256`.
    ShortQueues,
    /// The device did not take its MSI-X vector: it would never interrupt.
    NoVector,
    /// Not enough memory for rings and buffers: give the guest more.
    NoMemory,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "the device is a legacy one; start QEMU with `-global virtio-mmio.force-legacy=false`",
            Self::Refused => "the device refused its own features",
            Self::NoMac => "the device has no MAC address",
            Self::ShortQueues => "the device's queues are shorter than 256",
            Self::NoVector => "the device took no interrupt vector",
            Self::NoMemory => "not enough memory for the rings",
        })
    }
}

impl core::error::Error for Error {}

impl From<virtio_drivers::Error> for Error {
    fn from(error: virtio_drivers::Error) -> Self {
        match error {
            virtio_drivers::Error::DmaError => Self::NoMemory,
            virtio_drivers::Error::InvalidParam => Self::ShortQueues,
            _ => Self::Refused,
        }
    }
}

/// A started NIC. Dropping it resets the device, then frees the memory.
#[derive(Debug)]
pub struct VirtioNet<H: Hal, T: Transport> {
    // First, and so dropped first: whoever reads its entries looks into the rings.
    stats: Stats,
    transport: Wired<T>,
    receiver: Receiver<H>,
    transmitter: Transmitter<H>,
    negotiated: Negotiated,
}

impl<H: Hal, T: Transport> VirtioNet<H, T> {
    /// Resets and starts the device with interrupts disabled, all receive buffers offered, and its counters entered in
    /// ukstore under `name` (`service` or `management`).
    ///
    /// # Errors
    /// See [`Error`]; the device is reset.
    pub fn new(name: &str, mut transport: Wired<T>) -> Result<Self, Error> {
        let started = Self::start(name, &mut transport);
        // The specification wants a driver that gives up to say so (2.1.1); `transport`'s drop then resets the device.
        let started = started.inspect_err(|_| transport.set_status(DeviceStatus::FAILED));
        let (receiver, transmitter, negotiated, stats) = started?;
        let mut nic = Self { stats, transport, receiver, transmitter, negotiated };
        nic.flush();
        Ok(nic)
    }

    /// Device initialization as the specification orders it (3.1.1).
    fn start(name: &str, transport: &mut Wired<T>) -> Result<(Receiver<H>, Transmitter<H>, Negotiated, Stats), Error> {
        let negotiated = feature::negotiate(transport)?;
        // Until `finish_init` the device touches no ring, so on an error here the memory may go before the reset.
        let mut receiver = Receiver::new(transport, negotiated.offloads)?;
        let mut transmitter = Transmitter::new(transport, negotiated.offloads)?;
        if transport.interrupt_refused() {
            return Err(Error::NoVector);
        }
        receiver.set_interrupts(false);
        transmitter.set_interrupts(false);
        transport.finish_init();
        let link = if negotiated.tells_status { transport.link().map(Arc::new) } else { None };
        // SAFETY: `DmaPages::new` found the `Hal` to map DMA memory identically; the entries, which alone have the copy,
        // are dropped before the rings: here with `stats`, which comes last, and in `VirtioNet` as its first field.
        #[expect(unsafe_code, reason = "a queue's depth is read while the driver is borrowed")]
        let queues = unsafe { transport.indices() }.expect("both queues were just set up");
        let stats = stats::enter(name, &negotiated, link, queues);
        Ok((receiver, transmitter, negotiated, stats))
    }

    /// The hardware address.
    pub fn mac(&self) -> [u8; 6] {
        self.negotiated.mac
    }

    /// Largest IP packet in bytes, as the device says it, at most 1500.
    pub fn mtu(&self) -> usize {
        self.negotiated.mtu
    }

    /// The link, to be asked while the driver is borrowed, if the device tells its state.
    pub fn link(&self) -> Option<Arc<Link>> {
        self.stats.link()
    }

    /// Whether both ends may send at a time, if the device tells.
    pub fn duplex(&self) -> Option<Duplex> {
        self.negotiated.duplex
    }

    /// What the device does instead of the stack.
    pub fn offloads(&self) -> Offloads {
        self.negotiated.offloads
    }

    /// The name of its entries in ukstore: the one it was made with, unless another NIC had that.
    pub fn name(&self) -> &str {
        self.stats.name()
    }

    /// Its counters.
    pub fn stats(&self) -> &NicStats {
        &self.stats
    }

    /// Sends the device's interrupt to `vector` of the CPU with that APIC identifier. True if that is all (PCI); false
    /// if the caller must route the device's line (MMIO).
    pub fn route_interrupt(&self, apic_id: u8, vector: u8) -> bool {
        self.transport.route_interrupt(apic_id, vector)
    }

    /// A handle with which the interrupt handler quiets the device while a thread may be inside the driver.
    ///
    /// # Safety
    /// No copy of the handle may be used after this value is dropped.
    #[expect(unsafe_code, reason = "passes the obligation on")]
    pub unsafe fn silencer(&self) -> Silencer {
        // SAFETY: rings and counter (which has an allocation of its own) live as long as `self`, which the caller keeps;
        // `DmaPages::new` found the `Hal` to map DMA memory identically.
        let silencer = unsafe { self.transport.silencer(&self.stats.interrupts) };
        silencer.expect("both queues were set up in `new`")
    }

    /// Asks the device for no interrupts (a hint: one may be on its way).
    pub fn disable_interrupts(&mut self) {
        self.receiver.set_interrupts(false);
        self.transmitter.set_interrupts(false);
    }

    /// Asks for an interrupt at the next frame (and, if the transmit ring has no room, at the next buffer that comes back).
    ///
    /// Returns whether there is work already, which then will **not** interrupt: the caller polls again instead of
    /// sleeping. The check comes after the request, so nothing falls between the two.
    #[must_use = "frames that came before interrupts were enabled raise none: poll again if true"]
    pub fn enable_interrupts(&mut self) -> bool {
        self.receiver.set_interrupts(true);
        self.transmitter.reclaim(&self.stats);
        // Frames that came before the request, held up because the transmit ring had no room: only a buffer coming back will tell.
        if self.transmitter.has_no_room() && self.receiver.has_used() {
            self.transmitter.want();
        }
        self.transmitter.set_interrupts(self.transmitter.wanted());
        self.has_work()
    }

    /// Whether a poll would find something to do: a received frame and room to answer it, or room again for a frame that
    /// was turned away (which is told once; if the stack wants it no more, that is that).
    pub fn has_work(&mut self) -> bool {
        self.transmitter.reclaim(&self.stats);
        if self.transmitter.has_no_room() {
            return false;
        }
        let waited_for = self.transmitter.take_wanted();
        waited_for || self.receiver.has_used()
    }

    /// Tells the device of everything queued since the last call, if it wants to be told, and counts what was moved: at the
    /// end of each poll.
    pub fn flush(&mut self) {
        self.stats.count_kick(Queue::Receive, self.receiver.kick(&mut self.transport));
        self.stats.count_kick(Queue::Transmit, self.transmitter.kick(&mut self.transport));
        self.receiver.settle(&self.stats);
        self.transmitter.settle(&self.stats);
    }
}

impl<H: Hal, T: Transport> Drop for VirtioNet<H, T> {
    fn drop(&mut self) {
        // The device must have let go of rings and buffers before the fields free them.
        feature::reset(&mut self.transport);
    }
}
