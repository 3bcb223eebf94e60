//! What a NIC counts, as entries of ukstore: `/net/<name>/…`, and families with the label `device`.
//!
//! For: node_exporter's names where the meaning is Linux's: bytes are those of Ethernet frames without their check
//! sequence (and without the virtio header), packets are frames. `uk_*` for what only a driver knows. Not for: what the
//! stack thinks of the frames.

use ukstore::{Counter, Object, Value};

use super::super::wired::LinkStatus;

/// The counters of one NIC, and the facts told beside them.
#[derive(Debug)]
pub struct NicStats {
    /// Bytes of frames received.
    pub receive_bytes: Counter,
    /// Frames received.
    pub receive_packets: Counter,
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
    /// Times the device was notified of new buffers.
    pub notifications: Counter,
    /// Interrupts taken.
    pub interrupts: Counter,
    /// Times a frame had to wait because the transmit ring had no room for the longest there may be.
    pub ring_full: Counter,
    mtu: usize,
    link: Option<LinkStatus>,
}

ukstore::class! {
    /// Network devices.
    static NICS: Class<NicStats> = "/net", label device, series 8 {
        /// Bytes of Ethernet frames received, without their check sequence.
        counter "receive_bytes_total", "node_network_receive_bytes_total", Bytes => .receive_bytes;
        /// Ethernet frames received.
        counter "receive_packets_total", "node_network_receive_packets_total" => .receive_packets;
        /// Receive buffers that came back from the device with an impossible length, or that it did not have.
        counter "receive_errs_total", "node_network_receive_errs_total" => .receive_errors;
        /// Ethernet frames received that the stack did not read.
        counter "receive_drop_total", "node_network_receive_drop_total" => .receive_dropped;
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
        /// Largest IP packet the device carries.
        gauge "mtu_bytes", "node_network_mtu_bytes", Bytes => prompt |nic| Value::U64(nic.mtu as u64);
        /// Whether the link is up, as the device says.
        gauge "up", "node_network_up" => prompt |nic| Value::Bool(nic.link.as_ref().is_none_or(LinkStatus::is_up));
        /// Notifications sent to the device, each an exit to the hypervisor.
        counter "notifications_total", "uk_virtqueue_notifications_total" => .notifications;
        /// Interrupts taken from the device.
        counter "interrupts_total", "uk_virtqueue_interrupts_total" => .interrupts;
        /// Times a frame had to wait because so many transmit buffers were with the device that there was no room for the
        /// longest frame.
        counter "transmit_ring_full_total", "uk_virtqueue_transmit_ring_full_total" => .ring_full;
    }
}

/// A NIC's counters while it lives.
pub(super) type Stats = Object<NicStats>;

/// Enters a NIC in ukstore. `link` is where its link's state is read, if it tells.
pub(super) fn enter(name: &str, mtu: usize, link: Option<LinkStatus>) -> Stats {
    NICS.add(
        name,
        NicStats {
            receive_bytes: Counter::new(),
            receive_packets: Counter::new(),
            receive_errors: Counter::new(),
            receive_dropped: Counter::new(),
            transmit_bytes: Counter::new(),
            transmit_packets: Counter::new(),
            transmit_segmented: Counter::new(),
            transmit_errors: Counter::new(),
            transmit_dropped: Counter::new(),
            notifications: Counter::new(),
            interrupts: Counter::new(),
            ring_full: Counter::new(),
            mtu,
            link,
        },
    )
}
