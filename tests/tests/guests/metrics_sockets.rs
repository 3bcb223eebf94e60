//! What a guest tells of its sockets and connections, against the clients and the host's own stack.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use tests::observed::{Moved, Observed, value};
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, needs_root, on_every_machine};

/// Connections that a listener of the guest's keeps for its program to accept: `BACKLOG` in `kernel/src/net/tcp.rs`.
const BACKLOG: usize = 128;
/// Datagrams that a socket of the guest's queues: `QUEUE` in `kernel/core/src/net/udp.rs`.
const QUEUE: usize = 32;

on_every_machine! {
    fn sockets_are_told_by_what_became_of_them(machine: Machine) {
        needs_root!("sockets_are_told_by_what_became_of_them");
        let network = Network::taps();
        let words = format!("network {}", network.host_address(Side::Service));
        let boot = Guest::boot(machine, "guest").network(network).words(&words);
        // 160 MiB pay for more connections than a listener keeps.
        let mut guest = Observed::new(boot.memory_mib(160).start());
        let _ = guest.guest.line("network: ready");
        let first = guest.scrape();
        assert_eq!(value(&first, "node_sockstat_UDP_inuse"), 2.0);
        let pools = ["service", "management"].map(|side| value(&first, &format!("uk_tcp_sockets{{device=\"{side}\"}}")));
        // What `kernel/src/net/setup.rs` gives each socket, and how many of UDP there are.
        let kib = pools[0] * (16.0 + 32.0) + pools[1] * (4.0 + 32.0);
        assert_eq!(value(&first, "node_sockstat_TCP_mem_bytes"), kib * 1024.0);
        assert_eq!(value(&first, "node_sockstat_TCP_mem"), kib / 4.0);
        assert_eq!(value(&first, "node_sockstat_UDP_mem_bytes"), (8.0 * 2.0 * 16.0 + 4.0 * 2.0 * 4.0) * 1024.0);
        assert_eq!(value(&first, "node_sockstat_UDP_mem"), 8.0 * 2.0 * 4.0 + 4.0 * 2.0);
        assert_eq!(value(&first, "node_netstat_Ip_Forwarding"), 2.0);

        datagrams(&mut guest);
        full_queue(&mut guest);
        refusals(&mut guest);
        orphans(&mut guest);
        opened_from_here(&mut guest);
        unanswered(&mut guest);
        overflow(&mut guest);
    }
}

/// Datagrams to a port with a socket are taken and sent back; to one without, they are told of.
fn datagrams(guest: &mut Observed) {
    const COUNT: usize = 12;
    let exchange = |network: &Network| {
        let target = |port| SocketAddrV4::new(network.guest_address(Side::Service), port);
        // Not connected, so that it is not told of what comes back about the closed port.
        let socket = network.run(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))).expect("a free port");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout that is not zero");
        for number in 0..COUNT {
            socket.send_to(&[number as u8; 99], target(7)).expect("a way to the guest");
            assert_eq!(socket.recv(&mut [0; 200]).expect("an echo"), 99);
        }
        for _ in 0..2 * COUNT {
            socket.send_to(b"nobody", target(9999)).expect("a way to the guest");
        }
    };
    let moved = guest.moved(exchange, |moved, _| moved.by("node_netstat_Udp_NoPorts") >= 2.0 * COUNT as f64);
    for (series, count) in [
        ("node_netstat_Udp_InDatagrams", COUNT),
        ("node_netstat_Udp_OutDatagrams", COUNT),
        ("uk_udp_datagrams_received_total{device=\"service\"}", COUNT),
        ("uk_udp_datagrams_sent_total{device=\"service\"}", COUNT),
        ("node_netstat_Udp_NoPorts", 2 * COUNT),
        ("node_netstat_Udp_InErrors", 0),
        ("node_netstat_Udp_RcvbufErrors", 0),
        ("node_netstat_Udp_SndbufErrors", 0),
        // That nobody is there.
        ("node_netstat_Icmp_OutMsgs", 2 * COUNT),
    ] {
        assert_eq!(moved.by(series), count as f64, "{series}");
    }
}

