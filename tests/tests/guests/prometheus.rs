//! What a real Prometheus stores is what happened, and the strictest judges find nothing wrong with the exposition.

use tests::prometheus::{Prometheus, promtool_findings, strict_findings};
use tests::{Guest, Machine, Network, Side, load, on_every_machine};

/// A guest with a large family and an exponential histogram.
fn boot(machine: Machine) -> Guest {
    let guest = Guest::boot(machine, "guest").network(Network::best()).words("formats").start();
    let _ = guest.line("formats: ready");
    let _ = guest.scrape();
    guest
}

/// All that the guest told in `format` is there.
fn scraped_whole(server: &Prometheus<'_>, format: &str) -> Result<(), String> {
    server.expect("up", 1.0)?;
    server.expect(&format!("uk_scrapes_total{{format=\"{format}\"}} > bool 0"), 1.0)?;
    let series = format!("uk_scrape_series{{format=\"{format}\"}}");
    server.expect(&format!("scrape_samples_scraped == bool on() {series}"), 1.0)?;
    server.expect("count(guest_part_total)", 1000.0)?;
    server.expect("sum(guest_part_total)", 499_500.0)?;
    // It was up all the time, not only at the end.
    server.expect("min_over_time(up[1m])", 1.0).map_err(|error| format!("{error}:\n{}", server.warnings()))
}

fn no_complaints(server: &Prometheus<'_>) {
    let warnings = server.warnings();
    let of_scrapes: Vec<_> = warnings.lines().filter(|line| line.contains("scrape")).collect();
    assert!(of_scrapes.is_empty(), "{of_scrapes:#?}");
}

on_every_machine! {
    fn stores_the_exact_count(machine: Machine) {
        const REQUESTS: u32 = 10_000;
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let _ = guest.scrape();
        let prometheus = Prometheus::start(guest.network()).unwrap();
        prometheus.expect("up", 1.0).unwrap();
        load::requests(guest.network(), (Side::Service, 80), "/", REQUESTS, 4, load::Style::KeepAlive).unwrap();
        prometheus.expect("web_requests_total{code=\"200\"}", f64::from(REQUESTS)).unwrap();
        // It was up all the time, not only at the end.
        prometheus.expect("min_over_time(up[1m])", 1.0).unwrap();
        prometheus.expect("sum(web_request_duration_seconds_count)", f64::from(REQUESTS)).unwrap();
    }

    fn openmetrics_is_scraped_whole(machine: Machine) {
        let guest = boot(machine);
        let prometheus = Prometheus::start(guest.network()).unwrap();
        scraped_whole(&prometheus, "openmetrics").unwrap();
        prometheus.expect("guest_spread_bytes_bucket{le=\"1024.0\"}", 11.0).unwrap();
        no_complaints(&prometheus);
    }

    fn protobuf_is_scraped_whole(machine: Machine) {
        let guest = boot(machine);
        let prometheus = Prometheus::with_native_histograms(guest.network()).unwrap();
        prometheus.expect("up", 1.0).unwrap();
        prometheus.expect("uk_scrapes_total{format=\"protobuf\"} > bool 0", 1.0).unwrap();
        // A family in several messages is one in the end.
        prometheus.expect("count(guest_part_total)", 1000.0).unwrap();
        prometheus.expect("sum(guest_part_total)", 499_500.0).unwrap();
        // And an exponential histogram is a native one: the powers of two up to 2^19, once each.
        prometheus.expect("histogram_count(guest_spread_bytes)", 20.0).unwrap();
        prometheus.expect("histogram_sum(guest_spread_bytes)", 1_048_575.0).unwrap();
        prometheus.expect("histogram_quantile(0.5, guest_spread_bytes)", 512.0).unwrap();
        prometheus.expect("min_over_time(up[1m])", 1.0).unwrap();
        no_complaints(&prometheus);
    }

    fn text_is_scraped_whole(machine: Machine) {
        let guest = boot(machine);
        let victoria = Prometheus::victoria_metrics(guest.network()).unwrap();
        scraped_whole(&victoria, "text").unwrap();
        no_complaints(&victoria);
    }

    fn judges_find_nothing(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        let scrape = guest.scrape();
        let findings = promtool_findings(&scrape).unwrap();
        // node_exporter's own names are not all to promtool's taste; what is only ours has to be.
        let ours: Vec<_> = findings.iter().filter(|line| !line.starts_with("node_")).collect();
        assert!(ours.is_empty(), "{ours:#?}");
        assert_eq!(strict_findings(&scrape).unwrap(), Vec::<String>::new());
    }
}

/// The judges themselves must be able to find something.
#[test]
fn judges_can_find_something() {
    let split = "# HELP uk_opened_total Opened.\n# TYPE uk_opened_total counter\nuk_opened_total{x=\"1\"} 1\n\
        # HELP uk_shut Shut.\n# TYPE uk_shut gauge\nuk_shut 1\nuk_opened_total{x=\"2\"} 1\n";
    assert_eq!(strict_findings(split).unwrap().len(), 1, "a family in two places");
    let good = split.replace("uk_shut 1\nuk_opened_total{x=\"2\"} 1\n", "uk_shut 1\n");
    assert_eq!(strict_findings(&good).unwrap(), Vec::<String>::new());
    assert_eq!(promtool_findings(&good).unwrap(), Vec::<String>::new());
    let no_help = "# TYPE uk_odd_count counter\nuk_odd_count 1\n";
    assert!(!promtool_findings(no_help).unwrap().is_empty());
    assert_eq!(strict_findings("").unwrap(), ["the exposition does not end with a newline"]);
}
