//! Cells that are no plain whole numbers: states, floats, truths, words, infos; and what units make of numbers.
#![forbid(unsafe_code)]

use std::ops::ControlFlow::{self, Continue};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use proptest::prelude::*;
use ukstore::{Content, Error, Item, Kind, Labels, Leaf, MAX_TEXT, Node, Sample, Value, Walk, lookup, read};

ukstore::labels! {
    /// Roles.
    pub enum Role { Starting = "starting", Follower = "follower-of", Leader = "leader" }
}
ukstore::states! {
    /// The role.
    static ROLE: Role = "/st/role", "st_role";
}
ukstore::counters! {
    /// Changes, by the role that was entered.
    static CHANGES = "/st/changes_total", "st_changes_total", role: Role;
}
ukstore::gauge! {
    /// F.
    static FLOAT: f64 = "/st/float_ratio", "st_float_ratio", Ratio;
    /// Seconds as a float are seconds.
    static FLOAT_SECONDS: f64 = "/st/float_seconds", "st_float_seconds", Seconds;
    /// B.
    static FLAG: bool = "/st/flag", "st_flag";
    /// Seconds as a whole number are nanoseconds.
    static OFFSET = "/st/offset_seconds", "st_offset_seconds", Seconds;
    /// Bytes.
    static BYTES = "/st/held_bytes", "st_held_bytes", Bytes;
}
ukstore::counter! {
    /// Seconds.
    static BUSY = "/st/busy_seconds_total", "st_busy_seconds_total", Seconds;
}
ukstore::text! {
    /// Words.
    static WORDS = "/st/words";
}
fn machine() -> &'static str {
    "q\"35\\"
}
ukstore::info! {
    /// Fixed.
    "/st/build", "st_build_info", { version = "1.0", arch = "x86_64" };
    /// Found when read.
    "/st/machine", "st_machine_info", { machine => prompt machine, arch = "x86_64" };
}
#[derive(Default)]
struct Numbers {
    u64: AtomicU64,
    u32: AtomicU32,
    usize: AtomicUsize,
    i64: AtomicI64,
    bool: AtomicBool,
    float: ukstore::FloatGauge,
    many: [AtomicI64; 2],
}
ukstore::class! {
    /// Every sort of cell.
    static OBJECTS: Class<Numbers> = "/st/objects" {
        /// U.
        gauge "u64_seconds", Seconds => .u64;
        /// U.
        gauge "u32" => .u32;
        /// U.
        gauge "usize_bytes", Bytes => .usize;
        /// I.
        gauge "i64_seconds", Seconds => .i64;
        /// B.
        gauge "bool" => .bool;
        /// F.
        gauge "float_ratio", Ratio => .float;
        /// M.
        gauge "many_seconds" { side = ["left", "right"] }, Seconds => .many;
    }
}

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn leaf(path: &str) -> Leaf {
    match lookup(path) {
        Ok(Node::Leaf(leaf)) => leaf,
        other => panic!("{path}: {other:?}"),
    }
}

/// The samples of a family: label values and value.
fn samples(name: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let _ = Walk::new().each(|item| -> ControlFlow<()> {
        if let Item::Sample(Sample { family, series, value, .. }) = item
            && family.name() == name
        {
            found.push((series.labels().map(|(name, value)| format!("{name}={value}")).collect(), value));
        }
        Continue(())
    });
    found
}

#[test]
fn one_state_holds_at_a_time() {
    let _alone = alone();
    for role in [Role::Follower, Role::Leader, Role::Starting] {
        ROLE.set(role);
        CHANGES[role].inc();
        assert_eq!(ROLE.get(), role);
        let word = read("/st/role");
        assert_eq!(word.map(|word| word.to_string()).as_deref(), Ok(Role::VALUES[role as usize]));
        assert_eq!(word.map(Value::type_name), Ok("enum"));
        let holds: Vec<_> = (0..3).map(|state| Value::Bool(state == role as usize)).collect();
        let states = ["st_role=starting", "st_role=follower-of", "st_role=leader"].map(str::to_owned);
        assert_eq!(samples("st_role"), states.into_iter().zip(holds).collect::<Vec<_>>());
    }
    assert_eq!(leaf("/st/role").kind(), Kind::StateSet);
    assert_eq!(CHANGES.len(), 3);
    assert_eq!(read("/st/changes_total/follower-of"), Ok(Value::U64(1)));
    assert_eq!((Role::at(2), Role::at(3)), (Some(Role::Leader), None));
}

/// Whatever state is entered meanwhile, a walk that began with the states gives one that holds.
#[test]
fn a_state_set_is_of_one_instant() {
    let _alone = alone();
    let mut walk = Walk::new();
    let mut holding = 0;
    let mut roles = [Role::Leader, Role::Starting, Role::Follower].into_iter().cycle();
    loop {
        let more = walk.next(|item| {
            if let Item::Sample(Sample { family, value: Value::Bool(true), .. }) = item {
                holding += usize::from(family.name() == "st_role");
            }
        });
        ROLE.set(roles.next().expect("it goes round"));
        if more.is_none() {
            break;
        }
    }
    assert_eq!(holding, 1);
}

