//! The exporter's example as a process of the host: it serves a tree that stands still, and needs no guest.

use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use crate::http;
use crate::process::Process;
use crate::wait::PATIENCE;

/// The example, listening. Dropping it ends it.
#[derive(Debug)]
pub struct Example {
    _process: Process,
    address: SocketAddr,
}

impl Example {
    /// Builds it, if it has to, and starts it.
    pub fn start() -> io::Result<Self> {
        // Cargo becomes the example when it is built, so what is started is what is ended.
        let mut command = Command::new(env!("CARGO"));
        command.args(["run", "--quiet", "-p", "exporter", "--example", "serve", "--", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = Process::start(&mut command, None)?;
        let stdout = process.child().stdout.take().expect("it was piped");
        for line in BufReader::new(stdout).lines() {
            if let Some(url) = line?.strip_prefix("listening on http://") {
                let address = url.trim_end_matches('/').parse().map_err(io::Error::other)?;
                return Ok(Self { _process: process, address });
            }
        }
        Err(io::Error::other("the exporter's example does not listen"))
    }

    /// A new connection to it.
    pub fn connect(&self) -> io::Result<http::Connection> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        http::Connection::new(stream)
    }
}
