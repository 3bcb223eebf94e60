//! Whether something moves every cell that is declared: a metric that nobody counts is 0 for ever, and reads as "never".
//!
//! The declarations are those of the files that the kernel's origins name; what moves them is looked for in the sources
//! of the crate that declares them, tests left out. It is the source that is searched because a field of an object has no
//! address of its own in the file, and because the compiler has already refused, as dead code, functions nobody calls.
//! It knows names and no types: two cells of one name in one crate answer for each other. That a metric counts what it
//! says is for its test.

mod declared;
mod source;
mod uses;

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use crate::origins::Origins;
use declared::{Cell, Seen, Whose};
use source::{Crate, Source};

/// The crate whose records are partly written by hand, without the macros that are read here.
const BY_HAND: &str = "ukstore";

/// How many cells there are, or a fault for each that nothing moves. Paths are those the compiler had, so the working
/// folder is the workspace's.
pub(crate) fn moved(origins: &Origins<'_>) -> Result<String, Vec<String>> {
    let files: BTreeSet<&str> = origins.all.iter().map(|origin| origin.file).collect();
    let folders: BTreeSet<&Path> = files.iter().map(|file| source::folder(Path::new(file))).collect();
    let crates: Vec<Crate> =
        folders.into_iter().map(Crate::read).collect::<Result<_, _>>().map_err(|fault| vec![fault])?;
    let (mut count, mut faults, mut names) = (0, Vec::new(), HashSet::new());
    for home in &crates {
        for source in home.sources.iter().filter(|source| files.contains(&*source.path.to_string_lossy())) {
            declared::names(&source.declarations, &mut names);
            let cells = declared::cells(&source.declarations);
            count += cells.len();
            faults.extend(cells.iter().filter(|cell| !is_moved(&crates, home, source, cell)).map(|cell| {
                let (name, told, file) = (&cell.name, &cell.told, source.path.display());
                format!("{told} at {file}:{}: nothing moves its cell {name}: count with it, or remove it", cell.line)
            }));
        }
    }
    // What is declared by a macro around the macros cannot be looked into, so it must not pass for looked at.
    for family in origins.all.iter().filter(|origin| origin.what == "family" && origin.crate_name() != BY_HAND) {
        if !names.contains(family.name) {
            faults.push(format!(
                "{} at {}: its name is in no declaration there: write it where ukstore's macro is called",
                family.name,
                family.place()
            ));
        }
    }
    if faults.is_empty() { Ok(format!("ukstore: {count} cells, and code that moves each\n")) } else { Err(faults) }
}

fn is_moved(crates: &[Crate], home: &Crate, declared_in: &Source, cell: &Cell) -> bool {
    let moves = |source: &Source| match cell.whose {
        Whose::Static => source.uses.statics.contains(&cell.name),
        Whose::Field => source.uses.fields.contains(&cell.name),
    };
    match cell.seen {
        Seen::InModule => home.sources.iter().filter(|source| source.is_within(declared_in)).any(moves),
        Seen::InCrate => home.sources.iter().any(moves),
        Seen::Anywhere => crates.iter().flat_map(|home| &home.sources).any(moves),
    }
}
