//! `make run`'s program, as a person at a terminal meets it.

use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tests::{PATIENCE, Process, SerialLog, http, image};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_run"));
    for variable in ["MACHINE", "ACCEL", "NET", "FIRMWARE", "MEM", "ARGS", "METRICS_PORT", "WEB_PORT"] {
        command.env_remove(variable);
    }
    command.arg(image("web")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs until it has shown its URLs, does `work` with what it said, and interrupts it. It has to end well.
fn run(command: &mut Command, work: impl FnOnce(&SerialLog)) {
    let mut process = Process::start(command, None).unwrap();
    let said = SerialLog::collect(process.child().stdout.take().unwrap(), |_| ());
    let shown = said.wait_for("A few of its", PATIENCE);
    assert!(shown.is_some(), "no scrape shown:\n{}", said.text());
    work(&said);
    kill(Pid::from_raw(process.id().cast_signed()), Signal::SIGINT).unwrap();
    let status = process.wait(PATIENCE).unwrap().expect("it ends when interrupted");
    assert!(status.success(), "{status}:\n{}", said.text());
}

/// The URL on the line that begins with `label`.
fn get(said: &SerialLog, label: &str) -> http::Response {
    let line = said.wait_for(label, Duration::ZERO).unwrap_or_else(|| panic!("no `{label}` in:\n{}", said.text()));
    let url = line.split("http://").nth(1).expect("a URL");
    let (host, path) = url.split_once('/').expect("a path");
    let stream = std::net::TcpStream::connect(host).unwrap();
    http::Connection::new(stream).unwrap().get(&format!("/{path}")).unwrap()
}

/// What it complains of when it cannot run: one line, and the status of a failure.
fn complaint(command: &mut Command) -> String {
    let mut process = Process::start(command, None).unwrap();
    let status = process.wait(PATIENCE).unwrap().expect("it gives up at once");
    assert_eq!(status.code(), Some(1));
    let mut said = String::new();
    process.child().stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn shows_where_the_guest_is_and_ends_on_ctrl_c() {
    let mut command = command();
    command.env("ARGS", "--name=shown");
    run(&mut command, |said| {
        assert!(get(said, "Prometheus scrapes").text().contains("uk_build_info"));
        assert!(said.text().contains("name: shown"), "{}", said.text());
        assert_eq!(get(said, "The program serves").status, 200);
    });
}

#[test]
fn passes_over_taken_ports() {
    // Whoever else has the port, it is taken from here on.
    let _taken = TcpListener::bind(("127.0.0.1", 19100));
    let mut command = command();
    // Not the one that another test of this file may be about to take.
    command.env("METRICS_PORT", "19100").env("WEB_PORT", "18080").env("MACHINE", "microvm");
    run(&mut command, |said| {
        assert_eq!(said.wait_for("127.0.0.1:19100/", Duration::ZERO), None);
        assert_eq!(get(said, "Prometheus scrapes").status, 200);
    });
}

#[test]
fn says_what_is_wrong_and_what_mends_it() {
    assert!(complaint(command().env("MACHINE", "virt")).contains("q35, pc"));
    assert!(complaint(command().env("NET", "bridge")).contains("user, tap"));
    assert!(complaint(command().env("MEM", "much")).contains("MEM=much"));
    let no_qemu = complaint(command().env("PATH", "/nonexistent"));
    assert!(no_qemu.contains("apt-get install qemu-system-x86"), "{no_qemu}");
    let no_image = complaint(Command::new(env!("CARGO_BIN_EXE_run")).arg("nowhere.elf").stderr(Stdio::piped()));
    assert!(no_image.contains("make build"), "{no_image}");
    if !tests::skip::is_root() {
        assert!(complaint(command().env("NET", "tap")).contains("sudo make run NET=tap"));
    }
}
