//! The tree: looking up, reading and listing, against a model made of the declared paths.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;
use ukstore::{
    Child, Content, Directory, Error, Kind, Leaf, Listing, Node, Unit, Value, entries, families, lookup, read,
};

ukstore::counter! {
    /// A.
    static A = "/t/a/b", "t_one_total";
    /// B.
    static B = "/t/a/c/d", "t_two_total";
    /// Sorts between /t/a and /t/a/b.
    static C = "/t/a-x/e", "t_three_total";
    /// C.
    static D = "/t/a.y", "t_four_total";
    /// Beside a directory of the same beginning.
    static E = "/t/ab", "t_five_total";
}
ukstore::gauges! {
    /// Labelled.
    static G = "/t/g", "t_sides_bytes", Bytes, side = ["left", "right"];
}
ukstore::histogram! {
    /// Histogram.
    static H = "/t/h", "t_wait_seconds", Seconds, [1];
}
ukstore::text! {
    /// Words.
    "/t/words" => prompt |out| write!(out, "{} words", 2);
}
ukstore::computed! {
    /// Absent.
    gauge "/t/absent", "t_absent" => prompt || Value::Absent;
    /// Beside objects.
    gauge "/t/count", "t_objects" => prompt || Value::U64(OBJECTS.len() as u64);
}
ukstore::class! {
    /// Objects.
    static OBJECTS: Class<u64> = "/o", label o, series 100 {
        /// Number.
        gauge "number", "t_object_number" => prompt |number| Value::U64(*number);
        /// With a label of its own.
        gauge "sum", "t_object_added" { plus = ["one", "two"] } => prompt |number, plus| Value::U64(*number + plus as u64 + 1);
    }
}

/// What is declared above, each series by its own path.
const STATIC: [&str; 11] = [
    "/t/a/b",
    "/t/a/c/d",
    "/t/a-x/e",
    "/t/a.y",
    "/t/ab",
    "/t/g/left",
    "/t/g/right",
    "/t/h",
    "/t/words",
    "/t/absent",
    "/t/count",
];

/// Tests that add objects or count them, one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A directory's children as people would write them: `directory/`, `leaf`, and `family/value` for one of several series.
fn listing(directory: Directory, pause_after: usize) -> Vec<String> {
    let mut children = Vec::new();
    let mut listing = Listing::default();
    loop {
        let mut budget = pause_after;
        let flow = directory.children(&mut listing, |child| {
            if budget == 0 {
                return ControlFlow::Break(());
            }
            budget -= 1;
            children.push(match child {
                Child::Directory(name) => format!("{name}/"),
                Child::Leaf { name, value: None, .. } => name.to_owned(),
                Child::Leaf { name, value: Some(value), .. } => format!("{name}/{value}"),
            });
            ControlFlow::Continue(())
        });
        if flow.is_continue() {
            return children;
        }
    }
}

fn directory(path: &str) -> Directory {
    match lookup(path) {
        Ok(Node::Directory(directory)) => directory,
        other => panic!("{path}: {other:?}"),
    }
}

