//! What `deploy/` does for discovery, step by step and without libvirt: the entries, the hook's judgement, and Alerta's part.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::host::{Host, quoted};
use tests::{PATIENCE, eventually};

const ENTRIES: &str = "/etc/prometheus/periscope";
const CONFIGURATION: &str = "/etc/periscope/discovery.conf";
const PARAMETERS: &str = "--name=x --management-ipv4=10.80.1.11/24 --ipv4=10.80.0.11/24";

/// What is typed for the hook, which needs the rest.
const HEADINGS: [&str; 2] = ["Discovery", "libvirt"];

fn discovery(host: &Host, words: &[&str]) -> Output {
    let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    host.try_run(&format!("periscope-discovery {}", words.join(" ")), "")
}

/// Calls the hook as libvirt does.
fn hook(host: &Host, name: &str, operation: &str, domain: &str) -> Output {
    let suboperation = if operation == "release" || operation == "stopped" { "end" } else { "begin" };
    let name = quoted(name);
    host.try_run(&format!("/etc/libvirt/hooks/qemu.d/periscope {name} {operation} {suboperation} -"), domain)
}

fn domain(metadata: &str, parameters: &str) -> String {
    format!(
        "<domain type='kvm'><name>web1</name><metadata>{metadata}</metadata>\
         <os><kernel>/k</kernel><cmdline>{parameters}</cmdline></os></domain>"
    )
}

fn entry(host: &Host, file: &str) -> Value {
    let text = fs::read_to_string(host.path(&format!("{ENTRIES}/{file}"))).expect("the entry is there");
    serde_json::from_str(&text).expect("an entry is JSON")
}

#[test]
fn every_name_has_an_entry_of_its_own() {
    let Some(host) = Host::prepared("every_name_has_an_entry_of_its_own", &HEADINGS) else { return };
    let names = [
        "web1",
        "web 1",
        "..",
        "../escaped",
        "a/b",
        ".hidden",
        "-x",
        "--",
        "%2F",
        "/",
        "quote\"d",
        "it's",
        "<&>",
        "münchen",
        "new\nline",
        "$HOME",
        "*",
        "web1.json",
    ];
    let before = host.run("find /etc -not -path '/etc/prometheus/periscope/*' | sort");
    let each = |command: &dyn Fn(String) -> String| names.map(|name| command(quoted(name))).join("\n");
    host.run(&each(&|name| format!("periscope-discovery add {name} {}", quoted(PARAMETERS))));
    let files = host.list(ENTRIES);
    let told: BTreeSet<_> =
        files.iter().map(|file| entry(&host, file)[0]["labels"]["vm"].clone().to_string()).collect();
    assert_eq!(told, names.iter().map(|name| json!(name).to_string()).collect());
    assert_eq!(files.len(), names.len(), "{files:?}");
    // Prometheus' pattern takes them all, and nothing else was written.
    assert!(files.iter().all(|file| file.ends_with(".json") && !file.starts_with('.')), "{files:?}");
    assert_eq!(host.run("find /etc -not -path '/etc/prometheus/periscope/*' | sort"), before);
    host.run(&each(&|name| format!("periscope-discovery remove {name}")));
    assert_eq!(host.list(ENTRIES), [""; 0]);
    assert!(discovery(&host, &["remove", "web1"]).status.success(), "it is gone, and that is what was asked for");
}

#[test]
fn an_entry_is_never_half_written() {
    let Some(host) = Host::prepared("an_entry_is_never_half_written", &HEADINGS) else { return };
    let long = format!("--management-ipv4=10.80.1.11 {}", "-- x".repeat(10));
    assert!(discovery(&host, &["add", "web1", PARAMETERS]).status.success());
    let reads = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..10 {
                assert!(discovery(&host, &["add", "web1", &long]).status.success());
            }
        });
        let mut reads = 0;
        while !writer.is_finished() {
            assert_eq!(entry(&host, "web1.json")[0]["targets"], json!(["10.80.1.11:9100"]));
            reads += 1;
        }
        writer.join().expect("every entry was written");
        reads
    });
    assert!(reads > 10, "it was looked at {reads} times");
    assert_eq!(host.list(ENTRIES), ["web1.json"], "nothing is left over");
}