/// A queue that nobody reads drops what comes beyond its length.
fn full_queue(guest: &mut Observed) {
    const BEYOND: usize = 5;
    let fill = |network: &Network| {
        let socket = network.udp(Side::Service, 8, PATIENCE).expect("a free port");
        for _ in 0..QUEUE + BEYOND {
            socket.send(b"unread").expect("a way to the guest");
        }
    };
    let moved = guest.moved(fill, |moved, _| moved.by("node_netstat_Udp_InErrors") >= BEYOND as f64);
    for (series, count) in [
        ("node_netstat_Udp_InDatagrams", QUEUE),
        ("node_netstat_Udp_RcvbufErrors", BEYOND),
        ("node_netstat_Udp_InErrors", BEYOND),
        ("uk_udp_datagrams_dropped_total{device=\"service\"}", BEYOND),
        ("node_netstat_Udp_SndbufErrors", 0),
        ("node_netstat_Udp_NoPorts", 0),
    ] {
        assert_eq!(moved.by(series), count as f64, "{series}");
    }
}

/// A connection to a port nobody listens on is reset.
fn refusals(guest: &mut Observed) {
    let refused = |network: &Network| {
        for _ in 0..7 {
            assert!(network.connect(Side::Service, 99, PATIENCE).is_err());
        }
    };
    let moved = guest.moved(refused, |moved, _| moved.by("node_netstat_Tcp_OutRsts") >= 7.0);
    assert_eq!(moved.service("uk_tcp_resets_sent_total"), 7.0);
    assert_eq!(moved.service("uk_tcp_no_connection_total"), 7.0);
    assert_eq!(moved.by("node_netstat_Tcp_PassiveOpens"), 0.0);
}

/// What the program has closed and the host has not is an orphan.
fn orphans(guest: &mut Observed) {
    let mut held = Vec::new();
    let open = |network: &Network| {
        for _ in 0..5 {
            let mut stream = network.connect(Side::Service, 82, PATIENCE).expect("port 82 is open");
            assert_eq!(stream.read(&mut [0; 1]).expect("an end"), 0, "it was closed at the other end");
            held.push(stream);
        }
    };
    // The host may take its time to acknowledge.
    let closed = "uk_tcp_connections{device=\"service\",state=\"fin_wait_2\"}";
    let moved = guest.moved(open, |moved, _| moved.by(closed) >= 5.0);
    for (series, count) in [
        ("node_sockstat_TCP_inuse", 5.0),
        ("node_sockstat_TCP_alloc", 5.0),
        ("node_sockstat_sockets_used", 5.0),
        ("node_sockstat_TCP_orphan", 5.0),
        ("node_netstat_Tcp_CurrEstab", 0.0),
    ] {
        assert_eq!(moved.by(series), count, "{series}");
    }
    let moved = guest.moved(|_| drop(held), |moved, _| moved.by("node_sockstat_TCP_orphan") <= -5.0);
    assert_eq!(moved.by("node_sockstat_TCP_tw"), 5.0, "who closes first waits");
    assert_eq!(moved.by("node_sockstat_TCP_inuse"), -5.0);
}

/// Connections that the guest opens.
fn opened_from_here(guest: &mut Observed) {
    let listener = host_listener(guest.network(), 8000);
    let mut held = Vec::new();
    let mut knocks = open(guest, 80, 3);
    let open = |_: &Network| {
        for knock in &mut knocks {
            knock.write_all(b"a").expect("the door is open");
            held.push(listener.accept().expect("the guest connects"));
        }
    };
    let moved = guest.moved(open, |moved, _| moved.by("node_netstat_Tcp_CurrEstab") >= 3.0);
    assert_eq!(moved.by("node_netstat_Tcp_ActiveOpens"), 3.0);
    assert_eq!(moved.service("uk_tcp_active_opens_total"), 3.0);
    assert_eq!(moved.by("node_sockstat_TCP_inuse"), 3.0);
    // The knocks were accepted already, and are held by the same threads.
    drop(knocks);
    drop(held);
    let _ = guest.moved(|_| (), |moved, _| value(&moved.after, "node_netstat_Tcp_CurrEstab") <= 1.0);
}

