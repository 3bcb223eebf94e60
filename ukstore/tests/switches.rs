//! Switching sources by tag, and several at once in words: all of a text or nothing of it, in the order of its scopes.
#![forbid(unsafe_code)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;
use ukstore::{
    Child, Directory, Error, Listing, MAX_ITEMS, Mistake, Node, Refused, Subscriber, Switches, Value, Writer, lookup,
    read, source, sources, tag, tags, write,
};

ukstore::counter! {
    /// Without a label.
    static PLAIN = "/plain/a_total", "plain_a_total";
}
ukstore::counters! {
    /// By device.
    static FRAMES = "/disk/frames_total", "disk_frames_total", device = ["a", "b"];
}
ukstore::gauges! {
    /// By device, of another source.
    static SPEED = "/wire/speed", "wire_speed", device = ["a", "b"];
}
ukstore::histogram! {
    /// The bounds of buckets are no tag.
    static SIZES = "/plain/sizes_bytes", "plain_sizes_bytes", Bytes, [1, 2];
}
ukstore::info! {
    /// Facts.
    "/plain/built", "plain_built_info", { version = "1" };
}
ukstore::listed! {
    /// Two labels.
    gauge "/wire/rules", "wire_rules", { chain, device } => prompt |_position| None;
}
ukstore::computed! {
    /// By a label, computed, and one that is the same in each.
    gauge "/disk/heads", "disk_heads", { bay = "1", side = ["up", "down"] } => prompt |_place| Value::U64(1);
}
ukstore::group! {
    /// A group.
    static GROUP: struct Cells = "/plain/group" {
        /// By half.
        counter halves = "halves_total", "plain_halves_total" { half = ["first", "second"] };
    }
}
ukstore::class! {
    /// Objects.
    static OBJECTS: Class<()> = "/disk/objects", label object, series 8 {
        /// By half.
        gauge "halves", "disk_object_halves" { half = ["first", "second"] } => prompt |_object, _half| Value::U64(0);
    }
}

static ALONE: Mutex<()> = Mutex::new(());

/// One test at a time, all sources on.
fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    switch("on");
    alone
}

fn switch(text: &str) {
    Switches::parse(text).unwrap_or_else(|mistake| panic!("{text}: {mistake}")).apply(Writer::Program);
}

/// The names of the sources that are off.
fn off() -> Vec<&'static str> {
    sources().filter(|source| !source.is_on()).map(|source| source.name()).collect()
}

#[test]
fn every_label_is_a_tag_of_the_sources_that_have_it() {
    let _alone = alone();
    let names: Vec<_> = tags().map(|tag| tag.name()).collect();
    // `class` and `collector` are ukstore's own.
    assert_eq!(names, ["bay", "chain", "class", "collector", "device", "half", "object", "side", "version"]);
    for (name, of) in [
        ("device", &["disk", "wire"][..]),
        ("chain", &["wire"]),
        ("half", &["disk", "plain"]),
        ("object", &["disk"]),
        ("side", &["disk"]),
        ("bay", &["disk"]),
        ("version", &["plain"]),
        ("class", &["ukstore"]),
    ] {
        let bits = tag(name).unwrap_or_else(|| panic!("{name}")).sources();
        let have: Vec<_> = sources().filter(|source| bits & source.bit() != 0).map(|source| source.name()).collect();
        assert_eq!(have, of, "{name}");
    }
    assert!(tag("le").is_none() && tag("").is_none() && tag("devic").is_none() && tag("zzz").is_none());
    let _ = (&PLAIN, &FRAMES, &SPEED, &SIZES, &GROUP, &OBJECTS);
}

#[test]
fn a_tag_is_switched_by_its_path() {
    let _alone = alone();
    assert_eq!(read("/ukstore/tags/device"), Ok(Value::Bool(true)));
    assert_eq!(write("/ukstore/tags/device", "off\n", Writer::Boot), Ok(()));
    assert_eq!(off(), ["disk", "wire"]);
    assert_eq!(read("/ukstore/tags/device"), Ok(Value::Bool(false)));
    assert_eq!(read("/ukstore/tags/half"), Ok(Value::Bool(false)), "one of its sources is off");
    assert_eq!(read("/ukstore/tags/version"), Ok(Value::Bool(true)));
    assert_eq!(source("disk").and_then(|disk| disk.last_write()).map(|last| last.by), Some(Writer::Boot));
    assert_eq!(write("/ukstore/tags/device", "perhaps", Writer::Boot), Err(Refused::NotABool));
    assert_eq!(write("/ukstore/tags/nothing", "on", Writer::Boot), Err(Refused::NotFound));
    assert_eq!(read("/ukstore/tags/nothing"), Err(Error::NotFound));
    assert_eq!(write("/ukstore/tags/device", "Enable", Writer::Program), Ok(()));
    assert_eq!(off(), [""; 0]);
}

#[test]
fn tags_are_listed_with_their_switches() {
    let _alone = alone();
    switch("wire:off");
    let Ok(Node::Directory(directory)) = lookup("/ukstore/tags") else { panic!("a directory") };
    assert!(directory.help().is_some());
    assert_eq!(
        listed(&directory).iter().filter(|(_, on)| !on).map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["chain", "device"]
    );
}