#[test]
fn prometheus_can_read_an_entry() {
    let Some(host) = Host::prepared("prometheus_can_read_an_entry", &HEADINGS) else { return };
    // As the service calls it, and before anybody made the folder.
    host.run(&format!("rmdir {ENTRIES}; umask 077; periscope-discovery add web1 {}", quoted(PARAMETERS)));
    let modes = host.run(&format!("stat -c %a {ENTRIES} {ENTRIES}/web1.json"));
    assert_eq!(modes, "755\n644\n", "Prometheus runs as another user");
}

#[test]
fn a_guest_that_moved_keeps_its_entry() {
    let Some(host) = Host::prepared("a_guest_that_moved_keeps_its_entry", &HEADINGS) else { return };
    let known_as = |name: &str| host.run(&format!("sed -i 's/^host =.*/host = {name}/' {CONFIGURATION}"));
    // Of two hosts with one folder, the guest starts on the second before it ends on the first.
    known_as("hv-2");
    assert!(discovery(&host, &["add", "web1", PARAMETERS]).status.success());
    known_as("hv-1");
    let done = discovery(&host, &["remove", "web1"]);
    assert!(done.status.success() && String::from_utf8_lossy(&done.stderr).contains("hv-2"), "{done:?}");
    assert_eq!(entry(&host, "web1.json")[0]["labels"]["host"], "hv-2");
    known_as("hv-2");
    assert!(discovery(&host, &["remove", "web1"]).status.success());
    assert_eq!(host.list(ENTRIES), [""; 0]);
}

#[test]
fn the_hook_knows_its_guests() {
    let Some(host) = Host::prepared("the_hook_knows_its_guests", &HEADINGS) else { return };
    let ours = domain("", PARAMETERS);
    let marked = |attributes: &str| format!("<p:guest xmlns:p='urn:periscope:guest' {attributes}/>");
    // libvirt's operation, the domain, and the target that is told of afterwards.
    let cases = [
        ("prepare", ours.clone(), None),
        ("start", ours.clone(), None),
        ("started", ours.clone(), Some("10.80.1.11:9100")),
        ("migrate", ours.clone(), Some("10.80.1.11:9100")),
        ("stopped", ours.clone(), Some("10.80.1.11:9100")),
        ("release", ours.clone(), None),
        ("reconnect", ours.clone(), Some("10.80.1.11:9100")),
        // One of the same name that is not Periscope's: nothing is said of it, and nothing taken away.
        ("release", domain("", "console=ttyS0 root=/dev/vda1"), Some("10.80.1.11:9100")),
        ("started", domain(&marked("management-ipv4='10.80.1.77'"), "--name=web1"), Some("10.80.1.77:9100")),
        ("release", domain(&marked(""), ""), None),
        ("started", domain("", "console=ttyS0"), None),
        ("started", "<domain><name>web1</name></domain>".to_owned(), None),
        // What is the program's is not the machine's.
        ("started", domain("", "--name=web1 -- --management-ipv4=10.80.1.11"), None),
    ];
    for (operation, domain, target) in cases {
        let done = hook(&host, "web1", operation, &domain);
        assert!(done.status.success() && done.stdout.is_empty(), "{operation}: {done:?}");
        let told = (!host.list(ENTRIES).is_empty()).then(|| entry(&host, "web1.json")[0]["targets"][0].clone());
        assert_eq!(told, target.map(Into::into), "after {operation} of {domain}");
    }
}

