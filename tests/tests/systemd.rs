//! The service `periscope@NAME` does what `deploy/README.md` says: its unit is valid, and its commands, run one by one as
//! systemd would run them, start a guest that is found, and end it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};

use tests::host::{Host, quoted, shipped};
use tests::{PATIENCE, eventually, skip};

const ENTRY: &str = "/etc/prometheus/periscope/web1.json";
const MANAGEMENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 80, 1, 11), 9100);
const SETTINGS: &str = "/etc/periscope/web1.env";

/// A host on which the service is installed, and guests are emulated, since KVM is not everywhere.
fn host(test: &str) -> Option<Host> {
    let host = Host::prepared(test, &["The networks", "Discovery", "systemd"])?;
    host.run(&format!("sed -i 's/^ACCELERATOR=.*/ACCELERATOR=tcg/' {SETTINGS}"));
    Some(host)
}

/// The unit's settings called `name`, in order, each on one line.
fn settings(name: &str) -> Vec<String> {
    let unit = shipped("deploy/systemd/periscope@.service").replace("\\\n", "");
    unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned).collect()
}

/// The unit's commands called `name` for the instance web1, as a shell's. To systemd, `${NAME}` is one word wherever it
/// stands, `$$` is a dollar sign, and the signs in front of a command say with whose rights it runs and whether it may fail.
fn commands(name: &str) -> Vec<String> {
    let shell = |command: &String| {
        let whole = |word: &str| word.starts_with("${") && word.ends_with('}');
        let words = command.trim_start_matches(['+', '-']).split_ascii_whitespace();
        let words: Vec<_> =
            words.map(|word| if whole(word) { format!("\"{word}\"") } else { word.to_owned() }).collect();
        words.join(" ").replace("%i", "web1").replace("$$", "$")
    };
    let found: Vec<_> = settings(name).iter().map(shell).collect();
    assert!(!found.is_empty(), "the unit has no {name}");
    found
}

/// Runs the commands called `name` with the instance's settings and the variables `variables`, as root.
fn run(host: &Host, name: &str, variables: &str) {
    for command in commands(name) {
        host.run(&format!("set -a; . {SETTINGS}; {variables} set +a\n{command}"));
    }
}

/// QEMU as the service starts it: not root, without a capability, and in the group kvm, to which the taps belong.
fn qemu() -> String {
    let [qemu] = <[String; 1]>::try_from(commands("ExecStart")).expect("a service has one main command");
    let user = "setpriv --reuid 65534 --regid 65534 --groups kvm --bounding-set -all --inh-caps -all --no-new-privs";
    format!("set -a; . {SETTINGS}; set +a\n{user} {qemu}")
}

fn told(host: &Host) -> Option<String> {
    fs::read_to_string(host.path(ENTRY)).ok()
}

#[test]
fn its_unit_is_valid() {
    const WHAT: &str = "its_unit_is_valid";
    let Some(host) = host(WHAT) else { return };
    if !host.try_run("command -v systemd-analyze", "").status.success() {
        return skip::skip(WHAT, "there is no systemd-analyze");
    }
    let output = host.try_run("systemd-analyze verify periscope@web1.service 2>&1", "");
    let findings = String::from_utf8_lossy(&output.stdout);
    let findings: Vec<_> = findings.lines().filter(|line| line.contains("periscope")).collect();
    assert!(output.status.success() && findings.is_empty(), "{output:?}");
    // The judge can find something.
    host.run("sed -i 's/^DynamicUser=.*/DynamicUsers=maybe/' /etc/systemd/system/periscope@.service");
    let output = host.try_run("systemd-analyze verify periscope@web1.service 2>&1", "");
    assert!(String::from_utf8_lossy(&output.stdout).contains("DynamicUsers"), "{output:?}");
}

#[test]
fn a_guest_is_found_while_it_runs() {
    const WHAT: &str = "a_guest_is_found_while_it_runs";
    let Some(host) = host(WHAT) else { return };
    host.run("sed -i 's/^host =.*/host = hv-1/' /etc/periscope/discovery.conf");

    for result in ["success", "exit-code"] {
        run(&host, "ExecStartPre", "");
        let isolated = |tap: &str| host.run(&format!("ip -details link show dev {tap}")).contains("isolated on");
        assert!(isolated("web1-m") && !isolated("web1-s"));
        let start = format!("echo $$ > /run/qemu.pid\n{}", qemu().replace("setpriv", "exec setpriv"));
        host.start(&format!("sh -c {}", quoted(&start)), "/var/log/web1.log");
        run(&host, "ExecStartPost", "");
        let entry = "[{\"targets\": [\"10.80.1.11:9100\"], \"labels\": {\"vm\": \"web1\", \"host\": \"hv-1\"}}]\n";
        assert_eq!(told(&host).as_deref(), Some(entry));
        let scrape = eventually(PATIENCE, || host.get(MANAGEMENT, "/metrics").ok().filter(|reply| reply.status == 200));
        let scrape = scrape.unwrap_or_else(|| panic!("it is not there: {}", log(&host))).text();
        assert!(scrape.contains("nodename=\"web1\""), "{scrape}");
        // Its log is what systemd would put into the journal.
        assert!(log(&host).contains("serving on port 80"), "{}", log(&host));

        host.run("pid=$(cat /run/qemu.pid); kill $pid; timeout 30 tail --pid=$pid -f /dev/null");
        run(&host, "ExecStopPost", &format!("SERVICE_RESULT={result};"));
        // One that failed is missed by Prometheus, which is what alerts are for.
        assert_eq!(told(&host).is_some(), result != "success");
        assert_eq!(host.run("ip -brief link show type tun").trim(), "", "its taps are gone");
    }
}

#[test]
fn an_end_that_would_come_again_is_known() {
    const WHAT: &str = "an_end_that_would_come_again_is_known";
    let Some(host) = host(WHAT) else { return };
    host.run(&format!("sed -i 's/--ipv4=/--no-such=/' {SETTINGS}"));
    run(&host, "ExecStartPre", "");
    let ended = host.try_run(&qemu(), "");
    let status = ended.status.code().expect("it ended by itself").to_string();
    assert!(String::from_utf8_lossy(&ended.stdout).contains("--no-such"), "{ended:?}");
    assert_eq!(status, "41");
    assert!(settings("RestartPreventExitStatus")[0].split(' ').any(|prevented| prevented == status));
    assert_eq!(settings("SuccessExitStatus"), ["33"]);
    assert_eq!(settings("RestartForceExitStatus"), ["0"], "a reset is never a success");
}

fn log(host: &Host) -> String {
    fs::read_to_string(host.path("/var/log/web1.log")).unwrap_or_default()
}
