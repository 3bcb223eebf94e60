//! What must hold of the two tables. Every fault is one line that names the places to mend.

use std::collections::{HashMap, HashSet};

use ukstore::{Kind, Unit, names};

use crate::origins::Origins;
use crate::tables::{Tables, Target};

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
    entry_rules(tables, origins, &mut faults);
    family_rules(tables, origins, &mut faults);
    series(tables, origins, &mut faults);
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

fn entry_rules(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    for entry in &tables.entries {
        let fault = names::path(entry.path).err().map(str::to_owned).or_else(|| match entry.target {
            Target::Series(None) => Some("its family is missing from the kernel".to_owned()),
            Target::Series(Some(_)) => None,
            Target::Described(help) => names::help(help).err().map(str::to_owned),
            Target::Unknown(tag) => Some(format!("unknown sort {tag}: build ukstore_inspect and the kernel together")),
        });
        if let Some(fault) = fault {
            faults.push(format!("entry {} at {}: {fault}", entry.path, origins.of("entry", entry.path)));
        }
    }
}

fn family_rules(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    for family in &tables.families {
        let name = match (Kind::from_byte(family.kind), Unit::from_byte(family.unit)) {
            (Some(kind), Some(unit)) => names::family(family.name, kind, unit),
            _ => Err("unknown kind or unit: build ukstore_inspect and the kernel together"),
        };
        for fault in [name.err(), names::help(family.help).err()].into_iter().flatten() {
            faults.push(format!("family {} at {}: {fault}", family.name, origins.of("family", family.name)));
        }
    }
}

/// A scraper refuses an exposition that has one series twice.
fn series(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    let mut seen = HashMap::new();
    for family in &tables.families {
        for series in &family.series {
            if let Some(first) = seen.insert(*series, family.name)
                && first == family.name
                && tables.families.iter().filter(|other| other.name == first).count() == 1
            {
                faults.push(format!("series {series} is there twice: {}", origins.of("family", first)));
            }
        }
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