#[test]
fn the_hook_misses_a_guest_that_ended_by_itself() {
    let Some(host) = Host::prepared("the_hook_misses_a_guest_that_ended_by_itself", &HEADINGS) else { return };
    let ended = |reason: &str| format!("2026-01-02 03:04:05.678+0000: shutting down, reason={reason}\n");
    let long = "x".repeat(100_000) + "\n";
    let qemu = "qemu-system-x86_64: terminating on signal 15: shutting down, reason=crashed\n";
    // The guest's name, what is in its log, and whether its entry stays when libvirt releases it.
    let cases = [
        ("web1", Some(ended("destroyed")), false),
        ("web1", Some(ended("saved")), false),
        ("web1", Some(ended("migrated")), false),
        ("web1", Some(ended("crashed")), true),
        ("web1", Some(ended("shutdown")), true),
        ("web1", Some(ended("failed")), true),
        // The last life counts, however long the log is, and libvirt's own word.
        ("web1", Some(ended("crashed") + &long + &ended("destroyed")), false),
        ("web1", Some(ended("destroyed") + &long + &ended("crashed")), true),
        ("web1", Some(ended("destroyed") + qemu), false),
        ("it's 1", Some(ended("crashed")), true),
        ("-x", Some(ended("crashed")), true),
        // Where nothing tells, it is given up, and the host's log says so.
        ("web1", Some(ended("crashed") + &long), false),
        ("web1", Some(String::new()), false),
        ("web1", None, false),
        ("../qemu/web1", Some(ended("crashed")), false),
        ("\u{1b}[31m", None, false),
    ];
    for (name, log, stays) in cases {
        host.run("rm -rf /var/log/libvirt/qemu; mkdir -p /var/log/libvirt/qemu");
        let file = host.path(&format!("/var/log/libvirt/qemu/{name}.log"));
        if let Some(log) = &log {
            fs::write(file, log).expect("a host's folders are writable");
        }
        assert!(discovery(&host, &["add", name, PARAMETERS]).status.success());
        let done = hook(&host, name, "release", &domain("", PARAMETERS));
        assert!(done.status.success() && done.stdout.is_empty(), "{name}: {done:?}");
        assert_eq!(host.list(ENTRIES).len(), usize::from(stays), "{name} {log:.80?}: {done:?}");
        assert!(discovery(&host, &["remove", name]).status.success());
    }
    // A name need not be text, and then its log is found, too.
    let odd = "cp /dev/stdin \"$(printf '/var/log/libvirt/qemu/\\377.log')\"";
    assert!(host.try_run(odd, &ended("crashed")).status.success());
    let release = "/etc/libvirt/hooks/qemu.d/periscope \"$(printf '\\377')\" release end -";
    let done = host.try_run(release, &domain("", PARAMETERS));
    assert!(done.status.success() && String::from_utf8_lossy(&done.stderr).contains("crashed"), "{done:?}");
}

#[test]
fn the_hook_never_keeps_a_guest_from_starting() {
    let Some(host) = Host::prepared("the_hook_never_keeps_a_guest_from_starting", &HEADINGS) else { return };
    let complains = |what: &str, domain: &str| {
        let done = hook(&host, "web1", "started", domain);
        assert!(done.status.success() && done.stdout.is_empty(), "{what}: {done:?}");
        assert!(!done.stderr.is_empty(), "{what} is told");
    };
    complains("an address that is none", &domain("", "--management-ipv4=nonsense"));
    complains("no XML", "<domain>");
    complains("no domain at all", "");
    complains("no address", &domain("<g xmlns='urn:periscope:other'/><guest xmlns='urn:periscope:guest'/>", ""));
    let ours = domain("", PARAMETERS);
    let good = fs::read_to_string(host.path(CONFIGURATION)).expect("it was installed");
    for (what, broken) in [
        ("a folder that cannot be", good.replace(ENTRIES, "/proc/no/such")),
        ("a port that is none", good.replace("9100", "many")),
        ("a configuration that cannot be read", "directory".to_owned()),
    ] {
        fs::write(host.path(CONFIGURATION), broken).expect("a host's files are writable");
        complains(what, &ours);
    }
    host.run("rm /usr/local/sbin/periscope-discovery");
    complains("no discovery", &ours);
    // One that hangs is given up: a guest must not wait for ever.
    host.run("echo 'import time; time.sleep(1000)' > /usr/local/sbin/periscope-discovery");
    let began = Instant::now();
    complains("discovery that hangs", &ours);
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(host.list(ENTRIES), [""; 0]);
}

