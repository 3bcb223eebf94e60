//! A virtio network device in memory: a transport that insists on the order of initialization (specification 3.1.1),
//! and the packet side for a test to play.

use std::sync::{Arc, Mutex, MutexGuard};

use drivers::virtio::net::{Error, VirtioNet, feature};
use drivers::virtio::{PhysAddr, Wired};
use virtio_drivers::Result;
use virtio_drivers::transport::{DeviceStatus, DeviceType, InterruptStatus, Transport};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::hal::{self, TestHal};
use crate::queue::{Addresses, DeviceQueue, Taken};

/// The NIC under test.
pub(crate) type Nic = VirtioNet<TestHal, FakeTransport>;

pub(crate) const MAC: [u8; 6] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
/// The transmit queue's number.
pub(crate) const TRANSMIT: usize = 1;

/// What the device offers, to be changed before it is started.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) features: u64,
    pub(crate) mtu: u16,
    /// In Mbit/s.
    pub(crate) speed: u32,
    pub(crate) duplex: u8,
    pub(crate) queue_size: u32,
    /// Clears FEATURES_OK again.
    pub(crate) refuses: bool,
}

/// What the device may do instead of the stack.
pub(crate) const OFFLOADS: u64 = feature::CSUM | feature::GUEST_CSUM | feature::HOST_TSO4;

impl Default for Offer {
    fn default() -> Self {
        // Also bits that no driver here should take: merged buffers, EVENT_IDX, and more. Offloads have tests of their own.
        Self { features: !OFFLOADS, mtu: 1500, speed: 10_000, duplex: 1, queue_size: 256, refuses: false }
    }
}

/// The state behind the transport's registers.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) offer: Offer,
    pub(crate) status: DeviceStatus,
    pub(crate) accepted: u64,
    pub(crate) queues: [Addresses; 2],
    pub(crate) notified: [u64; 2],
    pub(crate) failed: bool,
}

/// The driver's end; clones reach the same device.
#[derive(Clone, Debug)]
pub(crate) struct FakeTransport(Arc<Mutex<State>>);

impl FakeTransport {
    pub(crate) fn new(offer: Offer) -> Self {
        let state = State {
            offer,
            status: DeviceStatus::empty(),
            accepted: 0,
            queues: Default::default(),
            notified: [0; 2],
            failed: false,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics with the lock held and goes on")
    }
}

impl Transport for FakeTransport {
    fn device_type(&self) -> DeviceType {
        DeviceType::Network
    }

    fn read_device_features(&mut self) -> u64 {
        self.state().offer.features
    }

    fn write_driver_features(&mut self, features: u64) {
        let mut state = self.state();
        assert_eq!(state.status, DeviceStatus::ACKNOWLEDGE | DeviceStatus::DRIVER, "features at the wrong time");
        assert_eq!(features & !state.offer.features, 0, "a feature that was not offered");
        state.accepted = features;
    }

    fn max_queue_size(&mut self, _: u16) -> u32 {
        self.state().offer.queue_size
    }

    fn notify(&mut self, queue: u16) {
        let mut state = self.state();
        assert!(state.status.contains(DeviceStatus::DRIVER_OK), "notified before DRIVER_OK");
        state.notified[usize::from(queue)] += 1;
    }

    fn get_status(&self) -> DeviceStatus {
        self.state().status
    }

    fn set_status(&mut self, status: DeviceStatus) {
        let mut state = self.state();
        if status.is_empty() {
            state.accepted = 0;
            state.queues = Default::default();
        }
        state.failed |= status.contains(DeviceStatus::FAILED);
        state.status = status;
        if state.offer.refuses {
            state.status &= !DeviceStatus::FEATURES_OK;
        }
        hal::set_device_uses_memory(status.contains(DeviceStatus::DRIVER_OK));
    }

    fn set_guest_page_size(&mut self, _: u32) {}

    fn requires_legacy_layout(&self) -> bool {
        false
    }

    fn queue_set(&mut self, queue: u16, size: u32, descriptors: PhysAddr, available: PhysAddr, used: PhysAddr) {
        let mut state = self.state();
        let now = DeviceStatus::ACKNOWLEDGE | DeviceStatus::DRIVER | DeviceStatus::FEATURES_OK;
        assert_eq!(state.status, now, "a queue set up at the wrong time");
        state.queues[usize::from(queue)] = Addresses { size, descriptors, available, used };
    }

