//! The files that the demo's Prometheus and Alertmanager read: those of deploy/, with the demo's addresses in the place of
//! an operator's, and everything sooner, since nobody looks at a demo for long.

use std::net::{SocketAddr, SocketAddrV4};

use ::tests::deploy::adapted;
use ::tests::{Scratch, repository};
use serde_json::json;

use crate::guests::Named;
use crate::webhook;

/// Writes `prometheus.yml`, `targets.json` and `alertmanager.yml` to `files`.
pub(crate) fn write(
    files: &Scratch,
    guests: &[Named],
    alertmanager: SocketAddrV4,
    webhook: SocketAddr,
) -> Result<(), String> {
    let target =
        |named: &Named| json!({"targets": [named.metrics().to_string()], "labels": {"vm": named.name, "host": "here"}});
    let targets: Vec<_> = guests.iter().map(target).collect();
    put(files, "targets.json", &json!(targets).to_string())?;
    put(files, "secret", "none")?;

    let within = |name: &str| files.path().join(name).display().to_string();
    let rules = repository().join("deploy/prometheus/rules/*.yml").display().to_string();
    let prometheus = adapted(
        "deploy/prometheus/prometheus.yml",
        &[
            ("scrape_interval: 15s", "scrape_interval: 1s"),
            ("scrape_timeout: 10s", "scrape_timeout: 1s"),
            ("evaluation_interval: 15s", "evaluation_interval: 1s"),
            ("rules/*.yml", &rules),
            ("localhost:9093", &alertmanager.to_string()),
            ("/etc/prometheus/periscope/*.json", &within("targets.json")),
            // Nothing probes the demo's guests: there is no blackbox_exporter.
            ("/etc/prometheus/periscope-probe/*.json", &within("no-probes.json")),
        ],
    )?;
    put(files, "prometheus.yml", &prometheus)?;

    let secret = within("secret");
    let alertmanager = adapted(
        "deploy/alertmanager/alertmanager.yml",
        &[
            ("group_wait: 30s", "group_wait: 1s"),
            ("group_interval: 5m", "group_interval: 5s"),
            ("group_interval: 1m", "group_interval: 5s"),
            ("https://alerta.example/api/webhooks/prometheus", &format!("http://{webhook}{}", webhook::ALERTA)),
            ("https://ntfy.example/periscope", &format!("http://{webhook}{}", webhook::NTFY)),
            ("/etc/prometheus/secrets/alerta-key", &secret),
            ("/etc/prometheus/secrets/ntfy-token", &secret),
        ],
    )?;
    put(files, "alertmanager.yml", &alertmanager)
}

fn put(files: &Scratch, name: &str, content: &str) -> Result<(), String> {
    files.write(name, content).map(drop).map_err(|error| format!("cannot write {name}: {error}"))
}
