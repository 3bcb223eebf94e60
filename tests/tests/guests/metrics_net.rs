//! What a guest tells of its network, against the other ends: the taps' own counters, and frames made by hand. Of sockets:
//! see `metrics_sockets.rs`.

use std::io::Write;
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;

use tests::load::{Style, requests};
use tests::network::Counters;
use tests::network::frames::{self, ALL_HOSTS, NO_PROTOCOL};
use tests::observed::{Moved, Observed, value};
use tests::{Guest, Machine, Network, PATIENCE, Scratch, Side, eventually, exposition, needs_root, on_every_machine};

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// What the service's tap has counted since.
fn wire(network: &Network, since: Counters) -> [f64; 4] {
    let now = network.counters(Side::Service).expect("taps count");
    [
        now.transmit_packets - since.transmit_packets,
        now.transmit_bytes - since.transmit_bytes,
        now.receive_packets - since.receive_packets,
        now.receive_bytes - since.receive_bytes,
    ]
    .map(|count| count as f64)
}

on_every_machine! {
    fn load_is_told_as_the_wire_and_the_clients_count_it(machine: Machine) {
        needs_root!("load_is_told_as_the_wire_and_the_clients_count_it");
        const CONNECTIONS: u32 = 200;
        const PINGS: u32 = 300;
        const PAYLOAD: usize = 56;
        let mut guest = Observed::new(Guest::boot(machine, "web").network(Network::taps()).start());
        // Whoever asks for the first time asks for a hardware address, too.
        assert_eq!(guest.network().ping(Side::Service, 1, 1, PAYLOAD).unwrap(), 1);
        let octets = ["ip_receive_bytes_total", "ip_transmit_bytes_total"].map(|entry| guest.of_stack(Side::Service, entry));
        let since = guest.network().counters(Side::Service).unwrap();
        let load = |network: &Network| {
            assert_eq!(network.ping(Side::Service, PINGS, 32, PAYLOAD).unwrap(), PINGS);
            requests(network, (Side::Service, 80), "/", CONNECTIONS, 4, Style::Short).unwrap();
        };
        let moved = guest.moved(load, |moved, _| moved.by("node_sockstat_TCP_tw") == f64::from(CONNECTIONS));

        let [to_guest, to_guest_bytes, from_guest, from_guest_bytes] = wire(guest.network(), since);
        assert_eq!(moved.service("node_network_receive_packets_total"), to_guest);
        assert_eq!(moved.service("node_network_receive_bytes_total"), to_guest_bytes);
        assert_eq!(moved.service("node_network_transmit_packets_total"), from_guest);
        assert_eq!(moved.service("node_network_transmit_bytes_total"), from_guest_bytes);

        // Without Ethernet's 14 bytes; ARP, of 28 bytes, may have been spoken, and is no IP.
        let sums = [("ip_receive_bytes_total", octets[0], to_guest_bytes - 14.0 * to_guest, "node_netstat_IpExt_InOctets"),
            ("ip_transmit_bytes_total", octets[1], from_guest_bytes - 14.0 * from_guest, "node_netstat_IpExt_OutOctets")];
        for (entry, before, wire, family) in sums {
            let mine = guest.of_stack(Side::Service, entry) - before;
            let arp = wire - mine;
            assert!((0.0..=280.0).contains(&arp) && arp % 28.0 == 0.0, "{entry}: {mine} of {wire}");
            // The sum is of both stacks, and asking for it moves management's: it was that of both in between.
            let least = value(&guest.only(family), family);
            let both = guest.of_stack(Side::Service, entry) + guest.of_stack(Side::Management, entry);
            let most = value(&guest.only(family), family);
            assert!(least <= both && both <= most, "{family}: {least}, and of both stacks {both}, and {most}");
            assert!(most - least < 0.1 * mine, "asking moved {family} by {}, and the load by {mine}", most - least);
        }
        // Each buffer that was given to the device was notified of, or was not.
        for (queue, packets) in [("receive", to_guest), ("transmit", from_guest)] {
            let told = moved.queue("uk_virtqueue_notifications_total", queue);
            let silent = moved.queue("uk_virtqueue_notifications_suppressed_total", queue);
            assert_eq!(told + silent, packets, "{queue}: {told} told");
            assert_eq!(value(&moved.after, &format!("uk_virtqueue_size{{device=\"service\",queue=\"{queue}\"}}")), 256.0);
            assert_eq!(moved.queue("uk_virtqueue_full_total", queue), 0.0);
        }
        assert_eq!(value(&moved.after, "uk_virtqueue_depth{device=\"service\",queue=\"receive\"}"), 256.0);
        assert_eq!(value(&moved.after, "uk_virtqueue_depth{device=\"service\",queue=\"transmit\"}"), 0.0);
        let interrupts = moved.service("uk_virtqueue_interrupts_total");
        assert!(interrupts > 0.0 && interrupts <= to_guest + from_guest, "{interrupts}");
        assert_eq!(moved.service("uk_virtqueue_transmit_segmented_total"), 0.0, "short answers are not cut");

        for (family, count) in [
            ("node_netstat_Tcp_PassiveOpens", CONNECTIONS),
            ("node_netstat_Icmp_InMsgs", PINGS),
            ("node_netstat_Icmp_OutMsgs", PINGS),
            ("node_sockstat_TCP_tw", CONNECTIONS),
            ("node_netstat_Tcp_ActiveOpens", 0),
            ("node_netstat_Tcp_OutRsts", 0),
            ("node_netstat_Tcp_CurrEstab", 0),
            ("node_sockstat_TCP_inuse", 0),
            ("node_sockstat_TCP_alloc", 0),
            ("node_sockstat_TCP_orphan", 0),
            ("node_sockstat_sockets_used", 0),
        ] {
            assert_eq!(moved.by(family), f64::from(count), "{family}");
        }
        assert_eq!(moved.service("uk_tcp_passive_opens_total"), f64::from(CONNECTIONS));
        assert_eq!(moved.service("uk_tcp_time_wait_total"), f64::from(CONNECTIONS));
        // Sums are of both stacks, and management's wire is not quiet: these very scrapes are on it.
        let both = |name: &str| exposition::moved(&moved.before, &moved.after, name);
        for (sum, parts) in [
            ("node_softnet_processed_total", "node_network_receive_packets_total"),
            ("node_netstat_Tcp_InSegs", "uk_tcp_segments_received_total"),
            ("node_netstat_Tcp_OutSegs", "uk_tcp_segments_sent_total"),
        ] {
            assert!((both(sum) - both(parts)).abs() <= 40.0, "{sum}: {} and {}", both(sum), both(parts));
            assert!(both(sum) >= f64::from(CONNECTIONS), "{sum}");
        }
        // None, unless the host is very busy.
        assert_eq!(both("node_netstat_Tcp_RetransSegs"), both("uk_tcp_retransmissions_total"));
        // A page larger than a frame is one that the device cuts.
        let cut = |moved: &Moved| moved.by("uk_virtqueue_transmit_segmented_total{device=\"management\"}");
        assert!(cut(&moved) > 0.0, "a scrape is longer than a frame");
    }

    fn a_flood_is_squeezed(machine: Machine) {
        needs_root!("a_flood_is_squeezed");
        let mut guest = Observed::new(Guest::boot(machine, "web").network(Network::taps()).start());
        let flood = |network: &Network| {
            let mac = mac(Side::Service);
            let addresses = [network.host_address(Side::Service), network.guest_address(Side::Service)];
            // To a port nobody is bound to, as fast as the host can: more than the 16 that one poll may take.
            let frame = frames::ipv4(mac, addresses, UDP, &datagram(9999, b"flood"));
            network.send_frames(Side::Service, &vec![frame; 5000]).unwrap();
        };
        let received = "node_network_receive_packets_total";
        // What a full tap throws away, it does not count as sent.
        let since = guest.network().counters(Side::Service).unwrap();
        let moved = guest.moved(flood, |moved, network| {
            let [sent, ..] = wire(network, since);
            sent > 500.0 && moved.service(received) == sent
        });
        let squeezed = moved.by("node_softnet_times_squeezed_total");
        let most = moved.by("node_softnet_processed_total") + moved.by("node_netstat_Icmp_OutMsgs");
        assert!(squeezed > 0.0 && squeezed * 16.0 <= most, "{squeezed} of {most}");
        assert_eq!(moved.by("node_softnet_dropped_total"), 0.0);
        // But for a word of ARP.
        let (refused, received) = (moved.by("node_netstat_Udp_NoPorts"), moved.service(received));
        assert!((0.0..=4.0).contains(&(received - refused)), "{refused} of {received} were to no port");
        assert_eq!(moved.service("uk_udp_datagrams_no_port_total"), refused);
    }

    fn frames_nobody_sends_are_told_by_what_is_wrong_with_them(machine: Machine) {
        needs_root!("frames_nobody_sends_are_told_by_what_is_wrong_with_them");
        let mut guest = Observed::new(Guest::boot(machine, "web").network(Network::taps()).start());
        assert_eq!(guest.network().ping(Side::Service, 1, 1, 8).unwrap(), 1);
        let known = "node_arp_entries{device=\"service\"}";
        assert_eq!(guest.value(known), 1.0, "the host");
        let send = |network: &Network| {
            let own = network.guest_address(Side::Service);
            let addresses = [network.host_address(Side::Service), own];
            let [a, b, c, _] = own.octets();
            let wrong = |protocol, content: &[u8]| frames::ipv4(mac(Side::Service), addresses, protocol, content);
            let mut tcp = [0; 20];
            (tcp[3], tcp[12], tcp[13]) = (80, 5 << 4, 2);
            let mut udp = datagram(80, b"wrong");
            udp[6] = 1;
            let kinds = [
                (3, wrong(TCP, &tcp)),
                (4, wrong(UDP, &udp)),
                (5, wrong(ICMP, &[8, 0, 1, 2, 0, 0, 0, 0])),
                (6, frames::ethernet(ALL_HOSTS, NO_PROTOCOL, b"to all of a group")),
                (7, frames::ethernet(mac(Side::Service), NO_PROTOCOL, b"to one")),
            ];
            let mut frames: Vec<_> = kinds.into_iter().flat_map(|(count, frame)| vec![frame; count]).collect();
            frames.extend((200..210).map(|last| frames::arp_request(Ipv4Addr::new(a, b, c, last), own)));
            network.send_frames(Side::Service, &frames).unwrap();
        };
        let moved = guest.moved(send, |moved, _| moved.by(known) == 10.0);
        for (series, count) in [
            ("node_netstat_Tcp_InErrs", 3.0),
            ("node_netstat_Udp_InErrors", 4.0),
            ("node_netstat_Icmp_InErrors", 5.0),
            ("node_netstat_Icmp_InMsgs", 5.0),
            ("node_network_receive_multicast_total{device=\"service\"}", 6.0),
            ("node_network_receive_nohandler_total{device=\"service\"}", 0.0),
            ("uk_stack_dropped_total{device=\"service\",reason=\"malformed\"}", 12.0),
            ("uk_stack_dropped_total{device=\"service\",reason=\"protocol\"}", 13.0),
            ("node_network_receive_errs_total{device=\"service\"}", 0.0),
            ("node_network_receive_drop_total{device=\"service\"}", 0.0),
            ("node_network_transmit_errs_total{device=\"service\"}", 0.0),
            ("node_network_transmit_drop_total{device=\"service\"}", 0.0),
        ] {
            assert_eq!(moved.by(series), count, "{series}");
        }
    }

    fn a_link_is_up_until_it_is_pulled(machine: Machine) {
        needs_root!("a_link_is_up_until_it_is_pulled");
        let files = Scratch::new().unwrap();
        let socket = files.path().join("monitor");
        let monitor = format!("unix:{},server=on,wait=off", socket.display());
        let speed = ["-global", "virtio-net-device.speed=10000", "-global", "virtio-net-device.duplex=full"];
        let boot = Guest::boot(machine, "web").network(Network::taps()).options(&["-monitor", &monitor]).options(&speed);
        let mut guest = Observed::new(boot.start());
        let mut monitor = UnixStream::connect(&socket).unwrap();
        for (word, up, state) in [("on", 1.0, "up"), ("off", 0.0, "down"), ("on", 1.0, "up")] {
            writeln!(monitor, "set_link service {word}").unwrap();
            let info = format!(
                "node_network_info{{address=\"{}\",broadcast=\"ff:ff:ff:ff:ff:ff\",device=\"service\",duplex=\"full\",\
                 ifalias=\"\",operstate=\"{state}\"}}",
                Side::Service.mac()
            );
            let told = eventually(PATIENCE, || {
                let scrape = guest.scrape();
                (exposition::value(&scrape, &info) == Some(1.0)).then_some(scrape)
            });
            let scrape = told.unwrap_or_else(|| panic!("no {info} in:\n{}", guest.scrape()));
            assert_eq!(value(&scrape, "node_network_up{device=\"service\"}"), up);
            assert_eq!(value(&scrape, "node_network_carrier{device=\"service\"}"), up);
            assert_eq!(value(&scrape, "node_network_up{device=\"management\"}"), 1.0);
            for (family, number) in [
                ("node_network_speed_bytes", 1.25e9),
                ("node_network_mtu_bytes", 1500.0),
            ] {
                assert_eq!(value(&scrape, &format!("{family}{{device=\"service\"}}")), number, "{family}");
            }
        }
    }
}

fn mac(side: Side) -> [u8; 6] {
    let mut bytes = side.mac().split(':').map(|byte| u8::from_str_radix(byte, 16).expect("hexadecimal"));
    std::array::from_fn(|_| bytes.next().expect("six bytes"))
}

/// A UDP datagram without a checksum, which is allowed (RFC 768).
fn datagram(port: u16, content: &[u8]) -> Vec<u8> {
    let mut datagram = 4000_u16.to_be_bytes().to_vec();
    datagram.extend(port.to_be_bytes());
    datagram.extend((8 + content.len() as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(content);
    datagram
}
