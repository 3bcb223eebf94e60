//! The demo's Prometheus and Alertmanager: real ones, on this host's loopback, with their data in a directory that goes
//! with them.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use ::tests::network::free_port_from;
use ::tests::{PATIENCE, Process, Scratch, SerialLog, eventually, http};

use crate::configuration;
use crate::guests::Named;

/// Both servers. Dropping this ends them and removes what they kept.
#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) prometheus: Server,
    /// The path of Prometheus' page for graphs, which differs from version to version and from Debian's to others'.
    pub(crate) graphs: String,
    pub(crate) alertmanager: Server,
    _files: Scratch,
}

/// One server that answers HTTP.
#[derive(Debug)]
pub(crate) struct Server {
    process: Process,
    pub(crate) address: SocketAddrV4,
}

impl Servers {
    /// Starts both, and waits until they are ready and all guests are up for Prometheus.
    pub(crate) fn start(guests: &[Named], webhook: SocketAddr) -> Result<Self, String> {
        let files = Scratch::new().map_err(|error| format!("cannot make a directory: {error}"))?;
        let (watched, told) = (free_address(9090)?, free_address(9093)?);
        configuration::write(&files, guests, told, webhook)?;
        let path = |name: &str| files.path().join(name).display().to_string();

        let mut alertmanager = Command::new("prometheus-alertmanager");
        alertmanager
            .arg(format!("--config.file={}", path("alertmanager.yml")))
            .arg(format!("--storage.path={}", path("alertmanager")))
            .arg(format!("--web.listen-address={told}"))
            // It has no peers: it is not to look for any.
            .args(["--cluster.listen-address=", "--log.level=warn"]);
        let alertmanager = Server::start("Alertmanager", alertmanager, told)?;

        let mut prometheus = Command::new("prometheus");
        prometheus
            .arg(format!("--config.file={}", path("prometheus.yml")))
            .arg(format!("--storage.tsdb.path={}", path("prometheus")))
            .arg(format!("--web.listen-address={watched}"))
            .args(["--storage.tsdb.retention.time=1d", "--log.level=warn"]);
        let prometheus = Server::start("Prometheus", prometheus, watched)?;
        prometheus.sees(guests.len())?;
        let graphs = prometheus.home().ok_or("Prometheus has no page for graphs")?;
        Ok(Self { prometheus, graphs, alertmanager, _files: files })
    }
}

impl Server {
    fn start(name: &str, mut command: Command, address: SocketAddrV4) -> Result<Self, String> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Process::start(&mut command, None).map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!("there is no {name} here: tests/setup.sh prometheus installs it"),
            _ => format!("cannot start {name}: {error}"),
        })?;
        let log = SerialLog::collect(process.child().stderr.take().expect("it was piped"), |_| ());
        let server = Self { process, address };
        let ready = eventually(PATIENCE, || server.get("/-/ready").ok().filter(|answer| answer.status == 200));
        ready.map(|_| server).ok_or_else(|| format!("{name} does not become ready:\n{}", log.text()))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until so many targets are up.
    fn sees(&self, count: usize) -> Result<(), String> {
        let query = format!(
            "/api/v1/query?query={}",
            http::percent_encoded(&format!("sum(up{{job=\"periscope\"}}) == {count}"))
        );
        let up = || {
            let answer: serde_json::Value = serde_json::from_slice(&self.get(&query).ok()?.body).ok()?;
            (!answer["data"]["result"].as_array()?.is_empty()).then_some(())
        };
        eventually(PATIENCE, up).ok_or_else(|| "Prometheus does not reach all guests".to_owned())
    }

    /// The path that it sends a visitor to who asks for none.
    fn home(&self) -> Option<String> {
        self.get("/").ok()?.header("location").map(str::to_owned)
    }

    fn get(&self, path: &str) -> io::Result<http::Response> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        http::Connection::new(stream)?.get(path)
    }
}

fn free_address(first: u16) -> Result<SocketAddrV4, String> {
    let port = free_port_from(first).ok_or_else(|| format!("a hundred ports from {first} on are all taken"))?;
    Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}
