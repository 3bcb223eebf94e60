//! What a NIC counts, as entries of ukstore: `/net/<name>/…`, and families with the label `device`.
//!
//! For: node_exporter's names where the meaning is Linux's: bytes are those of Ethernet frames without their check
//! sequence (and without the virtio header), packets are frames. `uk_*` for what only a driver knows. Not for: what the
//! stack thinks of the frames.

use alloc::sync::Arc;

use ukstore::{Counter, Label as _, Object, Value};

use super::super::indices::Indices;
use super::super::wired::Link;
use super::feature::Negotiated;
use super::ring::{Kicked, RING};

/// Bytes a second in a megabit a second.
const MEGABIT_BYTES: u64 = 1_000_000 / 8;

ukstore::labels! {
    /// A NIC's virtqueues.
    pub enum Queue {
        /// Whose buffers the device fills.
        Receive = "receive",
        /// Whose buffers the driver fills.
        Transmit = "transmit",
    }
}

/// The counters of one NIC, and the facts told beside them. Bytes and packets are added up plainly, and told here with
/// each flush.
#[derive(Debug)]
pub struct NicStats {
    /// Bytes of frames received.
    pub receive_bytes: Counter,
    /// Frames received.
    pub receive_packets: Counter,
    /// Frames received for a group of machines, but not for all.
    pub receive_multicast: Counter,
    /// Receive buffers the device returned with an impossible length or out of turn.
    pub receive_errors: Counter,
    /// Frames nobody read.
    pub receive_dropped: Counter,
    /// Bytes of frames queued for sending.
    pub transmit_bytes: Counter,
    /// Frames queued for sending.
    pub transmit_packets: Counter,
    /// Those of them that the device cuts into TCP segments.
    pub transmit_segmented: Counter,
    /// Transmit buffers the device returned out of turn.
    pub transmit_errors: Counter,
    /// Frames put aside unsent because the transmit ring is out of order.
    pub transmit_dropped: Counter,
    /// Times the device was notified of new buffers, by [`Queue`].
    pub notifications: [Counter; 2],
    /// Buffers that the device was given without a notification of their own, by [`Queue`].
    pub suppressed: [Counter; 2],
    /// Times a queue was found full, by [`Queue`].
    pub full: [Counter; 2],
    /// Interrupts taken.
    pub interrupts: Counter,
    queues: [Indices; 2],
    mtu: usize,
    speed_mbit: Option<u32>,
    link: Option<Arc<Link>>,
}

ukstore::class! {
    /// Network devices.
    static NICS: Class<NicStats> = "/net", label device, series 8 {
        /// Bytes of Ethernet frames received, without their check sequence.
        counter "receive_bytes_total", "node_network_receive_bytes_total", Bytes => .receive_bytes;
        /// Ethernet frames received.
        counter "receive_packets_total", "node_network_receive_packets_total" => .receive_packets;
        /// Ethernet frames received for a group of machines. Those for all machines are not counted.
        counter "receive_multicast_total", "node_network_receive_multicast_total" => .receive_multicast;
        /// Receive buffers that came back from the device with an impossible length, or that it did not have.
        counter "receive_errs_total", "node_network_receive_errs_total" => .receive_errors;
        /// Ethernet frames received that the stack did not read.
        counter "receive_drop_total", "node_network_receive_drop_total" => .receive_dropped;
        /// Ethernet frames lost in a device's own queue: virtio has none. A device without an empty buffer shows in
        /// uk_virtqueue_full_total.
        counter "receive_fifo_total", "node_network_receive_fifo_total" => zero;
        /// Ethernet frames received misaligned: virtio hands over whole frames.
        counter "receive_frame_total", "node_network_receive_frame_total" => zero;
        /// Compressed packets received: Ethernet has none.
        counter "receive_compressed_total", "node_network_receive_compressed_total" => zero;
        /// Ethernet frames dropped because they came in on an inactive link of several: there is no bonding. Those of a
        /// protocol that the stack does not speak are in uk_stack_dropped_total.
        counter "receive_nohandler_total", "node_network_receive_nohandler_total" => zero;
        /// Bytes of Ethernet frames given to the device to send, without their check sequence. One that the device cuts into
        /// segments counts as it was given, with one header.
        counter "transmit_bytes_total", "node_network_transmit_bytes_total", Bytes => .transmit_bytes;
        /// Ethernet frames given to the device to send. One that the device cuts into segments counts once, as its host
        /// counts it.
        counter "transmit_packets_total", "node_network_transmit_packets_total" => .transmit_packets;
        /// Ethernet frames given to the device to be cut into TCP segments and sent.
        counter "transmit_segmented_total", "uk_virtqueue_transmit_segmented_total" => .transmit_segmented;
        /// Transmit buffers that came back from the device although it did not have them.
        counter "transmit_errs_total", "node_network_transmit_errs_total" => .transmit_errors;
        /// Ethernet frames dropped because the device no longer takes any.
        counter "transmit_drop_total", "node_network_transmit_drop_total" => .transmit_dropped;
        /// Ethernet frames lost in a device's own queue: virtio has none.
        counter "transmit_fifo_total", "node_network_transmit_fifo_total" => zero;
        /// Collisions: virtio has none.
        counter "transmit_colls_total", "node_network_transmit_colls_total" => zero;
        /// Ethernet frames lost for want of a carrier: virtio takes them all the same.
        counter "transmit_carrier_total", "node_network_transmit_carrier_total" => zero;
        /// Compressed packets sent: Ethernet has none.
        counter "transmit_compressed_total", "node_network_transmit_compressed_total" => zero;
        /// Largest IP packet the device carries.
        gauge "mtu_bytes", "node_network_mtu_bytes", Bytes => prompt |nic| Value::U64(nic.mtu as u64);
        /// Whether the link is up, as the device says: it is asked once for each scrape. One whose device does not say
        /// counts as up.
        gauge "up", "node_network_up" => prompt |nic| Value::Bool(nic.link_is_up());
        /// Whether there is something at the other end of the link, as the device says: it is asked once for each scrape.
        /// One whose device does not say counts as connected.
        gauge "carrier", "node_network_carrier" => prompt |nic| Value::Bool(nic.link_is_up());
        /// Speed of the link in bytes a second. Only where the device tells one.
        gauge "speed_bytes", "node_network_speed_bytes", Bytes => prompt |nic| {
            nic.speed_mbit.map_or(Value::Absent, |speed| Value::U64(u64::from(speed) * MEGABIT_BYTES))
        };
        /// Interrupts taken from the device.
        counter "interrupts_total", "uk_virtqueue_interrupts_total" => .interrupts;
        /// Buffers that fit into a virtqueue.
        gauge "queue_size", "uk_virtqueue_size" { queue: Queue } => prompt |_nic| Value::U64(RING as u64);
        /// Buffers that are with the device: empty ones it may fill, or full ones it has not sent yet. A long frame to be
        /// cut counts as one.
        gauge "queue_depth", "uk_virtqueue_depth" { queue: Queue } => prompt |nic, index| {
            nic.queues.get(index).map_or(Value::Absent, |queue| Value::U64(queue.with_device().min(RING) as u64))
        };
        /// Notifications sent to the device, each an exit to the hypervisor.
        counter "notifications_total", "uk_virtqueue_notifications_total" { queue: Queue } => .notifications;
        /// Buffers given to the device without a notification of their own: it asked for none, or one told of several.
        counter "notifications_suppressed_total", "uk_virtqueue_notifications_suppressed_total" { queue: Queue }
            => .suppressed;
        /// Times a virtqueue was found full. Transmit: a frame had to wait because so many buffers were with the device
        /// that there was no room for the longest frame. Receive: the device had filled every buffer, so that what came
        /// next waited in the host or was lost there.
        counter "full_total", "uk_virtqueue_full_total" { queue: Queue } => .full;
    }
}

