//! Management's HTTP server as a scraper, a person and an adversary meet it.

use std::time::{Duration, Instant};

use tests::http::Connection;
use tests::{Guest, Machine, Network, Side, exposition, load, on_every_machine};

fn boot(machine: Machine) -> Guest {
    let guest = Guest::boot(machine, "web").network(Network::best()).start();
    let _ = guest.scrape(); // from here on it answers
    guest
}

fn connect(guest: &Guest) -> Connection {
    let stream = guest.network().connect(Side::Management, 9100, tests::PATIENCE).expect("management listens");
    Connection::new(stream).expect("a connected stream")
}

on_every_machine! {
    fn every_page_answers(machine: Machine) {
        let guest = boot(machine);
        let mut connection = connect(&guest);
        // One connection for all, so that each answer must end where it says.
        let metrics = connection.get("/metrics").unwrap();
        assert_eq!(metrics.status, 200);
        assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert!(metrics.text().ends_with('\n'));
        let landing = connection.get("/").unwrap();
        assert_eq!(landing.status, 200);
        assert!(landing.text().contains("/metrics"), "{}", landing.text());
        assert_eq!(connection.get("/-/healthy").unwrap().status, 200);
        assert_eq!(connection.get("/-/ready").unwrap().status, 200);
        assert_eq!(connection.get("/log").unwrap().status, 200);
        let head = connection.request("HEAD", "/metrics").unwrap();
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(connection.get("/metrics?name%5B%5D=x").unwrap().status, 200, "a query is no other page");
    }

    fn mistakes_get_their_status(machine: Machine) {
        let guest = boot(machine);
        let mut connection = connect(&guest);
        assert_eq!(connection.get("/metric").unwrap().status, 404);
        let wrong_method = connection.request("DELETE", "/metrics").unwrap();
        assert_eq!(wrong_method.status, 405);
        assert!(wrong_method.header("allow").is_some_and(|allowed| allowed.contains("GET")));

        for malformed in ["nonsense\r\n\r\n", "GET /metrics HTTP/1.1\r\nno colon\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
            let mut connection = connect(&guest);
            connection.send(malformed.as_bytes()).unwrap();
            assert_eq!(connection.receive(false).unwrap().status, 400, "{malformed:?}");
        }
        let mut connection = connect(&guest);
        let long = format!("GET / HTTP/1.1\r\nHost: guest\r\nX-Long: {}\r\n\r\n", "x".repeat(64 * 1024));
        // It may refuse before it has read all, which a sender can meet as a broken pipe.
        let _ = connection.send(long.as_bytes());
        assert_eq!(connection.receive(false).unwrap().status, 431);
        assert_eq!(guest.get(Side::Management, "/-/healthy").status, 200, "it is none the worse for it");
    }

    fn requests_may_come_in_pieces_or_together(machine: Machine) {
        let guest = boot(machine);
        let mut connection = connect(&guest);
        for byte in b"GET /-/healthy HTTP/1.1\r\nHost: guest\r\n\r\n" {
            connection.send(&[*byte]).unwrap();
        }
        assert_eq!(connection.receive(false).unwrap().status, 200);
        let two = "GET /-/healthy HTTP/1.1\r\nHost: g\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: g\r\n\r\n";
        connection.send(two.as_bytes()).unwrap();
        assert_eq!(connection.receive(false).unwrap().status, 200);
        assert_eq!(connection.receive(false).unwrap().status, 404);
    }

    fn the_log_can_be_read_in_parts(machine: Machine) {
        let guest = boot(machine);
        let all = guest.get(Side::Management, "/log").text();
        assert!(all.contains("Periscope"), "{all}");
        let later = guest.get(Side::Management, "/log?since=3").text();
        assert!(later.len() < all.len(), "from line 3 on it is shorter:\n{later}");
        let errors = guest.get(Side::Management, "/log?level=error").text();
        assert!(!errors.contains("Periscope"), "the banner is no error:\n{errors}");
    }

    fn several_scrapers_at_once(machine: Machine) {
        let guest = boot(machine);
        let target = (Side::Management, 9100);
        load::requests(guest.network(), target, "/metrics", 200, 4, load::Style::KeepAlive).unwrap();
    }

    fn a_slow_scraper_delays_nobody(machine: Machine) {
        let guest = boot(machine);
        // These ask and do not read: answers that nobody takes stop their connections, and only theirs.
        let mut slow: Vec<_> = (0..3).map(|_| connect(&guest)).collect();
        for connection in &mut slow {
            for _ in 0..8 {
                connection.send(b"GET /metrics HTTP/1.1\r\nHost: guest\r\n\r\n").unwrap();
            }
        }
        let began = Instant::now();
        for _ in 0..20 {
            let _ = guest.scrape();
        }
        let each = began.elapsed() / 20;
        assert!(each < Duration::from_secs(1), "{each:?} a scrape beside slow ones");
        // And they get what they asked for when they do read.
        for connection in &mut slow {
            for _ in 0..8 {
                assert_eq!(connection.receive(false).unwrap().status, 200);
            }
        }
    }

    fn values_move(machine: Machine) {
        let guest = boot(machine);
        let value = |text: &str, series: &str| {
            exposition::value(text, series).unwrap_or_else(|| panic!("no `{series}` in:\n{text}"))
        };
        let before = guest.scrape();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        assert_eq!(guest.get(Side::Service, "/nowhere").status, 404);
        // On a busy host each request may find the guest at work on the last one; left alone it halts.
        tests::let_pass(Duration::from_millis(50));
        let after = guest.scrape();
        let moved = |series: &str| value(&after, series) - value(&before, series);
        assert_eq!(moved("web_requests_total{code=\"200\"}"), 1.0);
        assert_eq!(moved("web_requests_total{code=\"404\"}"), 1.0);
        for series in [
            "node_time_seconds",
            "uk_uptime_seconds",
            "uk_halts_total",
            "node_context_switches_total",
            "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}",
            "uk_management_cpu_seconds_total",
            "node_network_receive_packets_total{device=\"service\"}",
            "node_network_transmit_packets_total{device=\"service\"}",
            "node_network_receive_bytes_total{device=\"management\"}",
            "node_network_transmit_bytes_total{device=\"management\"}",
        ] {
            assert!(moved(series) > 0.0, "{series} stands still");
        }
        assert_eq!(exposition::sum(&after, "uk_management_allocations_total"), 0.0);
    }
}
