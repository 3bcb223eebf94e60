//! A real NTP server, which guests ask for the time: chronyd, which serves this host's and sets no clock.

use std::io;
use std::process::Command;

use crate::daemon::Daemon;
use crate::files::{Scratch, repository};
use crate::network::Network;

/// The stratum that it claims.
pub const STRATUM: f64 = 7.0;

/// QEMU's options for a guest that needs one: an RTC whose battery died.
pub const DEAD_RTC: [&str; 2] = ["-rtc", "base=2001-01-01T00:00:00"];

/// A chronyd that answers beside a guest, at NTP's port 123. Dropping it ends it. Needs taps, and so root.
#[derive(Debug)]
pub struct Chrony(Daemon);

impl Chrony {
    /// Starts one beside `network`.
    pub fn start(network: &Network) -> io::Result<Self> {
        let files = Scratch::new()?;
        let here = files.path().display();
        // No command port, in the file system or on the network: nobody is to talk to it but guests.
        let config =
            format!("local stratum {STRATUM}\nallow all\ncmdport 0\nbindcmdaddress /\npidfile {here}/pid\nuser root\n");
        let config = files.write("chrony.conf", &config)?;
        // Unpacked by tests/setup.sh: the package could only be installed in place of the host's own client.
        let mut command = Command::new(repository().join("tests/.chrony/usr/sbin/chronyd"));
        command.arg("-d").arg("-x").arg("-f").arg(&config);
        let pid = files.path().join("pid");
        let ready = || pid.exists().then_some(());
        Daemon::start(command, network, files, ready).map(Self)
    }

    /// What it had to say.
    #[must_use]
    pub fn said(&self) -> String {
        self.0.said()
    }
}
