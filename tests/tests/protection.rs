//! Who gets in at the management port, and what they get.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};
use tests::http::Connection;
use tests::{Guest, Machine, Network, PATIENCE, Side, exposition, needs_root, on_every_machine};

fn value(text: &str, series: &str) -> f64 {
    exposition::value(text, series).unwrap_or_else(|| panic!("no `{series}` in:\n{text}"))
}

/// Connects to management from one of the host's addresses.
fn connect_from(guest: &Guest, host: Ipv4Addr) -> io::Result<Connection> {
    let (from, to) = (SocketAddrV4::new(host, 0), guest.network().address(Side::Management, 9100));
    guest.network().run(|| {
        let socket = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
        bind(socket.as_raw_fd(), &SockaddrIn::from(from))?;
        connect(socket.as_raw_fd(), &SockaddrIn::from(to))?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE))?;
        Connection::new(stream)
    })
}

on_every_machine! {
    fn only_who_is_allowed_connects(machine: Machine) {
        needs_root!("only_who_is_allowed_connects");
        const NOT_ALLOWED: &str = "uk_management_connections_refused_total{reason=\"not_allowed\"}";
        let network = Network::taps();
        // Both are the host's. The gateway makes the way back to the one that is not on management's wire.
        let (near, far) = (network.host_address(Side::Management), network.host_address(Side::Service));
        let own = network.guest_address(Side::Management);
        let address = format!("--management-ipv4={own}/24 --management-ipv4-gateway={near}");
        let parameters = format!("{address} --allow=192.0.2.0/24,{near}");
        let guest = Guest::boot(machine, "guest").network(network).parameters(&parameters).words("serve").start();
        assert_eq!(value(&guest.scrape(), NOT_ALLOWED), 0.0);
        for _ in 0..3 {
            let refused = connect_from(&guest, far).and_then(|mut connection| connection.get("/-/healthy"));
            let kind = refused.as_ref().map_err(io::Error::kind);
            assert!(matches!(kind, Err(ErrorKind::ConnectionReset)), "{refused:?}");
        }
        let answered = connect_from(&guest, near).and_then(|mut connection| connection.get("/metrics")).unwrap();
        assert_eq!((answered.status, value(&answered.text(), NOT_ALLOWED)), (200, 3.0));
        drop(guest);

        // The other way round, so that it was the list that made the difference.
        let network = Network::taps();
        let parameters = format!("{address} --allow={far}/32");
        let guest = Guest::boot(machine, "guest").network(network).parameters(&parameters).words("serve").start();
        let _ = guest.line("serving");
        let ask = || connect_from(&guest, far).and_then(|mut connection| connection.get("/metrics")).ok();
        assert_eq!(tests::eventually(PATIENCE, ask).expect("an answer").status, 200);
        assert!(connect_from(&guest, near).and_then(|mut connection| connection.get("/-/healthy")).is_err());
    }

    fn the_longest_idle_of_64_makes_way(machine: Machine) {
        const PLACES: usize = 64;
        const EVICTED: &str = "uk_management_http_evicted_total";
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
