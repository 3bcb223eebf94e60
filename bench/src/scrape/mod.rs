//! `make bench-scrape`: what a scrape takes, from a guest on taps with offloads, in time and in the guest's instructions.
//! How it is measured, and what the table says, is in `../README.md`.

mod client;
mod figures;
mod machine;
mod periscope;
mod wire;

use std::fmt::Display;

use ::tests::exposition;
use ::tests::skip::{is_root, skip};

use crate::table;
use figures::Figures;
use wire::Wires;

/// Each turn boots every guest anew.
const TURNS: usize = 5;
/// Instructions that a scrape of few series should take at most.
const INSTRUCTIONS: u64 = 100_000;

/// Measures and prints.
pub(crate) fn report() -> Result<(), String> {
    if !is_root() {
        skip("make bench-scrape", "needs root, for a network namespace with taps");
        return Ok(());
    }
    println!("{}", figures::host());
    let wires = Wires::new()?;
    let mut ours = Figures::default();
    let mut told = Vec::new();
    for _ in 0..TURNS {
        told = vec![periscope::turn_of_few(&wires, &mut ours)?, periscope::turn_of_many(&wires, &mut ours)?];
    }
    let instructions = periscope::instructions(&wires)?;
    println!("{}", figures::host());
    println!("\nmedian of {TURNS} boots (quartiles)");
    ours.print(None);
    println!();
    table::heading("in the guest");
    table::row(&format!("instructions a scrape, {} series", periscope::FEW), Some(INSTRUCTIONS), instructions);
    for told in told {
        let series = exposition::samples(&told.text).count();
        table::row(&format!("bytes of a scrape, {series} series"), None, told.text.len() as u64);
        table::row("heap bytes that its scrapes took", Some(0), told.heap_bytes as u64);
        table::row("allocations of management", Some(0), told.allocations as u64);
    }
    Ok(())
}

/// Says what failed.
fn error<E: Display>(what: &str) -> impl Fn(E) -> String {
    move |error| format!("{what}: {error}")
}
