//! What Linux tells in `/proc/net/sockstat`, in node_exporter's names: how many sockets there are, and what memory they take.
//! Sums over the stacks, made when somebody reads. A listener counts as a socket, as on Linux, though it needs none here.

use ukstore::Value;

use super::{
    Stats,
    netstat::{standing, sum},
};

/// What Linux counts memory of sockets in.
const PAGE_BYTES: u64 = 4096;

fn tcp_in_use(stack: &Stats) -> u64 {
    u64::try_from(stack.sockets_in_use()).unwrap_or(0) + standing(&stack.listeners)
}

fn tcp_allocated(stack: &Stats) -> u64 {
    standing(&stack.sockets_taken) + standing(&stack.listeners)
}

ukstore::computed! {
    /// Sockets of all kinds.
    gauge "/sockstat/sockets", "node_sockstat_sockets_used" => prompt || {
        Value::U64(sum(|stack| tcp_allocated(stack) + standing(&stack.datagram_sockets)))
    };
    /// TCP sockets with a connection, but for those in TIME-WAIT, and listeners.
    gauge "/sockstat/tcp/in_use", "node_sockstat_TCP_inuse" => prompt || Value::U64(sum(tcp_in_use));
    /// TCP sockets with a connection or what is left of one, and listeners.
    gauge "/sockstat/tcp/allocated", "node_sockstat_TCP_alloc" => prompt || Value::U64(sum(tcp_allocated));
    /// TCP connections that the program has let go and that are not at their end yet.
    gauge "/sockstat/tcp/orphans", "node_sockstat_TCP_orphan" => prompt || Value::U64(sum(|stack| standing(&stack.orphans)));
    /// TCP connections in TIME-WAIT. They need no socket.
    gauge "/sockstat/tcp/time_wait", "node_sockstat_TCP_tw" => prompt || Value::U64(sum(|stack| standing(stack.time_wait())));
    /// Pages of 4 KiB that TCP sockets' buffers take. They are taken at the start, in use or not.
    gauge "/sockstat/tcp/memory_pages", "node_sockstat_TCP_mem" => prompt || {
        Value::U64(sum(|stack| standing(&stack.buffer_bytes)) / PAGE_BYTES)
    };
    /// Bytes that TCP sockets' buffers take. They are taken at the start, in use or not.
    gauge "/sockstat/tcp/memory_bytes", "node_sockstat_TCP_mem_bytes", Bytes => prompt || {
        Value::U64(sum(|stack| standing(&stack.buffer_bytes)))
    };
    /// UDP sockets that are bound.
    gauge "/sockstat/udp/in_use", "node_sockstat_UDP_inuse" => prompt || {
        Value::U64(sum(|stack| standing(&stack.datagram_sockets)))
    };
    /// Pages of 4 KiB that UDP sockets' buffers take. They are taken at the start, in use or not.
    gauge "/sockstat/udp/memory_pages", "node_sockstat_UDP_mem" => prompt || {
        Value::U64(sum(|stack| standing(&stack.datagram_buffer_bytes)) / PAGE_BYTES)
    };
    /// Bytes that UDP sockets' buffers take. They are taken at the start, in use or not.
    gauge "/sockstat/udp/memory_bytes", "node_sockstat_UDP_mem_bytes", Bytes => prompt || {
        Value::U64(sum(|stack| standing(&stack.datagram_buffer_bytes)))
    };
}

ukstore::zero! {
    /// Raw sockets: there are none.
    gauge "/sockstat/raw/in_use", "node_sockstat_RAW_inuse";
    /// UDP-Lite sockets: the protocol is not spoken.
    gauge "/sockstat/udplite/in_use", "node_sockstat_UDPLITE_inuse";
    /// IPv4 datagrams being put together from fragments: fragments are dropped, and counted.
    gauge "/sockstat/fragments/in_use", "node_sockstat_FRAG_inuse";
    /// Memory of IPv4 datagrams being put together from fragments: fragments are dropped, and counted.
    gauge "/sockstat/fragments/memory", "node_sockstat_FRAG_memory";
}
