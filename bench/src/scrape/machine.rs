//! A guest that is scraped: QEMU's process and the guest's log. The same machine for Periscope and for its peer.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use ::tests::{PATIENCE, Process, SerialLog, Side, eventually, let_pass};

use super::client::Client;
use super::error;
use super::wire::Wires;

/// What is booted.
pub(crate) struct System {
    pub(crate) kernel: PathBuf,
    pub(crate) parameters: String,
    /// QEMU's options besides those that every system has.
    pub(crate) options: Vec<String>,
}

/// A guest that answers scrapes. It ends when this is dropped.
pub(crate) struct Machine<'a> {
    wires: &'a Wires,
    process: Process,
    log: SerialLog,
}

/// Linux under QEMU's translator boots in seconds; where the host is busy, in more.
const BOOT: Duration = Duration::from_secs(120);

impl<'a> Machine<'a> {
    /// Boots it and waits until it is scraped for the first time.
    pub(crate) fn boot(system: &System, wires: &'a Wires) -> Result<Self, String> {
        let mut command = Command::new("qemu-system-x86_64");
        command.args(["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
        command.args(["-M", "q35", "-bios", "qboot.rom", "-accel", "tcg", "-cpu", "max"]);
        command.args(["-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"]);
        command.arg("-kernel").arg(&system.kernel).args(["-append", &system.parameters]);
        command.args(Wires::card(Side::Service)).args(Wires::card(Side::Management)).args(&system.options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = wires.start(&mut command)?;
        let stdout = process.child().stdout.take().ok_or("QEMU has no standard output")?;
        let mut machine = Self { wires, process, log: SerialLog::collect(stdout, |_| ()) };
        let answers = eventually(BOOT, || {
            let ended = machine.process.child().try_wait().is_ok_and(|status| status.is_some());
            let scraped = || machine.client("/metrics").and_then(|mut client| client.scrape().map(|_| ()));
            if ended { Some(false) } else { scraped().ok().map(|()| true) }
        });
        match answers {
            Some(true) => Ok(machine),
            _ => Err(format!("{} is not there to be scraped:\n{}", system.kernel.display(), machine.log.text())),
        }
    }

    /// A connection for scrapes of `path`.
    pub(crate) fn client(&self, path: &str) -> Result<Client, String> {
        Ok(Client::new(self.connect()?, path))
    }

    /// A connection for requests to the program, of `path`.
    pub(crate) fn program_client(&self, path: &str) -> Result<Client, String> {
        let stream = self.wires.connect(Side::Service, 80).map_err(error("the program's port"))?;
        Ok(Client::new(stream, path))
    }

    /// A connection to what is scraped.
    pub(crate) fn connect(&self) -> Result<TcpStream, String> {
        self.wires.connect(Side::Management, 9100).map_err(error("management's port"))
    }

    /// Connects to the program, and waits until it has said `pattern` about that.
    pub(crate) fn knock(&self, pattern: &str) -> Result<(), String> {
        let stream = self.wires.connect(Side::Service, 80).map_err(error("the program's port"))?;
        let said = self.log.wait_for(pattern, PATIENCE);
        drop(stream);
        // The program's thread for this connection ends now.
        let_pass(Duration::from_millis(200));
        said.map(|_| ()).ok_or_else(|| format!("the program did not say `{pattern}`:\n{}", self.log.text()))
    }
}
