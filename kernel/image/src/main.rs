//! `kernel_image LINKED.elf OUT.elf`: turns what the linker made into the image that `qemu -kernel` takes.
//!
//! The image is a static ELF with program headers and segments and nothing else (no section headers, no symbols, no debug
//! information), plus a table of function names appended to its last segment, which the kernel reads when it has to explain
//! a crash (format: [`kernel_core::symbols`]). Before that the linked file is checked for what would go wrong only at boot or
//! worse: no PVH entry, memory that is writable and executable, a loader that must relocate.
//!
//! What it asks of the linker script: a read-only load segment of its own, the last in the address space, that holds just
//! the 16 bytes of an empty table (`UKSYMTAB` and a length of 0). The tool makes it as long as the table gets.
//!
//! Not here: the checks of the ukstore tables (`ukstore/inspect`).
//!
//! Exit status: 0, 1 if the file is refused or cannot be read or written, 2 if the arguments are not two.

mod functions;
mod image;
mod linked;
mod refusal;
mod table;
#[cfg(test)]
mod tests;

use linked::Linked;
use std::{env, fs, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: kernel_image LINKED.elf OUT.elf");
        return ExitCode::from(2);
    };
    match run(input, output) {
        Ok(summary) => {
            println!("{output}: {summary}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("kernel_image: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(input: &str, output: &str) -> Result<String, String> {
    let bytes = fs::read(input).map_err(|error| format!("cannot read {input}: {error}"))?;
    let (image, summary) = convert(&bytes).map_err(|refusal| format!("{input}: {refusal}"))?;
    fs::write(output, image).map_err(|error| format!("cannot write {output}: {error}"))?;
    Ok(summary)
}

/// The image of a linked kernel, and one line on what is in it.
fn convert(linked: &[u8]) -> Result<(Vec<u8>, String), refusal::Refusal> {
    let linked = Linked::parse(linked)?;
    let functions = functions::of(&linked)?;
    let table = table::build(&functions);
    let image = image::build(&linked, &table);
    let summary = image::summary(&linked, &image, functions.len(), &table);
    Ok((image, summary))
}
