//! The three ways to read tell the same: a path, a listing, and the walk; whatever is declared, and while objects come
//! and go.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proptest::prelude::*;
use ukstore::{
    Child, Content, Counter, Directory, Error, Item, Kind, Leaf, Listing, Node, Object, Part, Sample, Value, Walk,
    lookup, read,
};

ukstore::labels! {
    /// Sides.
    enum Side { Left = "left", Right = "right-hand.side" }
}
ukstore::counter! {
    /// C.
    static COUNTER = "/a/counted_seconds_total", "agree_counted_seconds_total", Seconds;
}
ukstore::gauge! {
    /// G.
    static GAUGE = "/a/b/gauge_seconds", "agree_offset_seconds", Seconds;
    /// F.
    static FLOAT: f64 = "/a/b/float_ratio", "agree_float_ratio", Ratio;
    /// B.
    static FLAG: bool = "/a/b-c/flag", "agree_flag";
}
ukstore::counters! {
    /// L.
    static LABELLED = "/a/labelled_bytes_total", "agree_labelled_bytes_total", Bytes, side: Side;
}
ukstore::gauges! {
    /// L.
    static LEVELS = "/a/levels", "agree_levels", level = ["one", "2"];
}
ukstore::histogram! {
    /// H.
    static HISTOGRAM = "/a/wait_seconds", "agree_wait_seconds", Seconds, [1_000, 1_000_000];
    /// E.
    static EXPONENTIAL = "/a/sizes_bytes", "agree_sizes_bytes", Bytes, exponential 2 from 16 to 4_096;
}
ukstore::states! {
    /// S.
    static STATE: Side = "/a/side", "agree_side";
}
ukstore::info! {
    /// I.
    "/a/build", "agree_build_info", { version = "1.0", arch = "x86_64" };
    /// J.
    "/a/boot", "agree_boot_info", { machine => prompt || "q\"35", arch = "x86_64" };
}
ukstore::computed! {
    /// P.
    gauge "/a/prompt", "agree_prompt" => prompt || Value::I64(-1);
    /// T.
    counter "/a/sampled_total", "agree_sampled_total" => || Value::U64(1);
    /// Nothing.
    gauge "/a/absent", "agree_absent" => prompt || Value::Absent;
}
ukstore::text! {
    /// W.
    static WORDS = "/a/words";
}
ukstore::setting! {
    /// N.
    static NUMBER: Duration = Duration::from_millis(1), "/a/number_seconds", "agree_number_seconds", Seconds;
    /// T.
    static TEXT: text(9) = "text", "/a/text";
}
ukstore::buckets! {
    /// B.
    struct Sizes = Bytes, [10, 100];
}
ukstore::group! {
    /// G.
    static GROUP: struct Cells = "/a/group" {
        /// C.
        counter count = "count_total", "agree_group_things_total";
        /// L.
        gauge sides = "sides_seconds", "agree_group_sides_seconds" { side: Side }, Seconds;
        /// H.
        histogram sizes: Sizes = "sizes_bytes", "agree_group_sizes_bytes", Bytes;
        /// Not in an exposition.
        gauge private = "private";
    }
}
#[derive(Default)]
struct Thing {
    done: Counter,
    drops: [Counter; 2],
    sizes: Sizes,
}
ukstore::class! {
    /// O.
    static OBJECTS: Class<Thing> = "/a/objects", label object, series 6 {
        /// D.
        counter "done_total", "agree_object_done_total" => .done;
        /// L.
        counter "drops_total", "agree_object_drops_total" { side: Side } => .drops;
        /// H.
        histogram "sizes_bytes", "agree_object_sizes_bytes", Bytes => .sizes;
        /// Not in an exposition.
        gauge "double" => prompt |thing| Value::U64(2 * thing.done.get());
    }
    /// P.
    static PEERS: Class<Thing> = "/a/peers" {
        /// D.
        counter "done_total" => .done;
    }
}

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn told(content: Content<'_>) -> String {
    match content {
        Content::Histogram(snapshot) => {
            let at_most: Vec<_> = (0..=snapshot.bounds().len()).map(|bound| snapshot.at_most(bound)).collect();
            format!("{:?} {at_most:?} {}", snapshot.bounds(), snapshot.sum())
        }
        content => format!("{content:?}"),
    }
}

/// A child of a directory: the path below it, and what is there.
type Listed = (String, Option<(Leaf, Result<String, Error>)>);

/// Lists a directory in pieces of `pieces` children, then as many as there are; `between` is called after each piece.
fn list(directory: Directory, pieces: &[usize], mut between: impl FnMut()) -> Vec<Listed> {
    let mut listed = Vec::new();
    let mut listing = Listing::new();
    for &piece in pieces.iter().chain([&usize::MAX]) {
        let mut left = piece;
        let flow = directory.children(&mut listing, |child| {
            if left == 0 {
                return Break(());
            }
            left -= 1;
            listed.push(match child {
                Child::Directory(name) => (name.to_owned(), None),
                Child::Leaf { name, value, leaf, content } => {
                    let name = value.map_or(name.to_owned(), |value| format!("{name}/{value}"));
                    (name, Some((leaf, content.map(told))))
                }
            });
            Continue(())
        });
        if flow.is_continue() {
            break;
        }
        between();
    }
    listed
}

