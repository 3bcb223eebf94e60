//! `make bench-scrape`: what a scrape takes, from a guest on taps with offloads, in time and in the guest's instructions.
//! How it is measured, and what the table says, is in `../README.md`.

pub(crate) mod client;
pub(crate) mod figures;
pub(crate) mod machine;
mod peer;
mod periscope;
pub(crate) mod wire;

use std::fmt::Display;

use ::tests::exposition;
use ::tests::skip::{is_root, skip};

use crate::table;
use figures::Figures;
use peer::Peer;
use periscope::Told;
use wire::Wires;

/// Each turn boots every guest anew.
const TURNS: usize = 5;
/// Instructions that a default scrape should take at most.
const INSTRUCTIONS: u64 = 100_000;

/// Measures and prints.
pub(crate) fn report() -> Result<(), String> {
    if !is_root() {
        skip("make bench-scrape", "needs root, for a network namespace with taps");
        return Ok(());
    }
    println!("{}", figures::host());
    let wires = Wires::new()?;
    let [mut ours, mut theirs] = [Figures::default(), Figures::default()];
    let mut turn =
        || Ok::<_, String>([periscope::turn_of_few(&wires, &mut ours)?, periscope::turn_of_many(&wires, &mut ours)?]);
    let [mut few, mut many] = turn()?;
    let peer = make_peer(&few, &many);
    for _ in 1..TURNS {
        if let Some(peer) = &peer {
            peer.turn(&wires, &mut theirs)?;
        }
        let [more_of_few, more_of_many] = turn()?;
        (few, many) = (few.worse(more_of_few), many.worse(more_of_many));
    }
    if let Some(peer) = &peer {
        peer.turn(&wires, &mut theirs)?;
    }
    let instructions = periscope::instructions(&wires)?;
    println!("{}", figures::host());
    println!("\nmedian of {TURNS} boots (quartiles)");
    ours.print(peer.as_ref().map(|_| &theirs));
    println!();
    table::heading("in the guest");
    table::row("instructions a default scrape", Some(INSTRUCTIONS), instructions);
    for told in [few, many] {
        let series = exposition::samples(&told.text).count();
        table::row(&format!("bytes of a scrape, {series} series"), None, told.text.len() as u64);
        table::row("bytes by which the heap changed meanwhile", Some(0), told.heap_bytes as u64);
        table::row("allocations of management", Some(0), told.allocations as u64);
    }
    Ok(())
}

/// The peer, where it can be made. Periscope's figures stand without it.
fn make_peer(few: &Told, many: &Told) -> Option<Peer> {
    Peer::make(&few.text, &many.text).map_err(|error| eprintln!("without the peer: {error}")).ok()
}

/// Says what failed.
fn error<E: Display>(what: &str) -> impl Fn(E) -> String {
    move |error| format!("{what}: {error}")
}
