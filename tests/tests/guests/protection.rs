//! Who gets in at the management port, and what they get.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};
use tests::http::{Connection, Response};
use tests::observed::value;
use tests::prometheus::Prometheus;
use tests::{Guest, Machine, Network, PATIENCE, Side, filter, needs_root, on_every_machine};

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

/// What `printf %s ... | sha256sum` prints.
fn sha256(secret: &str) -> String {
    let output = filter(&mut Command::new("sha256sum"), secret.as_bytes()).expect("it is installed");
    String::from_utf8_lossy(&output.stdout).split_ascii_whitespace().next().expect("a hash").to_owned()
}

/// Asks for `path` with more header fields, on a connection of its own, once management answers.
fn ask(guest: &Guest, path: &str, fields: &[(&str, &str)]) -> Response {
    let answer = tests::eventually(PATIENCE, || {
        let stream = guest.network().connect(Side::Management, 9100, PATIENCE).ok()?;
        Connection::new(stream).ok()?.get_with(path, fields).ok()
    });
    answer.expect("an answer")
}

const GZIP: (&str, &str) = ("Accept-Encoding", "deflate, gzip, br, zstd");
const UNAUTHORIZED: &str = "uk_management_http_refused_total{reason=\"unauthorized\"}";

on_every_machine! {
    fn who_has_no_password_sees_nothing(machine: Machine) {
        // In a file, as the README advises.
        let guest = Guest::boot(machine, "guest")
            .network(Network::best())
            .parameters("--monitor-adjust")
            .parameter_file(&format!("--metrics-auth=basic:prometheus:{}\n", sha256("open sesame: größer")))
            .words("settings")
            .start();
        // printf %s 'prometheus:open sesame: größer' | base64
        let right = ("Authorization", "Basic cHJvbWV0aGV1czpvcGVuIHNlc2FtZTogZ3LDtsOfZXI=");
        let wrong = ("Authorization", "Basic cHJvbWV0aGV1czpvcGVuIHNlc2FtZTogZ3LDtsOfZXM=");
        let _ = guest.line("settings: limit 64");
        assert_eq!(ask(&guest, "/-/healthy", &[]).status, 200);
        assert_eq!(ask(&guest, "/-/ready", &[wrong]).status, 200);
        for path in ["/metrics", "/", "/log", "/ukstore/", "/nowhere"] {
            for fields in [&[][..], &[wrong], &[right, right]] {
                let answer = ask(&guest, path, fields);
                assert_eq!(answer.status, 401, "{path} {fields:?}: {}", answer.text());
                let challenge = "Basic realm=\"periscope\", charset=\"UTF-8\"";
                assert_eq!(answer.header("www-authenticate"), Some(challenge));
            }
        }
        // It is refused before its body is there, so nothing is written when that comes.
        let refused = guest.management().put("/ukstore/guest/settings/limit", "100").unwrap();
        assert_eq!((refused.status, refused.closes()), (401, true));
        let limit = ask(&guest, "/ukstore/guest/settings/limit", &[right]);
        assert_eq!((limit.status, limit.text().trim()), (200, "64"));

        let scrape = ask(&guest, "/metrics", &[right]);
        assert_eq!((scrape.status, value(&scrape.text(), UNAUTHORIZED)), (200, 16.0));
        assert_eq!(value(&scrape.text(), "uk_management_allocations_total"), 0.0);
    }

    fn who_has_the_token_scrapes(machine: Machine) {
        let digest = sha256("mF_9.B5f-4.1JqM").to_uppercase();
        let parameters = format!("--metrics-auth=bearer:{digest} --metrics-gzip=on");
        let guest =
            Guest::boot(machine, "guest").network(Network::best()).parameters(&parameters).words("serve").start();
        let bearer = |token| ("Authorization", token);
        let (right, wrong) = (bearer("Bearer mF_9.B5f-4.1JqM"), bearer("Bearer mF_9.B5f-4.1JqN"));
        let challenge = "Bearer realm=\"periscope\"";
        assert_eq!(ask(&guest, "/metrics", &[]).header("www-authenticate"), Some(challenge));
        let refused = ask(&guest, "/metrics", &[wrong, GZIP]);
        assert_eq!(refused.header("www-authenticate"), Some(format!("{challenge}, error=\"invalid_token\"").as_str()));
        assert_eq!(refused.header("content-encoding"), None);
        let scrape = ask(&guest, "/metrics", &[right]);
        assert_eq!((scrape.status, value(&scrape.text(), UNAUTHORIZED)), (200, 2.0));
        assert_eq!(ask(&guest, "/metrics", &[right, GZIP]).header("content-encoding"), Some("gzip"));
    }

    fn prometheus_knows_the_password(machine: Machine) {
        let parameters = format!("--metrics-auth=basic:prometheus:{} --metrics-gzip=on", sha256("open sesame"));
        let guest =
            Guest::boot(machine, "guest").network(Network::best()).parameters(&parameters).words("serve").start();
        let _ = ask(&guest, "/-/ready", &[]);
        let prometheus = Prometheus::with_password(guest.network(), "prometheus", "open sesame").unwrap();
        prometheus.expect("up", 1.0).unwrap();
        prometheus.expect("uk_scrapes_total{format=\"openmetrics\"} > bool 0", 1.0).unwrap();
        // And takes it compressed: what leaves the machine, headers and all, is less than what is told.
        let sent = "2 * node_network_transmit_bytes_total{device=\"management\"}";
        prometheus.expect(&format!("{sent} < bool on() uk_scrape_bytes_total{{format=\"openmetrics\"}}"), 1.0).unwrap();
        prometheus.expect("min_over_time(up[1m])", 1.0).unwrap();
        drop(prometheus);
        let without = Prometheus::start(guest.network()).unwrap();
        without.expect("up", 0.0).unwrap();
    }

    fn curl_is_answered(machine: Machine) {
        if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
            return tests::skip::skip("curl_is_answered", "curl is not installed");
        }
        let digest = sha256("open sesame");
        let parameters = format!("--metrics-auth=basic:me:{digest} --metrics-gzip=on");
        let guest =
            Guest::boot(machine, "guest").network(Network::best()).parameters(&parameters).words("serve").start();
        let _ = ask(&guest, "/-/ready", &[]);
        let url = format!("http://{}/metrics", guest.network().address(Side::Management, 9100));
        let curl = |options: &[&str]| {
            let mut command = Command::new("curl");
            command.args(["--silent", "--show-error", "--fail", "--noproxy", "*"]).args(options).arg(&url);
            guest.network().run(move || command.output()).expect("curl is installed")
        };
        let answer = curl(&["--user", "me:open sesame", "--compressed"]);
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        assert!(value(&String::from_utf8_lossy(&answer.stdout), "uk_uptime_seconds") > 0.0);
        for options in [&["--user", "me:open sesam"][..], &["--user", "you:open sesame"], &[]] {
            let answer = curl(options);
            let complaint = String::from_utf8_lossy(&answer.stderr);
            assert!(!answer.status.success() && complaint.contains("401"), "{options:?}: {complaint}");
        }
    }

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
}
