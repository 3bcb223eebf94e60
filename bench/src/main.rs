//! What things cost: each of its words is one `make bench-WORD`. How each measures is in `README.md`.

mod counting;
mod exporter;
mod exposition;
mod guest;
mod scrape;
mod table;
mod ukstore;

use std::process::ExitCode;

/// Measures and prints.
type Report = fn() -> Result<(), String>;

const WORDS: [(&str, Report); 5] = [
    ("counting", counting::report),
    ("ukstore", ukstore::report),
    ("exporter", exporter::report),
    ("exposition", exposition::report),
    ("scrape", scrape::report),
];

fn main() -> ExitCode {
    let word = std::env::args().nth(1).unwrap_or_default();
    let Some((_, report)) = WORDS.iter().find(|(known, _)| *known == word) else {
        eprintln!("error: what is to be measured? One of: {}", WORDS.map(|(known, _)| known).join(", "));
        return ExitCode::FAILURE;
    };
    match report() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