/// Every leaf of the tree with its path and what the listing of its directory told; also what each directory listed.
fn leaves(path: &str, directory: Directory, found: &mut Vec<(String, Leaf, Result<String, Error>)>) {
    let listed = list(directory, &[], || ());
    let names: BTreeSet<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), listed.len(), "{path} lists a name twice: {listed:?}");
    for (name, leaf) in listed {
        let path = format!("{path}/{name}");
        match (leaf, lookup(&path)) {
            (Some((leaf, content)), Ok(Node::Leaf(again))) => {
                assert_eq!(again.content(told), content, "{path}");
                assert_eq!((again.kind(), again.unit(), again.help()), (leaf.kind(), leaf.unit(), leaf.help()));
                assert_eq!(labels(&again), labels(&leaf), "{path}");
                found.push((path, leaf, content));
            }
            (None, Ok(Node::Directory(directory))) => leaves(&path, directory, found),
            (leaf, node) => panic!("{path} is listed as {leaf:?} and found as {node:?}"),
        }
    }
}

fn all_leaves() -> Vec<(String, Leaf, Result<String, Error>)> {
    let Ok(Node::Directory(root)) = lookup("/") else { panic!("the root is a directory") };
    let mut found = Vec::new();
    leaves("", root, &mut found);
    found
}

fn labels(leaf: &Leaf) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    leaf.labels(|name, value| labels.push((name.to_owned(), value.to_owned())));
    labels
}

