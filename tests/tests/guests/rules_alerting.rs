//! From a guest that dies to the message that an operator gets: a real Prometheus and a real Alertmanager, with what
//! `deploy/` gives them, and a webhook to be told. Only the times are shorter, and the addresses are the test's.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tests::alertmanager::{Alertmanager, Told, Webhook};
use tests::deploy::adapted;
use tests::prometheus::Prometheus;
use tests::server::Server;
use tests::{Guest, Machine, Network, PATIENCE, Scratch, Side, eventually, let_pass, skip};

fn configured(files: &Path, alertmanager: &str, node: &str) -> Result<String, String> {
    let files = files.display().to_string();
    adapted(
        "deploy/prometheus/prometheus.yml",
        &[
            ("scrape_interval: 15s", "scrape_interval: 1s"),
            ("scrape_timeout: 10s", "scrape_timeout: 1s"),
            ("evaluation_interval: 15s", "evaluation_interval: 1s"),
            ("rules/*.yml", &format!("{files}/alerts.yml")),
            ("/etc/prometheus", &files),
            ("localhost:9093", alertmanager),
            ("targets: [] # CHANGE: \"hv-1:9100\"", &format!("targets: ['{node}']\n        labels: {{ host: hv-1 }}")),
        ],
    )
}

fn hurried_rules() -> Result<String, String> {
    // HostGone comes first, as it does in deploy/.
    adapted(
        "deploy/prometheus/rules/periscope-alerts.yml",
        &[("for: 30s", "for: 1s"), ("for: 1m", "for: 5s"), ("for: 2m", "for: 8s"), ("[1m]", "[3s]")],
    )
}

fn hurried_routes(webhook: &Webhook<'_>, files: &Path) -> Result<String, String> {
    adapted(
        "deploy/alertmanager/alertmanager.yml",
        &[
            ("group_wait: 30s", "group_wait: 1s"),
            ("group_interval: 5m", "group_interval: 1s"),
            ("group_interval: 1m", "group_interval: 1s"),
            ("https://alerta.example", &webhook.url("/alerta")),
            ("https://ntfy.example", &webhook.url("/ntfy")),
            ("/etc/prometheus", &files.display().to_string()),
        ],
    )
}

/// What Alertmanager reads its keys from.
fn write_secrets(files: &Scratch) {
    fs::create_dir(files.path().join("secrets")).expect("it is new");
    for secret in ["alerta-key", "ntfy-token"] {
        files.write(&format!("secrets/{secret}"), "secret").expect("its directory is there");
    }
}

/// Writes what the hook of a host writes when a guest starts.
fn discover(files: &Scratch, vm: &str, target: &str) {
    let entry = serde_json::json!([{"targets": [target], "labels": {"vm": vm, "host": "hv-1"}}]);
    // Complete at once, as the hook has it.
    let written = files.write(&format!("{vm}.new"), &entry.to_string()).expect("its directory is there");
    fs::rename(written, files.path().join(format!("periscope/{vm}.json"))).expect("it is on the same file system");
}

/// The first alert told of that `wanted` finds. Panics, with all that was told, if there is none in time.
fn message(webhook: &Webhook<'_>, what: &str, wanted: impl Fn(&Told) -> bool) -> Told {
    let found = eventually(PATIENCE, || webhook.told().into_iter().find(|told| wanted(told)));
    found.unwrap_or_else(|| panic!("nobody was told of {what}, but of {:#?}", webhook.told()))
}

