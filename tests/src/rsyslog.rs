//! A real rsyslogd, which takes messages apart as its parsers see fit, and what it has made of each.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use crate::daemon::Daemon;
use crate::files::Scratch;
use crate::network::{Network, free_port};

/// An rsyslogd that listens beside a guest and keeps what it parses. Dropping it ends it.
#[derive(Debug)]
pub struct Rsyslog {
    daemon: Daemon,
    udp: u16,
    tcp: u16,
    plain_tcp: u16,
    parsed: PathBuf,
}

/// A message as it was parsed: rsyslog's properties, by the names that its manual gives them.
pub type Message = BTreeMap<String, String>;

/// The properties that are kept. `rawmsg` is what came; the others are what was read in it.
const PROPERTIES: [&str; 14] = [
    "inputname",
    "rawmsg",
    "pri",
    "syslogfacility",
    "syslogseverity",
    "protocol-version",
    "timereported",
    "hostname",
    "app-name",
    "procid",
    "msgid",
    "structured-data",
    "syslogtag",
    "msg",
];

impl Rsyslog {
    /// Starts one beside `network`.
    pub fn start(network: &Network) -> io::Result<Self> {
        let files = Scratch::new()?;
        let [tcp, plain_tcp, udp] = network.run(|| [(); 3].map(|()| free_port()));
        let (here, ip) = (files.path().display(), network.server_ip());
        let parsed = files.path().join("parsed");
        let property = |name: &&str| {
            let form = if *name == "timereported" { " dateFormat=\"rfc3339\"" } else { "" };
            format!(" property(outname=\"{name}\" name=\"{name}\" format=\"jsonf\"{form})\n")
        };
        let properties: String = PROPERTIES.iter().map(property).collect::<Vec<_>>().join(" constant(value=\",\")\n");
        // What it is told is written as it came: control characters are not put into words, names are not looked up,
        // and a message is as long as a guest may make it.
        let config = format!(
            "global(workDirectory=\"{here}\" maxMessageSize=\"64k\" net.enableDNS=\"off\"\n  \
             parser.escapeControlCharactersOnReceive=\"off\")\n\
             module(load=\"imudp\")\nmodule(load=\"imtcp\")\nmodule(load=\"imptcp\")\n\
             template(name=\"parsed\" type=\"list\") {{\n constant(value=\"{{\")\n{properties} constant(value=\"}}\\n\")\n}}\n\
             ruleset(name=\"guests\") {{ action(type=\"omfile\" file=\"{}\" template=\"parsed\" \
             asyncWriting=\"off\" flushOnTXEnd=\"on\") }}\n\
             input(type=\"imudp\" address=\"{ip}\" port=\"{udp}\" ruleset=\"guests\")\n\
             input(type=\"imtcp\" address=\"{ip}\" port=\"{tcp}\" ruleset=\"guests\")\n\
             input(type=\"imptcp\" address=\"{ip}\" port=\"{plain_tcp}\" ruleset=\"guests\")\n",
            parsed.display()
        );
        let config = files.write("rsyslog.conf", &config)?;
        // Where Debian has it, which is outside an ordinary user's path.
        let mut command = Command::new("/usr/sbin/rsyslogd");
        let pid_file = files.path().join("pid");
        command.arg("-n").arg("-f").arg(&config).arg("-i").arg(&pid_file);
        // It has written the file once its inputs are bound.
        let ready = || network.run(|| std::net::TcpStream::connect(("127.0.0.1", plain_tcp))).ok().map(drop);
        let daemon = Daemon::start(command, network, files, ready)?;
        Ok(Self { daemon, udp, tcp, plain_tcp, parsed })
    }

    /// The port that takes datagrams.
    #[must_use]
    pub fn udp_port(&self) -> u16 {
        self.udp
    }

    /// The port of `imtcp`, which takes octet counting among others.
    #[must_use]
    pub fn tcp_port(&self) -> u16 {
        self.tcp
    }

    /// The port of `imptcp`, whose own parser of frames takes octet counting, too.
    #[must_use]
    pub fn plain_tcp_port(&self) -> u16 {
        self.plain_tcp
    }

    /// All messages so far, in the order in which they came.
    pub fn messages(&self) -> io::Result<Vec<Message>> {
        let written = match fs::read_to_string(&self.parsed) {
            // The file comes with the first message.
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        // The last line may be half written.
        let whole = written.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).map_err(io::Error::other)).collect()
    }

    /// What it found wrong.
    #[must_use]
    pub fn warnings(&self) -> String {
        self.daemon.said()
    }
}

#[cfg(test)]
mod tests {
    use super::Rsyslog;
    use crate::network::Network;
    use crate::wait::{PATIENCE, eventually};
    use std::io::Write;
    use std::net::{TcpStream, UdpSocket};

    #[test]
    fn takes_messages_apart() {
        let network = Network::user();
        let server = Rsyslog::start(&network).unwrap();
        let message =
            "<13>1 2026-01-02T03:04:05.000006Z web-1 web main net [uk@32473 boot=\"b\" seq=\"1\"] hello  \"x\"";
        let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        socket.send_to(message.as_bytes(), ("127.0.0.1", server.udp_port())).unwrap();
        for port in [server.tcp_port(), server.plain_tcp_port()] {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            write!(stream, "{} {message}", message.len()).unwrap();
        }
        let all = || server.messages().ok().filter(|messages| messages.len() == 3);
        let messages = eventually(PATIENCE, all).unwrap_or_else(|| panic!("{}", server.warnings()));
        let mut inputs: Vec<_> = messages.iter().map(|message| message["inputname"].as_str()).collect();
        inputs.sort_unstable();
        assert_eq!(inputs, ["imptcp", "imtcp", "imudp"]);
        for parsed in &messages {
            for (property, expected) in [
                ("rawmsg", message),
                ("pri", "13"),
                ("syslogfacility", "1"),
                ("syslogseverity", "5"),
                ("protocol-version", "1"),
                ("timereported", "2026-01-02T03:04:05.000006Z"),
                ("hostname", "web-1"),
                ("app-name", "web"),
                ("procid", "main"),
                ("msgid", "net"),
                ("structured-data", "[uk@32473 boot=\"b\" seq=\"1\"]"),
                ("msg", "hello  \"x\""),
            ] {
                assert_eq!(parsed[property], expected, "{property} of {parsed:#?}");
            }
        }
    }
}
