//! `ukstore_inspect check KERNEL.elf [--crates a,b,c]`: the build's check of the tables the linker put together.
//! It reads the finished, unstripped file and ends with 1 if an operator could be misled by what is in it. It is
//! not the reader the machine uses, and shares only the records' layout and the rules for names with it.

mod check;
mod image;
mod origins;
mod tables;

use std::process::ExitCode;

const USAGE: &str = "usage: ukstore_inspect check KERNEL.elf [--crates a,b,c]";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (file, crates) = match *words {
        ["check", file] => (file, ""),
        ["check", file, "--crates", crates] => (file, crates),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match report(file, crates) {
        Ok(line) => {
            println!("{line}");
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

/// The line of a file without faults, or all its faults.
fn report(file: &str, crates: &str) -> Result<String, Vec<String>> {
    let one = |what: &dyn std::fmt::Display| vec![format!("{file}: {what}")];
    let bytes = std::fs::read(file).map_err(|error| one(&error))?;
    let image = image::Image::parse(&bytes).map_err(|error| one(&error))?;
    let tables = tables::Tables::read(&image).map_err(|error| one(&error))?;
    let origins = origins::Origins::read(&image).map_err(|error| one(&error))?;
    let crates: Vec<&str> = crates.split(',').filter(|name| !name.is_empty()).collect();
    let faults = check::check(&tables, &origins, &crates);
    if !faults.is_empty() {
        return Err(faults);
    }
    let (entries, families) = (tables.entries.len(), tables.families.len());
    #[expect(clippy::cast_precision_loss, reason = "a table of 2^52 bytes does not fit a kernel")]
    let kilobytes = tables.bytes() as f64 / 1000.0;
    Ok(format!("ukstore: {entries} entries, {families} families, {kilobytes:.1} kB of tables"))
}
