//! Whether every path leads to one thing: what an entry has below it is its own, and there are not more sources than
//! switches.

use std::collections::HashMap;

use ukstore::{MAX_SOURCES, names};

use crate::origins::Origins;
use crate::tables::{Entry, Samples, Tables, What};

/// No path may be below another entry's: a value has nothing below it, and what a directory that is an entry has below
/// it are its label's values, its fields, its objects.
pub(super) fn places(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    let by_path: HashMap<&str, &Entry<'_>> = tables.entries.iter().map(|entry| (entry.path, entry)).collect();
    for entry in &tables.entries {
        let slashes = entry.path.match_indices('/').skip(1);
        for above in slashes.filter_map(|(end, _)| by_path.get(&entry.path[..end])) {
            faults.push(format!(
                "entry {} at {} is below {} at {}: {}",
                entry.path,
                origins.of("entry", entry.path),
                above.path,
                origins.of("entry", above.path),
                why(tables, above, &entry.path[above.path.len() + 1..])
            ));
        }
    }
}

/// Why nothing may be at `rest` below an entry, and what to do.
fn why(tables: &Tables<'_>, above: &Entry<'_>, rest: &str) -> String {
    let name = rest.split('/').next().unwrap_or_default();
    match &above.what {
        What::Class(_) => "that is a class, and an object may be called so: declare it elsewhere".to_owned(),
        What::Sources => "that lists the sources: declare it elsewhere".to_owned(),
        What::Tags => "that lists the labels: declare it elsewhere".to_owned(),
        What::Group(group) => match group.fields.iter().any(|field| field.name == name) {
            true => format!("that is a group, and {name} is a field of it: rename one"),
            false => {
                "that is a group, which lists its fields only: make it a field, or declare it elsewhere".to_owned()
            }
        },
        What::Family(link) => match link.index().map(|index| &tables.families[index]) {
            Some(family) if matches!(family.samples, Samples::Labelled(_)) => match family.values().contains(&name) {
                true => format!("{name} is a value of its label: rename one"),
                false => "that lists its label's values only: declare it elsewhere".to_owned(),
            },
            _ => below_a_value(),
        },
        What::Text(_) | What::Setting(_) | What::Unknown(_) => below_a_value(),
    }
}

fn below_a_value() -> String {
    "that is a value, which has nothing below it: rename one".to_owned()
}

/// The switch of each source is one bit of a word.
pub(super) fn sources(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    let mut firsts: Vec<(&str, &str)> = Vec::new();
    for entry in &tables.entries {
        let source = names::source(entry.path);
        if !firsts.iter().any(|(known, _)| *known == source) {
            firsts.push((source, entry.path));
        }
    }
    if firsts.len() > MAX_SOURCES {
        let places: Vec<_> =
            firsts.iter().map(|(source, path)| format!("{source} at {}", origins.of("entry", path))).collect();
        faults.push(format!(
            "{} sources, and there are switches for {MAX_SOURCES}: let some paths begin with the same name. They are {}",
            firsts.len(),
            places.join(", ")
        ));
    }
}
