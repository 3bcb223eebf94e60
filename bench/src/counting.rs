//! `make bench-counting`: what counting costs the program: its requests a second beside those of a build in which nothing
//! is counted, by turns. How it is measured is in `../README.md`.

use std::time::Duration;

use ::tests::Side;
use ::tests::image;
use ::tests::skip::{is_root, skip};

use crate::scrape::client::rate;
use crate::scrape::figures::{Values, at, host, sorted, spread};
use crate::scrape::machine::{Machine, System};
use crate::scrape::wire::{Wires, guest_address};

/// Each turn boots both guests anew: the cost that is looked for is smaller than what one boot differs from the next.
const TURNS: usize = 15;
const CLIENTS: usize = 16;
const WARM_UP: Duration = Duration::from_millis(500);
const INTERVAL: Duration = Duration::from_secs(2);
/// The most of its requests that counting may cost the program.
const GOAL_PERCENT: f64 = 2.0;

/// Measures and prints.
pub(crate) fn report() -> Result<(), String> {
    if !is_root() {
        skip("make bench-counting", "needs root, for a network namespace with taps");
        return Ok(());
    }
    println!("{}", host());
    let wires = Wires::new()?;
    let [mut counting, mut silent, mut ratios] = [Values::new(), Values::new(), Values::new()];
    for turn in 0..TURNS {
        // Who goes first changes, so that what drifts meanwhile favours nobody.
        let (first, second) = if turn % 2 == 0 { ("web", "web_silent") } else { ("web_silent", "web") };
        let (a, b) = (requests_a_second(first, &wires)?, requests_a_second(second, &wires)?);
        let (with, without) = if turn % 2 == 0 { (a, b) } else { (b, a) };
        println!("turn {} of {TURNS}: {with:.0}/s counting, {without:.0}/s not", turn + 1);
        counting.push(with);
        silent.push(without);
        ratios.push(100.0 * (1.0 - with / without));
    }
    println!("{}", host());
    println!("\nmedian of {TURNS} boots each (quartiles)");
    println!("requests/s of {CLIENTS} connections, counting      {}", spread(&counting));
    println!("requests/s of {CLIENTS} connections, not counting  {}", spread(&silent));
    let cost = at(&sorted(&ratios), 0.5);
    let verdict = if cost <= GOAL_PERCENT { "met" } else { "missed" };
    println!("percent of the requests that counting costs  {}  goal <= {GOAL_PERCENT}: {verdict}", spread(&ratios));
    Ok(())
}

/// Boots a program and has it answer for a while.
fn requests_a_second(program: &str, wires: &Wires) -> Result<f64, String> {
    let [service, management] = [Side::Service, Side::Management].map(guest_address);
    let system = System {
        kernel: image(program),
        parameters: format!("--ipv4={service}/24 --management-ipv4={management}/24"),
        options: ["-m", "64"].map(str::to_owned).into(),
    };
    let machine = Machine::boot(&system, wires)?;
    let mut clients = (0..CLIENTS).map(|_| machine.program_client("/")).collect::<Result<Vec<_>, _>>()?;
    rate(&mut clients, WARM_UP)?;
    rate(&mut clients, INTERVAL)
}
