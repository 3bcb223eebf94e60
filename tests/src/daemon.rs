//! A real server from a package, run in the foreground for one test: started, waited for, and ended with its owner.
//! Not for what it serves: each server has a file of its own.

use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::files::Scratch;
use crate::http::{Connection, Response};
use crate::network::Network;
use crate::process::Process;
use crate::serial::SerialLog;
use crate::wait::{PATIENCE, eventually};

/// A server that runs beside a guest, and the files it needs. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Daemon {
    _process: Process,
    log: SerialLog,
    _files: Scratch,
}

impl Daemon {
    /// Starts `command` beside `network` and waits until `ready` says that it is.
    pub(crate) fn start(
        mut command: Command,
        network: &Network,
        files: Scratch,
        ready: impl FnMut() -> Option<()>,
    ) -> io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Process::start(&mut command, network.namespace())?;
        let log = SerialLog::collect(process.child().stderr.take().expect("it was piped"), |_| ());
        let daemon = Self { _process: process, log, _files: files };
        match eventually(PATIENCE, ready) {
            Some(()) => Ok(daemon),
            None => Err(io::Error::other(format!("{command:?} does not become ready:\n{}", daemon.said()))),
        }
    }

    /// What it said on its standard error.
    pub(crate) fn said(&self) -> String {
        self.log.text()
    }
}

/// A connection to a server of this test that listens on `port` beside `network`.
pub(crate) fn connect(network: &Network, port: u16) -> io::Result<Connection> {
    let stream = network.run(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port)))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    Connection::new(stream)
}

/// Whether such a server answers `path` with success.
pub(crate) fn answers(network: &Network, port: u16, path: &str) -> Option<()> {
    let Response { status, .. } = connect(network, port).ok()?.get(path).ok()?;
    matches!(status, 200 | 204).then_some(())
}
