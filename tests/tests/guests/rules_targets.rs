//! Whatever way a guest is discovered, `deploy/prometheus/prometheus.yml` makes of it what the rules count on: a name, a
//! host, and an `instance` that stays. A real Prometheus tells what it would scrape; nothing needs to answer.

use std::fs;

use serde_json::{Value, json};
use tests::deploy::adapted;
use tests::prometheus::Prometheus;
use tests::server::Server;
use tests::{Network, PATIENCE, Scratch, eventually};

/// The configuration, with a guest or a service for each way to discover one.
fn configuration(files: &Scratch, inventory: &Server<'_>) -> Result<String, String> {
    let files = files.path().display().to_string();
    adapted(
        "deploy/prometheus/prometheus.yml",
        &[
            ("/etc/prometheus", &files),
            ("- targets: [] # CHANGE: \"192.0.2.10:9100\"", "- targets: ['127.0.0.1:10']"),
            ("    # http_sd_configs:", "    http_sd_configs:"),
            ("    #   - url: http://inventory.example:8080", &format!("      - url: http://{}", inventory.address())),
            ("    #     refresh_interval", "        refresh_interval"),
            ("- targets: [] # CHANGE: \"hv-1:9100\"", "- targets: ['127.0.0.1:30', 'localhost']"),
        ],
    )
}

/// A target as Prometheus tells it, by what the rules look at.
fn seen(target: &Value) -> [String; 5] {
    let label = |name: &str| target["labels"][name].as_str().unwrap_or("none").to_owned();
    let url = target["scrapeUrl"].as_str().unwrap_or("none").to_owned();
    [label("job"), label("instance"), label("vm"), label("host"), url]
}

#[test]
fn guests_have_names_and_hosts_however_they_are_discovered() {
    let network = Network::user();
    let files = Scratch::new().unwrap();
    let (guest, service) = (json!({"vm": "web-1", "host": "hv-7"}), json!({"vm": "web-1"}));
    for (directory, target, labels) in
        [("periscope", "127.0.0.1:11", &guest), ("periscope-probe", "http://127.0.0.1/", &service)]
    {
        fs::create_dir(files.path().join(directory)).unwrap();
        let entry = json!([{"targets": [target], "labels": labels}]);
        files.write(&format!("{directory}/web-1.json"), &entry.to_string()).unwrap();
    }
    let inventory = Server::start(None, |request| {
        assert_eq!(request.path, "/periscope");
        let guests = json!([{"targets": ["127.0.0.1:12"], "labels": {"vm": "web-2", "host": "hv-8"}}]);
        ("application/json", guests.to_string())
    })
    .unwrap();
    let prometheus = Prometheus::with_config(&network, &configuration(&files, &inventory).unwrap()).unwrap();

    let probe = "http://localhost:9115/probe?module=http_2xx&target=http%3A%2F%2F127.0.0.1%2F";
    let expected = [
        // What has no name goes by its address.
        ["node", "127.0.0.1:30", "none", "127.0.0.1", "http://127.0.0.1:30/metrics"],
        ["node", "localhost:80", "none", "localhost", "http://localhost:80/metrics"],
        ["periscope", "127.0.0.1:10", "127.0.0.1:10", "hv-1", "http://127.0.0.1:10/metrics"],
        ["periscope", "web-1", "web-1", "hv-7", "http://127.0.0.1:11/metrics"],
        ["periscope", "web-2", "web-2", "hv-8", "http://127.0.0.1:12/metrics"],
        ["periscope_probe", "http://127.0.0.1/", "web-1", "none", probe],
    ]
    .map(|target| target.map(str::to_owned));
    let mut targets = Vec::new();
    let found = eventually(PATIENCE, || {
        targets = prometheus.targets().ok()?.iter().map(seen).collect();
        targets.sort();
        (targets == expected).then_some(())
    });
    assert!(found.is_some(), "{targets:#?}");
}
