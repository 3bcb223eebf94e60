//! Whether names can meet in an exposition. A scraper refuses one that has a series twice, and `OpenMetrics` one in which
//! the samples of one family could be taken for another's.

use std::collections::{HashMap, HashSet};

use ukstore::Kind;

use crate::origins::Origins;
use crate::tables::{Family, Tables};

/// Every series must be there once. Families that are there twice are told of elsewhere.
pub(super) fn series(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    let mut seen = HashMap::new();
    for family in &tables.families {
        for series in family.prefixes() {
            match seen.insert(*series, family.name) {
                Some(first) if first != family.name => faults.push(format!(
                    "series {series} is in two families: {first} at {} and {} at {}",
                    origins.of("family", first),
                    family.name,
                    origins.of("family", family.name)
                )),
                Some(first) if tables.families.iter().filter(|other| other.name == first).count() == 1 => {
                    faults.push(format!("series {series} is there twice: {}", origins.of("family", first)));
                }
                _ => {}
            }
        }
    }
}

/// No name that a family or its samples have may be that of another family or of its samples. Two families are told of
/// once, whatever they share.
pub(super) fn samples(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    let mut taken = HashMap::new();
    let mut told = HashSet::new();
    for family in &tables.families {
        for name in names_of(family) {
            let other = *taken.entry(name.clone()).or_insert(family.name);
            if other != family.name && told.insert((other, family.name)) {
                faults.push(format!(
                    "families {other} at {} and {} at {} would both have {name} in OpenMetrics: rename one",
                    origins.of("family", other),
                    family.name,
                    origins.of("family", family.name)
                ));
            }
        }
    }
}

/// The family's name in `OpenMetrics` and those of all samples it may have (`OpenMetrics` 1.0, "Suffixes").
fn names_of(family: &Family<'_>) -> Vec<String> {
    let (base, suffixes): (&str, &[&str]) = match Kind::from_byte(family.kind) {
        Some(Kind::Counter) => (stem(family.name, "_total"), &["", "_total", "_created"]),
        Some(Kind::Info) => (stem(family.name, "_info"), &["", "_info"]),
        Some(Kind::Histogram) => (family.name, &["", "_bucket", "_sum", "_count", "_created"]),
        _ => (family.name, &[""]),
    };
    suffixes.iter().map(|suffix| format!("{base}{suffix}")).collect()
}

fn stem<'a>(name: &'a str, suffix: &str) -> &'a str {
    name.strip_suffix(suffix).unwrap_or(name)
}
