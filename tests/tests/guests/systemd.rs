//! The service `periscope@NAME` does what `deploy/README.md` says: its unit is valid, and its commands, run one by one as
//! systemd would run them, start a guest that is found, and end it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::process::Output;
use std::thread;
use std::time::Duration;

use tests::host::{Host, quoted, shipped};
use tests::{PATIENCE, eventually, image, skip};

const ENTRY: &str = "/etc/prometheus/periscope/web1.json";
const MANAGEMENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 80, 1, 11), 9100);
const SETTINGS: &str = "/etc/periscope/web1.env";
/// What commands find in their environment, but for what tells them of an end; the folder is systemd's to make.
const ENVIRONMENT: &str = ". /etc/periscope/web1.env; RUNTIME_DIRECTORY=/run/web1; mkdir -p $RUNTIME_DIRECTORY;";
/// Of a secret nobody here needs.
const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

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
        host.run(&format!("set -a; {ENVIRONMENT} {variables} set +a\n{command}"));
    }
}

/// QEMU as the service starts it: not root, without a capability, and in the group kvm, to which the taps belong.
fn qemu() -> String {
    let [qemu] = <[String; 1]>::try_from(commands("ExecStart")).expect("a service has one main command");
    let user = "setpriv --reuid 65534 --regid 65534 --groups kvm --bounding-set -all --inh-caps -all --no-new-privs";
    format!("set -a; {ENVIRONMENT} set +a\n{user} {qemu}")
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

    // A stop, a program that returned, a reset and a panic: QEMU's statuses, and whether it ran when the stop began.
    for (stopped, status, stays) in [(true, 0, false), (false, 33, false), (false, 0, true), (false, 37, true)] {
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

        run(&host, "ExecStop", if stopped { "MAINPID=$(cat /run/qemu.pid);" } else { "MAINPID=;" });
        assert_eq!(told(&host).is_none(), stopped);
        host.run("pid=$(cat /run/qemu.pid); kill $pid; timeout 30 tail --pid=$pid -f /dev/null");
        run(&host, "ExecStopPost", &format!("EXIT_STATUS={status};"));
        // One that failed is missed by Prometheus, which is what alerts are for.
        assert_eq!(told(&host).is_some(), stays, "{status}");
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

/// The host's systemd. Dropping it ends it, which also removes its control group, the one thing it has on the machine.
struct Systemd<'a>(&'a Host);

impl<'a> Systemd<'a> {
    fn start(host: &'a Host) -> Self {
        host.start("tests/systemd.sh", "/var/log/systemd.log");
        Self(host)
    }
}

impl Drop for Systemd<'_> {
    fn drop(&mut self) {
        let _ = systemctl(self.0, "exit");
        let ended = || self.0.try_run("pgrep -x systemd.sh", "").stdout.is_empty().then_some(());
        assert!(eventually(PATIENCE, ended).is_some() || thread::panicking(), "it does not end");
    }
}

/// Asks the host's systemd, as one of its processes: it obeys no other.
fn systemctl(host: &Host, words: &str) -> Output {
    host.try_run(&format!("nsenter --target \"$(pgrep -xo systemd)\" --mount --pid systemctl {words} 2>&1"), "")
}

/// What systemd says of the service's property `name`.
fn property(host: &Host, name: &str) -> String {
    let said = systemctl(host, &format!("show --property={name} --value periscope@web1")).stdout;
    String::from_utf8_lossy(&said).trim().to_owned()
}

/// Waits until the service's guest answers.
fn answers(host: &Host) -> bool {
    let ready = || host.get(MANAGEMENT, "/-/ready").ok().filter(|reply| reply.status == 200);
    eventually(PATIENCE, ready).is_some()
}

