//! What the linker made of all declarations, seen from inside the machine, and what a program reads of it.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::ControlFlow;
use core::time::Duration;
use periscope::ukstore::{
    self, Child, Content, Error, Item, Kind, Listing, Node, Unit, Value, Walk, entries, families,
};
use periscope::{println, thread};

ukstore::counter! {
    /// What a program counts.
    static COUNTED = "/guest/tree/counted_total", "guest_tree_counted_total";
}

/// Fails unless the text is so.
macro_rules! demand {
    ($so:expr, $($otherwise:tt)+) => {
        if !$so {
            return Err(alloc::format!($($otherwise)+));
        }
    };
}

/// Checks everything, and says how much that was.
pub(crate) fn check() -> Result<(), String> {
    tables_are_sorted()?;
    let walked = families_are_walked_once()?;
    let listed = listing_and_lookup_agree()?;
    values_are_read()?;
    println!(
        "tree: {} entries, {} families; {listed} paths, {walked} families told",
        entries().len(),
        families().len()
    );
    Ok(())
}

fn tables_are_sorted() -> Result<(), String> {
    for [one, next] in entries().array_windows() {
        demand!(one.path() < next.path(), "{} is before {}", one.path(), next.path());
    }
    for [one, next] in families().array_windows() {
        demand!(one.name() < next.name(), "{} is before {}", one.name(), next.name());
    }
    for entry in entries() {
        demand!(ukstore::lookup(entry.path()).is_ok(), "{} is not found", entry.path());
    }
    Ok(())
}

fn families_are_walked_once() -> Result<usize, String> {
    let mut walked = Vec::new();
    let mut samples = 0;
    let _ = Walk::new().each(|item| {
        match item {
            Item::Family(family) => walked.push(family.name()),
            Item::Sample(_) | Item::Histogram(_) => samples += 1,
        }
        ControlFlow::<()>::Continue(())
    });
    demand!(walked.is_sorted_by(|one, next| one < next), "families out of order, or twice: {walked:?}");
    demand!(samples >= walked.len(), "{samples} samples of {} families", walked.len());
    // Nobody has asked for samples or scraped yet, nothing has been added to the classes, the NICs tell no speed, nothing is
    // pushed, and no server is asked for the time.
    const LEFT_OUT: [&str; 8] = [
        "guest_sample_",
        "guest_thing_",
        "guest_part_",
        "node_network_speed_",
        "node_scrape_collector_",
        "node_timex_",
        "uk_ntp_",
        "uk_sink_",
    ];
    let left_out = |name: &str| LEFT_OUT.iter().any(|prefix| name.starts_with(prefix));
    let missing: Vec<_> = families().iter().map(|family| family.name()).filter(|name| !walked.contains(name)).collect();
    demand!(missing.iter().all(|name| left_out(name)) && missing.len() == 31, "not walked: {missing:?}");
    Ok(walked.len())
}

/// Lists the whole tree; each path that a list gives is found, as what the list says, and every entry is among them.
fn listing_and_lookup_agree() -> Result<usize, String> {
    let mut seen = BTreeSet::new();
    let mut directories = alloc::vec![String::new()];
    while let Some(path) = directories.pop() {
        let Ok(Node::Directory(directory)) = ukstore::lookup(&path) else {
            return Err(alloc::format!("{path} was listed as a directory"));
        };
        let mut children = Vec::new();
        let _ = directory.children(&mut Listing::new(), |child| {
            children.push(match child {
                Child::Directory(name) => (true, alloc::format!("{path}/{name}")),
                Child::Leaf { name, value: None, .. } => (false, alloc::format!("{path}/{name}")),
                Child::Leaf { name, value: Some(value), .. } => (false, alloc::format!("{path}/{name}/{value}")),
            });
            ControlFlow::<()>::Continue(())
        });
        for (is_directory, child) in children {
            match ukstore::lookup(&child) {
                Ok(Node::Directory(_)) if is_directory => directories.push(child.clone()),
                Ok(Node::Leaf(_)) if !is_directory => {}
                other => return Err(alloc::format!("{child} was listed, and is {other:?}")),
            }
            demand!(seen.insert(child.clone()), "{child} was listed twice");
        }
    }
    for entry in entries() {
        let path = entry.path();
        // An entry with a label is listed as its values.
        let below = seen.range::<str, _>((core::ops::Bound::Excluded(path), core::ops::Bound::Unbounded)).next();
        let is_listed = seen.contains(path)
            || below.is_some_and(|next| next.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')));
        demand!(is_listed, "{path} is in no list");
    }
    Ok(seen.len())
}

fn values_are_read() -> Result<(), String> {
    let used = || match ukstore::read("/memory/heap/used_bytes") {
        Ok(Value::U64(bytes)) => Ok(bytes),
        other => Err(alloc::format!("the heap tells {other:?}")),
    };
    let before = used()?;
    let block = Box::new([0_u8; 100_000]);
    let after = used()?;
    demand!(after >= before + 100_000, "the heap told {before} before a block of 100,000 bytes and {after} after");
    drop(core::hint::black_box(block));

    COUNTED.add(3);
    for (path, expected) in [
        ("/guest/tree/counted_total", Ok(Value::U64(3))),
        ("/build", Ok(Value::U64(1))),
        ("/guest/settings/limit", Ok(Value::U64(64))),
        ("/ukstore/sources/guest", Ok(Value::Bool(true))),
        ("/guest/samples/spins", Err(Error::Absent)),
        ("/threads", Err(Error::NotOneValue)),
        ("/log/levels", Err(Error::NotOneValue)),
        ("/threads/nobody", Err(Error::NotFound)),
    ] {
        let read = ukstore::read(path);
        demand!(read == expected, "{path} is {read:?}, not {expected:?}");
    }
    // A thread's time is counted when it leaves the CPU.
    thread::sleep(Duration::from_millis(1));
    let cpu = ukstore::read("/threads/main/cpu_seconds_total");
    demand!(matches!(cpu, Ok(Value::Nanos(1..))), "this thread has used {cpu:?}");

    let Ok(Node::Leaf(leaf)) = ukstore::lookup("/memory/heap/used_bytes") else {
        return Err("the heap's entry is no leaf".into());
    };
    demand!((leaf.kind(), leaf.unit()) == (Kind::Gauge, Unit::Bytes), "{:?} in {:?}", leaf.kind(), leaf.unit());
    let levels = match ukstore::lookup("/log/levels") {
        Ok(Node::Leaf(leaf)) => leaf.content(|content| match content {
            Content::Text(text) => text.to_string(),
            other => alloc::format!("{other:?}"),
        }),
        other => return Err(alloc::format!("the log's levels are {other:?}")),
    };
    demand!(levels.as_deref() == Ok("info"), "the log's levels are {levels:?}");
    Ok(())
}
