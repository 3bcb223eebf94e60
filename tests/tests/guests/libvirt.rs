//! Guests under a real libvirt, started from what `deploy/` has for it, are found by a real Prometheus as they come and go.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Instant;

use serde_json::Value;
use tests::host::{Host, shipped};
use tests::http::percent_encoded;
use tests::{PATIENCE, eventually, image, libvirt, skip};

const NAMES: [&str; 3] = ["web1", "web2", "web3"];
const ENTRIES: &str = "/etc/prometheus/periscope";
const PROMETHEUS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9090);

/// The shipped domain, with what its comments tell an operator to change; and emulated, since KVM is not everywhere.
fn domain(number: usize) -> String {
    let (name, last) = (NAMES[number], 11 + number);
    shipped("deploy/libvirt/domain.xml")
        .replace("type='kvm'", "type='qemu'")
        .replace("web1", name)
        .replace(":11'", &format!(":{last}'"))
        .replace(".11/24", &format!(".{last}/24"))
}

fn management(number: usize) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(10, 80, 1, 11 + u8::try_from(number).expect("there are three")), 9100)
}

fn virsh(host: &Host, command: &str) {
    host.run(&format!("virsh --connect qemu:///system {command}"));
}

/// What Prometheus finds for an expression: series with their values.
fn found(host: &Host, expression: &str) -> Option<Vec<Value>> {
    let reply = host.get(PROMETHEUS, &format!("/api/v1/query?query={}", percent_encoded(expression))).ok()?;
    let reply: Value = serde_json::from_slice(&reply.body).ok()?;
    reply["data"]["result"].as_array().cloned()
}

/// Waits until `expression` has as many series as `count`, and returns them.
fn expect(host: &Host, expression: &str, count: usize) -> Vec<Value> {
    let series = eventually(PATIENCE, || found(host, expression).filter(|series| series.len() == count));
    series.unwrap_or_else(|| panic!("`{expression}` has not {count} series but {:?}", found(host, expression)))
}

/// An operator's Prometheus: the shipped configuration, asking every second so that a test need not wait.
fn start_prometheus(host: &Host) {
    host.run("mkdir -p /etc/prometheus /var/lib/prometheus && cp -r deploy/prometheus/. /etc/prometheus");
    host.run("sed -i 's/scrape_interval: .*/scrape_interval: 1s/; s/scrape_timeout: .*/scrape_timeout: 1s/' /etc/prometheus/prometheus.yml");
    host.start(
        "prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/var/lib/prometheus \
         --web.listen-address=127.0.0.1:9090 --log.level=warn",
        "/var/log/prometheus.log",
    );
    assert!(eventually(PATIENCE, || found(host, "vector(1)")).is_some(), "Prometheus does not answer");
}

/// Whether who is in the network namespace `who` can connect to a guest's management port.
fn reaches(host: &Host, who: &str, guest: SocketAddrV4) -> bool {
    let connect = format!("import socket; socket.create_connection(('{}', {}), 2)", guest.ip(), guest.port());
    host.try_run(&format!("ip netns exec {who} python3 -c \"{connect}\""), "").status.success()
}

/// Whether a neighbour on the management bridge does, on a port that is isolated as guests' are or not.
fn neighbour_reaches(host: &Host, isolated: &str, guest: SocketAddrV4) -> bool {
    host.run(&format!("ip link set dev neighbour type bridge_slave isolated {isolated}"));
    reaches(host, "neighbour", guest)
}

/// The same build but for its revision, as one from the next commit would be.
fn next_build(host: &Host, revision: &str) -> String {
    let mut next = fs::read(image("web")).expect("make test builds it");
    let new: String = revision.chars().rev().collect();
    assert_ne!(new, revision);
    let places: Vec<_> =
        (0..=next.len() - revision.len()).filter(|&at| next[at..].starts_with(revision.as_bytes())).collect();
    assert!(!places.is_empty(), "the image knows its revision");
    for at in places {
        next[at..at + new.len()].copy_from_slice(new.as_bytes());
    }
    fs::write(host.path("/var/tmp/next.elf"), next).expect("a host's folders are writable");
    host.run("install -m 644 /var/tmp/next.elf /var/lib/periscope/web.elf");
    new
}