/// A host that does not answer is asked again, as often as the host sees it.
fn unanswered(guest: &mut Observed) {
    let listener = host_listener(guest.network(), 8001);
    // Linux keeps one more than it is told to, and then does not answer.
    let backlog = nix::sys::socket::Backlog::new(0).expect("0 is a backlog");
    nix::sys::socket::listen(&listener, backlog).expect("a listener's backlog can be changed");
    let address = listener.local_addr().expect("a listener has an address");
    let filling = guest.network().run(|| TcpStream::connect(address)).expect("there is room for one");
    // It is connected before the listener has it, if the host is busy. A guest that asked in between would be answered, and
    // dropped as it acknowledges that: it would take itself for connected, and never ask again.
    let is_full = || (waiting_to_be_accepted(guest.network(), 8001) == 1).then_some(());
    assert!(eventually(PATIENCE, is_full).is_some(), "the host's own connection waits to be accepted");
    let mut knocks = open(guest, 80, 1);
    let ignored = |guest: &Observed| host_counter(guest.network(), "TcpExt:", "ListenOverflows");
    let before = ignored(guest);
    let first = guest.scrape();
    knocks[0].write_all(b"b").expect("the door is open");
    // The first, and at least two more.
    assert!(
        eventually(PATIENCE, || (ignored(guest) - before >= 3.0).then_some(())).is_some(),
        "{}",
        ignored(guest) - before
    );
    // Once it is answered there is no more: the number is final.
    let accept = || listener.accept().expect("two are there, or come");
    let held = [accept(), accept()];
    let moved = Moved { before: first, after: guest.scrape() };
    let again = ignored(guest) - before;
    for series in
        ["node_netstat_TcpExt_TCPSynRetrans", "node_netstat_TcpExt_TCPTimeouts", "node_netstat_Tcp_RetransSegs"]
    {
        assert_eq!(moved.by(series), again, "{series}: the first was ignored, and the last was answered");
    }
    assert_eq!(moved.by("node_netstat_Tcp_ActiveOpens"), 1.0);
    drop((filling, held, knocks));
}

/// A listener whose program accepts nothing keeps so many, and then drops what comes.
fn overflow(guest: &mut Observed) {
    let held = open(guest, 81, BACKLOG);
    let asked_again = |guest: &Observed| host_counter(guest.network(), "TcpExt:", "TCPSynRetrans");
    let before = asked_again(guest);
    let beyond = |network: &Network| {
        for _ in 0..4 {
            assert!(network.connect(Side::Service, 81, Duration::from_millis(200)).is_err());
        }
    };
    let moved = guest.moved(beyond, |moved, _| moved.by("node_netstat_TcpExt_ListenOverflows") >= 4.0);
    // Each is over before Linux asks again, if the host is not too busy.
    let requests = 4.0 + asked_again(guest) - before;
    assert_eq!(moved.by("node_netstat_TcpExt_ListenOverflows"), requests);
    assert_eq!(moved.by("node_netstat_TcpExt_ListenDrops"), requests);
    assert_eq!(moved.service("uk_tcp_accept_overflows_total"), requests);
    assert_eq!(moved.by("node_netstat_Tcp_PassiveOpens"), 0.0);
    drop(held);
}

/// Connections to the guest's `port` that the guest has too: the host has them as soon as it sends the last word of the
/// handshake.
fn open(guest: &mut Observed, port: u16, count: usize) -> Vec<TcpStream> {
    let mut held = Vec::new();
    let connect = |network: &Network| {
        held.extend((0..count).map(|_| network.connect(Side::Service, port, PATIENCE).expect("the guest listens")));
    };
    let _ = guest.moved(connect, |moved, _| moved.by("node_netstat_Tcp_PassiveOpens") >= count as f64);
    held
}

/// A listener of the host's, which the guest reaches on the service's wire.
fn host_listener(network: &Network, port: u16) -> TcpListener {
    network.run(|| TcpListener::bind((network.host_address(Side::Service), port))).expect("the port is free")
}

/// A counter of the host's own stack, inside the network (proc(5), `/proc/net/netstat`: a line of names, a line of numbers).
fn host_counter(network: &Network, group: &str, name: &str) -> f64 {
    let table = network.run(|| std::fs::read_to_string("/proc/thread-self/net/netstat")).expect("Linux has it");
    let mut lines = table.lines().filter(|line| line.starts_with(group)).map(str::split_ascii_whitespace);
    let (Some(names), Some(numbers)) = (lines.next(), lines.next()) else { panic!("no {group} in {table}") };
    let found = names.zip(numbers).find(|(known, _)| *known == name);
    found.and_then(|(_, number)| number.parse().ok()).unwrap_or_else(|| panic!("no {name} in {table}"))
}

/// How many connections a listener of the host's has for its program to accept (proc(5), `/proc/net/tcp`: what is queued
/// for receiving, of a socket that listens).
fn waiting_to_be_accepted(network: &Network, port: u16) -> u32 {
    let table = network.run(|| std::fs::read_to_string("/proc/thread-self/net/tcp")).expect("Linux has it");
    let listener = table.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>()).find(|words| {
        words.get(3) == Some(&"0A") && words.get(1).is_some_and(|local| local.ends_with(&format!(":{port:04X}")))
    });
    let queues = listener.as_ref().and_then(|words| words.get(4)?.split_once(':'));
    let queued = queues.and_then(|(_, received)| u32::from_str_radix(received, 16).ok());
    queued.unwrap_or_else(|| panic!("nobody listens on {port} in {table}"))
}
