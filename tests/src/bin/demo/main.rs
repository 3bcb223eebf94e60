//! `make demo`: three guests, a Prometheus that scrapes them, an Alertmanager, and visitors for one guest's program. It
//! tells what to open, stays until Ctrl-C, and ends all that it started.
//!
//! Usage: `demo IMAGE`, with options in the environment: see `options.rs`. Everything it starts is a child of its own
//! that the kernel ends should this process die, and everything it writes is in one directory.

mod configuration;
mod guests;
mod load;
mod options;
mod servers;
mod show;
mod webhook;

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use ::tests::terminal;
use guests::Named;
use load::Load;
use options::Options;
use servers::Servers;

fn main() -> ExitCode {
    match Options::read().and_then(|options| demo(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("error: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn demo(options: &Options) -> Result<(), String> {
    // From here on, Ctrl-C is a request to us and no longer a signal to all of `make`.
    let (stop, _terminal) = terminal::stop_requests().map_err(|error| format!("cannot wait for Ctrl-C: {error}"))?;
    if options.taps {
        println!("The guests are on taps of this host: periscope0, periscope1, ..., with networks 10.77.x.0/24.");
    } else {
        println!("The guests are on QEMU's user-mode network, with ports forwarded: as root they would be on taps.");
    }
    println!("Booting three guests.");
    let mut guests = guests::boot(&options.image, options.taps)?;
    println!("Starting Prometheus and Alertmanager.");
    let webhook = webhook::listen().map_err(|error| format!("cannot listen on loopback: {error}"))?;
    let servers = Servers::start(&guests, webhook.address())?;
    let load = Load::start(guests[0].service());
    show::all(&guests, &servers);
    match options.duration {
        Some(duration) => println!("\nVisitors come to {}. All of this ends in {duration:?}.", guests[0].name),
        None => println!("\nVisitors come to {}. Ctrl-C ends all of this.", guests[0].name),
    }

    stay(&mut guests, &stop, options.duration);
    println!("\nEnding: the visitors, Prometheus and Alertmanager, the guests.");
    // What asks goes before what answers.
    drop(load);
    drop(servers);
    drop(guests);
    println!("All has ended, and nothing is left behind.");
    Ok(())
}

/// Returns when someone wants it, or the time is up. Tells of guests that end meanwhile.
fn stay(guests: &mut [Named], stop: &Receiver<()>, duration: Option<Duration>) {
    let began = Instant::now();
    let mut gone = vec![false; guests.len()];
    while duration.is_none_or(|duration| began.elapsed() < duration) {
        if stop.recv_timeout(Duration::from_millis(50)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        for (Named { name, guest }, gone) in guests.iter_mut().zip(&mut gone) {
            if !*gone && guest.ended().is_some() {
                *gone = true;
                println!("  {name} has ended.");
            }
        }
    }
}