#[test]
fn who_is_told_of_a_guest_that_dies_and_of_a_host_that_does() {
    skip::on(Machine::Q35, "who_is_told_of_a_guest_that_dies_and_of_a_host_that_does", |machine| {
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        let _ = guest.scrape();
        let network = guest.network();
        let target = network.address(Side::Management, 9100).to_string();
        let files = Scratch::new().unwrap();
        for directory in ["periscope", "periscope-probe"] {
            fs::create_dir(files.path().join(directory)).unwrap();
        }
        write_secrets(&files);
        files.write("alerts.yml", &hurried_rules().unwrap()).unwrap();

        let webhook = Webhook::listen(network).unwrap();
        let alertmanager = Alertmanager::start(network, &hurried_routes(&webhook, files.path()).unwrap()).unwrap();
        // As much of node_exporter as says that the host is there.
        let node = Server::start(network.namespace(), |_| ("text/plain", String::new())).unwrap();
        let config = configured(files.path(), &alertmanager.address(), &node.address().to_string()).unwrap();
        let prometheus = Prometheus::with_config(network, &config).unwrap();

        // All is well: the guest is known by its name, and nobody is told anything.
        discover(&files, "web-1", &target);
        prometheus.expect("up{job=\"periscope\", instance=\"web-1\", vm=\"web-1\", host=\"hv-1\"}", 1.0).unwrap();
        prometheus.expect("up{job=\"node\", host=\"hv-1\"}", 1.0).unwrap();
        assert_eq!(prometheus.samples("ALERTS").unwrap(), []);

        // It dies: Alerta and the telephone are told.
        let qemu = Pid::from_raw(guest.id().try_into().unwrap());
        kill(qemu, Signal::SIGKILL).unwrap();
        let gone = |told: &Told| told.is("firing", "GuestGone", ("vm", "web-1"));
        for receiver in ["/alerta", "/ntfy"] {
            let told = message(&webhook, receiver, |told| gone(told) && told.path.starts_with(receiver));
            assert_eq!(told.annotations["summary"], "Guest web-1 is gone");
            assert_eq!(told.labels["instance"], "web-1");
        }
        // It is taken out of discovery: it is not missed any more.
        fs::remove_file(files.path().join("periscope/web-1.json")).unwrap();
        message(&webhook, "its end", |told| told.is("resolved", "GuestGone", ("vm", "web-1")));
        prometheus.expect("absent(ALERTS)", 1.0).unwrap();

        // The host goes, and a guest with it: only the host is told of.
        drop(node);
        discover(&files, "web-2", &target);
        message(&webhook, "the host", |told| told.is("firing", "HostGone", ("host", "hv-1")));
        prometheus.expect("ALERTS{alertname=\"GuestGone\", alertstate=\"firing\", vm=\"web-2\"}", 1.0).unwrap();
        let inhibited = || {
            let alerts = alertmanager.alerts().ok()?;
            let guest = alerts.into_iter().find(|alert| alert["labels"]["vm"] == "web-2")?;
            (guest["status"]["state"] == "suppressed").then_some(())
        };
        assert!(eventually(PATIENCE, inhibited).is_some(), "{:#?}", alertmanager.alerts());
        // Long enough for a message to have come.
        let_pass(Duration::from_secs(3));
        let of_guest: Vec<_> = webhook.told().into_iter().filter(|told| told.labels["vm"] == "web-2").collect();
        assert_eq!(of_guest, []);
        // Nobody was woken by what was over.
        let urgent = |told: &Told| told.path.contains("priority=urgent");
        assert!(webhook.told().iter().filter(|told| urgent(told)).all(|told| told.status == "firing"));
    });
}

#[test]
fn a_critical_alert_holds_back_the_warnings_of_its_guest_and_of_no_other() {
    let network = Network::user();
    let files = Scratch::new().unwrap();
    write_secrets(&files);
    let webhook = Webhook::listen(&network).unwrap();
    let alertmanager = Alertmanager::start(&network, &hurried_routes(&webhook, files.path()).unwrap()).unwrap();
    let loops = ["GuestCrashLoop", "critical", "web-1", "hv-1"];
    let held_back = ["HeapNearlyFull", "warning", "web-1", "hv-1"];
    // Of another guest of the same host, and of one of the same name on another.
    let others = [["HeapNearlyFull", "warning", "web-2", "hv-1"], ["HeapNearlyFull", "warning", "web-1", "hv-2"]];
    for [alert, severity, vm, host] in [loops, held_back, others[0], others[1]] {
        let mut amtool = Command::new("amtool");
        amtool.arg(format!("--alertmanager.url=http://{}", alertmanager.address())).args(["alert", "add", alert]);
        amtool.args([format!("severity={severity}"), format!("vm={vm}"), format!("host={host}")]);
        assert!(amtool.arg("job=periscope").status().is_ok_and(|status| status.success()), "{amtool:?}");
    }
    let is = |told: &Told, [alert, _, vm, host]: [&str; 4]| {
        told.is("firing", alert, ("vm", vm)) && told.labels["host"] == host && told.path.starts_with("/ntfy")
    };
    for expected in [loops, others[0], others[1]] {
        let _ = message(&webhook, &expected.join(" "), |told| is(told, expected));
    }
    // Long enough for a message to have come.
    let_pass(Duration::from_secs(3));
    assert!(!webhook.told().iter().any(|told| is(told, held_back)), "{:#?}", webhook.told());
}
