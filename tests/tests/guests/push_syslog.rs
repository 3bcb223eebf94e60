//! The log, as a log server has it: rsyslogd, in both formats and over both transports, reads in each message what the guest
//! tells of the line when it is asked; and nothing is missing from the first line on.

use std::collections::BTreeMap;

use tests::rsyslog::{Message, Rsyslog};
use tests::sinks::SinkCounts;
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, on_every_machine};

/// A line of the log, as `/log` tells it: `1 0.006 2026-01-02T03:04:05.000006Z info net::dhcp boot: the message`.
#[derive(Clone, Debug)]
struct Line {
    seq: u64,
    stamp: String,
    level: String,
    source: String,
    thread: String,
    message: String,
}

impl Line {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(6, ' ');
        let mut next = || fields.next().map(str::to_owned);
        let (seq, _, stamp, level, source) = (next()?.parse().ok()?, next()?, next()?, next()?, next()?);
        let (thread, message) = fields.next()?.split_once(": ")?;
        Some(Self { seq, stamp, level, source, thread: thread.to_owned(), message: message.to_owned() })
    }

    /// RFC 5424, table 1 and 2: what the program prints is `user`, all else `daemon`.
    fn facility_and_severity(&self) -> [u8; 2] {
        match self.level.as_str() {
            "app" => [1, 6],
            "error" => [3, 3],
            "warning" => [3, 4],
            "info" => [3, 6],
            _ => [3, 7],
        }
    }
}

fn log_of(guest: &Guest) -> Vec<Line> {
    let text = guest.get(Side::Management, "/log?since=0").text();
    text.lines().map(|line| Line::parse(line).unwrap_or_else(|| panic!("not a line of the log: {line}"))).collect()
}

/// Boots a guest that sends its log to `server` over everything that listens there.
fn boot(machine: Machine, network: &Network, server: &Rsyslog, parameters: &str) -> Guest {
    let at = |port| network.server(port);
    let (udp, tcp, plain) = (at(server.udp_port()), at(server.tcp_port()), at(server.plain_tcp_port()));
    let parameters = format!(
        "--name=web-1 --job=shop --tags=cluster=021 {parameters} \
         --syslog=udp://{udp} --syslog=tcp://{tcp} --syslog-transport=tcp --syslog={plain}"
    );
    let guest = Guest::boot(machine, "guest").network(network.clone()).parameters(&parameters).words("reports").start();
    let _ = guest.line("reports: ready");
    drop(guest.knock());
    let _ = guest.line("reports: told");
    guest
}

/// What each input of the server has of lines up to the program's last word.
fn received(guest: &Guest, server: &Rsyslog) -> BTreeMap<String, Vec<Message>> {
    let mut inputs = BTreeMap::new();
    let all = eventually(PATIENCE, || {
        inputs = BTreeMap::<String, Vec<Message>>::new();
        for message in server.messages().ok()? {
            inputs.entry(message["inputname"].clone()).or_default().push(message);
        }
        let told = |messages: &Vec<Message>| messages.iter().any(|message| message["msg"].ends_with("reports: told"));
        (inputs.len() == 3 && inputs.values().all(told)).then_some(())
    });
    let counts: Vec<_> = inputs.iter().map(|(input, messages)| (input, messages.len())).collect();
    let sinks: Vec<_> = guest.scrape().lines().filter(|line| line.starts_with("uk_sink")).map(str::to_owned).collect();
    assert!(all.is_some(), "{counts:?}\n{}\n{}", server.warnings(), sinks.join("\n"));
    inputs
}

/// The parameters of the structured data `[uk@32473 a="1" b="x\"y"]`, unescaped.
fn parameters_of(data: &str) -> BTreeMap<String, String> {
    let inside = data.strip_prefix("[uk@32473 ").and_then(|data| data.strip_suffix(']'));
    let mut rest = inside.unwrap_or_else(|| panic!("not our structured data: {data}"));
    let mut parameters = BTreeMap::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut letters = after.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    rest = &after[at + 1..];
                    break;
                }
                '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
                letter => value.push(letter),
            }
        }
        parameters.insert(name.trim_start().to_owned(), value);
    }
    parameters
}

fn expect(message: &Message, property: &str, expected: &str) {
    assert_eq!(message[property], expected, "{property} of {message:#?}");
}

