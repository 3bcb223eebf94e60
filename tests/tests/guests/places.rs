//! Who has a place at the management port, who keeps it, and that nobody's reply is cut short for it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tests::exposition::moved;
use tests::http::Connection;
use tests::observed::value;
use tests::{Guest, Machine, Network, PATIENCE, Side, exposition, let_pass, needs_root, on_every_machine};

const PLACES: usize = 64;
const EVICTED: &str = "uk_management_http_evicted_total";

fn connect(guest: &Guest) -> TcpStream {
    guest.network().connect(Side::Management, 9100, PATIENCE).expect("management listens")
}

/// A guest whose exposition is larger than all that a connection's buffers hold, and that exposition. The host's windows
/// are small from then on, so that what is not read stays in the guest.
fn boot_with_much_to_tell(machine: Machine) -> (Guest, String) {
    let guest = Guest::boot(machine, "guest").network(Network::taps()).words("formats").start();
    let _ = guest.line("formats: ready");
    let _ = guest.scrape(); // the first of all tells of no scrape before it
    let whole = guest.scrape();
    let narrowed = guest.network().run(|| std::fs::write("/proc/sys/net/ipv4/tcp_rmem", "4096 4096 4096"));
    narrowed.expect("the namespace's settings are the test's");
    (guest, whole)
}

/// The end of a reply that a client rests before: all of it fits into the guest's transmit buffer.
const TAIL: usize = 16 << 10;
/// For so long: longer than a client may take to close after its last reply, or to be answered when others want its
/// place.
const REST: Duration = Duration::from_secs(4);

/// A client that reads quickly until it has read so many bytes, then rests, and then reads the rest quickly.
struct RestsBeforeTheTail {
    stream: TcpStream,
    before: usize,
    rest: fn(),
}

impl Read for RestsBeforeTheTail {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.before == 0 {
            std::mem::replace(&mut self.rest, || ())();
            return self.stream.read(buffer);
        }
        let len = buffer.len().min(self.before);
        let len = self.stream.read(&mut buffer[..len])?;
        self.before -= len;
        Ok(len)
    }
}

impl Write for RestsBeforeTheTail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn series(text: &str) -> Vec<&str> {
    exposition::samples(text).map(|(series, _)| series).collect()
}

