//! What it takes to write an exposition, on the host, beside the crate `prometheus-client`: the same families, labels and
//! values, encoded by both in turns in one process.

mod client;
mod parse;
mod turns;

use bench_series::{Encoding, Set};
use exporter::exposition::Format;

use client::Client;

/// Ours should be so many times as fast.
const GOAL: f64 = 10.0;

/// Measures and prints.
pub(crate) fn report() -> Result<(), String> {
    let _filled = bench_series::fill();
    println!("ns a series on the host: median of {} runs (quartiles), by turns", turns::RUNS);
    println!("{:<34}{:>8}{:>10}{:>22}{:>24}{:>8}", "", "series", "bytes", "ours", "prometheus-client", "ratio");
    for set in Set::ALL {
        compare(set)?;
    }
    Ok(())
}

fn compare(set: Set) -> Result<(), String> {
    let text = String::from_utf8_lossy(Encoding::new(set, Format::Text)?.run()).into_owned();
    let mut client = Client::new(&parse::families(&text)?)?;
    check(set, &text, client.encode()?)?;
    for format in [Format::Text, Format::OpenMetrics] {
        by_turns(set, format, &mut client)?;
    }
    Ok(())
}

fn by_turns(set: Set, format: Format, client: &mut Client) -> Result<(), String> {
    let mut ours = Encoding::new(set, format)?;
    let bytes = ours.run().len();
    let [ours, theirs] = turns::by_turns([
        &mut || {
            ours.run();
        },
        &mut || {
            let _ = client.encode();
        },
    ]);
    let series = set.series();
    let ratio = theirs.median_ns / ours.median_ns;
    println!(
        "{:<34}{series:>8}{bytes:>10}{:>22}{:>24}{ratio:>7.1}x  (goal {GOAL}x: {})",
        format!("{}, {}", format.name(), set.name()),
        ours.for_each(series),
        theirs.for_each(series),
        if ratio >= GOAL { "met" } else { "missed" },
    );
    Ok(())
}

/// Both must have told the same, or nothing was compared.
fn check(set: Set, ours: &str, theirs: &str) -> Result<(), String> {
    let (ours, theirs) = (parse::samples(ours)?, parse::samples(theirs)?);
    if ours.len() as u64 != set.series() || theirs.len() != ours.len() {
        return Err(format!("{set:?}: {} series are told by us, {} by the client", ours.len(), theirs.len()));
    }
    for (series, value) in &ours {
        let other = theirs.get(series).ok_or_else(|| format!("the client does not tell {series}"))?;
        // Sums of fractions differ in the last digits.
        if (value - other).abs() > value.abs() * 1e-9 {
            return Err(format!("{series} is {value} to us and {other} to the client"));
        }
    }
    Ok(())
}
