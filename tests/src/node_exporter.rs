//! A real node_exporter, which says what its metrics are called. Not for judging ours by them: see the test `oracle`.

use std::io;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::http;
use crate::network::{Network, free_port};
use crate::process::Process;
use crate::wait::{PATIENCE, eventually};

/// What Debian calls the program.
const PROGRAM: &str = "prometheus-node-exporter";

/// What it tells of the host, once. Its default collectors are asked, and `more`. It runs beside `network`: there are NICs
/// for it to tell of, where the host may have none.
pub fn scrape(network: &Network, more: &[&str]) -> io::Result<String> {
    let port = network.run(free_port);
    let mut command = Command::new(PROGRAM);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    command.args(more.iter().map(|collector| format!("--collector.{collector}")));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _process = Process::start(&mut command, network.namespace())?;
    let ask = || {
        let stream = network.run(|| TcpStream::connect(("127.0.0.1", port))).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        http::Connection::new(stream).ok()?.get("/metrics").ok().filter(|response| response.status == 200)
    };
    let response = eventually(PATIENCE, ask).ok_or_else(|| io::Error::other(format!("{PROGRAM} does not answer")))?;
    Ok(response.text())
}