#[test]
fn a_real_systemd_runs_it() {
    const WHAT: &str = "a_real_systemd_runs_it";
    let Some(host) = host(WHAT) else { return };
    // What a test leaves that was killed, and what one has just made.
    let groups = "mkdir -p /run/groups; mount -t cgroup2 cgroup2 /run/groups; cd /run/groups";
    let left =
        "mkdir -p periscope.left/init.scope periscope.new; touch periscope.new; touch -d '1 hour ago' periscope.left";
    let _ = host.try_run(&format!("{groups}; {left}"), "");
    let _systemd = Systemd::start(&host);
    let up = || systemctl(&host, "is-system-running").stdout.starts_with(b"running").then_some(());
    if eventually(Duration::from_secs(20), up).is_none() {
        let said = fs::read_to_string(host.path("/var/log/systemd.log")).unwrap_or_default();
        return skip::skip(WHAT, &format!("no systemd of its own here: {}", said.lines().last().unwrap_or("no word")));
    }
    let groups = host.run("cd /run/groups; ls -d periscope.new periscope.left 2>&1 || true; rmdir periscope.new");
    assert!(groups.contains("periscope.new\n") && groups.contains("'periscope.left': No such"), "{groups}");
    let qemus = || host.run("ps -o uid= -C qemu-system-x86 || true").split_whitespace().map(str::to_owned).collect();

    let started = systemctl(&host, "start periscope@web1");
    assert!(started.status.success() && answers(&host), "{started:?} {:?}", systemctl(&host, "status periscope@web1"));
    assert!(told(&host).is_some());
    let users: Vec<String> = qemus();
    assert!(users.len() == 1 && users[0] != "0", "QEMU runs as {users:?}");

    // Killed, it is started again, and never forgotten.
    assert!(systemctl(&host, "kill --signal=KILL periscope@web1").status.success());
    let again = || (property(&host, "NRestarts") == "1" && property(&host, "ActiveState") == "active").then_some(());
    assert!(eventually(PATIENCE, again).is_some() && answers(&host));
    assert!(told(&host).is_some());

    assert!(systemctl(&host, "stop periscope@web1").status.success());
    assert_eq!(told(&host), None);
    assert_eq!(host.run("ip -brief link show type tun").trim(), "", "its taps are gone");

    // What is in the file of parameters is the guest's, and in no list of processes.
    let settings = fs::read_to_string(host.path(SETTINGS)).expect("it was installed");
    host.run(&format!("echo --metrics-auth=bearer:{HASH} > /etc/periscope/web1.params"));
    assert!(systemctl(&host, "start periscope@web1").status.success() && answers(&host));
    assert_eq!(host.get(MANAGEMENT, "/metrics").expect("it answers").status, 401);
    let processes = host.run("ps -ww -eo args");
    assert!(processes.contains("--name=web1") && !processes.contains(HASH), "{processes}");
    assert!(systemctl(&host, "stop periscope@web1").status.success());
    host.run("rm /etc/periscope/web1.params");

    // A reset, which comes again until systemd gives up; a failure that would come again; and a program that returned,
    // of which systemd keeps no status. Only the last is forgotten.
    fs::copy(image("guest"), host.path("/var/lib/periscope/guest.elf")).expect("make test builds it");
    let program = |word: &str| format!("s/web.elf/guest.elf/; s/^PARAMETERS=\"[^\"]*/& -- {word}/");
    for (change, ended, missed) in [
        (program("triple-fault"), ["failed", "0", "5"], true),
        ("s/--ipv4=/--no-such=/".to_owned(), ["failed", "41", "0"], true),
        (program("return"), ["inactive", "0", "0"], false),
    ] {
        fs::write(host.path(SETTINGS), &settings).expect("a host's files are writable");
        host.run(&format!("sed -i '{change}' {SETTINGS}"));
        let _ = systemctl(&host, "reset-failed periscope@web1");
        let started = systemctl(&host, "start periscope@web1");
        assert!(started.status.success() || missed, "{started:?}");
        let how = || ["ActiveState", "ExecMainStatus", "NRestarts"].map(|name| property(&host, name));
        assert!(eventually(PATIENCE, || (how() == ended).then_some(())).is_some(), "{:?}", how());
        assert_eq!(told(&host).is_some(), missed, "{ended:?}");
        host.run("periscope-discovery remove web1");
    }
}
