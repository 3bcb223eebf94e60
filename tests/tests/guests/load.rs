//! Much of everything, without a stall and without a leak.

use std::io::{Read, Write};
use std::thread;

use tests::http::Connection;
use tests::load::{Style, requests};
use tests::network::{Counters, SIDES};
use tests::observed::value;
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, exposition, needs_root, on_every_machine};

/// The guest's own count of packets on `side`: in and out.
fn packets(scrape: &str, side: Side) -> [f64; 2] {
    ["receive", "transmit"]
        .map(|way| value(scrape, &format!("node_network_{way}_packets_total{{device=\"{}\"}}", side.name())))
}

const TIME_WAIT: &str = "uk_tcp_connections{device=\"service\",state=\"time_wait\"}";

/// What must be as it was when the load is over: memory, threads, and connections in every state but the lingering one.
fn holdings(scrape: &str) -> Vec<(String, f64)> {
    let held = |series: &&str| {
        let name = series.split('{').next().unwrap_or(series);
        let socket = name.starts_with("uk_tcp_") && !name.ends_with("_total") && series.contains("device=\"service\"");
        (socket && *series != TIME_WAIT) || ["uk_heap_used_bytes", "uk_threads", "web_connections_open"].contains(&name)
    };
    let samples = exposition::samples(scrape).filter(|(series, _)| held(series));
    samples.map(|(series, value)| (series.to_owned(), value)).collect()
}

/// A scrape at a moment when no connection is open or closing; with `time_wait`, when none lingers either. Asks on one
/// connection: each new one would use up a port.
fn settled(guest: &Guest, time_wait: bool) -> String {
    let stream = guest.network().connect(Side::Management, 9100, PATIENCE).expect("management listens");
    let mut connection = Connection::new(stream).expect("a connected stream");
    let mut last = String::new();
    let quiet = || {
        last = connection.get("/metrics").expect("management answers").text();
        let busy = |(series, value): &(&str, f64)| {
            let counts =
                series.starts_with("uk_tcp_connections{device=\"service\"") || *series == "web_connections_open";
            counts && *value != 0.0 && (time_wait || *series != TIME_WAIT)
        };
        exposition::samples(&last).find(busy).is_none().then_some(())
    };
    let settled = eventually(2 * PATIENCE, quiet).is_some();
    assert!(settled, "not settled: {:#?} {TIME_WAIT} {}", holdings(&last), value(&last, TIME_WAIT));
    last
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
        let wires = SIDES.map(|side| guest.network().counters(side).expect("taps count"));
        let scrape = guest.scrape();
        for (side, Counters { receive_packets, transmit_packets, .. }) in SIDES.into_iter().zip(wires) {
            let [received, transmitted] = packets(&scrape, side);
            assert!(received >= f64::from(PACKETS) && transmitted >= f64::from(PACKETS), "{side:?}:\n{scrape}");
            // Both ends of a quiet wire count the same. Management's is not quiet: this very scrape is on it.
            let slack = if side == Side::Service { 0.0 } else { 40.0 };
            assert!((transmit_packets as f64 - received).abs() <= slack, "{side:?}: {transmit_packets} sent, {received} in");
            assert!((receive_packets as f64 - transmitted).abs() <= slack, "{side:?}: {receive_packets} out, {transmitted}");
        }
        assert_eq!(guest.get(Side::Service, "/").status, 200);
    }

    fn thousands_of_short_connections(machine: Machine) {
        needs_root!("thousands_of_short_connections");
        let guest = Guest::boot(machine, "web").network(Network::taps()).start();
        // Few ports, so that each is used again and again while its last connection lingers in the guest.
        guest.network().run(|| std::fs::write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40999")).unwrap();
        let target = (Side::Service, 80);
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        // Stacks of ended threads are kept for the next ones, up to a number: more at once than that fills the store.
        let many: Vec<_> = (0..48).map(|_| guest.network().connect(Side::Service, 80, PATIENCE).unwrap()).collect();
        for stream in many {
            assert_eq!(Connection::new(stream).unwrap().get("/").unwrap().status, 200);
        }
        let before = settled(&guest, false);
        requests(guest.network(), target, "/", 5000, 4, Style::Short).unwrap();
        // The last connections linger for half a minute, as TCP has to.
        let after = settled(&guest, true);
        assert_eq!(holdings(&after), holdings(&before));
        let served = value(&after, "web_connections_total") - value(&before, "web_connections_total");
        assert_eq!(served, 5000.0);
    }

    fn bytes_arrive_as_they_were_sent(machine: Machine) {
        needs_root!("bytes_arrive_as_they_were_sent");
        const BYTES: usize = 8 << 20;
        let guest = Guest::boot(machine, "guest").network(Network::taps()).words("serve").start();
        let _ = guest.line("serving");
        let mut observer = guest.management();
        let before = observer.get("/metrics").unwrap().text();
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
        // And it was the device that cut it into segments, as it did the scrape before.
        let after = observer.get("/metrics").unwrap().text();
        assert!(before.len() > 16 << 10, "{} bytes", before.len());
        for (side, least) in [(Side::Service, 2 * BYTES / (16 << 10)), (Side::Management, 1)] {
            let series = format!("uk_virtqueue_transmit_segmented_total{{device=\"{}\"}}", side.name());
            let cut = value(&after, &series) - value(&before, &series);
            assert!(cut >= least as f64, "{side:?}: {cut} long frames");
        }
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
