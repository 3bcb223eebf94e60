//! The tree: looking up, reading and listing, against a model made of the declared paths.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use proptest::prelude::*;
use ukstore::{Directory, Error, Kind, Listing, Node, Unit, Value, entries, families, lookup, read};

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
    "/t/words", |out| write!(out, "{} words", 2);
}
ukstore::computed! {
    /// Absent.
    gauge "/t/absent", "t_absent", || Value::Absent;
    /// Beside objects.
    gauge "/o/count", "t_objects", || Value::U64(OBJECTS.len() as u64);
}
ukstore::class! {
    /// Objects.
    static OBJECTS: Class<u64> = "/o", label o, series 100 {
        /// Number.
        gauge "number", "t_object_number", |number| Value::U64(*number);
        /// With a label of its own.
        gauge "sum", "t_object_added" { plus = ["one", "two"] }, |number, plus| Value::U64(*number + plus as u64 + 1);
    }
}

/// Only one test adds objects.
const STATIC: [&str; 12] = [
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
    "/o/count",
    "/o",
];

fn listing(directory: Directory, pause_after: usize) -> Vec<(String, bool)> {
    let mut children = Vec::new();
    let mut listing = Listing::default();
    loop {
        let mut budget = pause_after;
        let flow = directory.children(&mut listing, |child| {
            if budget == 0 {
                return ControlFlow::Break(());
            }
            budget -= 1;
            children.push((child.name.to_owned(), child.is_directory));
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

#[test]
fn tables_are_sorted_and_complete() {
    assert!(entries().is_sorted_by(|left, right| left.path() < right.path()));
    assert!(families().is_sorted_by(|left, right| left.name() < right.name()));
    for path in STATIC {
        assert!(entries().iter().any(|entry| entry.path() == path), "{path}");
    }
    let family = families().iter().find(|family| family.name() == "t_sides_bytes").unwrap();
    assert_eq!((family.kind(), family.unit(), family.help()), (Kind::Gauge, Unit::Bytes, "Labelled."));
    assert_eq!(family.header(), "# HELP t_sides_bytes Labelled.\n# TYPE t_sides_bytes gauge\n");
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
    for several in ["", "/", "/t", "/t/a", "/t/g", "/t/h", "/t/words", "/o"] {
        assert_eq!(read(several), Err(Error::NotOneValue), "{several}");
    }
    for nothing in ["t", "/T", "/t/a/b/c", "/t/a/c/d/e", "/t/g/middle", "/o/x", "//", "/t//a", "/t/a-", "/u"] {
        assert_eq!(read(nothing), Err(Error::NotFound), "{nothing}");
    }
    let Ok(Node::Text(words)) = lookup("/t/words") else { panic!("words are text") };
    let mut text = String::new();
    words.write(&mut text).unwrap();
    assert_eq!((text.as_str(), words.help()), ("2 words", "Words."));
    let Ok(Node::Metric(histogram)) = lookup("/t/h") else { panic!("a histogram is a metric") };
    let mut count = 0;
    histogram.samples(|_| count += 1).unwrap();
    assert_eq!((count, histogram.family().name()), (4, "t_wait_seconds"));
}

#[test]
fn a_directory_lists_each_name_once() {
    for pause_after in [1, 2, usize::MAX] {
        let names = listing(directory("/t"), pause_after);
        let names: Vec<_> = names.iter().map(|(name, is_directory)| (name.as_str(), *is_directory)).collect();
        let expected = [
            ("a-x", true),
            ("a.y", false),
            ("a", true),
            ("ab", false),
            ("absent", false),
            ("g", true),
            ("h", false),
            ("words", false),
        ];
        assert_eq!(names, expected);
    }
    assert_eq!(listing(directory("/t/a"), 1), [("b".to_owned(), false), ("c".to_owned(), true)]);
}

proptest! {
    /// Every prefix of a declared path is a directory whose children are the names after it, and any other path is
    /// nothing.
    #[test]
    fn lookup_agrees_with_a_model(path in "(/(t|a|b|c|d|e|g|h|a-x|a[.]y|left|o|ukstore)){0,4}/?") {
        let declared: BTreeSet<&str> = entries().iter().map(|entry| entry.path()).collect();
        let clean = path.strip_suffix('/').unwrap_or(&path);
        let below: BTreeMap<&str, bool> = declared
            .iter()
            .filter_map(|declared| declared.strip_prefix(clean)?.strip_prefix('/'))
            .map(|rest| rest.split_once('/').map_or((rest, false), |(name, _)| (name, true)))
            .collect();
        match lookup(&path) {
            Ok(Node::Directory(found)) if clean != "/o" || OBJECTS.is_empty() => {
                let names: BTreeMap<String, bool> = listing(found, 1).into_iter().collect();
                let names: Vec<_> = names.iter().map(|(name, &is)| (name.as_str(), is || name == "o")).collect();
                let below: Vec<_> = below.into_iter().map(|(name, is)| (name, is || name == "o")).collect();
                prop_assert_eq!(names, below);
            }
            Ok(_) => prop_assert!(declared.contains(clean), "{}", path),
            Err(error) => {
                prop_assert_eq!(error, Error::NotFound);
                prop_assert!(!declared.contains(clean) && below.is_empty(), "{}", path);
            }
        }
    }
}

#[test]
fn objects_are_directories_while_they_live() {
    let seven = OBJECTS.add("seven", 7);
    let other = OBJECTS.add("sev/en", 8);
    assert_eq!((seven.name(), other.name(), *seven), ("seven", "sev_en", 7));
    assert_eq!(read("/o/seven/number"), Ok(Value::U64(7)));
    assert_eq!(read("/o/seven/sum/one"), Ok(Value::U64(8)));
    assert_eq!(read("/o/seven/sum/two"), Ok(Value::U64(9)));
    assert_eq!(read("/o/seven/sum"), Err(Error::NotOneValue));
    assert_eq!(listing(directory("/o/seven/sum"), 1), [("one".to_owned(), false), ("two".to_owned(), false)]);
    assert_eq!(read("/o/sev_en/number"), Ok(Value::U64(8)));
    assert_eq!(read("/o/count"), Ok(Value::U64(2)), "static paths below a class are found too");
    assert_eq!(read("/o/seven"), Err(Error::NotOneValue));
    for nothing in ["/o/seven/none", "/o/seven/sum/three", "/o/seven/number/x", "/o/seven/sum/one/x"] {
        assert_eq!(read(nothing), Err(Error::NotFound), "{nothing}");
    }
    let mut names = listing(directory("/o"), 1);
    assert_eq!(names.remove(0), ("count".to_owned(), false), "static paths come first");
    names.sort();
    assert_eq!(names, [("sev_en".to_owned(), true), ("seven".to_owned(), true)]);
    let fields = listing(directory("/o/seven"), 1);
    assert_eq!(fields, [("number".to_owned(), false), ("sum".to_owned(), true)]);
    let Ok(Node::Metric(metric)) = lookup("/o/seven/number") else { panic!("a field is a metric") };
    let kept = directory("/o/seven");
    drop(seven);
    let again = OBJECTS.add("seven", 9);
    assert_eq!(metric.read(), Err(Error::NotFound), "a node is of one object, not of its name");
    assert_eq!(listing(kept, 1), []);
    assert_eq!(read("/o/seven/number"), Ok(Value::U64(9)));
    drop((other, again));
    assert_eq!(OBJECTS.len(), 0);
}
