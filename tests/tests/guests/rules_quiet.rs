//! A guest that is well raises nothing, idle or at work: neither the alerts in `deploy/` nor those of the node-mixin, which
//! many operators have already. And what `deploy/` records for dashboards has data.
//!
//! Every condition is asked for as it stands, without the minutes or the hour for which it would have to hold; ranges are
//! shorter, so that they hold nothing but what is looked at.
//!
//! What about a guest that is kept at 100 % of its CPU? The two stock alerts on the CPU then say what is true, as they do
//! for a Linux: one CPU is all a guest has, and threads want more of it. To be quiet then would be a lie, so there is a
//! test that wants them to fire, and only them.

use std::fs;
use std::time::{Duration, Instant};

use tests::load::{Style, requests};
use tests::prometheus::Prometheus;
use tests::{Guest, Machine, Network, PATIENCE, Scratch, Side, eventually, let_pass, promql, repository, skip};

/// The node-mixin's alerts by name, and when each fires, restated: without its `for`, and `[range]` for its range. Of those
/// that come in a milder and a stricter form, what makes the milder one fire.
const STOCK: [(&str, &str); 19] = [
    ("NodeCPUHighUsage", "sum without (cpu, mode) (rate(node_cpu_seconds_total{mode!~\"idle|iowait\"}[range])) > 0.9"),
    ("NodeSystemSaturation", "node_load1 / count without (cpu, mode) (node_cpu_seconds_total{mode=\"idle\"}) > 2"),
    ("NodeMemoryHighUtilization", "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1"),
    ("NodeMemoryMajorPagesFaults", "rate(node_vmstat_pgmajfault[range]) > 500"),
    (
        "NodeNetworkReceiveErrs",
        "rate(node_network_receive_errs_total[range]) / rate(node_network_receive_packets_total[range]) > 0.01",
    ),
    (
        "NodeNetworkTransmitErrs",
        "rate(node_network_transmit_errs_total[range]) / rate(node_network_transmit_packets_total[range]) > 0.01",
    ),
    ("NodeHighNumberConntrackEntriesUsed", "node_nf_conntrack_entries / node_nf_conntrack_entries_limit > 0.75"),
    ("NodeClockSkewDetected", "abs(node_timex_offset_seconds) > 0.05"),
    (
        "NodeClockNotSynchronising",
        "max_over_time(node_timex_sync_status[range]) == 0 and node_timex_maxerror_seconds >= 16",
    ),
    ("NodeTextFileCollectorScrapeError", "node_textfile_scrape_error == 1"),
    ("NodeFileDescriptorLimit", "node_filefd_allocated / node_filefd_maximum > 0.7"),
    ("NodeFilesystemSpaceFillingUp", "node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.4"),
    ("NodeFilesystemAlmostOutOfSpace", "node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.05"),
    ("NodeFilesystemFilesFillingUp", "node_filesystem_files_free / node_filesystem_files < 0.4"),
    ("NodeFilesystemAlmostOutOfFiles", "node_filesystem_files_free / node_filesystem_files < 0.05"),
    ("NodeDiskIOSaturation", "rate(node_disk_io_time_weighted_seconds_total[range]) > 10"),
    ("NodeRAIDDegraded", "node_md_disks_required > ignoring (state) node_md_disks{state=\"active\"}"),
    ("NodeSystemdServiceFailed", "node_systemd_unit_state{state=\"failed\"} == 1"),
    ("NodeBondingDegraded", "node_bonding_slaves != node_bonding_active"),
];
/// What those are about that a guest does not have, and so does not tell of: an alert on it cannot fire.
const ABSENT: [&str; 9] = [
    "node_nf_conntrack_",
    "node_timex_",
    "node_textfile_",
    "node_filefd_",
    "node_filesystem_",
    "node_disk_",
    "node_md_",
    "node_systemd_",
    "node_bonding_",
];
const RANGE: Duration = Duration::from_secs(10);

/// A Prometheus that scrapes `guest` every second, by the name `web-1` on `hv-1`, with the rules of `deploy/`.
fn watch<'a>(guest: &'a Guest, files: &Scratch) -> Prometheus<'a> {
    let rules = repository().join("deploy/prometheus/rules");
    for file in ["periscope-alerts.yml", "periscope-recording.yml"] {
        let text = fs::read_to_string(rules.join(file)).expect("the rules are there");
        files.write(file, &text.replace("[5m]", &format!("[{}s]", RANGE.as_secs()))).expect("the directory is there");
    }
    let target = guest.network().address(Side::Management, 9100);
    let config = format!(
        "global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}\n\
         rule_files: ['{}/*.yml']\n\
         scrape_configs: [{{ job_name: periscope, static_configs: [{{ targets: ['{target}'], \
         labels: {{ instance: web-1, vm: web-1, host: hv-1 }} }}] }}]\n",
        files.path().display()
    );
    let prometheus = Prometheus::with_config(guest.network(), &config).expect("it takes the rules");
    prometheus.expect(&format!("count_over_time(up[{0}s]) >= bool {0}", RANGE.as_secs()), 1.0).expect("it scrapes");
    prometheus
}

