//! A real Prometheus that scrapes guests, and the two strictest judges of an exposition: promtool and the OpenMetrics
//! parser of PyPI's `prometheus_client`.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddrV4;
use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, answers, connect};
use crate::deploy::adapted;
use crate::files::{Scratch, repository};
use crate::http;
use crate::network::{Network, Side, free_port};
use crate::process::filter;
use crate::wait::{PATIENCE, eventually};

/// A Prometheus server, or one that acts as such, whose job `periscope` scrapes guests. Dropping it ends it.
#[derive(Debug)]
pub struct Prometheus<'a> {
    daemon: Daemon,
    network: &'a Network,
    port: u16,
}

/// One sample of what a PromQL expression yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its labels, `__name__` among them if it has a name.
    pub labels: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

/// One series and what is stored of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its labels, `__name__` among them.
    pub labels: BTreeMap<String, String>,
    /// Pairs of Unix seconds and value, in order.
    pub values: Vec<(f64, f64)>,
}

impl<'a> Prometheus<'a> {
    /// Starts one beside `network`, scraping the guest's management port every two seconds, and waits until it is ready.
    pub fn start(network: &'a Network) -> io::Result<Self> {
        Self::with_options(network, "", &[])
    }

    /// The same, of one that sends a password.
    pub fn with_password(network: &'a Network, user: &str, password: &str) -> io::Result<Self> {
        let credentials = format!("basic_auth: {{ username: '{user}', password: '{password}' }},");
        Self::with_options(network, &credentials, &[])
    }

    /// The same, of one that knows native histograms, and so asks for protobuf.
    pub fn with_native_histograms(network: &'a Network) -> io::Result<Self> {
        Self::with_options(network, "", &["--enable-feature=native-histograms"])
    }

    /// The same, of one that scrapes several guests every second and has the rules of `deploy/`. Their networks have to be
    /// reached from where it is: `network`. Each guest's `instance` is its name.
    pub fn of_many(network: &'a Network, guests: &[(&str, SocketAddrV4)]) -> io::Result<Self> {
        let target = |(name, address): &(&str, SocketAddrV4)| {
            format!("{{ targets: ['{address}'], labels: {{ instance: '{name}' }} }}")
        };
        let targets: Vec<_> = guests.iter().map(target).collect();
        let rules = repository().join("deploy/prometheus/rules/*.yml");
        let rules = format!("rule_files: ['{}']\n", rules.display());
        Self::configured(
            network,
            &(configuration("1s", ", evaluation_interval: 1s", "", &targets.join(", ")) + &rules),
            &[],
        )
    }

    /// Starts one that scrapes nobody and takes what guests write to `/api/v1/write`, as `deploy/` configures it.
    pub fn receiver(network: &'a Network) -> io::Result<Self> {
        let rules = repository().join("deploy/prometheus/rules/*.yml").display().to_string();
        let configuration = adapted("deploy/prometheus/receiver.yml", &[("rules/*.yml", &rules)]);
        Self::serve(network, &configuration.map_err(io::Error::other)?, "/-/ready", |port, config, data| {
            let mut command = Command::new("prometheus");
            command
                .arg(format!("--config.file={config}"))
                .arg(format!("--storage.tsdb.path={data}"))
                .arg(format!("--web.listen-address={}:{port}", network.server_ip()))
                .args(["--web.enable-remote-write-receiver", "--log.level=warn"]);
            command
        })
    }

    /// Starts one that keeps nothing, and answers no query, with a configuration that says whom it scrapes and writes to.
    pub fn agent(network: &'a Network, configuration: &str) -> io::Result<Self> {
        Self::serve(network, configuration, "/-/ready", |port, config, data| {
            let mut command = Command::new("prometheus");
            command
                .arg(format!("--config.file={config}"))
                .arg(format!("--storage.agent.path={data}"))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .args(["--enable-feature=agent", "--log.level=warn"]);
            command
        })
    }

    /// Starts one with a configuration of the caller's own.
    pub fn with_config(network: &'a Network, configuration: &str) -> io::Result<Self> {
        Self::configured(network, configuration, &[])
    }

    fn with_options(network: &'a Network, credentials: &str, more: &[&str]) -> io::Result<Self> {
        Self::configured(network, &of_one(network, credentials), more)
    }

    fn configured(network: &'a Network, configuration: &str, more: &[&str]) -> io::Result<Self> {
        Self::serve(network, configuration, "/-/ready", |port, config, data| {
            let mut command = Command::new("prometheus");
            command
                .arg(format!("--config.file={config}"))
                .arg(format!("--storage.tsdb.path={data}"))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .args(["--storage.tsdb.retention.time=1h", "--log.level=warn"])
                .args(more);
            command
        })
    }

    /// The port that it answers on, and that guests write to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts what `command` makes of a port, a configuration and a directory, and waits until `ready` is answered.
    pub(crate) fn serve(
        network: &'a Network,
        configuration: &str,
        ready: &str,
        command: impl FnOnce(u16, &str, &str) -> Command,
    ) -> io::Result<Self> {
        let files = Scratch::new()?;
        let config = files.write("prometheus.yml", configuration)?;
        let port = network.run(free_port);
        let data = files.path().join("data").display().to_string();
        let command = command(port, &config.display().to_string(), &data);
        let daemon = Daemon::start(command, network, files, || answers(network, port, ready))?;
        Ok(Self { daemon, network, port })
    }

    /// What it warned of, or found wrong.
    #[must_use]
    pub fn warnings(&self) -> String {
        self.daemon.said()
    }