/// What an Alerta was asked.
#[derive(Debug, PartialEq)]
struct Asked {
    request: String,
    key: String,
    body: Value,
}

/// Plays Alerta for `requests` requests: of a guest's alerts it has one open, and one of another guest.
fn play_alerta(listener: &TcpListener, requests: usize) -> Vec<Asked> {
    let mut all = Vec::new();
    for _ in 0..requests {
        let (stream, _) = eventually(PATIENCE, || listener.accept().ok()).expect("it is asked");
        let mut stream = BufReader::new(stream);
        let (mut request, mut key, mut length) = (String::new(), String::new(), 0);
        stream.read_line(&mut request).expect("a request begins with a line");
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).expect("a request has fields");
            let line = line.trim_end();
            match line.split_once(": ") {
                Some(("Authorization", value)) => value.clone_into(&mut key),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().expect("a length is a number");
                }
                _ if line.is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).expect("a request has as much as it says");
        let alerts = json!({"status": "ok", "alerts": [
            {"id": "one", "event": "HeapNearlyFull", "tags": ["host=hv-1", "vm=web 1"]},
            {"id": "two", "event": "HeapNearlyFull", "tags": ["vm=another"]},
        ]});
        let reply = if request.starts_with("GET") { alerts } else { json!({"status": "ok"}) }.to_string();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", reply.len());
        stream.get_mut().write_all((head + &reply).as_bytes()).expect("who asked waits for the answer");
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        all.push(Asked { request: request.trim_end().to_owned(), key, body });
    }
    all
}

#[test]
fn a_stopped_guests_alerts_are_closed() {
    let Some(host) = Host::prepared("a_stopped_guests_alerts_are_closed", &HEADINGS) else { return };
    let listener = host.namespace().run(|| TcpListener::bind("127.0.0.1:0")).expect("a host has a free port");
    listener.set_nonblocking(true).expect("a listener can be polled");
    let port = listener.local_addr().expect("a listener has an address").port();
    host.run(&format!(
        "sed -i 's|^url =.*|url = http://127.0.0.1:{port}/api/|; s|^key =.*|key = 50%secret|' {CONFIGURATION}"
    ));
    assert!(discovery(&host, &["add", "web 1", PARAMETERS]).status.success());
    let (done, asked) = thread::scope(|scope| {
        let alerta = scope.spawn(|| play_alerta(&listener, 2));
        let done = discovery(&host, &["remove", "web 1"]);
        assert!(done.status.success(), "{done:?}");
        (done, alerta.join().expect("it was asked twice"))
    });
    assert!(done.stderr.is_empty(), "{done:?}");
    let key = "Key 50%secret".to_owned();
    let query = "resource=web+1&resource=10.80.1.11%3A9100&status=open&status=ack";
    let request = format!("GET /api/alerts?{query} HTTP/1.1");
    assert_eq!(asked[0], Asked { request, key: key.clone(), body: Value::Null });
    let body = json!({"status": "closed", "text": "the guest was stopped"});
    assert_eq!(asked[1], Asked { request: "PUT /api/alert/one/status HTTP/1.1".to_owned(), key, body });

    // An Alerta that takes the question and never answers: the entry is gone all the same, and soon.
    assert!(discovery(&host, &["add", "web 1", PARAMETERS]).status.success());
    let began = Instant::now();
    let done = discovery(&host, &["remove", "web 1"]);
    assert_eq!(done.status.code(), Some(1), "it says that it did not do all");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(host.list(ENTRIES), [""; 0]);
    drop(listener.accept().expect("its question waits"));

    // Asked once more, when Alerta is back, it closes them.
    let asked = thread::scope(|scope| {
        let alerta = scope.spawn(|| play_alerta(&listener, 2));
        let done = discovery(&host, &["remove", "web 1"]);
        assert!(done.status.success(), "{done:?}");
        alerta.join().expect("it was asked twice")
    });
    assert_eq!(asked[0].request, "GET /api/alerts?resource=web+1&status=open&status=ack HTTP/1.1");
    assert_eq!(asked[1].request, "PUT /api/alert/one/status HTTP/1.1");
}