#[test]
fn negative_durations_are_floats_and_all_others_exact() {
    let _alone = alone();
    for (nanos, value) in [
        (0, Value::Nanos(0)),
        (i64::MAX, Value::Nanos(i64::MAX as u64)),
        (-1, Value::F64(-1e-9)),
        (-250_000_000, Value::F64(-0.25)),
        (i64::MIN, Value::F64(-9_223_372_036.854_776)),
    ] {
        OFFSET.set(nanos);
        assert_eq!(read("/st/offset_seconds"), Ok(value));
        assert_eq!(samples("st_offset_seconds"), [(String::new(), value)]);
    }
    BUSY.add(u64::MAX);
    assert_eq!(read("/st/busy_seconds_total").map(|value| value.to_string()).as_deref(), Ok("18446744073.709551615"));
    BUSY.inc();
    assert_eq!(read("/st/busy_seconds_total"), Ok(Value::Nanos(0)), "it wraps");
    BYTES.set(-5);
    assert_eq!(read("/st/held_bytes"), Ok(Value::I64(-5)));
    FLOAT_SECONDS.set(1.5);
    assert_eq!(read("/st/float_seconds"), Ok(Value::F64(1.5)));
    FLAG.set(true);
    assert_eq!(read("/st/flag"), Ok(Value::Bool(true)));
    assert_eq!(samples("st_flag"), [(String::new(), Value::Bool(true))]);
    FLOAT.set(f64::NEG_INFINITY);
    assert_eq!(read("/st/float_ratio").map(|value| value.to_string()).as_deref(), Ok("-Inf"));
}

#[test]
fn every_sort_of_cell_is_read_in_its_unit() {
    let object = OBJECTS.add("object", Numbers::default());
    object.u64.store(1, Relaxed);
    object.u32.store(u32::MAX, Relaxed);
    object.usize.store(3, Relaxed);
    object.i64.store(-4, Relaxed);
    object.bool.store(true, Relaxed);
    object.float.set(0.5);
    object.many[1].store(6, Relaxed);
    for (field, value) in [
        ("u64_seconds", Value::Nanos(1)),
        ("u32", Value::U64(u64::from(u32::MAX))),
        ("usize_bytes", Value::U64(3)),
        ("i64_seconds", Value::F64(-4e-9)),
        ("bool", Value::Bool(true)),
        ("float_ratio", Value::F64(0.5)),
        ("many_seconds/left", Value::Nanos(0)),
        ("many_seconds/right", Value::Nanos(6)),
    ] {
        assert_eq!(read(&format!("/st/objects/object/{field}")), Ok(value), "{field}");
    }
}

#[test]
fn infos_tell_by_their_labels() {
    for (path, expected) in [
        ("/st/build", [("version", "1.0"), ("arch", "x86_64")]),
        ("/st/machine", [("machine", "q\"35\\"), ("arch", "x86_64")]),
    ] {
        let leaf = leaf(path);
        let labels = leaf.content(|content| match content {
            Content::Labels(labels) => labels.to_vec(),
            other => panic!("{other:?}"),
        });
        assert_eq!(labels, Ok(expected.to_vec()));
        assert_eq!((leaf.read(), leaf.kind()), (Ok(Value::U64(1)), Kind::Info));
    }
    assert_eq!(samples("st_machine_info"), [("machine=q\"35\\arch=x86_64".to_owned(), Value::U64(1))]);
}

fn shown(path: &str) -> String {
    leaf(path).content(|content| format!("{content:?}")).expect("words are always there")
}

/// Two write texts of one letter each, which a reader would see mixed.
#[test]
fn words_are_never_mixed() {
    let _alone = alone();
    WORDS.set("");
    assert_eq!(read("/st/words"), Err(Error::NotOneValue));
    thread::scope(|scope| {
        let writers = ["x", "y"].map(|letter| {
            scope.spawn(move || {
                for len in (0..20_000).map(|number| number % MAX_TEXT) {
                    WORDS.set(&letter.repeat(len));
                }
            })
        });
        while !writers.iter().all(|writer| writer.is_finished()) {
            let words = WORDS.get();
            let mut letters: Vec<_> = words.as_str().bytes().collect();
            letters.dedup();
            assert!(letters.len() <= 1, "{words}");
        }
    });
}

proptest! {
    /// A text is kept as it is, or cut at a letter if it is too long.
    #[test]
    fn words_are_as_they_were_set(words in ".{0,40}|[a-zé]{240,260}|(é|€|😀){60,90}") {
        let _alone = alone();
        WORDS.set(&words);
        let kept = shown("/st/words");
        prop_assert_eq!(WORDS.get().to_string(), kept.as_str());
        prop_assert!(words.starts_with(&kept));
        if words.len() <= MAX_TEXT {
            prop_assert_eq!(kept, words);
        } else {
            prop_assert!(kept.len() + 4 > MAX_TEXT && kept.len() <= MAX_TEXT);
        }
    }
}