    fn queue_unset(&mut self, _: u16) {
        unreachable!("a queue of a modern device is never taken down but by a reset")
    }

    fn queue_used(&mut self, queue: u16) -> bool {
        self.state().queues[usize::from(queue)] != Addresses::default()
    }

    fn ack_interrupt(&mut self) -> InterruptStatus {
        InterruptStatus::QUEUE_INTERRUPT
    }

    fn read_config_generation(&self) -> u32 {
        0
    }

    fn read_config_space<V: FromBytes + IntoBytes>(&self, offset: usize) -> Result<V> {
        let state = self.state();
        let feature = match offset {
            0 => feature::MAC,
            10 => feature::MTU,
            12 | 16 => feature::SPEED_DUPLEX,
            _ => panic!("no field at {offset}"),
        };
        assert_ne!(state.offer.features & feature, 0, "a field that is not there");
        let mut config = [0; 17];
        config[0..6].copy_from_slice(&MAC);
        config[10..12].copy_from_slice(&state.offer.mtu.to_le_bytes());
        config[12..16].copy_from_slice(&state.offer.speed.to_le_bytes());
        config[16] = state.offer.duplex;
        Ok(V::read_from_bytes(&config[offset..offset + size_of::<V>()]).expect("the field's size"))
    }

    fn write_config_space<V: IntoBytes + Immutable>(&mut self, _: usize, _: V) -> Result<()> {
        unreachable!("a network device's configuration is read only")
    }
}

/// The packet side of a started device.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) transport: FakeTransport,
    pub(crate) receive: DeviceQueue,
    pub(crate) transmit: DeviceQueue,
    /// Frames taken and not completed.
    pub(crate) in_flight: Vec<Taken>,
}

/// Starts a NIC on a device with that offer.
pub(crate) fn start(offer: Offer) -> core::result::Result<(Nic, Device), Error> {
    let transport = FakeTransport::new(offer);
    let nic = Nic::new("service", Wired::polled(transport.clone()))?;
    let [receive, transmit] = transport.state().queues;
    let receive = DeviceQueue::new(receive, true, 2048);
    let long = transport.state().accepted & feature::HOST_TSO4 != 0;
    let transmit = DeviceQueue::new(transmit, false, if long { 16_384 } else { 12 + 1514 });
    Ok((nic, Device { transport, receive, transmit, in_flight: Vec::new() }))
}

impl Device {
    /// Delivers a frame; false if the driver has offered no buffer.
    pub(crate) fn deliver(&mut self, frame: &[u8]) -> bool {
        self.deliver_with(0, frame)
    }

    /// Delivers a frame whose header has `flags`.
    pub(crate) fn deliver_with(&mut self, flags: u8, frame: &[u8]) -> bool {
        let Some(taken) = self.receive.take() else { return false };
        let mut bytes = vec![0; 10];
        bytes[0] = flags;
        bytes.extend(1_u16.to_le_bytes()); // num_buffers
        bytes.extend(frame);
        self.receive.give(taken, &bytes);
        true
    }

    /// Takes the next frame to send, which asks for nothing more and stays in flight.
    pub(crate) fn take_frame(&mut self) -> Option<Vec<u8>> {
        let (header, frame) = self.take_with_header()?;
        assert_eq!(header, [0; 12], "no offload is asked for");
        Some(frame)
    }

    /// Takes the next frame to send and what its header asks for. It stays in flight.
    pub(crate) fn take_with_header(&mut self) -> Option<([u8; 12], Vec<u8>)> {
        let taken = self.transmit.take()?;
        let (header, frame) = taken.bytes.split_first_chunk().expect("no buffer is shorter than its header");
        let both = (*header, frame.to_vec());
        self.in_flight.push(taken);
        Some(both)
    }

    /// Completes the `index`-th frame in flight.
    pub(crate) fn complete(&mut self, index: usize) {
        let taken = self.in_flight.swap_remove(index);
        self.transmit.give(taken, &[]);
    }

    /// How often the driver notified each queue.
    pub(crate) fn notified(&self) -> [u64; 2] {
        self.transport.state().notified
    }
}
