//! `make run`: boots a program under QEMU, scrapes it from outside, shows where it is reached, and stays with its serial
//! console until Ctrl-C. The tests boot guests through the same library.
//!
//! Usage: `run IMAGE`, with options in the environment, as `make` hands them on: see `options.rs`.

mod options;

use std::io::{self, ErrorKind};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use ::tests::network::Forward;
use ::tests::{Accelerator, Boot, Guest, Network, Outcome, PATIENCE, Side, exposition, http, skip, terminal};
use options::{Options, Wires};

fn main() -> ExitCode {
    let result = Options::read().and_then(|options| run(&options));
    result.unwrap_or_else(|complaint| {
        eprintln!("error: {complaint}");
        ExitCode::FAILURE
    })
}

fn run(options: &Options) -> Result<ExitCode, String> {
    if options.accelerator == Accelerator::Kvm && !Accelerator::kvm_answers() {
        return Err("/dev/kvm does not answer (missing, or not permitted): use ACCEL=tcg".into());
    }
    if !options.image.exists() {
        return Err(format!("there is no {}: make build makes it", options.image.display()));
    }
    let network = wires(options)?;
    println!("Booting {} on {}. Ctrl-C ends it.\n", options.image.display(), options.machine.name());
    // From here on, Ctrl-C is a request to us and no longer a signal to all of `make`.
    let (stop, _terminal) = terminal::stop_requests().map_err(|error| format!("cannot wait for Ctrl-C: {error}"))?;
    let mut guest = Boot::new(options.machine, options.image.clone())
        .network(network)
        .accelerator(options.accelerator)
        .firmware(options.firmware)
        .memory_mib(options.memory_mib)
        .parameters(&options.parameters)
        .words(&options.words)
        .echo(|line| println!("{line}"))
        .try_start()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                "there is no qemu-system-x86_64 here: sudo apt-get install qemu-system-x86".to_owned()
            }
            _ => format!("cannot start qemu-system-x86_64: {error}"),
        })?;

    let mut waiting_for_scrape = Some(Instant::now() + PATIENCE);
    loop {
        if let Some(outcome) = guest.ended() {
            return Ok(report_end(&mut guest, outcome));
        }
        if stopped(&stop) {
            guest.kill();
            println!("\nEnded.");
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(deadline) = waiting_for_scrape {
            if let Some(answer) = scrape(&guest) {
                show(&guest, &answer);
                waiting_for_scrape = None;
            } else if Instant::now() > deadline {
                eprintln!("\nIt runs, but its management port has not answered for {} s.", PATIENCE.as_secs());
                waiting_for_scrape = None;
            }
        }
    }
}

fn wires(options: &Options) -> Result<Network, String> {
    match options.wires {
        Wires::Tap if !skip::is_root() => {
            Err("NET=tap makes two network interfaces, which needs root: sudo make run NET=tap".into())
        }
        Wires::Tap => Network::host_taps().map_err(|error| format!("cannot make the taps: {error}; try NET=user")),
        Wires::User => {
            let forward = |side, guest, first: u16, variable| {
                let free = ::tests::network::free_port_from(first);
                let host = free.ok_or_else(|| {
                    format!("ports {first} to {} are all taken: choose others with {variable}=PORT", first + 99)
                })?;
                Ok::<_, String>(Forward { side, guest, host })
            };
            Ok(Network::forwarding(vec![
                forward(Side::Management, 9100, options.metrics_port, "METRICS_PORT")?,
                forward(Side::Service, 80, options.web_port, "WEB_PORT")?,
            ]))
        }
    }
}

/// Whether someone wants to end it, after a pause that makes the caller's loop a poll.
fn stopped(stop: &Receiver<()>) -> bool {
    stop.recv_timeout(Duration::from_millis(50)) != Err(RecvTimeoutError::Timeout)
}

fn scrape(guest: &Guest) -> Option<http::Response> {
    let ask = || -> io::Result<http::Response> {
        let stream = guest.network().connect(Side::Management, 9100, Duration::from_millis(500))?;
        http::Connection::new(stream)?.get("/metrics")
    };
    ask().ok()
}

fn show(guest: &Guest, answer: &http::Response) {
    let network = guest.network();
    println!();
    println!("  Prometheus scrapes  http://{}/metrics", network.address(Side::Management, 9100));
    println!("  The program serves  http://{}/", network.address(Side::Service, 80));
    let exposition = answer.text();
    if answer.status != 200 {
        // It asks for credentials, as it was told to.
        return println!("\n  To a scrape without credentials it says: {}\n", exposition.trim_end());
    }
    println!("\n  A few of its {} samples:", exposition::samples(&exposition).count());
    // What any program has, in the words operators know; then something of the program's own.
    let known = ["uk_build_info", "uk_uptime_seconds", "uk_heap_used_bytes", "node_network_receive_packets_total"];
    let own = |line: &&str| !["#", "uk_", "node_", "process_"].iter().any(|of_any| line.starts_with(of_any));
    let of_name = |name: &&str| exposition.lines().find(|line| line.starts_with(name));
    for line in known.iter().filter_map(of_name).chain(exposition.lines().filter(own).take(3)) {
        println!("    {line}");
    }
    println!();
}

fn report_end(guest: &mut Guest, outcome: Outcome) -> ExitCode {
    // Waiting for an outcome waits for the last serial lines, too.
    let _ = guest.outcome(Duration::ZERO);
    if matches!(outcome, Outcome::Other(_)) {
        eprintln!("{}", guest.complaints());
    }
    println!("\nThe guest ended: {outcome}.");
    if outcome == Outcome::Success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
