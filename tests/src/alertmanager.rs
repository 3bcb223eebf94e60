//! A real Alertmanager, and the webhook it is told to call.

use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::daemon::{Daemon, answers, connect};
use crate::files::Scratch;
use crate::network::{Network, free_port};
use crate::server::{Request, Server};

/// An Alertmanager without peers, beside a guest. Dropping it ends it.
#[derive(Debug)]
pub struct Alertmanager<'a> {
    _daemon: Daemon,
    network: &'a Network,
    port: u16,
}

impl<'a> Alertmanager<'a> {
    /// Starts one beside `network` with `config`, and waits until it is ready.
    pub fn start(network: &'a Network, config: &str) -> io::Result<Self> {
        let files = Scratch::new()?;
        let config = files.write("alertmanager.yml", config)?;
        let port = network.run(free_port);
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", files.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args(["--cluster.listen-address=", "--log.level=warn"]);
        let daemon = Daemon::start(command, network, files, || answers(network, port, "/-/ready"))?;
        Ok(Self { _daemon: daemon, network, port })
    }

    /// Where Prometheus sends alerts.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The alerts it knows, as its API's version 2 tells them.
    pub fn alerts(&self) -> io::Result<Vec<Value>> {
        let reply: Value = serde_json::from_slice(&connect(self.network, self.port)?.get("/api/v2/alerts")?.body)?;
        reply.as_array().cloned().ok_or_else(|| io::Error::other(format!("not a list: {reply}")))
    }
}

/// An alert as a webhook was told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The path that was called.
    pub path: String,
    /// `firing` or `resolved`.
    pub status: String,
    /// Its labels, the name among them.
    pub labels: Value,
    /// What it says to a person.
    pub annotations: Value,
}

impl Told {
    /// The alerts of a message of Alertmanager's (its webhook format, version 4); none if it is no such message.
    #[must_use]
    pub fn by(request: &Request) -> Vec<Self> {
        let message: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let told = |alert: &Value| Self {
            path: request.path.clone(),
            status: alert["status"].as_str().unwrap_or_default().to_owned(),
            labels: alert["labels"].clone(),
            annotations: alert["annotations"].clone(),
        };
        message["alerts"].as_array().map(|alerts| alerts.iter().map(told).collect()).unwrap_or_default()
    }

    /// Whether it is about `alert` of whatever has the label `name` with `value`.
    #[must_use]
    pub fn is(&self, status: &str, alert: &str, (name, value): (&str, &str)) -> bool {
        self.status == status && self.labels["alertname"] == alert && self.labels[name] == value
    }
}

/// Whom Alertmanager calls. Dropping it ends it.
#[derive(Debug)]
pub struct Webhook<'a> {
    server: Server<'a>,
    told: Arc<Mutex<Vec<Told>>>,
}

impl<'a> Webhook<'a> {
    /// Listens beside `network`, for any path.
    pub fn listen(network: &'a Network) -> io::Result<Self> {
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let server = Server::start(network.namespace(), move |request| {
            heard.lock().unwrap_or_else(PoisonError::into_inner).extend(Told::by(&request));
            ("text/plain", String::new())
        })?;
        Ok(Self { server, told })
    }

    /// The URL of `path` here.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// All it was told so far, in order.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Told;
    use crate::server::Request;

    #[test]
    fn a_message_tells_of_its_alerts() {
        let body = br#"{"version": "4", "alerts": [
            {"status": "firing", "labels": {"alertname": "GuestGone", "vm": "a"}, "annotations": {}},
            {"status": "resolved", "labels": {"alertname": "GuestGone", "vm": "b"}}]}"#;
        let told = Told::by(&Request { path: "/x".to_owned(), body: body.to_vec() });
        assert_eq!(told.len(), 2);
        assert!(told[0].is("firing", "GuestGone", ("vm", "a")) && told[1].is("resolved", "GuestGone", ("vm", "b")));
        assert!(!told[1].is("firing", "GuestGone", ("vm", "b")) && !told[1].is("resolved", "HostGone", ("vm", "b")));
        assert_eq!(Told::by(&Request { path: String::new(), body: b"alerts".to_vec() }), []);
    }
}