fn is_told(host: &Host, name: &str) -> bool {
    host.list(ENTRIES).contains(&format!("{name}.json"))
}

#[test]
fn its_setup_wants_nothing_of_who_is_not_root() {
    let Some(host) = Host::prepared("its_setup_wants_nothing_of_who_is_not_root", &[]) else { return };
    // Nothing is found, and nothing would install it.
    host.run("for name in libvirtd dpkg-query; do mount --bind /dev/null \"$(command -v $name)\"; done");
    host.run("! command -v sudo || mount --bind /dev/null \"$(command -v sudo)\"");
    let setup = "setpriv --reuid 65534 --inh-caps=+dac_read_search --ambient-caps=+dac_read_search tests/setup.sh";
    assert!(host.try_run(&format!("{setup} libvirt"), "").status.success());
    assert!(!host.try_run(&format!("{setup} nonsense"), "").status.success(), "it looks at every word");
}

#[test]
fn discovery_follows_guests() {
    const WHAT: &str = "discovery_follows_guests";
    if let Some(why) = libvirt::missing() {
        return skip::skip(WHAT, why);
    }
    let Some(host) = Host::prepared(WHAT, &["The networks", "Discovery", "libvirt"]) else { return };
    let began = Instant::now();
    let step = |what: &str| println!("{:6.1} s: {what}", began.elapsed().as_secs_f64());

    host.run("sed -i 's/^host =.*/host = hv-1/' /etc/periscope/discovery.conf");
    libvirt::install(&host);
    libvirt::start(&host);
    step("libvirt answers");
    start_prometheus(&host);
    step("Prometheus answers");

    for (number, name) in NAMES.into_iter().enumerate() {
        fs::write(host.path("/var/tmp/domain.xml"), domain(number)).unwrap();
        virsh(&host, "define --validate /var/tmp/domain.xml");
        step("a domain is defined");
        virsh(&host, &format!("start {name}"));
        assert!(is_told(&host, name), "a guest that started is told of");
    }
    step("three guests are started");
    // The comparison keeps `up`'s labels: those of discovery, and no two guests have the same.
    for series in expect(&host, "up{job=\"periscope\"} == 1", 3) {
        let labels = &series["metric"];
        let number = NAMES.iter().position(|name| labels["vm"] == *name).expect("it is one of the three");
        assert_eq!(labels["host"], "hv-1");
        let told = fs::read_to_string(host.path(&format!("{ENTRIES}/{}.json", NAMES[number]))).unwrap();
        let target = management(number);
        assert_eq!(
            told,
            format!(
                "[{{\"targets\": [\"{target}\"], \"labels\": {{\"vm\": \"{}\", \"host\": \"hv-1\"}}}}]\n",
                NAMES[number]
            )
        );
        // Each target is the guest it is said to be.
        let own = format!("node_uname_info{{vm=\"{0}\", nodename=\"{0}\"}}", NAMES[number]);
        expect(&host, &own, 1);
    }
    step("Prometheus has all three");

    // Isolated ports reach the bridge's host and none of each other, so whatever is on one reaches no guest.
    host.run(
        "ip netns add neighbour
         ip link add neighbour master br-management type veth peer name eth0 netns neighbour
         ip link set neighbour up
         ip -n neighbour address add 10.80.1.99/24 dev eth0
         ip -n neighbour link set eth0 up",
    );
    for number in 0..NAMES.len() {
        assert!(neighbour_reaches(&host, "off", management(number)), "only isolation is in the way");
        assert!(!neighbour_reaches(&host, "on", management(number)), "guests cannot reach each other");
    }
    step("guests are isolated");

    // A host that routes takes packets to guests and their answers back, until it is told not to.
    host.run(
        "ip netns add customer
         ip link add customer master br-service type veth peer name eth0 netns customer
         ip link set customer up
         ip -n customer address add 10.80.0.99/24 dev eth0
         ip -n customer link set eth0 up
         ip -n customer route add default via 10.80.0.1
         echo 1 > /proc/sys/net/ipv4/ip_forward",
    );
    assert!(reaches(&host, "customer", management(0)), "guests answer through their gateway");
    host.follow("A host that routes");
    assert!(!reaches(&host, "customer", management(0)), "the service network reaches no management port");
    assert!(found(&host, "up{job=\"periscope\"} == 1").is_some_and(|up| up.len() == 3), "the host still does");
    step("networks are apart");

    // One is replaced by a new build.
    let old = expect(&host, "uk_build_info{vm=\"web2\"}", 1);
    let new = next_build(&host, old[0]["metric"]["revision"].as_str().expect("a build has a revision"));
    virsh(&host, "destroy web2");
    assert!(!is_told(&host, "web2"), "a guest that stopped is told of no more");
    expect(&host, "up{job=\"periscope\"}", 2);
    virsh(&host, "start web2");
    expect(&host, "up{job=\"periscope\"} == 1", 3);
    expect(&host, &format!("uk_build_info{{vm=\"web2\", revision=\"{new}\"}}"), 1);
    expect(&host, &format!("uk_build_info{{vm!=\"web2\", revision!=\"{new}\"}}"), 2);
    step("one is a new build");

    // libvirt is restarted while guests run; what was lost meanwhile is told again.
    libvirt::stop(&host);
    assert!(is_told(&host, "web1"), "guests live on");
    fs::remove_file(host.path(&format!("{ENTRIES}/web1.json"))).unwrap();
    libvirt::start(&host);
    assert!(eventually(PATIENCE, || is_told(&host, "web1").then_some(())).is_some(), "it is told of again");
    step("libvirt was restarted");

    // One whose QEMU dies is missed, until somebody gives it up or starts it again.
    host.run("pid=$(cat /run/libvirt/qemu/web3.pid); kill -KILL $pid; timeout 30 tail --pid=$pid -f /dev/null");
    let off = || host.run("virsh --connect qemu:///system domstate web3 --reason").contains("crashed").then_some(());
    assert!(eventually(PATIENCE, off).is_some(), "libvirt sees that it is gone");
    expect(&host, "up{vm=\"web3\"} == 0", 1);
    assert!(is_told(&host, "web3"));
    virsh(&host, "start web3");
    expect(&host, "up{vm=\"web3\"} == 1", 1);
    step("one was killed and is back");

    virsh(&host, "destroy web3");
    assert_eq!(host.list(ENTRIES), ["web1.json", "web2.json"]);
    expect(&host, "up{job=\"periscope\"} == 1", 2);
    expect(&host, "up{vm=\"web3\"}", 0);
    step("one is gone");

    // What is in its file of parameters is the guest's, and in no list of processes.
    let hash = "0123456789abcdef".repeat(4);
    fs::write(host.path("/etc/periscope/web3.params"), format!("--metrics-auth=bearer:{hash}\n")).unwrap();
    let with_file = domain(2).replace("<!-- <sysinfo", "<sysinfo").replace("</sysinfo> -->", "</sysinfo>");
    fs::write(host.path("/var/tmp/domain.xml"), with_file).unwrap();
    virsh(&host, "undefine web3");
    virsh(&host, "define --validate /var/tmp/domain.xml");
    virsh(&host, "start web3");
    let status = eventually(PATIENCE, || host.get(management(2), "/metrics").ok().map(|reply| reply.status));
    assert_eq!(status, Some(401));
    let processes = host.run("ps -ww -eo args");
    assert!(processes.contains("--name=web3") && !processes.contains(&hash), "{processes}");
    step("one has a secret");
}
