//! Much of everything, without a stall and without a leak.

use std::io::{Read, Write};
use std::thread;

use tests::load::{Style, requests};
use tests::network::{Counters, SIDES};
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, exposition, needs_root, on_every_machine};

fn value(text: &str, series: &str) -> f64 {
    exposition::value(text, series).unwrap_or_else(|| panic!("no `{series}` in:\n{text}"))
}

/// The guest's own count of packets on `side`: in and out.
fn packets(scrape: &str, side: Side) -> [f64; 2] {
    ["receive", "transmit"]
        .map(|way| value(scrape, &format!("node_network_{way}_packets_total{{device=\"{}\"}}", side.name())))
}

/// What must be as it was when the load is over.
fn holdings(scrape: &str) -> Vec<(String, f64)> {
    // Not the heap's size classes: they keep what they once had. Sockets that linger in TIME-WAIT count until they are gone.
    let held = ["uk_heap_used_bytes", "uk_threads", "uk_tcp_", "web_connections_open"];
    let gauge = |series: &str| !series.split('{').next().unwrap_or(series).ends_with("_total");
    let samples = exposition::samples(scrape).filter(|(series, _)| held.iter().any(|name| series.starts_with(name)));
    samples.filter(|(series, _)| gauge(series)).map(|(series, value)| (series.to_owned(), value)).collect()
}

on_every_machine! {
    fn packets_beyond_the_ring_s_index(machine: Machine) {
        needs_root!("packets_beyond_the_ring_s_index");
        // The virtqueues' indices have 16 bits: at 65,536 packets they wrap.
        const PACKETS: u32 = 70_000;
        let guest = Guest::boot(machine, "web").network(Network::taps()).start();
        let _ = guest.scrape();
        for side in SIDES {
            let answered = guest.network().ping(side, PACKETS, 32, 56).unwrap();
            assert_eq!(answered, PACKETS, "on {side:?}");
        }
        let scrape = guest.scrape();
        for side in SIDES {
            let [received, transmitted] = packets(&scrape, side);
            let Counters { receive_packets, transmit_packets, .. } = guest.network().counters(side).unwrap();
            assert!(received >= f64::from(PACKETS) && transmitted >= f64::from(PACKETS), "{side:?}:\n{scrape}");
            // Both ends of a quiet wire count the same. Management's is never quiet: the scrape itself is on it.
            let slack = if side == Side::Service { 0.0 } else { 20.0 };
            assert!((transmit_packets as f64 - received).abs() <= slack, "{side:?}: {transmit_packets} sent, {received} in");
            assert!((receive_packets as f64 - transmitted).abs() <= slack, "{side:?}: {receive_packets} out, {transmitted}");
        }
        assert_eq!(guest.get(Side::Service, "/").status, 200);
    }

    fn thousands_of_short_connections(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let target = (Side::Service, 80);
        // What is allocated once, on first use, is allocated now.
        requests(guest.network(), target, "/", 50, 4, Style::Short).unwrap();
        let settled = |scrape: String| (value(&scrape, "web_connections_open") == 0.0).then_some(scrape);
        let before = eventually(PATIENCE, || settled(guest.scrape())).expect("connections close");
        requests(guest.network(), target, "/", 5000, 4, Style::Short).unwrap();
        let mut last = String::new();
        let back = eventually(PATIENCE, || {
            last = guest.scrape();
            (holdings(&last) == holdings(&before)).then_some(())
        });
        assert!(back.is_some(), "held before: {:#?}\nheld after: {:#?}", holdings(&before), holdings(&last));
        let served = value(&last, "web_connections_total") - value(&before, "web_connections_total");
        assert_eq!(served, 5000.0);
    }

    fn bytes_arrive_as_they_were_sent(machine: Machine) {
        needs_root!("bytes_arrive_as_they_were_sent");
        const BYTES: usize = 8 << 20;
        let guest = Guest::boot(machine, "guest").network(Network::taps()).words("serve").start();
        let _ = guest.line("serving");
        let mut source = guest.network().connect(Side::Service, 19, PATIENCE).unwrap();
        let mut received = vec![0; BYTES];
        source.read_exact(&mut received).unwrap();
        let wrong = received.iter().enumerate().find(|(index, byte)| **byte != (index % 251) as u8);
        assert_eq!(wrong, None);
        drop(source);

        let echo = guest.network().connect(Side::Service, 7, PATIENCE).unwrap();
        let (mut back, mut forth) = (echo.try_clone().unwrap(), echo);
        let sent = received;
        thread::scope(|scope| {
            scope.spawn(|| {
                forth.write_all(&sent).unwrap();
                forth.shutdown(std::net::Shutdown::Write).unwrap();
            });
            let mut returned = Vec::with_capacity(BYTES);
            back.read_to_end(&mut returned).unwrap();
            assert!(returned == sent, "{} bytes came back of {BYTES}, or changed", returned.len());
        });
    }

    fn datagrams_are_echoed(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("serve").start();
        let _ = guest.line("serving");
        let socket = guest.network().udp(Side::Service, 7, std::time::Duration::from_millis(500)).unwrap();
        let mut buffer = [0; 2048];
        for len in [0, 1, 2, 512, 1472] {
            let datagram: Vec<u8> = (0..len).map(|index: u32| index as u8).collect();
            // Datagrams may be lost, also to the resolution of the first one's address; not for ever.
            let echoed = eventually(PATIENCE, || {
                socket.send(&datagram).ok()?;
                let len = socket.recv(&mut buffer).ok()?;
                (buffer[..len] == datagram).then_some(())
            });
            assert!(echoed.is_some(), "a datagram of {len} bytes was not echoed");
        }
    }
}