/// A NIC's counters while it lives.
pub(super) type Stats = Object<NicStats>;

/// Enters a NIC in ukstore. `link` is there if the device tells its state; `queues` is where its queues' depths are.
pub(super) fn enter(name: &str, negotiated: &Negotiated, link: Option<Arc<Link>>, queues: [Indices; 2]) -> Stats {
    NICS.add(
        name,
        NicStats {
            receive_bytes: Counter::new(),
            receive_packets: Counter::new(),
            receive_multicast: Counter::new(),
            receive_errors: Counter::new(),
            receive_dropped: Counter::new(),
            transmit_bytes: Counter::new(),
            transmit_packets: Counter::new(),
            transmit_segmented: Counter::new(),
            transmit_errors: Counter::new(),
            transmit_dropped: Counter::new(),
            notifications: [const { Counter::new() }; 2],
            suppressed: [const { Counter::new() }; 2],
            full: [const { Counter::new() }; 2],
            interrupts: Counter::new(),
            queues,
            mtu: negotiated.mtu,
            speed_mbit: negotiated.speed_mbit,
            link,
        },
    )
}

impl NicStats {
    /// The link, if the device tells its state.
    pub(super) fn link(&self) -> Option<Arc<Link>> {
        self.link.clone()
    }

    fn link_is_up(&self) -> bool {
        self.link.as_ref().is_none_or(|link| link.is_up())
    }

    /// Whether every receive buffer is filled: the device has none left for what comes next.
    pub(super) fn receive_exhausted(&self) -> bool {
        self.queues[Queue::Receive.index()].with_device() == 0
    }

    /// Counts what the device was told of.
    pub(super) fn count_kick(&self, queue: Queue, kicked: Kicked) {
        if kicked.told {
            self.notifications[queue.index()].inc();
        }
        let silent = kicked.offered - u64::from(kicked.told);
        if silent > 0 {
            self.suppressed[queue.index()].add(silent);
        }
    }
}

/// What one direction has moved since the last flush: plain numbers, so that a frame costs no atomic add.
#[derive(Debug, Default)]
pub(super) struct Tally {
    packets: u64,
    bytes: u64,
}

impl Tally {
    pub(super) fn frame(&mut self, len_bytes: usize) {
        self.packets += 1;
        self.bytes += len_bytes as u64;
    }

    /// Adds it to the counters, and begins anew.
    pub(super) fn settle(&mut self, packets: &Counter, bytes: &Counter) {
        let Self { packets: moved, bytes: moved_bytes } = core::mem::take(self);
        if moved > 0 {
            packets.add(moved);
            bytes.add(moved_bytes);
        }
    }
}