fn leaf(path: &str) -> Leaf {
    match lookup(path) {
        Ok(Node::Leaf(leaf)) => leaf,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn tables_are_sorted_and_complete() {
    assert!(entries().is_sorted_by(|left, right| left.path() < right.path()));
    assert!(families().is_sorted_by(|left, right| left.name() < right.name()));
    for path in STATIC {
        let declared = path.strip_suffix("/left").or(path.strip_suffix("/right")).unwrap_or(path);
        assert!(entries().iter().any(|entry| entry.path() == declared), "{declared}");
    }
    let family = families().iter().find(|family| family.name() == "t_sides_bytes").unwrap();
    assert_eq!((family.kind(), family.unit(), family.help()), (Kind::Gauge, Unit::Bytes, "Labelled."));
    assert_eq!(family.header(), "# HELP t_sides_bytes Labelled.\n# TYPE t_sides_bytes gauge\n");
    assert_eq!(family.source_name(), "t");
}

#[test]
fn values_and_errors() {
    for (counter, count) in [(&A, 1), (&B, 2), (&C, 3), (&D, 4), (&E, 5)] {
        counter.add(count);
    }
    G[1].set(-6);
    assert_eq!(read("/t/a/b"), Ok(Value::U64(1)));
    assert_eq!(read("/t/a/c/d"), Ok(Value::U64(2)));
    assert_eq!(read("/t/a-x/e"), Ok(Value::U64(3)));
    assert_eq!(read("/t/a.y/"), Ok(Value::U64(4)));
    assert_eq!(read("/t/ab"), Ok(Value::U64(5)));
    assert_eq!(read("/t/g/right"), Ok(Value::I64(-6)));
    assert_eq!(read("/t/absent"), Err(Error::Absent));
    for several in ["", "/", "/t", "/t/a", "/t/g", "/t/h", "/t/words", "/o", "/ukstore/sources", "/ukstore/tags"] {
        assert_eq!(read(several), Err(Error::NotOneValue), "{several}");
    }
    let nothings = ["t", "/T", "/t/a/b/c", "/t/a/c/d/e", "/t/g/middle", "/o/x", "//", "/t//", "/t//a", "/t/a-", "/u"];
    let odd = ["/t/g/left/x", "/t/gé/left", "/t/g/é", "/t/words/2 words", "/t\0", "/ukstore/sources/x"];
    for nothing in nothings.into_iter().chain(odd) {
        assert_eq!(read(nothing), Err(Error::NotFound), "{nothing}");
    }
    let words = leaf("/t/words");
    let text = words.content(|content| format!("{content:?}"));
    assert_eq!((text.as_deref(), words.help(), words.kind()), (Ok("2 words"), "Words.", Kind::Text));
    let histogram = leaf("/t/h");
    assert_eq!(
        (histogram.family().map(|family| family.name()), histogram.unit()),
        (Some("t_wait_seconds"), Unit::Seconds)
    );
    let bounds = histogram.content(|content| match content {
        Content::Histogram(snapshot) => snapshot.bounds().to_vec(),
        other => panic!("{other:?}"),
    });
    assert_eq!(bounds, Ok(vec![1]));
}

#[test]
fn a_directory_lists_each_name_once_and_the_series_of_a_label_one_by_one() {
    for pause_after in [1, 2, usize::MAX] {
        let names = listing(directory("/t"), pause_after);
        assert_eq!(names, ["a-x/", "a.y", "a/", "ab", "absent", "count", "g/left", "g/right", "h", "words"]);
    }
    assert_eq!(listing(directory("/t/a"), 1), ["b", "c/"]);
    assert_eq!(listing(directory("/t/g"), 1), ["left", "right"]);
    assert_eq!(listing(directory("/ukstore/sources"), 1), ["o", "t", "ukstore"]);
}

/// Every path that leads to a leaf while there are no objects.
fn leaves() -> BTreeSet<String> {
    let are_directories = ["/t/g", "/o", "/ukstore/sources", "/ukstore/tags"];
    let declared = entries().iter().map(|entry| entry.path()).filter(|path| !are_directories.contains(path));
    let below = STATIC.into_iter().chain(["/ukstore/sources/o", "/ukstore/sources/t", "/ukstore/sources/ukstore"]);
    let tags = ["class", "collector", "o", "plus", "side"].map(|tag| format!("/ukstore/tags/{tag}"));
    // The class is a directory, though it has nothing below it now.
    declared.chain(below).chain(["/o/"]).map(str::to_owned).chain(tags).collect()
}

proptest! {
    /// Every beginning of a leaf's path is a directory whose children are the names after it, and any other path is
    /// nothing.
    #[test]
    fn lookup_agrees_with_a_model(
        path in "(/(t|a|b|c|d|e|g|h|a-x|a[.]y|left|o|count|ukstore|sources|tags|class|series_folded_total)){0,4}/?",
    ) {
        let _alone = alone();
        let leaves = leaves();
        let clean = path.strip_suffix('/').unwrap_or(&path);
        let below: BTreeMap<&str, bool> = leaves
            .iter()
            .filter_map(|leaf| leaf.strip_prefix(clean)?.strip_prefix('/'))
            .filter(|rest| !rest.is_empty())
            .map(|rest| rest.split_once('/').map_or((rest, false), |(name, _)| (name, true)))
            .collect();
        match lookup(&path) {
            Ok(Node::Directory(found)) => {
                let names = listing(found, 1);
                let names: BTreeMap<&str, bool> = names
                    .iter()
                    .map(|child| child.split_once('/').map_or((child.as_str(), false), |(name, _)| (name, true)))
                    .collect();
                prop_assert_eq!(names, below);
            }
            Ok(Node::Leaf(_)) => prop_assert!(leaves.contains(clean), "{}", path),
            Err(error) => {
                prop_assert_eq!(error, Error::NotFound);
                prop_assert!(!leaves.contains(clean) && below.is_empty(), "{}", path);
            }
        }
    }

    #[test]
    fn any_text_is_looked_up(path in ".{0,40}|/(t|o|ukstore/sources)/.{0,20}") {
        let _ = lookup(&path);
    }
}

#[test]
fn objects_are_directories_while_they_live() {
    let _alone = alone();
    let seven = OBJECTS.add("seven", 7);
    let other = OBJECTS.add("sev/en", 8);
    assert_eq!((seven.name(), other.name(), *seven), ("seven", "sev_en", 7));
    assert_eq!(read("/o/seven/number"), Ok(Value::U64(7)));
    assert_eq!(read("/o/seven/sum/one"), Ok(Value::U64(8)));
    assert_eq!(read("/o/seven/sum/two"), Ok(Value::U64(9)));
    assert_eq!(read("/o/seven/sum"), Err(Error::NotOneValue));
    assert_eq!(listing(directory("/o/seven/sum"), 1), ["one", "two"]);
    assert_eq!(read("/o/sev_en/number"), Ok(Value::U64(8)));
    assert_eq!(read("/o/seven"), Err(Error::NotOneValue));
    for nothing in ["/o/seven/none", "/o/seven/sum/three", "/o/seven/number/x", "/o/seven/sum/one/x"] {
        assert_eq!(read(nothing), Err(Error::NotFound), "{nothing}");
    }
    let mut names = listing(directory("/o"), 1);
    names.sort();
    assert_eq!(names, ["sev_en/", "seven/"]);
    assert_eq!(listing(directory("/o/seven"), 1), ["number", "sum/one", "sum/two"]);
    let number = leaf("/o/seven/number");
    let kept = directory("/o/seven");
    drop(seven);
    let again = OBJECTS.add("seven", 9);
    assert_eq!(number.read(), Err(Error::NotFound), "a leaf is of one object, not of its name");
    assert_eq!(listing(kept, 1), Vec::<String>::new());
    assert_eq!(read("/o/seven/number"), Ok(Value::U64(9)));
    drop((other, again));
    assert_eq!(OBJECTS.len(), 0);
}
