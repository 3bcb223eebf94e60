//! Sources that are switched off: not walked, none of their functions called, their words and settings still readable,
//! and everybody else told as ever.
#![forbid(unsafe_code)]

use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ukstore::{
    Child, Content, Directory, Error, Item, Kind, Listing, Machine, Node, Part, Refused, Sample, Source, Subscriber,
    Switches, Value, Walk, Writer, families, lookup, read, source, sources, write,
};

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// What must not be called while its source is off.
fn called() -> Value {
    Value::U64(CALLS.fetch_add(1, Relaxed) as u64)
}

ukstore::counter! {
    /// A.
    static A = "/gated/a_total", "gated_a_total";
    /// Beside a source whose name begins with the other's.
    static BESIDE = "/gate/beside_total", "gate_beside_total";
    /// Behind it.
    static BEHIND = "/gated_too/behind_total", "gated_too_behind_total";
}
ukstore::counters! {
    /// By side.
    static SIDES = "/gated/sides_total", "gated_sides_total", side = ["left", "right"];
}
ukstore::histogram! {
    /// H.
    static HISTOGRAM = "/gated/sizes_bytes", "gated_sizes_bytes", Bytes, [1, 2, 3];
}
ukstore::computed! {
    /// At once.
    gauge "/gated/prompt", "gated_prompt" => prompt called;
    /// By a thread, where there is one.
    gauge "/gated/sampled", "gated_sampled" => called;
    /// Of another source.
    gauge "/gate/prompt", "gate_prompt" => prompt || Value::Bool(true);
    /// Of another source, and between the families of this one.
    gauge "/gate/middle", "gated_middle" => prompt || Value::U64(1);
}
ukstore::setting! {
    /// S.
    static SETTING: u64 = 7, "/gated/setting", "gated_setting";
}
ukstore::text! {
    /// W.
    static WORDS = "/gated/words";
}
ukstore::group! {
    /// G.
    static GROUP: struct Cells = "/gated/group" {
        /// N.
        counter number = "number_total", "gated_group_number_total";
        /// By side.
        gauge sides = "sides", "gated_group_sides" { side = ["left", "right"] };
    }
}
ukstore::class! {
    /// O.
    static OBJECTS: Class<()> = "/gated/objects", label object, series 8 {
        /// Calls a function.
        gauge "called", "gated_object_called" => prompt |_object| called();
        /// Calls it too.
        gauge "sides", "gated_object_sides" { side = ["left", "right"] } => prompt |_object, _side| called();
    }
}

static ALONE: Mutex<()> = Mutex::new(());

/// One test at a time, all sources on.
fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    switch("gated", true);
    alone
}

fn switch(name: &str, on: bool) {
    source(name).expect("it has entries above").switch(on, Writer::Program);
}

/// How often functions of the source are called meanwhile.
fn calls(during: impl FnOnce()) -> usize {
    let before = CALLS.load(Relaxed);
    during();
    CALLS.load(Relaxed) - before
}

/// The names of all families that are told.
fn walk() -> Vec<&'static str> {
    let mut names = Vec::new();
    let _ = Walk::new().each(|item| -> ControlFlow<()> {
        if let Item::Family(family) = item {
            names.push(family.name());
        }
        Continue(())
    });
    names
}

fn directory(path: &str) -> Directory {
    match lookup(path) {
        Ok(Node::Directory(directory)) => directory,
        other => panic!("{path}: {other:?}"),
    }
}

/// Every leaf in and below a directory, with the error or what it tells.
fn tree(path: &str) -> Vec<(String, Result<String, Error>)> {
    let mut found = Vec::new();
    let mut below = Vec::new();
    let _ = directory(path).children(&mut Listing::new(), |child| -> ControlFlow<()> {
        match child {
            Child::Directory(name) => below.push(format!("{path}/{name}")),
            Child::Leaf { name, value, content, .. } => {
                let name = value.map_or(format!("{path}/{name}"), |value| format!("{path}/{name}/{value}"));
                found.push((name, content.map(|content| format!("{content:?}"))));
            }
        }
        Continue(())
    });
    found.extend(below.iter().flat_map(|path| tree(path)));
    found
}

