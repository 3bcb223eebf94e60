//! The two sides do not meet, and nothing a program does keeps management from answering.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use tests::load::{Style, requests};
use tests::observed::value;
use tests::{Guest, Machine, Network, Side, needs_root, on_every_machine};

/// Longer than any scrape may take, however busy the host is; Prometheus gives up after ten.
const LATE: Duration = Duration::from_secs(5);

/// Scrapes `count` times, each in time.
fn scraped_in_time(guest: &Guest, count: u32) {
    for _ in 0..count {
        let began = Instant::now();
        let scrape = guest.scrape();
        assert!(began.elapsed() < LATE, "a scrape took {:?}", began.elapsed());
        assert!(value(&scrape, "uk_uptime_seconds") > 0.0);
    }
}

on_every_machine! {
    fn each_side_has_only_its_own_ports(machine: Machine) {
        needs_root!("each_side_has_only_its_own_ports");
        let guest = Guest::boot(machine, "web").network(Network::taps()).start();
        let _ = guest.scrape();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        for (side, open) in [(Side::Service, 80), (Side::Management, 9100)] {
            let mut found = Vec::new();
            guest.network().run(|| {
                for port in (1..=1024).chain([2323, 8080]).chain(9000..=9200) {
                    let address = guest.network().address(side, port).into();
                    match TcpStream::connect_timeout(&address, LATE) {
                        Ok(_) => found.push(port),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{address}"),
                    }
                }
            });
            assert_eq!(found, [open], "open on {side:?}");
        }
    }

    fn scraped_beside_64_spinning_threads(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("spin 64").start();
        let _ = guest.line("spinning in 64 threads");
        scraped_in_time(&guest, 20);
        assert!(value(&guest.scrape(), "uk_threads") >= 64.0);
    }

    fn management_keeps_to_its_share(machine: Machine) {
        let guest = Guest::boot(machine, "guest")
            .network(Network::best())
            .parameters("--management-cpu=10%")
            .words("spin 1")
            .start();
        let _ = guest.line("spinning");
        // Scraped back to back by several at once, management wants all it can get.
        let (before, after) = thread::scope(|scope| {
            let scrapers = scope.spawn(|| {
                let target = (Side::Management, 9100);
                let end = Instant::now() + Duration::from_secs(6);
                while Instant::now() < end {
                    requests(guest.network(), target, "/metrics", 8, 4, Style::KeepAlive).unwrap();
                }
            });
            tests::let_pass(Duration::from_secs(1));
            let before = guest.scrape();
            tests::let_pass(Duration::from_secs(4));
            let after = guest.scrape();
            scrapers.join().unwrap();
            (before, after)
        });
        let moved = |series: &str| value(&after, series) - value(&before, series);
        let share = moved("uk_management_cpu_seconds_total") / moved("uk_uptime_seconds");
        // Both bounds hold in any 100 ms, give or take one slice of 1 ms; this is over seconds.
        assert!(share < 0.12, "management took {share} of the CPU, beyond its share");
        assert!(share > 0.05, "management got {share} of the CPU, though it was owed twice that");
    }

    fn scraped_when_memory_is_exhausted(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("exhaust").start();
        let _ = guest.line("exhausted");
        scraped_in_time(&guest, 5);
        assert!(value(&guest.scrape(), "uk_heap_failures_total") > 0.0);
    }

    fn scraped_under_a_flood(machine: Machine) {
        needs_root!("scraped_under_a_flood");
        let guest = Guest::boot(machine, "web").network(Network::taps()).start();
        let _ = guest.scrape();
        thread::scope(|scope| {
            // Datagrams to a closed port, as fast as the host can send them.
            let flood = scope.spawn(|| {
                let socket = guest.network().udp(Side::Service, 4000, LATE).unwrap();
                let end = Instant::now() + Duration::from_secs(3);
                while Instant::now() < end {
                    // The answers that the port is closed come back as errors of the next call.
                    let _ = socket.send(&[0; 18]);
                }
            });
            scraped_in_time(&guest, 10);
            flood.join().unwrap();
        });
        assert_eq!(guest.get(Side::Service, "/").status, 200, "and it still serves afterwards");
    }
}
