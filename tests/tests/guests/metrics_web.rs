//! What the default program counts of its clients, against what the clients count; and what the image says it is.

use std::io::{Read, Write};
use std::net::TcpStream;

use tests::observed::value;
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, exposition, on_every_machine};

/// Sends some bytes on a connection of its own and reads until the guest closes it. How many came back.
fn converse(guest: &Guest, request: &str) -> usize {
    let mut stream = guest.network().connect(Side::Service, 80, PATIENCE).expect("the program listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
    stream.write_all(request.as_bytes()).expect("it is open");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("it is closed in time");
    reply.len()
}

on_every_machine! {
    fn the_program_counts_what_its_clients_count(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        let closed = || {
            let told = guest.scrape();
            (value(&told, "web_connections_open") == 0.0).then_some(told)
        };
        let before = eventually(PATIENCE, closed).expect("nobody is connected");

        let close = "Connection: close\r\n\r\n";
        let requests = [
            format!("GET / HTTP/1.1\r\nHost: guest\r\n{close}"),
            format!("HEAD / HTTP/1.1\r\nHost: guest\r\n{close}"),
            format!("GET /nowhere HTTP/1.1\r\nHost: guest\r\n\r\nGET / HTTP/1.1\r\nHost: guest\r\n{close}"),
            format!("DELETE / HTTP/1.1\r\nHost: guest\r\n{close}"),
            "nonsense\r\n\r\n".to_owned(),
        ];
        let received: usize = requests.iter().map(|request| converse(&guest, request)).sum();
        let sent: usize = requests.iter().map(String::len).sum();

        let after = eventually(PATIENCE, closed).expect("nobody is connected any more");
        let moved = |series: &str| value(&after, series) - value(&before, series);
        assert_eq!(moved("web_receive_bytes_total"), sent as f64);
        assert_eq!(moved("web_transmit_bytes_total"), received as f64);
        assert_eq!(moved("web_connections_total"), requests.len() as f64);
        assert_eq!(moved("web_connections_turned_away_total"), 0.0);
        for (code, count) in [("200", 3.0), ("400", 1.0), ("404", 1.0), ("405", 1.0)] {
            assert_eq!(moved(&format!("web_requests_total{{code=\"{code}\"}}")), count, "{code}");
        }
        assert_eq!(moved("web_request_duration_seconds_count"), 6.0);
        let spent = moved("web_request_duration_seconds_sum");
        assert!(spent > 0.0 && spent < moved("uk_uptime_seconds"), "{spent} s for six requests");
    }

    fn an_open_connection_is_told_while_it_is_open(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let open = |count: f64| {
            let told = || (value(&guest.scrape(), "web_connections_open") == count).then_some(());
            assert!(eventually(PATIENCE, told).is_some(), "not {count} connections:\n{}", guest.scrape());
        };
        open(0.0);
        let kept = [guest.knock(), guest.knock()];
        open(2.0);
        drop(kept);
        open(0.0);
    }

    fn who_finds_no_thread_is_turned_away(machine: Machine) {
        // As many as the stack takes on a machine that is not small, which is more than there can be threads.
        const CLIENTS: usize = 512;
        let guest = Guest::boot(machine, "web").network(Network::best()).memory_mib(512).start();
        let before = guest.scrape();
        let clients: Vec<_> = (0..CLIENTS).map(|_| guest.knock()).collect();
        let mut after = String::new();
        let moved = |after: &str, series: &str| value(after, series) - value(&before, series);
        let settled = eventually(PATIENCE, || {
            after = guest.scrape();
            let served = moved(&after, "web_connections_total");
            (served + moved(&after, "web_connections_turned_away_total") == CLIENTS as f64).then_some(())
        });
        assert!(settled.is_some(), "some are neither served nor turned away:\n{after}");
        let closed = || {
            let is_closed = |mut client: &TcpStream| {
                client.set_nonblocking(true).is_ok() && matches!(client.read(&mut [0]), Ok(0))
            };
            let count = clients.iter().filter(|client| is_closed(client)).count();
            (count > 0 && count as f64 == moved(&after, "web_connections_turned_away_total")).then_some(())
        };
        assert!(eventually(PATIENCE, closed).is_some(), "not those are closed that were turned away:\n{after}");
        assert_eq!(value(&after, "web_connections_open"), moved(&after, "web_connections_total"));
        // Most of the threads have no series of their own; none of them has anything to do.
        let all_wait = || (value(&guest.scrape(), "uk_thread_runnable{thread=\"other\"}") == 0.0).then_some(());
        assert!(eventually(PATIENCE, all_wait).is_some(), "threads run for clients that ask nothing");
    }

    fn the_image_says_what_it_is(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).parameters("--name=web7").start();
        let scrape = guest.scrape();
        let info = exposition::samples(&scrape).find(|(series, _)| series.starts_with("uk_build_info{"));
        let (series, one) = info.unwrap_or_else(|| panic!("no uk_build_info in:\n{scrape}"));
        // All packages of this repository have one version, this one too.
        let version = env!("CARGO_PKG_VERSION");
        assert!(series.starts_with(&format!("uk_build_info{{version=\"{version}\",revision=\"")), "{series}");
        assert!(series.ends_with(&format!(",app=\"web\",app_version=\"{version}\"}}")), "{series}");
        assert_eq!(one, 1.0);
        let revision = series.split("revision=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        // The same in the words of uname, for a machine that was given a name.
        let uname = format!(
            "node_uname_info{{sysname=\"Periscope\",release=\"{version}\",version=\"{revision}\",machine=\"x86_64\",\
             nodename=\"web7\",domainname=\"(none)\"}}"
        );
        assert!(scrape.contains(&format!("\n{uname} 1\n")), "no {uname} in:\n{scrape}");
    }
}
