//! The files that the demo's Prometheus and Alertmanager read.

use std::io;
use std::net::{SocketAddr, SocketAddrV4};

use ::tests::Scratch;
use serde_json::json;

use crate::guests::Named;

/// Writes `prometheus.yml`, `targets.json` and `alertmanager.yml` to `files`.
pub(crate) fn write(
    files: &Scratch,
    guests: &[Named],
    alertmanager: SocketAddrV4,
    webhook: SocketAddr,
) -> io::Result<()> {
    let target = |named: &Named| json!({"targets": [named.metrics().to_string()], "labels": {"vm": named.name}});
    let targets: Vec<_> = guests.iter().map(target).collect();
    let targets = files.write("targets.json", &json!(targets).to_string())?;
    files.write(
        "prometheus.yml",
        &format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
             alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['{alertmanager}'] }}] }}] }}\n\
             scrape_configs: [{{ job_name: periscope, file_sd_configs: [{{ files: ['{}'] }}] }}]\n",
            targets.display()
        ),
    )?;
    files.write(
        "alertmanager.yml",
        &format!(
            "route: {{ receiver: terminal, group_wait: 1s, group_interval: 5s }}\n\
             receivers: [{{ name: terminal, webhook_configs: [{{ url: 'http://{webhook}/' }}] }}]\n"
        ),
    )?;
    Ok(())
}
