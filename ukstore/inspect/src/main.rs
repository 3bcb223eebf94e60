//! `ukstore_inspect check KERNEL.elf [--crates a,b,c]`: the build's check of the tables the linker put together.
//! It reads the finished, unstripped file and ends with 1 if an operator could be misled by what is in it.
//! `ukstore_inspect document KERNEL.elf [--crates a,b,c]` writes what is in the tables, as a reference in Markdown.
//! `ukstore_inspect moved KERNEL.elf`, in the workspace's folder, ends with 1 if a metric is declared that nothing moves.
//!
//! It is not the reader the machine uses, and shares only the records' layout and the rules for names with it.

mod check;
mod cost;
mod document;
mod image;
mod moved;
mod origins;
mod records;
mod tables;

use std::process::ExitCode;

use image::Image;
use origins::Origins;
use tables::Tables;

const USAGE: &str = "usage: ukstore_inspect check|document|moved KERNEL.elf [--crates a,b,c]";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (command, file, crates) = match *words {
        [command, file] => (command, file, ""),
        [command, file, "--crates", crates] => (command, file, crates),
        _ => ("", "", ""),
    };
    let crates: Vec<&str> = crates.split(',').filter(|name| !name.is_empty()).collect();
    let said = match command {
        "check" => look(file, |tables, origins| report(tables, origins, &crates)),
        "document" => look(file, |tables, origins| document::document(tables, origins, &crates)),
        "moved" => look(file, |_, origins| moved::moved(origins)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match said {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(faults) => {
            for fault in faults {
                eprintln!("error: {fault}");
            }
            ExitCode::FAILURE
        }
    }
}

/// A text, or all that is wrong.
type Said = Result<String, Vec<String>>;

/// What a command makes of a file.
fn look(file: &str, command: impl FnOnce(&Tables<'_>, &Origins<'_>) -> Said) -> Said {
    let one = |what: &dyn std::fmt::Display| vec![format!("{file}: {what}")];
    let bytes = std::fs::read(file).map_err(|error| one(&error))?;
    let image = Image::parse(&bytes).map_err(|error| one(&error))?;
    let tables = Tables::read(&image).map_err(|error| one(&error))?;
    let origins = Origins::read(&image).map_err(|error| one(&error))?;
    command(&tables, &origins)
}

/// The line of a file without faults, or all its faults.
fn report(tables: &Tables<'_>, origins: &Origins<'_>, crates: &[&str]) -> Said {
    let faults = check::check(tables, origins, crates);
    if !faults.is_empty() {
        return Err(faults);
    }
    let (entries, families, each) = (tables.entries.len(), tables.families.len(), tables.bytes_each());
    #[expect(clippy::cast_precision_loss, reason = "a table of 2^52 bytes does not fit a kernel")]
    let kilobytes = tables.bytes() as f64 / 1000.0;
    Ok(format!(
        "ukstore: {entries} entries, {families} families, {kilobytes:.1} kB of tables; \
         with their records {each} B for each number, text or setting, texts aside\n"
    ))
}