on_every_machine! {
    fn every_property_of_rfc_5424_is_read_back(machine: Machine) {
        let network = Network::best();
        let server = Rsyslog::start(&network).unwrap();
        let guest = boot(machine, &network, &server, "");
        let inputs = received(&guest, &server);
        let log = log_of(&guest);
        let mut boots = std::collections::BTreeSet::new();
        for (input, messages) in &inputs {
            // From the first line on, in order and without a gap.
            for (line, message) in log.iter().zip(messages) {
                let [facility, severity] = line.facility_and_severity();
                let data = parameters_of(&message["structured-data"]);
                assert_eq!(data["seq"], line.seq.to_string(), "{input}: {message:#?}");
                for (property, expected) in [
                    ("pri", (facility * 8 + severity).to_string()),
                    ("syslogfacility", facility.to_string()),
                    ("syslogseverity", severity.to_string()),
                    ("protocol-version", "1".to_owned()),
                    ("timereported", line.stamp.clone()),
                    ("hostname", "web-1".to_owned()),
                    ("app-name", "guest".to_owned()),
                    ("procid", line.thread.clone()),
                    ("msgid", line.source.clone()),
                    ("msg", line.message.clone()),
                ] {
                    expect(message, property, &expected);
                }
                assert_eq!([&data["job"], &data["cluster"], &data["thread"]], ["shop", "021", line.thread.as_str()]);
                assert_eq!(data.contains_key("truncated"), line.message.contains("reports: long"), "{message:#?}");
                boots.insert(data["boot"].clone());
            }
            assert!(messages.len() > 25 && log[0].seq == 1, "{} lines, from {}", messages.len(), log[0].seq);
        }
        assert!(boots.len() == 1 && boots.iter().all(|id| id.len() == 36), "one life, one id: {boots:?}");
        // The lines that were hard to carry were among them.
        let messages = &inputs["imtcp"];
        for hard in ["quote \" bracket ] backslash \\ percent % angle <13>1 end", "Grüße, 世界, and", "from a thread"] {
            assert!(messages.iter().any(|message| message["msg"].contains(hard)), "no `{hard}`");
        }
        assert!(messages.iter().any(|message| message["procid"] == "worker"));
        let scrape = guest.scrape();
        for sink in ["syslog", "syslog-2", "syslog-3"] {
            let counts = SinkCounts::of(&scrape, sink);
            assert!(counts.adds_up() && counts.dropped == 0.0 && counts.sent >= 25.0, "{sink}: {counts:?}");
            let cut = tests::observed::value(&scrape, &format!("uk_sink_truncated_total{{sink=\"{sink}\"}}"));
            assert_eq!(cut, 1.0, "{sink}");
        }
    }

    fn every_property_of_rfc_3164_is_read_back(machine: Machine) {
        let network = Network::best();
        let server = Rsyslog::start(&network).unwrap();
        let guest = boot(machine, &network, &server, "--syslog-format=rfc3164");
        let inputs = received(&guest, &server);
        let log = log_of(&guest);
        for messages in inputs.values() {
            for (line, message) in log.iter().zip(messages) {
                let [facility, severity] = line.facility_and_severity();
                for (property, expected) in [
                    ("pri", (facility * 8 + severity).to_string()),
                    ("syslogfacility", facility.to_string()),
                    ("syslogseverity", severity.to_string()),
                    ("protocol-version", "0".to_owned()),
                    ("hostname", "web-1".to_owned()),
                    ("app-name", "guest".to_owned()),
                    ("procid", line.thread.clone()),
                    ("syslogtag", format!("guest[{}]:", line.thread)),
                    // The parser counts the space behind the tag as the message's.
                    ("msg", format!(" {}", line.message)),
                ] {
                    expect(message, property, &expected);
                }
                // Without fractions, and without a year, which the server makes up.
                let seconds = line.stamp.get(..19).expect("seconds");
                assert!(message["timereported"].starts_with(seconds), "{seconds}: {message:#?}");
            }
            assert!(messages.len() > 25 && log[0].seq == 1, "{} lines, from {}", messages.len(), log[0].seq);
        }
    }

    fn bare_lines_are_those_of_the_serial_port(machine: Machine) {
        let network = Network::best();
        let socket = network.run(|| std::net::UdpSocket::bind((network.server_ip(), 0))).unwrap();
        socket.set_nonblocking(true).unwrap();
        let at = network.server(socket.local_addr().unwrap().port());
        let boot = Guest::boot(machine, "guest").network(network.clone()).parameters(&format!("--netconsole={at}"));
        let guest = boot.words("reports").start();
        let _ = guest.line("reports: ready");
        drop(guest.knock());
        let _ = guest.line("reports: told");
        let mut lines: Vec<String> = Vec::new();
        let told = eventually(PATIENCE, || {
            let mut datagram = [0; 2048];
            while let Ok(len) = socket.recv(&mut datagram) {
                let line = String::from_utf8_lossy(&datagram[..len]).into_owned();
                lines.push(line.strip_suffix('\n').unwrap_or_else(|| panic!("not a whole line: {line}")).to_owned());
            }
            lines.iter().any(|line| line.ends_with("reports: told")).then_some(())
        });
        assert!(told.is_some(), "{lines:#?}");
        let serial = guest.serial.lines();
        for line in &lines {
            // For a terminal a tab is a tab.
            assert!(serial.contains(&line.replace("\\t", "\t")), "`{line}` is not on the serial port");
        }
        let log = log_of(&guest);
        assert!(lines.len() >= log.len() && log[0].seq == 1, "{} of {} lines", lines.len(), log.len());
    }
}

#[test]
fn who_sends_nothing_says_so() {
    let guest = Guest::boot(Machine::Q35, "web").network(Network::best()).start();
    let _ = guest.scrape();
    let log = log_of(&guest);
    let warnings: Vec<_> = log.iter().filter(|line| line.message.contains("--monitor")).collect();
    assert_eq!(warnings.len(), 1, "{log:#?}");
    assert_eq!(warnings[0].level, "warning");
    assert!(warnings[0].message.contains("--syslog"), "{warnings:?}");
}
