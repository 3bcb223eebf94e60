//! What dashboards that operators already have ask of node_exporter, for what a unikernel has of it: typical queries of
//! "Node Exporter Full" (grafana.com/dashboards/1860), area by area. Not its disks, file systems, and hardware.

/// What its variables are chosen from.
pub(crate) const VARIABLES: [&str; 3] = [
    "label_values(node_uname_info, job)",
    "label_values(node_uname_info{job=\"$job\"}, nodename)",
    "label_values(node_uname_info{job=\"$job\", nodename=\"$node\"}, instance)",
];

/// What its panels ask.
pub(crate) const EXPRESSIONS: &[&str] = &[
    // The row of gauges on top.
    r#"irate(node_pressure_cpu_waiting_seconds_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_pressure_memory_waiting_seconds_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_pressure_memory_stalled_seconds_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle",instance="$node"}[$__rate_interval])))"#,
    r#"scalar(node_load1{instance="$node",job="$job"}) * 100 / count(count(node_cpu_seconds_total{instance="$node",job="$job"}) by (cpu))"#,
    r#"(1 - node_memory_MemAvailable_bytes{instance="$node",job="$job"} / node_memory_MemTotal_bytes{instance="$node",job="$job"}) * 100"#,
    r#"count(count(node_cpu_seconds_total{instance="$node",job="$job"}) by (cpu))"#,
    r#"node_time_seconds{instance="$node",job="$job"} - node_boot_time_seconds{instance="$node",job="$job"}"#,
    r#"node_memory_MemTotal_bytes{instance="$node",job="$job"}"#,
    r#"node_memory_SwapTotal_bytes{instance="$node",job="$job"}"#,
    // CPU.
    r#"sum by (instance) (rate(node_cpu_seconds_total{instance="$node",job="$job",mode="system"}[$__rate_interval])) / on (instance) group_left sum by (instance) (rate(node_cpu_seconds_total{instance="$node",job="$job"}[$__rate_interval]))"#,
    r#"sum by (instance) (rate(node_cpu_seconds_total{instance="$node",job="$job",mode=~".*irq"}[$__rate_interval])) / on (instance) group_left sum by (instance) (rate(node_cpu_seconds_total{instance="$node",job="$job"}[$__rate_interval]))"#,
    r#"sum by (mode) (irate(node_cpu_seconds_total{mode=~"user|nice|iowait|steal|idle",instance="$node",job="$job"}[$__rate_interval]))"#,
    // Memory.
    r#"node_memory_MemTotal_bytes{instance="$node",job="$job"} - node_memory_MemFree_bytes{instance="$node",job="$job"} - (node_memory_Cached_bytes{instance="$node",job="$job"} + node_memory_Buffers_bytes{instance="$node",job="$job"} + node_memory_SReclaimable_bytes{instance="$node",job="$job"})"#,
    r#"node_memory_SwapTotal_bytes{instance="$node",job="$job"} - node_memory_SwapFree_bytes{instance="$node",job="$job"}"#,
    r#"node_memory_Slab_bytes{instance="$node",job="$job"} + node_memory_PageTables_bytes{instance="$node",job="$job"} + node_memory_SwapCached_bytes{instance="$node",job="$job"}"#,
    r#"node_memory_KernelStack_bytes{instance="$node",job="$job"}"#,
    r#"irate(node_vmstat_pgpgin{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_vmstat_pswpout{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_vmstat_pgfault{instance="$node",job="$job"}[$__rate_interval]) - irate(node_vmstat_pgmajfault{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_vmstat_oom_kill{instance="$node",job="$job"}[$__rate_interval])"#,
    // Network.
    r#"irate(node_network_receive_bytes_total{instance="$node",job="$job"}[$__rate_interval]) * 8"#,
    r#"irate(node_network_transmit_packets_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_network_receive_errs_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_network_transmit_drop_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_network_receive_multicast_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_network_receive_fifo_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_network_receive_frame_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_network_transmit_carrier_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_network_transmit_colls_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"node_arp_entries{instance="$node",job="$job"}"#,
    r#"node_network_mtu_bytes{instance="$node",job="$job"}"#,
    r#"node_network_carrier{instance="$node",job="$job"}"#,
    // System: load, switches, interrupts, processes, time.
    r#"node_load1{instance="$node",job="$job"}"#,
    r#"node_load5{instance="$node",job="$job"}"#,
    r#"node_load15{instance="$node",job="$job"}"#,
    r#"irate(node_context_switches_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_intr_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_interrupts_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_schedstat_running_seconds_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_schedstat_waiting_seconds_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"node_procs_running{instance="$node",job="$job"}"#,
    r#"node_procs_blocked{instance="$node",job="$job"}"#,
    r#"irate(node_forks_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"node_time_zone_offset_seconds{instance="$node",job="$job"}"#,
    // sockstat, netstat and softnet.
    r#"node_sockstat_TCP_alloc{instance="$node",job="$job"}"#,
    r#"node_sockstat_TCP_tw{instance="$node",job="$job"}"#,
    r#"node_sockstat_TCP_mem_bytes{instance="$node",job="$job"}"#,
    r#"node_sockstat_UDP_inuse{instance="$node",job="$job"}"#,
    r#"node_sockstat_sockets_used{instance="$node",job="$job"}"#,
    r#"irate(node_netstat_IpExt_InOctets{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_netstat_Icmp_InMsgs{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_netstat_Udp_InDatagrams{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_netstat_Udp_NoPorts{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"node_netstat_Tcp_CurrEstab{instance="$node",job="$job"}"#,
    r#"irate(node_netstat_Tcp_InSegs{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_netstat_Tcp_RetransSegs{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_netstat_TcpExt_ListenOverflows{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_netstat_TcpExt_SyncookiesSent{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_softnet_processed_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"irate(node_softnet_times_squeezed_total{instance="$node",job="$job"}[$__rate_interval])"#,
    // The exporter itself.
    r#"irate(process_cpu_seconds_total{instance="$node",job="$job"}[$__rate_interval])"#,
    r#"process_resident_memory_bytes{instance="$node",job="$job"}"#,
    r#"node_scrape_collector_duration_seconds{instance="$node",job="$job"}"#,
    r#"node_scrape_collector_success{instance="$node",job="$job"}"#,
];