#[test]
fn a_source_that_is_off_is_not_told_and_nothing_of_it_is_called() {
    let _alone = alone();
    WORDS.set("words");
    let _object = OBJECTS.add("object", ());
    let all = walk();
    assert!(calls(|| assert_eq!(tree("/gated").len(), 14)) == 5);
    switch("gated", false);
    let during = calls(|| {
        let others = ["gated_middle", "gated_too_behind_total"];
        let is_told = |name: &&str| !name.starts_with("gated_") || others.contains(name);
        let rest: Vec<_> = all.iter().copied().filter(is_told).collect();
        assert_eq!(walk(), rest);
        ukstore::sample_all();
        for (path, told) in tree("/gated") {
            match path.as_str() {
                "/gated/setting" => assert_eq!(told.as_deref(), Ok("U64(7)")),
                "/gated/words" => assert_eq!(told.as_deref(), Ok("words")),
                _ => assert_eq!(told, Err(Error::Off), "{path}"),
            }
            let Ok(Node::Leaf(leaf)) = lookup(&path) else { panic!("{path}") };
            let again = leaf.content(|content| format!("{content:?}"));
            assert_eq!(again.is_err(), !matches!(path.as_str(), "/gated/setting" | "/gated/words"), "{path}");
            assert!(again.is_ok() || again == Err(Error::Off), "{path}");
        }
        assert_eq!(read("/gated/objects/object/called"), Err(Error::Off));
        assert_eq!(read("/gated/objects/object/sides/left"), Err(Error::Off));
        assert_eq!(tree("/gated/objects/object/sides").len(), 2);
        assert_eq!(read("/gated/objects/nobody/called"), Err(Error::NotFound));
        assert_eq!(write("/gated/setting", "8", Writer::Program), Ok(()), "it may still be set");
        assert_eq!(read("/gated/setting"), Ok(Value::U64(8)));
    });
    assert_eq!(during, 0);
    assert_eq!(read("/gate/prompt"), Ok(Value::Bool(true)));
    assert_eq!(read("/gated_too/behind_total"), Ok(Value::U64(0)));
    assert_eq!(read("/ukstore/sources_off"), Ok(Value::U64(1)));
    A.inc();
    SIDES[1].inc();
    HISTOGRAM.observe(1);
    GROUP.number.inc();
    switch("gated", true);
    assert_eq!(walk(), all);
    assert_eq!((read("/gated/a_total"), read("/gated/sides_total/right")), (Ok(Value::U64(1)), Ok(Value::U64(1))));
    assert_eq!(read("/gated/group/number_total"), Ok(Value::U64(1)), "cells move while nobody is told");
    assert_eq!(write("/gated/setting", "7", Writer::Program), Ok(()));
    assert_eq!((BESIDE.get(), BEHIND.get(), HISTOGRAM.count()), (0, 0, 1));
}

#[test]
fn walks_tell_what_switches_say_however_many_are_switched_at_once() {
    let _alone = alone();
    let all = walk();
    for text in ["off", "gated_too:on", "gate:on,gated_too:off", "tag:side:on", "off,ukstore:on", "on"] {
        Switches::parse(text).expect("it has no mistake").apply(Writer::Program);
        let on = families().iter().filter(|family| Source::of(family).is_on()).map(|family| family.name());
        let on: Vec<_> = on.filter(|name| all.contains(name)).collect();
        assert_eq!(walk(), on, "{text}");
        assert_eq!(on.len() == all.len(), text == "on");
    }
}

/// A thread switches the source on again as soon as another has switched it off, before that has marked its families.
#[test]
fn walks_tell_what_switches_say_whoever_comes_between() {
    static WAITS: AtomicBool = AtomicBool::new(false);
    fn come_between() {
        if WAITS.swap(false, Relaxed) {
            switch("gated", true);
        }
    }
    let _alone = alone();
    let _watching = Subscriber::new();
    ukstore::attach(Machine { now_ns: || 0, wake: come_between, samples: false });
    WAITS.store(true, Relaxed);
    switch("gated", false);
    assert!(!WAITS.load(Relaxed), "whoever watches is woken");
    assert_eq!(source("gated").map(Source::is_on), Some(true));
    assert!(walk().contains(&"gated_a_total"));
}

#[test]
fn a_source_is_switched_by_its_path() {
    let _alone = alone();
    let names: Vec<_> = sources().map(|source| source.name()).collect();
    assert_eq!(names, ["gate", "gated", "gated_too", "ukstore"]);
    assert!(source("gat").is_none() && source("").is_none());
    for (text, on) in [("off", false), ("on", true), (" Disable\n", false), ("TRUE", true), ("0", false), ("1", true)] {
        assert_eq!(write("/ukstore/sources/gated", text, Writer::Boot), Ok(()));
        assert_eq!(read("/ukstore/sources/gated"), Ok(Value::Bool(on)));
        assert_eq!(source("gated").map(|source| source.is_on()), Some(on));
        assert_eq!(read("/gated/a_total").err(), (!on).then_some(Error::Off));
    }
    for word in ["", "no", "maybe", "2", "off on", "ö"] {
        assert_eq!(write("/ukstore/sources/gated", word, Writer::Boot), Err(Refused::NotABool), "{word}");
    }
    assert_eq!(write("/ukstore/sources/nobody", "off", Writer::Boot), Err(Refused::NotFound));
    assert_eq!(read("/ukstore/sources/gated"), Ok(Value::Bool(true)));
    let Ok(Node::Leaf(leaf)) = lookup("/ukstore/sources/gated") else { panic!("a switch is a leaf") };
    assert_eq!((leaf.kind(), leaf.is_writable(), leaf.family().is_none()), (Kind::Setting, true, true));
}

