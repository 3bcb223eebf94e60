//! What the two stacks are built with: sizes by memory, addresses by boot parameter.

use super::devices::Device;
use crate::cpu_time::{self, Mode};
use crate::identity;
use crate::memory::map::ram_bytes;
use crate::thread::ThreadId;
use crate::time::now_ns;
use alloc::boxed::Box;
use core::net::Ipv4Addr;
use kernel_core::net::{Config, Ipv4, Polled, Stack};
use kernel_core::params::Nic as NicParams;

/// A NIC's stack; threads wait on it.
pub(crate) type KernelStack = Stack<Device, ThreadId>;

// Neither of the two crates knows the other; what they say about a frame's checksum must be the same.
const _: () = assert!(drivers::virtio::net::CHECKSUM_VOUCHED == kernel_core::net::CHECKSUM_VOUCHED);

/// Frames handled each way in one go, as they are on the wire: as long as the service stack's lock is held for.
const BUDGET: usize = 16;

/// Receives and sends one budget of frames, tells the device of what it is to send, and gives `wake` who may go on.
pub(crate) fn turn(stack: &mut KernelStack, mut wake: impl FnMut(ThreadId)) -> Polled {
    cpu_time::within(Mode::Softirq, |now_ns| {
        let polled = stack.poll(now_ns, BUDGET, &mut wake);
        stack.device_mut().flush();
        polled
    })
}

const MANAGEMENT_RECEIVE_BYTES: usize = 4 * 1024;
const MANAGEMENT_TRANSMIT_BYTES: usize = 32 * 1024;
/// What a connection to the management NIC takes for its buffers.
pub(crate) const MANAGEMENT_BUFFER_BYTES: usize = MANAGEMENT_RECEIVE_BYTES + MANAGEMENT_TRANSMIT_BYTES;

/// How large a stack's pools are.
#[derive(Clone, Copy)]
pub(crate) struct Pools {
    tcp_connections: usize,
    half_open: usize,
    receive_buffer_bytes: usize,
    transmit_buffer_bytes: usize,
    time_wait: usize,
    udp_sockets: usize,
    udp_buffer_bytes: usize,
    dns_queries: usize,
}

impl Pools {
    /// The service NIC's: a 16th of memory for TCP buffers, 32 to 512 connections.
    /// Besides come management's sockets, and the names it asks for, if it is shared.
    pub(crate) fn service(management: Sockets, names: usize) -> Self {
        const RECEIVE: usize = 16 * 1024;
        const TRANSMIT: usize = 32 * 1024;
        let affordable = (ram_bytes() / 16) as usize / (RECEIVE + TRANSMIT);
        let tcp_connections = affordable.clamp(32, 512);
        Self {
            tcp_connections: tcp_connections + 2 * management.streams,
            half_open: tcp_connections / 2,
            receive_buffer_bytes: RECEIVE,
            transmit_buffer_bytes: TRANSMIT,
            time_wait: 4096,
            udp_sockets: 8 + management.datagrams,
            udp_buffer_bytes: 16 * 1024,
            dns_queries: names,
        }
    }

    /// The management NIC's: as many connections as the exporter serves at once, and some to turn away, and the sockets of
    /// what management does besides, with the names that it asks for.
    pub(crate) fn management(connections: usize, others: Sockets, names: usize) -> Self {
        Self {
            // Twice, because one that was closed may linger while the next is opened.
            tcp_connections: connections + 16 + 2 * others.streams,
            half_open: 16,
            receive_buffer_bytes: MANAGEMENT_RECEIVE_BYTES,
            transmit_buffer_bytes: MANAGEMENT_TRANSMIT_BYTES,
            time_wait: 1024,
            udp_sockets: 4 + others.datagrams,
            udp_buffer_bytes: 4 * 1024,
            dns_queries: names,
        }
    }
}

/// How many sockets of each sort somebody needs.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sockets {
    /// Over TCP.
    pub(crate) streams: usize,
    /// Over UDP.
    pub(crate) datagrams: usize,
}

/// Builds a stack. The one time it allocates. Not inlined: its frame holds the stack by value.
#[inline(never)]
pub(crate) fn build(
    name: &'static str,
    device: Box<Device>,
    params: &NicParams,
    dns: Option<Ipv4Addr>,
    pools: Pools,
    seed: u64,
) -> Box<KernelStack> {
    let ipv4 = match params.ipv4 {
        Some(cidr) => Ipv4::Static { address: cidr.address(), prefix_len: cidr.prefix_len(), gateway: params.gateway },
        None => Ipv4::Dhcp { hostname: identity::name() },
    };
    let config = Config {
        tcp_connections: pools.tcp_connections,
        half_open: pools.half_open,
        receive_buffer_bytes: pools.receive_buffer_bytes,
        transmit_buffer_bytes: pools.transmit_buffer_bytes,
        time_wait: pools.time_wait,
        udp_sockets: pools.udp_sockets,
        udp_buffer_bytes: pools.udp_buffer_bytes,
        dns_queries: pools.dns_queries,
        dns,
        random_seed: seed,
        ..Config::new(name, device.mac(), ipv4)
    };
    Box::new(Stack::new(*device, &config, now_ns()))
}
