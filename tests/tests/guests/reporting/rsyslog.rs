//! An rsyslogd with what `deploy/` gives it, and a guest that tells it its log by both transports.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use tests::deploy::adapted;
use tests::network::free_port;
use tests::{Guest, Machine, Network, PATIENCE, Process, Scratch, eventually, skip};

/// How often each line is there, by its number in the log.
fn counted(file: &str) -> BTreeMap<u64, u32> {
    let mut counts = BTreeMap::new();
    for line in file.lines() {
        let (_, rest) = line.split_once(" seq=\"").unwrap_or_else(|| panic!("no number: {line}"));
        let number = rest.split('"').next().and_then(|number| number.parse().ok());
        *counts.entry(number.unwrap_or_else(|| panic!("no number: {line}"))).or_default() += 1;
    }
    counts
}

#[test]
fn a_guest_s_lines_are_in_its_file() {
    skip::on(Machine::Q35, "a_guest_s_lines_are_in_its_file", |machine| {
        let files = Scratch::new().unwrap();
        let (folder, port) = (files.path().display().to_string(), free_port());
        let changes = [("\"514\"", &*format!("\"{port}\"")), ("/var/log/periscope", &folder)];
        let configuration = adapted("deploy/rsyslog/periscope.conf", &changes).unwrap();
        let configuration = format!("global(workDirectory=\"{folder}\")\n{configuration}");
        let file = files.write("rsyslog.conf", &configuration).unwrap();
        let mut command = Command::new("/usr/sbin/rsyslogd");
        command.arg("-n").arg("-f").arg(file).arg("-i").arg(files.path().join("pid"));
        let _rsyslogd = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()), None).unwrap();

        let network = Network::user();
        let receiver = network.server(port);
        let parameters = format!("--name=web-1 --tags=cluster=021 --syslog={receiver} --syslog=tcp://{receiver}");
        let guest = Guest::boot(machine, "web").network(network).parameters(&parameters).start();
        let written = files.path().join("web-1.log");
        let mut last = String::new();
        let complete = eventually(PATIENCE, || {
            last = fs::read_to_string(&written).unwrap_or_default();
            let served: Vec<_> = last.lines().filter(|line| line.ends_with(" serving on port 80")).collect();
            (served.len() == 2).then(|| served.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
        });
        let served = complete.unwrap_or_else(|| panic!("not by both transports:\n{last}{}", guest.log()));
        for line in served {
            // Its own time, severity, program, thread, and structured data.
            let (head, data) = line.split_once(" [uk@32473 boot=\"").unwrap_or_else(|| panic!("{line}"));
            assert!(!data.starts_with('"'), "whose life? {line}");
            assert!(head.contains('T') && head.contains("info web[main] "), "{line}");
            assert!(data.contains("job=\"periscope\" cluster=\"021\" thread=\"main\""), "{line}");
        }
        // The lines of the boot came first, and none is missing until here.
        let counts = counted(&last);
        let (first, newest) = (counts.keys().next().unwrap(), counts.keys().last().unwrap());
        assert!(last.lines().next().is_some_and(|line| line.contains("Periscope ")), "{last}");
        let missing: Vec<_> = (*first..*newest).filter(|number| counts.get(number) != Some(&2)).collect();
        assert!(counts.len() > 5 && missing.len() <= 1, "{missing:?} in\n{last}");
    });
}
