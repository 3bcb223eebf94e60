//! What Linux tells in `/proc/net/softnet_stat`, in node_exporter's names: how the CPU kept up with the frames. Sums over the
//! stacks, made when somebody reads; there is one CPU.

use ukstore::Value;

use super::netstat::sum;

ukstore::computed! {
    /// Ethernet frames that the stacks took from their devices.
    counter "/softnet/processed_total", "node_softnet_processed_total", { cpu = ["0"] } => prompt |_| {
        Value::U64(sum(|stack| stack.frames_received.get()))
    };
    /// Times a poll of a stack ended because its budget of frames was used up, with more to do.
    counter "/softnet/times_squeezed_total", "node_softnet_times_squeezed_total", { cpu = ["0"] } => prompt |_| {
        Value::U64(sum(|stack| stack.squeezed.get()))
    };
}

ukstore::zero! {
    /// Ethernet frames dropped between a device and its stack: there is no queue between the two. A device without an empty
    /// buffer shows in uk_virtqueue_full_total.
    counter "/softnet/dropped_total", "node_softnet_dropped_total", { cpu = ["0"] };
}
