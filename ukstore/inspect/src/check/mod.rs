//! What must hold of the two tables. Every fault is one line that names the places to mend and says how.

mod clashes;
mod rules;
mod tree;

use std::collections::HashSet;

use crate::origins::Origins;
use crate::tables::Tables;

/// All faults there are, so that one build shows them together.
pub(crate) fn check(tables: &Tables<'_>, origins: &Origins<'_>, crates: &[&str]) -> Vec<String> {
    let paths: Vec<&str> = tables.entries.iter().map(|entry| entry.path).collect();
    let families: Vec<&str> = tables.families.iter().map(|family| family.name).collect();
    let mut faults = Vec::new();
    order("entry", &paths, &mut faults);
    order("family", &families, &mut faults);
    duplicates("entry", &paths, origins, &mut faults);
    duplicates("family", &families, origins, &mut faults);
    declared_ones("entry", &paths, origins, &mut faults);
    declared_ones("family", &families, origins, &mut faults);
    rules::entries(tables, origins, &mut faults);
    rules::families(tables, origins, &mut faults);
    tree::places(tables, origins, &mut faults);
    tree::sources(tables, origins, &mut faults);
    clashes::series(tables, origins, &mut faults);
    clashes::samples(tables, origins, &mut faults);
    dropped_crates(origins, crates, &mut faults);
    faults
}

/// The machine searches the tables by halving them.
fn order(what: &str, names: &[&str], faults: &mut Vec<String>) {
    if let Some(pair) = names.windows(2).find(|pair| pair[0] > pair[1]) {
        faults.push(format!(
            "{what} {} comes before {}: the linker script must gather the table with SORT_BY_NAME",
            pair[0], pair[1]
        ));
    }
}

fn duplicates(what: &str, names: &[&str], origins: &Origins<'_>, faults: &mut Vec<String>) {
    let mut seen = HashSet::new();
    let mut told = HashSet::new();
    for name in names {
        if !seen.insert(name) && told.insert(name) {
            faults.push(format!("{what} {name} is declared more than once: {}", origins.of(what, name)));
        }
    }
}

/// Declarations and records must be the same ones, however often each is there.
fn declared_ones(what: &str, names: &[&str], origins: &Origins<'_>, faults: &mut Vec<String>) {
    let placed: HashSet<&str> = names.iter().copied().collect();
    let mut declared = HashSet::new();
    for origin in origins.all.iter().filter(|origin| origin.what == what) {
        if declared.insert(origin.name) && !placed.contains(origin.name) {
            faults.push(format!(
                "{what} {} is declared at {} but missing from the kernel: the linker dropped it",
                origin.name,
                origin.place()
            ));
        }
    }
    for name in placed.difference(&declared) {
        faults.push(format!("{what} {name} is in the kernel, but no macro of ukstore declared it"));
    }
}

/// A crate that nothing in the program refers to is dropped whole, and with it every trace of its declarations.
fn dropped_crates(origins: &Origins<'_>, crates: &[&str], faults: &mut Vec<String>) {
    for name in crates {
        if !origins.all.iter().any(|origin| origin.crate_name() == *name) {
            faults.push(format!(
                "crate {name} has no entry in the kernel: refer to it (`use {name} as _;`), or the linker drops it"
            ));
        }
    }
}