on_every_machine! {
    fn a_last_reply_is_never_short(machine: Machine) {
        needs_root!("a_last_reply_is_never_short");
        let (guest, whole) = boot_with_much_to_tell(machine);
        let ask = |version: &str| {
            let before = whole.len() - TAIL;
            let mut client =
                Connection::over(RestsBeforeTheTail { stream: connect(&guest), before, rest: || let_pass(REST) });
            let request = format!("GET /metrics HTTP/{version}\r\nHost: guest\r\nConnection: close\r\n\r\n");
            client.send(request.as_bytes()).unwrap();
            let reply = client.receive(false).unwrap_or_else(|error| panic!("HTTP/{version}: {error}"));
            assert!(series(&reply.text()) == series(&whole), "HTTP/{version}: {} bytes", reply.body.len());
            // Without chunks, reading the body was reading to the end.
            if version == "1.1" {
                client.closed_by_server().unwrap();
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| ask("1.1"));
            scope.spawn(|| ask("1.0"));
        });
        assert_eq!(moved(&whole, &guest.scrape(), "uk_management_http_timeouts_total"), 0.0);
    }

    fn who_takes_the_end_of_a_reply_is_not_idle(machine: Machine) {
        needs_root!("who_takes_the_end_of_a_reply_is_not_idle");
        let (guest, whole) = boot_with_much_to_tell(machine);
        let mut reader = connect(&guest);
        reader.write_all(b"GET /metrics HTTP/1.1\r\nHost: guest\r\n\r\n").unwrap();
        let mut reply = vec![0; whole.len() - TAIL];
        reader.read_exact(&mut reply).unwrap();
        // Now the transmit buffer has the rest, and all other places are taken by clients that want nothing.
        let held: Vec<_> = (0..PLACES + 16).map(|_| connect(&guest)).collect();
        let_pass(REST);
        let newcomers: Vec<_> = (0..16).map(|_| connect(&guest)).collect();
        let mut observer = guest.management();
        let told = observer.get("/metrics").unwrap().text();
        assert!(value(&told, EVICTED) >= 32.0, "{} had to go", value(&told, EVICTED));
        assert_eq!(value(&told, "uk_management_http_clients"), PLACES as f64);

        let mut piece = [0; 4096];
        while !reply.ends_with(b"\r\n0\r\n\r\n") {
            let len = reader.read(&mut piece).unwrap();
            assert!(len > 0, "it ended after {} bytes", reply.len());
            reply.extend_from_slice(&piece[..len]);
        }
        assert_eq!(Connection::new(reader).unwrap().get("/-/healthy").unwrap().status, 200);
        drop((held, newcomers));
    }

    fn a_byte_a_second_keeps_no_place(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("serve").start();
        let _ = guest.scrape();
        let mut slow: Vec<_> = (1..PLACES).map(|_| connect(&guest)).collect();
        let mut good = guest.management();
        let before = good.get("/metrics").unwrap().text();
        for _ in 0..3 {
            for stream in &mut slow {
                // One may have had to make way already, for a connection that was still closing.
                let _ = stream.write_all(b"G");
            }
            let_pass(Duration::from_secs(1));
        }
        for _ in 0..8 {
            assert_eq!(guest.management().get("/-/healthy").unwrap().status, 200);
        }
        let newcomers: Vec<_> = (0..8).map(|_| connect(&guest)).collect();
        let after = good.get("/metrics").expect("those who ask for nothing make way").text();
        assert!(moved(&before, &after, EVICTED) >= 8.0, "{} had to go", moved(&before, &after, EVICTED));
        drop(newcomers);
    }

    fn the_longest_idle_of_64_makes_way(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).words("serve").start();
        let _ = guest.scrape();
        let idle = || {
            let mut connection = guest.management();
            assert_eq!(connection.get("/-/healthy").unwrap().status, 200);
            connection
        };
        // The scrape's own connection may linger, so it is asked for on one that stays.
        let mut observer = guest.management();
        let settled = tests::eventually(PATIENCE, || {
            let scrape = observer.get("/metrics").ok()?.text();
            (value(&scrape, "uk_management_http_clients") == 1.0).then_some(())
        });
        assert!(settled.is_some(), "nobody else is connected");
        let mut held: Vec<_> = (1..PLACES).map(|_| idle()).collect();
        let scrape = observer.get("/metrics").unwrap().text();
        assert_eq!((value(&scrape, "uk_management_http_clients"), value(&scrape, EVICTED)), (PLACES as f64, 0.0));

        // The observer has just asked, so the first of the others is the one.
        let mut late = idle();
        let scrape = observer.get("/metrics").unwrap().text();
        assert_eq!((value(&scrape, "uk_management_http_clients"), value(&scrape, EVICTED)), (PLACES as f64, 1.0));
        assert!(held.remove(0).get("/-/healthy").is_err(), "it had to go");
        for connection in held.iter_mut().chain([&mut late]) {
            assert_eq!(connection.get("/-/healthy").unwrap().status, 200);
        }
    }

    fn fewer_places_where_memory_is_scarce(machine: Machine) {
        let guest = Guest::boot(machine, "guest").network(Network::best()).memory_mib(16).words("serve").start();
        let _ = guest.line("serving");
        let _ = guest.scrape();
        let connect = |_| guest.network().connect(Side::Management, 9100, PATIENCE).unwrap();
        let held: Vec<_> = (0..30).map(connect).collect();
        let mut newest = guest.management();
        let scrape = newest.get("/metrics").unwrap().text();
        let clients = value(&scrape, "uk_management_http_clients");
        assert!((8.0..30.0).contains(&clients), "{clients} places");
        let evicted = value(&scrape, "uk_management_http_evicted_total");
        assert!(clients + evicted >= 31.0, "{evicted} were evicted: whoever is not there had to go");
        drop(held);
    }
}
