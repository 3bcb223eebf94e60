//! Clients of the management port that are slow, or many, hold up no good scraper beside them, and are accounted for.
//! What they may send is in `garbage.rs`.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tests::exposition::moved;
use tests::http::Connection;
use tests::observed::value;
use tests::scraper::{back_to_normal, beside};
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, needs_root, on_every_machine};

/// Connections as slow as can be, together: nearly as many as the port has places for.
const SLOW: usize = 60;

fn boot(machine: Machine) -> Guest {
    // Its exposition is larger than all that a connection's buffers hold.
    let guest = Guest::boot(machine, "guest").network(Network::taps()).words("formats").start();
    let _ = guest.line("formats: ready");
    let _ = guest.scrape();
    guest
}

fn connect(guest: &Guest) -> TcpStream {
    guest.network().connect(Side::Management, 9100, PATIENCE).expect("management listens")
}

/// The most clients that were ever connected at once.
fn most_clients(scrapes: &[String]) -> f64 {
    scrapes.iter().map(|text| value(text, "uk_management_http_clients")).fold(0.0, f64::max)
}

on_every_machine! {
    fn slow_requests(machine: Machine) {
        needs_root!("slow_requests");
        let guest = boot(machine);
        let before = guest.scrape();
        let ((), scrapes) = beside(&guest, || {
            let mut slow: Vec<_> = (0..SLOW).map(|_| connect(&guest)).collect();
            // Each sends a byte a second of a request that never ends, until it is told that this is too slow.
            let mut request = b"GET /metrics HTTP/1.1\r\nHost: guest\r\nX-Slow: ".iter().copied().chain(std::iter::repeat(b'x'));
            let end = Instant::now() + PATIENCE;
            while !slow.is_empty() {
                assert!(Instant::now() < end, "{} are still heard", slow.len());
                let byte = [request.next().unwrap_or_default()];
                slow.retain_mut(|stream| stream.write_all(&byte).is_ok() && !has_ended(stream));
                tests::let_pass(Duration::from_secs(1));
            }
        });
        assert!(most_clients(&scrapes) >= SLOW as f64, "{}", most_clients(&scrapes));
        let after = back_to_normal(&guest, &before);
        let timeouts = value(&after, "uk_management_http_timeouts_total{stage=\"head\"}");
        assert_eq!(timeouts, SLOW as f64);
        assert_eq!(value(&after, "uk_management_http_refused_total{reason=\"head_timeout\"}"), SLOW as f64);
        assert_eq!(moved(&before, &after, "uk_management_http_evicted_total"), 0.0);
    }

    fn slow_readers(machine: Machine) {
        needs_root!("slow_readers");
        let guest = boot(machine);
        let before = guest.scrape();
        let (mut slow, scrapes) = beside(&guest, || {
            // Small windows, so that the answers stay where they come from.
            guest.network().run(|| std::fs::write("/proc/sys/net/ipv4/tcp_rmem", "4096 4096 4096")).unwrap();
            let mut slow: Vec<_> = (0..SLOW).map(|_| connect(&guest)).collect();
            for stream in &mut slow {
                stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: guest\r\n\r\n").unwrap();
            }
            // Half of them read a byte a second, the others nothing at all.
            for _ in 0..5 {
                for stream in &mut slow[..SLOW / 2] {
                    stream.read_exact(&mut [0]).unwrap();
                }
                tests::let_pass(Duration::from_secs(1));
            }
            slow
        });
        let last = scrapes.last().expect("there is one");
        assert_eq!(value(last, "uk_management_http_clients"), SLOW as f64 + 1.0);
        // Nobody but the good scraper has got an answer by then.
        assert_eq!(moved(&before, last, "uk_scrapes_total"), scrapes.len() as f64, "{} scrapes", scrapes.len());
        // Who reads on gets all of what it asked for; here, those who had not read a byte.
        for stream in slow.split_off(SLOW / 2) {
            let response = Connection::new(stream).unwrap().receive(false).unwrap();
            assert_eq!((response.status, response.text().ends_with('\n')), (200, true));
        }
        drop(slow);
        let after = back_to_normal(&guest, &before);
        assert_eq!(moved(&before, &after, "uk_management_http_evicted_total"), 0.0);
    }

    fn slow_readers_in_all_places(machine: Machine) {
        needs_root!("slow_readers_in_all_places");
        let guest = boot(machine);
        guest.network().run(|| std::fs::write("/proc/sys/net/ipv4/tcp_rmem", "4096 4096 4096")).unwrap();
        let mut slow: Vec<_> = (0..200).map(|_| connect(&guest)).collect();
        for stream in &mut slow {
            // Some have had to make way for others by then.
            let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: guest\r\n\r\n");
        }
        // Who has been answered for a while makes way for a newcomer, each time anew.
        for _ in 0..10 {
            let ask = || {
                // A reset can come before the connection is even seen to be there.
                let stream = guest.network().connect(Side::Management, 9100, PATIENCE).ok()?;
                Connection::new(stream).ok()?.get("/metrics").ok()
            };
            let answer = eventually(Duration::from_secs(5), ask).expect("a newcomer is answered");
            assert!(answer.text().ends_with('\n'));
        }
    }

    fn more_connections_than_places(machine: Machine) {
        needs_root!("more_connections_than_places");
        const OFFERED: u32 = 2000;
        let guest = boot(machine);
        let before = guest.scrape();
        let ((), scrapes) = beside(&guest, || {
            // The newest 200 are held, which is more than there is room for.
            let mut held = VecDeque::new();
            for _ in 0..OFFERED {
                held.push_back(connect(&guest));
                if held.len() > 200 {
                    held.pop_front();
                }
            }
        });
        let after = back_to_normal(&guest, &before);
        let places = most_clients(&scrapes);
        assert!((8.0..200.0).contains(&places), "{places} places");
        let offered = moved(&before, &after, "uk_management_http_connections_total");
        assert!(offered >= f64::from(OFFERED), "{offered} connections were counted");
        let evicted = moved(&before, &after, "uk_management_http_evicted_total");
        // All but those that had a place to the end, or were closed by themselves in time.
        assert!(evicted > f64::from(OFFERED) / 2.0 && evicted <= offered - 1.0, "{evicted} of {offered} were evicted");
    }

    fn half_open_flood(machine: Machine) {
        needs_root!("half_open_flood");
        const OFFERED: u32 = 20_000;
        let guest = boot(machine);
        let before = guest.scrape();
        let ((), _) = beside(&guest, || guest.network().half_open(Side::Management, 9100, OFFERED / 50, 50).unwrap());
        // A newcomer is let in at once, though the last of the flood have not expired.
        let began = Instant::now();
        let after = guest.management().get("/metrics").unwrap().text();
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        let of_management = |text: &str, name: &str| value(text, &format!("{name}{{device=\"management\"}}"));
        let gone = |name: &str| of_management(&after, name) - of_management(&before, name);
        let given_up = gone("uk_tcp_half_open_recycled_total") + gone("uk_tcp_half_open_expired_total");
        let half_open = value(&after, "uk_tcp_connections{device=\"management\",state=\"syn_received\"}");
        assert!(given_up + half_open <= f64::from(OFFERED), "{given_up} were given up, {half_open} are left");
        assert!(given_up > f64::from(OFFERED) / 2.0, "{given_up} of {OFFERED} were given up");
        assert!(half_open < 64.0, "{half_open} half-open connections");
        assert_eq!(gone("uk_tcp_pool_exhausted_total"), 0.0);
        let _ = back_to_normal(&guest, &before);
    }
}

/// Whether the other side has closed a connection.
fn has_ended(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).expect("a socket may be asked without waiting");
    let mut reply = [0; 1024];
    loop {
        match stream.read(&mut reply) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(_) => return true,
        }
    }
}
