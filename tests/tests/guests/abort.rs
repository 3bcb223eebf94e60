//! A reply that is cut off never passes for a whole one: it ends with a reset, and without what ends a whole one.

use std::io::{ErrorKind, Read, Write};

use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, exposition, needs_root, on_every_machine};

const CUT_OFF: &str = "uk_management_http_timeouts_total{stage=\"reply\"}";

on_every_machine! {
    fn a_reply_that_is_not_taken_in_time(machine: Machine) {
        needs_root!("a_reply_that_is_not_taken_in_time");
        let guest = Guest::boot(machine, "guest").network(Network::taps()).words("formats").start();
        let _ = guest.line("formats: ready");
        let whole = guest.scrape();
        // A small window, so that most of the reply stays where it comes from.
        guest.network().run(|| std::fs::write("/proc/sys/net/ipv4/tcp_rmem", "4096 4096 4096")).unwrap();
        for (version, count) in [("1.1", 1.0), ("1.0", 2.0)] {
            let mut stream = guest.network().connect(Side::Management, 9100, PATIENCE).unwrap();
            let request = format!(
                "GET /metrics HTTP/{version}\r\nHost: guest\r\nX-Prometheus-Scrape-Timeout-Seconds: 1\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).unwrap();
            let given_up = || (exposition::value(&guest.scrape(), CUT_OFF) == Some(count)).then_some(());
            assert!(eventually(PATIENCE, given_up).is_some(), "HTTP/{version}: still offered:\n{}", guest.scrape());

            let mut reply = Vec::new();
            let end = stream.read_to_end(&mut reply).map_err(|error| error.kind());
            assert_eq!(end, Err(ErrorKind::ConnectionReset), "HTTP/{version}: {} bytes and their end", reply.len());
            let text = String::from_utf8_lossy(&reply);
            let (head, body) = text.split_once("\r\n\r\n").expect("the head fits into any window");
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            assert_eq!(head.contains("chunked"), version == "1.1", "{head}");
            assert!(!body.is_empty() && body.len() < whole.len() / 2, "HTTP/{version}: {} bytes of body", body.len());
            assert!(!body.ends_with("\r\n0\r\n\r\n"), "HTTP/{version}: a last chunk");
        }
    }
}