/// Family and labels.
type Key = (&'static str, Vec<(String, String)>);

/// Every series of the walk: of a histogram all its parts in one text, of a state set the state that holds.
fn walk() -> BTreeMap<Key, Vec<(Part, Value)>> {
    let mut series = BTreeMap::<Key, Vec<(Part, Value)>>::new();
    let _ = Walk::new().each(|item| -> ControlFlow<()> {
        if let Item::Sample(Sample { family, series: of, part, value }) = item {
            let labels = of.labels().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            series.entry((family.name(), labels)).or_default().push((part, value));
        }
        Continue(())
    });
    series
}

/// What the walk must give for the series of a leaf.
fn samples(content: Content<'_>, leaf: &Leaf) -> Vec<(Key, Vec<(Part, Value)>)> {
    let Some(family) = leaf.family() else { return Vec::new() };
    let own = labels(leaf);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match content {
        Content::Value(Value::Word(word)) => ["left", "right-hand.side"]
            .into_iter()
            .map(|state| {
                let labels = vec![pair(family.name(), state)];
                ((family.name(), labels), vec![(Part::Whole, Value::Bool(word.as_str() == state))])
            })
            .collect(),
        Content::Value(value) => vec![((family.name(), own), vec![(Part::Whole, value)])],
        Content::Labels(labels) => {
            let labels = labels.iter().map(|&(name, value)| pair(name, value)).collect();
            vec![((family.name(), labels), vec![(Part::Whole, Value::U64(1))])]
        }
        Content::Histogram(snapshot) => {
            let buckets = snapshot.bounds().iter().map(|&bound| Some(bound)).chain([None]).enumerate();
            let mut parts: Vec<_> =
                buckets.map(|(index, bound)| (Part::Bucket(bound), Value::U64(snapshot.at_most(index)))).collect();
            let sum = match family.unit() {
                ukstore::Unit::Seconds | ukstore::Unit::Ratio => Value::Nanos(snapshot.sum()),
                ukstore::Unit::Bytes | ukstore::Unit::None => Value::U64(snapshot.sum()),
            };
            parts.extend([(Part::Sum, sum), (Part::Count, Value::U64(snapshot.count()))]);
            vec![((family.name(), own), parts)]
        }
        Content::Text(text) => panic!("{text} in a family"),
    }
}

/// Gives every cell a number.
fn fill(numbers: &[u64; 6]) {
    let [a, b, c, d, e, f] = *numbers;
    COUNTER.add(a);
    GAUGE.set(b.cast_signed());
    FLOAT.set(f64::from_bits(c));
    FLAG.set(d % 2 == 1);
    LABELLED[Side::Right].add(e);
    LEVELS[usize::from(f % 2 == 1)].set(f.cast_signed());
    HISTOGRAM.observe(a);
    EXPONENTIAL.observe(b);
    STATE.set(if c % 2 == 0 { Side::Left } else { Side::Right });
    WORDS.set(&d.to_string());
    NUMBER.set(Duration::from_nanos(e)).expect("it takes any");
    GROUP.update(|group| {
        group.count.add(f);
        group.sides[0].set(a.cast_signed());
        group.sizes.observe(b % 200);
        group.private.set(c.cast_signed());
    });
}

fn thing(number: u64) -> Thing {
    let thing = Thing::default();
    thing.done.add(number);
    thing.drops[1].add(number / 2);
    thing.sizes.observe(number);
    thing
}

/// Compared as text, in which NaN is itself.
fn text(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What a listing gives is found under its path and tells the same there, and every leaf that is in a family is what
    /// the walk gives; nor does the walk give anything else.
    #[test]
    fn a_path_a_listing_and_the_walk_tell_the_same(
        numbers: [u64; 6],
        names in prop::collection::vec(("[a-c/ é.%]{0,6}", 0..1_000_u64), 0..6),
    ) {
        let _alone = alone();
        fill(&numbers);
        let objects: Vec<_> = names.iter().map(|(name, number)| OBJECTS.add(name, thing(*number))).collect();
        let peers: Vec<_> = names.iter().map(|(name, number)| PEERS.add(name, thing(*number))).collect();
        let leaves = all_leaves();
        let paths: BTreeSet<&str> = leaves.iter().map(|(path, ..)| path.as_str()).collect();
        for object in &objects {
            let path = format!("/a/objects/{}/drops_total/right-hand.side", object.name());
            prop_assert!(paths.contains(path.as_str()), "{}", path);
        }
        for peer in &peers {
            let path = format!("/a/peers/{}/done_total", peer.name());
            prop_assert_eq!(read(&path), Ok(Value::U64(peer.done.get())));
        }
        let mut walked = walk();
        // Several series in an exposition, one number in the tree.
        walked.retain(|(family, _), _| *family != "uk_series_folded_total");
        let lists = ["series_folded_total", "source_duration_seconds", "source_success"].map(|name| format!("/ukstore/{name}"));
        for (path, leaf, listed) in leaves.iter().filter(|(path, ..)| !lists.contains(path)) {
            match leaf.content(|content| samples(content, leaf)) {
                Ok(samples) => {
                    for (key, parts) in samples {
                        let given = walked.remove(&key);
                        prop_assert_eq!(text(&given), text(&Some(parts)), "{}: {:?}", path, key);
                    }
                }
                Err(error) => {
                    prop_assert_eq!((error, path.as_str()), (Error::Absent, "/a/absent"));
                    prop_assert_eq!(listed, &Err(Error::Absent));
                }
            }
            prop_assert_eq!(leaf.is_writable(), leaf.kind() == Kind::Setting, "{}", path);
        }
        prop_assert!(walked.is_empty(), "in no listing: {walked:?}");
    }

    /// Objects come and go while a listing rests: what stays is listed once, and no name comes twice, even if what
    /// comes has the name of what went.
    #[test]
    fn a_listing_can_rest_anywhere(
        staying in 1..8_usize,
        steps in prop::collection::vec((0..3_usize, "[ab]", any::<usize>()), 0..40),
    ) {
        let _alone = alone();
        let mut coming: Vec<Object<Thing>> = (0..4).map(|_| PEERS.add("a", thing(1))).collect();
        let staying: Vec<_> = (0..staying).map(|_| PEERS.add("stays", thing(1))).collect();
        let Ok(Node::Directory(peers)) = lookup("/a/peers") else { panic!("a class is a directory") };
        let pieces: Vec<_> = steps.iter().map(|(piece, ..)| *piece).collect();
        let mut rests = steps.iter();
        let listed = list(peers, &pieces, || {
            let Some((_, name, victim)) = rests.next() else { return };
            if victim % 2 == 0 || coming.is_empty() {
                coming.push(PEERS.add(name, thing(1)));
            } else {
                coming.swap_remove(victim % coming.len());
            }
        });
        let names: Vec<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        prop_assert_eq!(distinct.len(), names.len(), "{:?}", names);
        for object in &staying {
            prop_assert!(names.contains(&object.name()), "{} in {:?}", object.name(), names);
        }
        drop((coming, staying));
        prop_assert!(PEERS.is_empty());
    }

    /// Wherever a listing rests, it gives the same, for every directory there is.
    #[test]
    fn a_listing_in_pieces_is_the_listing(pieces in prop::collection::vec(0..4_usize, 0..40)) {
        let _alone = alone();
        let _object = OBJECTS.add("one", thing(3));
        for path in ["/", "/a", "/a/b", "/a/labelled_bytes_total", "/a/levels", "/a/group", "/a/group/sides_seconds",
            "/a/objects", "/a/objects/one", "/a/objects/one/drops_total", "/ukstore", "/ukstore/sources"]
        {
            let Ok(Node::Directory(directory)) = lookup(path) else { panic!("{path} is a directory") };
            let whole = list(directory, &[], || ());
            prop_assert_eq!(text(&list(directory, &pieces, || ())), text(&whole), "{}", path);
            prop_assert!(!whole.is_empty());
        }
    }
}