    /// The value of a PromQL expression that yields one sample; `None` while it yields none.
    pub fn query(&self, expression: &str) -> io::Result<Option<f64>> {
        match self.samples(expression)?.as_slice() {
            [] => Ok(None),
            [sample] => Ok(Some(sample.value)),
            more => Err(io::Error::other(format!("not one sample: {more:?}"))),
        }
    }

    /// All samples that a PromQL expression yields, which may be none.
    pub fn samples(&self, expression: &str) -> io::Result<Vec<Sample>> {
        let data = self.ask(&format!("query?query={}", http::percent_encoded(expression)))?;
        let sample = |sample: &Value| {
            let labels = serde_json::from_value(sample["metric"].clone()).ok()?;
            Some(Sample { labels, value: sample["value"][1].as_str()?.parse().ok()? })
        };
        let samples = data["result"].as_array().and_then(|samples| samples.iter().map(sample).collect());
        samples.ok_or_else(|| io::Error::other(format!("not a vector: {data}")))
    }

    /// Everything stored of the series that a selector finds, up to an hour back: labels, and pairs of Unix seconds and
    /// value. Stale markers are no values.
    pub fn stored(&self, selector: &str) -> io::Result<Vec<Stored>> {
        let data = self.ask(&format!("query?query={}", http::percent_encoded(&format!("{selector}[1h]"))))?;
        let pair = |pair: &Value| Some((pair[0].as_f64()?, pair[1].as_str()?.parse().ok()?));
        let series = |series: &Value| {
            let labels = serde_json::from_value(series["metric"].clone()).ok()?;
            Some(Stored { labels, values: series["values"].as_array()?.iter().map(pair).collect::<Option<_>>()? })
        };
        let found = data["result"].as_array().and_then(|found| found.iter().map(series).collect());
        found.ok_or_else(|| io::Error::other(format!("not series: {data}")))
    }

    /// The values of a label on the series that a selector finds.
    pub fn label_values(&self, label: &str, selector: &str) -> io::Result<Vec<String>> {
        let data = self.ask(&format!("label/{label}/values?match[]={}", http::percent_encoded(selector)))?;
        Ok(serde_json::from_value(data)?)
    }

    /// The rules it was configured with, recording and alerting ones, as it understood them.
    pub fn rules(&self) -> io::Result<Vec<Value>> {
        let data = self.ask("rules")?;
        let groups = data["groups"].as_array().into_iter().flatten();
        Ok(groups.flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default()).collect())
    }

    /// The targets it has discovered, with their labels and where it scrapes them.
    pub fn targets(&self) -> io::Result<Vec<Value>> {
        let data = self.ask("targets?state=active")?;
        data["activeTargets"].as_array().cloned().ok_or_else(|| io::Error::other(format!("no targets: {data}")))
    }

    /// What its API answers to a query.
    fn ask(&self, query: &str) -> io::Result<Value> {
        let response = connect(self.network, self.port)?.get(&format!("/api/v1/{query}"))?;
        let mut reply: Value = serde_json::from_slice(&response.body)?;
        if reply["status"] != "success" {
            return Err(io::Error::other(response.text()));
        }
        Ok(reply["data"].take())
    }

    /// Asks until the expression's value is `wanted`, and says what it was at last if it never is.
    pub fn expect(&self, expression: &str, wanted: f64) -> Result<(), String> {
        let mut last = String::new();
        let found = eventually(PATIENCE, || match self.query(expression) {
            Ok(Some(value)) if value == wanted => Some(()),
            other => {
                last = format!("{other:?}");
                None
            }
        });
        found.ok_or_else(|| format!("`{expression}` is {last}, not {wanted}"))
    }
}

/// Scrapes one guest's management port every two seconds.
pub(crate) fn of_one(network: &Network, credentials: &str) -> String {
    let target = network.address(Side::Management, 9100);
    configuration("2s", "", credentials, &format!("{{ targets: ['{target}'] }}"))
}

/// `more` is what VictoriaMetrics does not know of.
fn configuration(interval: &str, more: &str, credentials: &str, targets: &str) -> String {
    format!(
        "global: {{ scrape_interval: {interval}, scrape_timeout: {interval}{more} }}\n\
         scrape_configs: [{{ job_name: periscope, {credentials} static_configs: [{targets}] }}]\n"
    )
}

/// What `promtool check metrics` finds wrong in an exposition, line by line.
pub fn promtool_findings(exposition: &str) -> io::Result<Vec<String>> {
    // It ends with 1 if it cannot read them, and with 3 if it can but dislikes them.
    judge(Command::new("promtool").args(["check", "metrics"]), exposition, &[1, 3])
}

/// What the strict OpenMetrics parser finds wrong in an exposition in text format 0.0.4: at most one error, its first.
pub fn strict_findings(exposition: &str) -> io::Result<Vec<String>> {
    let python = repository().join("tests/.venv/bin/python");
    judge(Command::new(python).arg(repository().join("tests/strict.py")), exposition, &[])
}

/// What a judge says, line by line. `found` are the statuses besides 0 it may end with once it has said something; with
/// any other it has not judged.
fn judge(command: &mut Command, input: &str, found: &[i32]) -> io::Result<Vec<String>> {
    let output = filter(command, input.as_bytes())?;
    let said = [output.stdout, output.stderr].concat();
    let lines: Vec<_> = String::from_utf8_lossy(&said).lines().map(str::to_owned).collect();
    match output.status.code() {
        Some(0) => Ok(lines),
        Some(status) if found.contains(&status) && !lines.is_empty() => Ok(lines),
        _ => Err(io::Error::other(format!("{command:?} ended with {}: {lines:?}", output.status))),
    }
}
