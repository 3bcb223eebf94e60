//! A real name server, which guests ask for addresses: dnsmasq, which knows the names that it was told and no others.

use std::io;
use std::process::Command;

use crate::daemon::Daemon;
use crate::files::Scratch;
use crate::network::{Network, Side};

/// The host's name, where guests see it from the management network, and another one that is an alias of that.
pub const HOST: &str = "host.example";
/// See [`HOST`].
pub const ALIAS: &str = "time.example";

/// A dnsmasq that answers beside a guest, at DNS's port 53. Dropping it ends it. Needs taps, and so root.
#[derive(Debug)]
pub struct Dnsmasq(Daemon);

impl Dnsmasq {
    /// Starts one beside `network`.
    pub fn start(network: &Network) -> io::Result<Self> {
        let files = Scratch::new()?;
        // Where Debian has it, which is outside an ordinary user's path.
        let mut command = Command::new("/usr/sbin/dnsmasq");
        command.args(["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root"]);
        command.args(["--log-queries", "--log-facility=-", "--local=/example/"]);
        let pid = files.path().join("pid");
        command.arg(format!("--pid-file={}", pid.display()));
        command.arg(format!("--host-record={HOST},{}", network.host_address(Side::Management)));
        command.arg(format!("--cname={ALIAS},{HOST}"));
        // It is written once the port is bound.
        let ready = || pid.exists().then_some(());
        Daemon::start(command, network, files, ready).map(Self)
    }

    /// What it had to say: the questions, too.
    #[must_use]
    pub fn said(&self) -> String {
        self.0.said()
    }
}
