//! What is zero by nature: told, zero whatever the guest has done, and marked so in docs/metrics.md; nothing else is.

use std::collections::BTreeSet;

use tests::{Guest, Machine, Network, Side, documented, exposition, skip};

/// All of them, so that one that becomes real, or ceases to be told, is noticed.
const ZEROS: [&str; 48] = [
    "node_memory_Buffers_bytes",
    "node_memory_Cached_bytes",
    "node_memory_Dirty_bytes",
    "node_memory_Mapped_bytes",
    "node_memory_SReclaimable_bytes",
    "node_memory_Shmem_bytes",
    "node_memory_SwapCached_bytes",
    "node_memory_SwapFree_bytes",
    "node_memory_SwapTotal_bytes",
    "node_memory_Writeback_bytes",
    "node_netstat_TcpExt_SyncookiesFailed",
    "node_netstat_TcpExt_SyncookiesRecv",
    "node_netstat_TcpExt_SyncookiesSent",
    "node_netstat_UdpLite_InErrors",
    "node_netstat_Udp_SndbufErrors",
    "node_network_receive_compressed_total",
    "node_network_receive_fifo_total",
    "node_network_receive_frame_total",
    "node_network_receive_nohandler_total",
    "node_network_transmit_carrier_total",
    "node_network_transmit_colls_total",
    "node_network_transmit_compressed_total",
    "node_network_transmit_fifo_total",
    "node_pressure_memory_stalled_seconds_total",
    "node_pressure_memory_waiting_seconds_total",
    "node_procs_blocked",
    "node_sockstat_FRAG_inuse",
    "node_sockstat_FRAG_memory",
    "node_sockstat_RAW_inuse",
    "node_sockstat_UDPLITE_inuse",
    "node_softnet_dropped_total",
    "node_time_zone_offset_seconds",
    "node_timex_pps_calibration_total",
    "node_timex_pps_error_total",
    "node_timex_pps_frequency_hertz",
    "node_timex_pps_jitter_seconds",
    "node_timex_pps_jitter_total",
    "node_timex_pps_shift_seconds",
    "node_timex_pps_stability_exceeded_total",
    "node_timex_pps_stability_hertz",
    "node_timex_tai_offset_seconds",
    "node_vmstat_oom_kill",
    "node_vmstat_pgfault",
    "node_vmstat_pgmajfault",
    "node_vmstat_pgpgin",
    "node_vmstat_pgpgout",
    "node_vmstat_pswpin",
    "node_vmstat_pswpout",
];

#[test]
fn what_is_zero_by_nature_is_told_as_zero() {
    skip::on(Machine::Q35, "what_is_zero_by_nature_is_told_as_zero", |machine| {
        let zeros: BTreeSet<String> = ZEROS.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(documented::zeros().expect("docs/metrics.md is there"), zeros);

        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        let scrape = guest.scrape();
        for name in ZEROS {
            let values: Vec<f64> = exposition::samples(&scrape)
                .filter(|(series, _)| series.split('{').next() == Some(name))
                .map(|(_, value)| value)
                .collect();
            assert!(!values.is_empty() && values.iter().all(|&value| value == 0.0), "{name} is {values:?}");
        }
    });
}
