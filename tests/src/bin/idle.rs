//! `make bench`: what an idle guest costs its host. A measurement, not a test: it judges nothing.
//!
//! For each machine it boots the default program, lets it settle, and over ten seconds without a packet counts how often
//! the guest halted and how much CPU time QEMU used.

use std::process::ExitCode;
use std::time::Duration;

use tests::{Guest, Machine, Network, exposition, let_pass, skip};

const INTERVAL: Duration = Duration::from_secs(10);
const IDLE: &str = "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}";

fn main() -> ExitCode {
    println!("{:<10}{:>8}{:>14}{:>18}{:>16}", "machine", "halts", "idle", "QEMU's CPU time", "of the host");
    for machine in [Machine::Q35, Machine::Microvm].into_iter().filter(|machine| skip::wants(*machine)) {
        if let Err(error) = measure(machine) {
            eprintln!("error: {}: {error}", machine.name());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn measure(machine: Machine) -> Result<(), String> {
    let guest = Guest::boot(machine, "web").network(Network::best()).start();
    let _ = guest.scrape();
    let_pass(Duration::from_secs(1)); // the boot's last work, and QEMU's own
    let value = |text: &str, series: &str| exposition::value(text, series).ok_or_else(|| format!("no {series}"));
    let before = guest.scrape();
    let cpu_before = guest.cpu_time().map_err(|error| error.to_string())?;
    let_pass(INTERVAL);
    let cpu_after = guest.cpu_time().map_err(|error| error.to_string())?;
    let after = guest.scrape();
    let moved = |series: &str| Ok::<_, String>(value(&after, series)? - value(&before, series)?);
    let cpu = cpu_after.0.saturating_sub(cpu_before.0);
    println!(
        "{:<10}{:>8}{:>12.2} %{:>15} ms{:>14.2} %",
        machine.name(),
        moved("uk_halts_total")?,
        100.0 * moved(IDLE)? / moved("uk_uptime_seconds")?,
        cpu.as_millis(),
        100.0 * cpu.as_secs_f64() / INTERVAL.as_secs_f64(),
    );
    Ok(())
}