#[test]
fn the_switches_themselves_can_always_be_reached() {
    let _alone = alone();
    switch("ukstore", false);
    assert_eq!(read("/ukstore/entries"), Err(Error::Off));
    assert!(!walk().iter().any(|name| name.starts_with("uk_")));
    assert_eq!(tree("/ukstore/sources").len(), 4);
    assert_eq!(read("/ukstore/sources/ukstore"), Ok(Value::Bool(false)));
    assert_eq!(write("/ukstore/sources/ukstore", "on", Writer::Program), Ok(()));
    assert!(read("/ukstore/entries").is_ok());
}

/// Walks until just before the item at which `stop` says so.
fn walk_until(walk: &mut Walk, stop: impl Fn(&Item<'_>) -> bool) {
    assert!(walk.each(|item| if stop(&item) { Break(()) } else { Continue(()) }).is_break());
}

fn is_of(item: &Item<'_>, name: &str) -> bool {
    match item {
        Item::Family(family) | Item::Sample(Sample { family, .. }) => family.name() == name,
        Item::Histogram(whole) => whole.family.name() == name,
    }
}

/// However often the same walk was resumed, while other sources were off as well.
#[test]
fn a_walk_that_rests_in_a_source_leaves_it_when_it_is_switched_off() {
    for other_is_off in [false, true] {
        let _alone = alone();
        let _objects = ["a", "b", "c"].map(|name| OBJECTS.add(name, ()));
        switch("gate", !other_is_off);
        let mut walk = Walk::new();
        walk_until(&mut walk, |item| matches!(item, Item::Sample(_)) && is_of(item, "gated_object_sides"));
        walk.next(|_| ());
        switch("gated", false);
        let during = calls(|| {
            walk_until(&mut walk, |item| {
                assert!(!is_of(item, "gated_object_sides") && !is_of(item, "gated_sampled"), "{item:?}");
                is_of(item, "gated_too_behind_total")
            });
        });
        assert_eq!(during, 0);
        switch("gate", true);
    }
}

#[test]
fn a_walk_comes_back_to_a_source_that_is_switched_on() {
    let _alone = alone();
    switch("gated", false);
    let mut walk = Walk::new();
    // A family between those of the other source.
    walk_until(&mut walk, |item| is_of(item, "gated_middle"));
    switch("gated", true);
    walk_until(&mut walk, |item| is_of(item, "gated_sizes_bytes"));
}

/// A histogram whose count is missing is no histogram.
#[test]
fn a_histogram_that_was_begun_is_told_to_its_end() {
    let _alone = alone();
    let mut walk = Walk::new();
    walk_until(&mut walk, |item| matches!(item, Item::Sample(Sample { part: Part::Bucket(Some(2)), .. })));
    switch("gated", false);
    let mut parts = Vec::new();
    let during = calls(|| {
        let _ = walk.each(|item| -> ControlFlow<()> {
            match item {
                Item::Sample(sample) if sample.family.name() == "gated_sizes_bytes" => parts.push(sample.part),
                item => assert!(!is_of(&item, "gated_prompt")),
            }
            Continue(())
        });
    });
    assert_eq!(parts, [Part::Bucket(Some(2)), Part::Bucket(Some(3)), Part::Bucket(None), Part::Sum, Part::Count]);
    assert_eq!(during, 0);
}

/// A listing that rests: what it copied is not told, and nothing is copied while the source is off.
#[test]
fn a_listing_that_rests_in_a_source_that_is_switched_off_tells_no_more() {
    let _alone = alone();
    let _object = OBJECTS.add("object", ());
    let object = directory("/gated/objects/object");
    let mut listing = Listing::new();
    let mut contents = Vec::new();
    let mut one = |listing: &mut Listing| {
        let mut taken = false;
        let _ = object.children(listing, |child| {
            let Child::Leaf { content, .. } = child else { panic!("{child:?}") };
            if taken {
                return Break(());
            }
            taken = true;
            contents.push(content.map(|content| matches!(content, Content::Value(Value::U64(_)))));
            Continue(())
        });
    };
    assert_eq!(calls(|| one(&mut listing)), 3);
    switch("gated", false);
    assert_eq!(calls(|| one(&mut listing)), 0);
    assert_eq!(calls(|| one(&mut Listing::new())), 0);
    switch("gated", true);
    one(&mut listing);
    assert_eq!(contents, [Ok(true), Err(Error::Off), Err(Error::Off), Ok(true)]);
}
