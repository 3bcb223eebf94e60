//! VictoriaMetrics, which has parsers and a storage of its own and answers Prometheus' queries: one that scrapes a guest,
//! and one that guests write to, in Influx line protocol and by remote write.

use std::io;
use std::process::Command;

use crate::daemon::connect;
use crate::network::{Network, free_port};
use crate::prometheus::{Prometheus, Stored, of_one};

impl<'a> Prometheus<'a> {
    /// Starts a VictoriaMetrics that scrapes the guest's management port every two seconds.
    pub fn victoria_metrics(network: &'a Network) -> io::Result<Self> {
        Self::serve(network, &of_one(network, ""), "/health", |port, config, data| {
            let mut command = victoria_metrics(data);
            command.arg(format!("-promscrape.config={config}")).arg(format!("-httpListenAddr=127.0.0.1:{port}"));
            command
        })
    }
}

/// How far a value may be from what was sent, as a part of it: VictoriaMetrics keeps decimal numbers, and looks for one with
/// few digits to this precision.
pub const ROUNDING: f64 = 1e-12;

/// A VictoriaMetrics that guests write to.
#[derive(Debug)]
pub struct Victoria<'a> {
    server: Prometheus<'a>,
    network: &'a Network,
    influx: u16,
}

impl<'a> Victoria<'a> {
    /// Starts one beside `network`. A line's fields are series by their own names, as they are when scraped.
    pub fn start(network: &'a Network) -> io::Result<Self> {
        let influx = network.run(free_port);
        let ip = network.server_ip();
        let server = Prometheus::serve(network, "", "/health", |port, _, data| {
            let mut command = victoria_metrics(data);
            command
                .arg(format!("-httpListenAddr={ip}:{port}"))
                .arg(format!("-influxListenAddr={ip}:{influx}"))
                .arg("-influxSkipMeasurement");
            command
        })?;
        Ok(Self { server, network, influx })
    }

    /// The port that takes `/api/v1/write`, `/write` and `/api/v2/write`.
    #[must_use]
    pub fn http_port(&self) -> u16 {
        self.server.port()
    }

    /// Everything stored of the series that a selector finds, up to an hour back. See [`Prometheus::stored`].
    pub fn stored(&self, selector: &str) -> io::Result<Vec<Stored>> {
        // What is new is hidden from queries for some seconds, unless one asks for this.
        connect(self.network, self.http_port())?.get("/internal/force_flush")?;
        self.server.stored(selector)
    }

    /// Asks until an expression's value is `wanted`. See [`Prometheus::expect`].
    pub fn expect(&self, expression: &str, wanted: f64) -> Result<(), String> {
        self.server.expect(expression, wanted)
    }

    /// What it warned of, or found wrong.
    #[must_use]
    pub fn warnings(&self) -> String {
        self.server.warnings()
    }

    /// The port that takes lines, over TCP and in datagrams.
    #[must_use]
    pub fn influx_port(&self) -> u16 {
        self.influx
    }
}

fn victoria_metrics(data: &str) -> Command {
    let mut command = Command::new("victoria-metrics");
    command
        .arg(format!("-storageDataPath={data}"))
        // Queries are to find what came just now, not what was there half a minute ago.
        .args(["-search.latencyOffset=0s", "-search.disableCache", "-memory.allowedBytes=64MB"])
        .arg("-loggerLevel=WARN");
    command
}

#[cfg(test)]
mod tests {
    use super::Victoria;
    use crate::daemon::connect;
    use crate::network::Network;
    use crate::wait::{PATIENCE, eventually};
    use std::io::Write;
    use std::net::TcpStream;
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn takes_lines_over_tcp_and_http() {
        let network = Network::user();
        let victoria = Victoria::start(&network).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let line = |vm: &str| format!("net,vm={vm} packets_total=7i {}\n", now.as_nanos());
        TcpStream::connect(("127.0.0.1", victoria.influx_port())).unwrap().write_all(line("a").as_bytes()).unwrap();
        let mut http = connect(&network, victoria.http_port()).unwrap();
        assert_eq!(http.post("/api/v2/write?org=o&bucket=b", line("b").as_bytes()).unwrap().status, 204);
        let at = now.as_millis() as f64 / 1e3;
        let stored = || victoria.stored("packets_total").ok().filter(|series| series.len() == 2);
        let stored = eventually(PATIENCE, stored).unwrap_or_else(|| panic!("{}", victoria.warnings()));
        assert!(stored.iter().all(|series| series.values == [(at, 7.0)]), "{stored:?}");
        assert!(stored.iter().any(|series| series.labels["vm"] == "a" && !series.labels.contains_key("db")));
    }
}
