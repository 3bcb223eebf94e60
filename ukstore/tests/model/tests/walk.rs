//! A walk and a listing while objects are added and dropped: what stays is given once, and nothing twice.

use std::ops::ControlFlow::{self, Continue};

use shuttle::{check_pct, check_random, thread};
use ukstore_model::{Child, Item, Listing, Node, Sample, Value, Walk, lookup};

ukstore_model::class! {
    /// Objects.
    static OBJECTS: Class<struct Work> = "/m/objects", label object, series 8 {
        /// Done.
        counter done = "done_total", "model_done_total";
        /// By side.
        gauge sides = "sides", "model_sides" { side = ["left", "right"] };
    }
}

/// Every series of the class, with the family.
fn walk() -> Vec<(&'static str, String, Value)> {
    let mut found = Vec::new();
    let mut walk = Walk::new();
    while walk
        .next(|item| {
            if let Item::Sample(Sample { family, series, value, .. }) = item
                && family.source_name() == "m"
            {
                let labels = series.labels().map(|(_, value)| value).collect::<Vec<_>>().join("/");
                found.push((family.name(), labels, value));
            }
        })
        .is_some()
    {}
    found
}

fn list() -> Vec<String> {
    let Ok(Node::Directory(objects)) = lookup("/m/objects") else { panic!("a class is a directory") };
    let mut names = Vec::new();
    let _ = objects.children(&mut Listing::new(), |child| -> ControlFlow<()> {
        match child {
            Child::Directory(name) => names.push(name.to_owned()),
            other => panic!("{other:?}"),
        }
        Continue(())
    });
    names
}

/// One thread drops and adds under a name that another thread adds too.
fn objects_come_and_go() {
    let goes = OBJECTS.add("goes", Work::new());
    let stays = OBJECTS.add("stays", Work::new());
    stays.done.add(3);
    let changing = thread::spawn(move || {
        drop(goes);
        let again = OBJECTS.add("goes", Work::new());
        (again, OBJECTS.add("comes", Work::new()))
    });
    let adding = thread::spawn(|| drop(OBJECTS.add("goes", Work::new())));
    let series = walk();
    for (family, labels) in
        [("model_done_total", "stays"), ("model_sides", "stays/left"), ("model_sides", "stays/right")]
    {
        let of_it: Vec<_> = series.iter().filter(|found| (found.0, found.1.as_str()) == (family, labels)).collect();
        assert_eq!(of_it.len(), 1, "{family} {labels} in {series:?}");
        assert!(family != "model_done_total" || of_it[0].2 == Value::U64(3));
    }
    let mut keys: Vec<_> = series.iter().map(|(family, labels, _)| (family, labels)).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count, "a series twice: {series:?}");
    let mut names = list();
    assert_eq!(names.iter().filter(|name| *name == "stays").count(), 1);
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name twice");
    drop((changing.join().expect("no assertion is in there"), stays));
    adding.join().expect("no assertion is in there");
    assert!(OBJECTS.is_empty());
}

/// In one test, because both use the class.
#[test]
fn what_stays_is_given_once_and_nothing_twice() {
    check_random(objects_come_and_go, 3_000);
    check_pct(objects_come_and_go, 3_000, 3);
}