/// The switches in a directory, one to each call, as a slow reader gets them.
fn listed(directory: &Directory) -> Vec<(String, bool)> {
    use std::ops::ControlFlow::{Break, Continue};
    let mut listing = Listing::new();
    let mut found = Vec::new();
    loop {
        let mut one = None;
        let _ = directory.children(&mut listing, |child| {
            let Child::Leaf { name, leaf, .. } = child else { panic!("{child:?}") };
            if one.is_some() {
                return Break(());
            }
            one = Some((name.to_owned(), leaf.read() == Ok(Value::Bool(true))));
            Continue(())
        });
        match one {
            Some(one) => found.push(one),
            None => return found,
        }
    }
}

#[test]
fn what_is_for_all_comes_first_then_tags_then_sources() {
    let _alone = alone();
    for (text, left_off) in [
        ("off", &["disk", "plain", "ukstore", "wire"][..]),
        ("disable,plain:enable", &["disk", "ukstore", "wire"]),
        ("plain:ENABLE,*:Disable", &["disk", "ukstore", "wire"]),
        ("tag:device:off", &["disk", "wire"]),
        ("disk:on,tag:device:off", &["wire"]),
        ("src:disk:on,tag:device:off,on", &["wire"]),
        ("disk:off,disk:on", &[]),
        ("tag:device:off,tag:half:on", &["wire"]),
    ] {
        switch("on");
        switch(text);
        assert_eq!(off(), left_off, "{text}");
    }
}

#[test]
fn what_is_not_named_stays_as_it_is() {
    let _alone = alone();
    switch("wire:off");
    switch("tag:version:off");
    assert_eq!(off(), ["plain", "wire"], "a tag drops no source's setting");
    switch("wire:on");
    assert_eq!(off(), ["plain"]);
}

#[test]
fn only_what_changes_is_told() {
    let _alone = alone();
    switch("wire:off");
    let mut subscriber = Subscriber::new();
    let mut changed = |text| {
        switch(text);
        subscriber.by_ref().filter_map(|event| event.name.map(|name| name.as_str().to_string())).collect::<Vec<_>>()
    };
    assert_eq!(changed("off,plain:on"), ["disk", "ukstore"]);
    assert_eq!(changed("off,plain:on"), [""; 0]);
    assert_eq!(changed("tag:device:on"), ["disk", "wire"]);
}

#[test]
fn a_mistake_is_named_and_nothing_is_switched() {
    let _alone = alone();
    for (text, mistake) in [
        ("", Mistake::Empty),
        ("off,", Mistake::Empty),
        (":off", Mistake::Empty),
        ("plain:", Mistake::Empty),
        ("off,plain:perhaps", Mistake::NotABool("perhaps")),
        ("plain", Mistake::NotABool("plain")),
        ("off,nobody:on", Mistake::UnknownSource("nobody")),
        ("off,src:tag:on", Mistake::UnknownSource("tag")),
        ("off,src::on", Mistake::UnknownSource("")),
        ("off,tag:nothing:on", Mistake::UnknownTag("nothing")),
        ("off,tag:le:on", Mistake::UnknownTag("le")),
        ("src:*:off", Mistake::UnknownSource("*")),
    ] {
        assert_eq!(Switches::parse(text), Err(mistake), "{text}");
        assert!(!mistake.to_string().is_empty());
    }
    let many = ["off"; MAX_ITEMS].join(",");
    assert!(Switches::parse(&many).is_ok());
    assert_eq!(Switches::parse(&format!("{many},off")), Err(Mistake::TooMany));
    assert_eq!(off(), [""; 0]);
}

proptest! {
    /// Whatever is said: a mistake, or every source is as the last item of the narrowest scope that covers it says.
    #[test]
    fn the_narrowest_scope_decides(items in proptest::collection::vec(
        (prop_oneof!["\\*", "(src:)?(plain|disk|wire|ukstore)", "tag:(device|half|version)"], any::<bool>()), 1..6)) {
        let _alone = alone();
        let text: Vec<_> = items.iter().map(|(name, on)| format!("{name}:{}", if *on { "on" } else { "off" })).collect();
        switch(&text.join(","));
        for source in sources() {
            let said = |covers: &dyn Fn(&str) -> bool| items.iter().rev().find(|(name, _)| covers(name)).map(|(_, on)| *on);
            let by_tag = |name: &str| name.strip_prefix("tag:").and_then(tag).is_some_and(|tag| tag.sources() & source.bit() != 0);
            let expected = said(&|name| name.trim_start_matches("src:") == source.name())
                .or_else(|| said(&by_tag))
                .or_else(|| said(&|name| name == "*"));
            prop_assert_eq!(source.is_on(), expected.unwrap_or(true), "{}", source.name());
        }
    }

    #[test]
    fn no_text_upsets_it(text in "[a-z:*,]{0,40}|.{0,40}") {
        let _alone = alone();
        if Switches::parse(&text).is_err() {
            prop_assert_eq!(off(), [""; 0]);
        }
    }
}