/// The stock alerts and ours whose condition is met now.
fn raised(prometheus: &Prometheus<'_>) -> Vec<String> {
    let range = format!("[{}s]", RANGE.as_secs());
    let ours = prometheus.rules().expect("it tells its rules");
    let ours = ours
        .iter()
        .filter(|rule| rule["type"] == "alerting")
        .filter_map(|rule| Some((rule["name"].as_str()?.to_owned(), rule["query"].as_str()?.to_owned())));
    let stock = STOCK.iter().map(|(name, condition)| ((*name).to_owned(), condition.replace("[range]", &range)));
    let is_met = |condition: &str| !prometheus.samples(condition).expect("a vector").is_empty();
    ours.chain(stock).filter(|(_, condition)| is_met(condition)).map(|(name, _)| name).collect()
}

/// Requests for all of a range's time, with pauses as long as the work took: half of what the guest can do.
fn work(network: &Network) {
    let began = Instant::now();
    while began.elapsed() < RANGE + Duration::from_secs(2) {
        let round = Instant::now();
        requests(network, (Side::Service, 80), "/", 500, 4, Style::KeepAlive).expect("each is answered");
        let_pass(round.elapsed());
    }
}

#[test]
fn a_guest_that_is_well_raises_nothing() {
    skip::on(Machine::Q35, "a_guest_that_is_well_raises_nothing", |machine| {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let _ = guest.scrape();
        let files = Scratch::new().unwrap();
        let prometheus = watch(&guest, &files);
        assert_eq!(raised(&prometheus), Vec::<String>::new(), "idle");
        work(guest.network());
        assert_eq!(raised(&prometheus), Vec::<String>::new(), "at work");
        let busy = prometheus.query("instance:node_cpu_busy:ratio_rate5m").unwrap();
        assert!(busy.is_some_and(|busy| busy > 0.05), "it had little to do: {busy:?}");

        // Nothing was quiet for asking about what is called otherwise.
        for (name, condition) in STOCK {
            for metric in promql::metrics(condition).into_iter().filter(|metric| metric.starts_with("node_")) {
                let is_absent = ABSENT.iter().any(|prefix| metric.starts_with(prefix));
                let found = prometheus.samples(&metric).unwrap();
                assert_eq!(found.is_empty(), is_absent, "{metric}, which {name} asks for");
            }
        }
        // And what dashboards ask for is there, with a value.
        for rule in prometheus.rules().unwrap().iter().filter(|rule| rule["type"] == "recording") {
            let name = rule["name"].as_str().unwrap();
            let samples = prometheus.samples(name).unwrap();
            assert!(samples.iter().any(|sample| sample.value.is_finite()), "{name} is {samples:?}");
        }
    });
}

#[test]
fn a_guest_that_wants_more_than_its_cpu_raises_what_says_so() {
    skip::on(Machine::Q35, "a_guest_that_wants_more_than_its_cpu_raises_what_says_so", |machine| {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("spin 64").start();
        let _ = guest.scrape();
        let files = Scratch::new().unwrap();
        let prometheus = watch(&guest, &files);
        assert_eq!(raised(&prometheus), ["NodeCPUHighUsage", "NodeSystemSaturation"]);

        // Scraped harder than its share of the CPU allows, too.
        let began = Instant::now();
        while began.elapsed() < RANGE {
            requests(guest.network(), (Side::Management, 9100), "/metrics", 16, 4, Style::KeepAlive).unwrap();
        }
        assert_eq!(raised(&prometheus), ["ManagementStarved", "NodeCPUHighUsage", "NodeSystemSaturation"]);
    });
}

#[test]
fn a_guest_whose_memory_is_used_up_raises_what_says_so() {
    skip::on(Machine::Q35, "a_guest_whose_memory_is_used_up_raises_what_says_so", |machine| {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("exhaust").start();
        let _ = guest.line("exhausted");
        let files = Scratch::new().unwrap();
        let prometheus = watch(&guest, &files);
        assert_eq!(raised(&prometheus), ["HeapNearlyFull", "NodeMemoryHighUtilization"]);
    });
}

#[test]
fn a_guest_that_logs_too_fast_raises_what_says_so() {
    skip::on(Machine::Q35, "a_guest_that_logs_too_fast_raises_what_says_so", |machine| {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("log 0 3000").start();
        let _ = guest.scrape();
        let files = Scratch::new().unwrap();
        let prometheus = watch(&guest, &files);
        let _ready = guest.knock();
        let _ = guest.line("log: changed");
        assert_eq!(raised(&prometheus), Vec::<String>::new());
        let _ready = guest.knock();
        let _ = guest.line("log: full");
        let told = eventually(PATIENCE, || (raised(&prometheus) == ["LogLinesLost"]).then_some(()));
        assert!(told.is_some(), "{:?}", raised(&prometheus));
    });
}

#[test]
fn a_guest_whose_receiver_is_away_raises_what_says_so() {
    skip::on(Machine::Q35, "a_guest_whose_receiver_is_away_raises_what_says_so", |machine| {
        let network = Network::best();
        // Nobody listens there, and what waits is soon more than there is room for.
        let parameters = format!("--monitor={} --monitor-interval=1s --backlog=64K", network.server(1));
        let guest = Guest::boot(machine, "web").network(network).parameters(&parameters).start();
        let _ = guest.scrape();
        let files = Scratch::new().unwrap();
        let prometheus = watch(&guest, &files);
        let told = eventually(PATIENCE, || (raised(&prometheus) == ["SinkFailing"]).then_some(()));
        assert!(told.is_some(), "{:?}", raised(&prometheus));
        prometheus.expect("uk_sink_failed_total{sink=\"monitor\", reason=\"connect\"} > bool 0", 1.0).unwrap();
    });
}
