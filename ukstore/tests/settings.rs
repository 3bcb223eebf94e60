//! Settings of every type: what they take, what they refuse and with which words, and who wrote last.
#![forbid(unsafe_code)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use ukstore::{
    Content, Error, Kind, LastWrite, Leaf, Machine, Node, Refused, SettingRecord, Unit, Value, Writer, lookup, write,
};

ukstore::labels! {
    /// Levels.
    pub enum Level { Error = "error", Info = "info", Debug = "debug" }
}
ukstore::setting! {
    /// A number.
    static NUMBER: u64 = 7, "/s/number";
    /// A number in a range.
    static RANGED: u64 = 64, in 1..=1000, "/s/ranged", "set_ranged";
    /// Bytes.
    static SIZE: u64 = 1 << 20, in 0..=1 << 30, "/s/size_bytes", "set_size_bytes", Bytes;
    /// A signed number.
    static SIGNED: i64 = -1, "/s/signed";
    /// A signed number in a range.
    static COLD: i64 = -5, in -10..=-2, "/s/cold";
    /// A share.
    static SHARE: f64 = 0.5, in 0.0..=1.0, "/s/share_ratio", "set_share_ratio", Ratio;
    /// Any float.
    static FLOAT: f64 = 1.0, "/s/float";
    /// A truth.
    static SWITCH: bool = false, "/s/switch", "set_switch";
    /// A time.
    static IDLE: Duration = Duration::from_secs(60), "/s/idle_seconds", "set_idle_seconds", Seconds;
    /// A time in a range.
    static SOON: Duration = Duration::from_secs(1), in Duration::from_millis(1)..=Duration::from_secs(60), "/s/soon_seconds", Seconds;
    /// A word.
    static LEVEL: Level = Level::Info, "/s/level";
    /// A word of some.
    static QUIET: Level = Level::Error, in Level::Error..=Level::Info, "/s/quiet";
    /// Words.
    static GREETING: text(8) = "hello", "/s/greeting";
    /// As long as words may be.
    static LONGEST: text(255) = "", "/s/longest";
    /// With a check and something to do.
    static CHECKED: text(16) = "ab", "/s/checked", check prompt is_even => prompt checked;
    /// With something to do.
    static HOOKED: u64 = 0, in 0..=9, "/s/hooked" => prompt hooked;
    /// What threads race for.
    static RACED: u64 = 0, "/s/raced";
    /// The same with words.
    static RACED_TEXT: text(40) = "", "/s/raced_text";
}
ukstore::fault! {
    /// Harm.
    static DROP: u64 = 0, in 0..=100, "/s/faults/drop";
}
ukstore::counter! {
    /// Not a setting.
    static COUNTER = "/s/counted_total", "set_counted_total";
}
ukstore::class! {
    /// Objects.
    static OBJECTS: Class<struct Thing> = "/s/things" {
        /// Not a setting.
        gauge level = "level";
    }
}

static CHECKS: AtomicUsize = AtomicUsize::new(0);
static SEEN_AT_CHECK: Mutex<Vec<String>> = Mutex::new(Vec::new());
static SEEN_AT_HOOK: Mutex<Vec<String>> = Mutex::new(Vec::new());
static SEEN_HOOKED: Mutex<Vec<u64>> = Mutex::new(Vec::new());

fn seen<T>(list: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_even(text: &str) -> Result<(), &'static str> {
    CHECKS.fetch_add(1, Relaxed);
    seen(&SEEN_AT_CHECK).push(CHECKED.get().as_str().to_owned());
    if text.len().is_multiple_of(2) { Ok(()) } else { Err("an odd number of bytes") }
}

fn checked() {
    seen(&SEEN_AT_HOOK).push(CHECKED.get().as_str().to_owned());
}

fn hooked() {
    seen(&SEEN_HOOKED).push(HOOKED.get());
}

static CLOCK: AtomicU64 = AtomicU64::new(0);

/// Tests that look at the clock or at one setting twice, one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// One test at a time, with a clock.
fn alone() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    ukstore::attach(Machine { now_ns: || CLOCK.load(Relaxed), wake: || {}, samples: false });
    alone
}

const CLIENT: Writer = Writer::Network(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7)));

fn leaf(path: &str) -> Leaf {
    match lookup(path) {
        Ok(Node::Leaf(leaf)) => leaf,
        other => panic!("{path}: {other:?}"),
    }
}

/// As the tree shows it.
fn shown(path: &str) -> String {
    let shown = leaf(path).content(|content| match content {
        Content::Value(value) => value.to_string(),
        Content::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    });
    shown.expect("settings always have a value")
}

fn setting(path: &str) -> &'static SettingRecord {
    leaf(path).setting().expect("it is declared above")
}

fn last_write(path: &str) -> Option<LastWrite> {
    setting(path).last_write()
}

const PATHS: [(&str, &str); 17] = [
    ("/s/number", "7"),
    ("/s/ranged", "64"),
    ("/s/size_bytes", "1048576"),
    ("/s/signed", "-1"),
    ("/s/cold", "-5"),
    ("/s/share_ratio", "0.5"),
    ("/s/float", "1"),
    ("/s/switch", "0"),
    ("/s/idle_seconds", "60"),
    ("/s/soon_seconds", "1"),
    ("/s/level", "info"),
    ("/s/quiet", "error"),
    ("/s/greeting", "hello"),
    ("/s/longest", ""),
    ("/s/checked", "ab"),
    ("/s/hooked", "0"),
    ("/s/faults/drop", "0"),
];

/// Writes what is taken and what is refused, and looks at everything a reader can see.
#[test]
fn a_duration_that_does_not_fit_is_refused() {
    let before = IDLE.get();
    assert_eq!(IDLE.set(Duration::MAX), Err(Refused::NotADuration));
    assert_eq!(IDLE.get(), before);
}

#[test]
fn every_type_takes_and_refuses_by_its_own_rules() {
    let _alone = alone();
    for (path, default) in PATHS {
        // Another test may have been here before.
        if last_write(path).is_none() {
            assert_eq!(shown(path), default, "{path}");
        }
    }
    for (path, text, expected) in [
        ("/s/number", "0", Ok("0")),
        ("/s/number", " 18446744073709551615\n", Ok("18446744073709551615")),
        ("/s/number", "007", Ok("7")),
        ("/s/number", "18446744073709551616", Err("not a number it can hold")),
        ("/s/number", "-1", Err("not a number it can hold")),
        ("/s/number", "+1", Err("not a number it can hold")),
        ("/s/number", "1.0", Err("not a number it can hold")),
        ("/s/number", "1KiB", Err("not a number it can hold")),
        ("/s/number", "", Err("not a number it can hold")),
        ("/s/number", "１", Err("not a number it can hold")),
        ("/s/number", "0x10", Err("not a number it can hold")),
        ("/s/ranged", "1", Ok("1")),
        ("/s/ranged", "1000", Ok("1000")),
        ("/s/ranged", "0", Err("out of range: 1 to 1000")),
        ("/s/ranged", "1001", Err("out of range: 1 to 1000")),
        ("/s/size_bytes", "64KiB", Ok("65536")),
        ("/s/size_bytes", "1 GiB", Ok("1073741824")),
        ("/s/size_bytes", "3B", Ok("3")),
        ("/s/size_bytes", "2GiB", Err("out of range: 0 to 1073741824")),
        ("/s/size_bytes", "17179869184GiB", Err("not a number it can hold")),
        ("/s/size_bytes", "1.5KiB", Err("not a number it can hold")),
        ("/s/signed", "-9223372036854775808", Ok("-9223372036854775808")),
        ("/s/signed", "9223372036854775807", Ok("9223372036854775807")),
        ("/s/signed", "-0", Ok("0")),
        ("/s/signed", "9223372036854775808", Err("not a number it can hold")),
        ("/s/signed", "-9223372036854775809", Err("not a number it can hold")),
        ("/s/signed", "--1", Err("not a number it can hold")),
        ("/s/signed", "-", Err("not a number it can hold")),
        ("/s/signed", "- 1", Err("not a number it can hold")),
        ("/s/cold", "-10", Ok("-10")),
        ("/s/cold", "-1", Err("out of range: -10 to -2")),
        ("/s/share_ratio", "0.25", Ok("0.25")),
        ("/s/share_ratio", "1e-3", Ok("0.001")),
        ("/s/share_ratio", "1.0000001", Err("out of range: 0 to 1")),
        ("/s/share_ratio", "-0.1", Err("out of range: 0 to 1")),
        ("/s/share_ratio", "NaN", Err("not a number it can hold")),
        ("/s/float", "-2.5", Ok("-2.5")),
        ("/s/float", "inf", Err("not a number it can hold")),
        ("/s/float", "-infinity", Err("not a number it can hold")),
        ("/s/float", "1e999", Err("not a number it can hold")),
        ("/s/float", "one", Err("not a number it can hold")),
        ("/s/switch", "on", Ok("1")),
        ("/s/switch", "Disable", Ok("0")),
        ("/s/switch", "TRUE", Ok("1")),
        ("/s/switch", "0", Ok("0")),
        ("/s/switch", "yes", Err("neither on nor off")),
        ("/s/switch", "", Err("neither on nor off")),
        ("/s/switch", "2", Err("neither on nor off")),
        ("/s/idle_seconds", "1.5", Ok("1.5")),
        ("/s/idle_seconds", "250ms", Ok("0.25")),
        ("/s/idle_seconds", "2h", Ok("7200")),
        ("/s/idle_seconds", "1 m", Ok("60")),
        ("/s/idle_seconds", "1.00000000000", Ok("1")),
        ("/s/idle_seconds", "0.00000000001", Err(NOT_A_DURATION)),
        ("/s/idle_seconds", "1.05ns", Err(NOT_A_DURATION)),
        ("/s/idle_seconds", "-1", Err(NOT_A_DURATION)),
        ("/s/idle_seconds", "1d", Err(NOT_A_DURATION)),
        ("/s/idle_seconds", "", Err(NOT_A_DURATION)),
        ("/s/idle_seconds", "18446744073709551616ns", Err(NOT_A_DURATION)),
        ("/s/soon_seconds", "1ms", Ok("0.001")),
        ("/s/soon_seconds", "999us", Err("out of range: 0.001 to 60")),
        ("/s/soon_seconds", "60.000000001", Err("out of range: 0.001 to 60")),
        ("/s/level", "debug", Ok("debug")),
        ("/s/level", " error ", Ok("error")),
        ("/s/level", "Debug", Err("not one of error, info or debug")),
        ("/s/level", "", Err("not one of error, info or debug")),
        ("/s/quiet", "info", Ok("info")),
        ("/s/quiet", "debug", Err("out of range: error to info")),
        ("/s/greeting", "12345678", Ok("12345678")),
        ("/s/greeting", " \n", Ok(" \n")),
        ("/s/greeting", "", Ok("")),
        ("/s/greeting", "éééé", Ok("éééé")),
        ("/s/greeting", "éééé!", Err("longer than 8 bytes")),
        ("/s/faults/drop", "100", Ok("100")),
        ("/s/faults/drop", "101", Err("out of range: 0 to 100")),
    ] {
        let before = (shown(path), last_write(path));
        CLOCK.fetch_add(1, Relaxed);
        match (write(path, text, CLIENT), expected) {
            (Ok(()), Ok(value)) => {
                let at_ns = CLOCK.load(Relaxed);
                assert_eq!(shown(path), value, "{path} = {text:?}");
                assert_eq!(last_write(path), Some(LastWrite { by: CLIENT, at_ns }), "{path} = {text:?}");
            }
            (Err(why), Err(words)) => {
                assert_eq!(why.to_string(), words, "{path} = {text:?}");
                assert_eq!((shown(path), last_write(path)), before, "{path} = {text:?}");
            }
            (written, _) => panic!("{path} = {text:?}: {written:?}, but {expected:?}"),
        }
    }
}

const NOT_A_DURATION: &str = "not a duration: write seconds, or a number and ns, us, ms, s, m or h";

#[test]
fn what_it_takes_is_told() {
    for (path, words) in [
        ("/s/number", "a number"),
        ("/s/ranged", "1 to 1000"),
        ("/s/cold", "-10 to -2"),
        ("/s/share_ratio", "0 to 1"),
        ("/s/switch", "true or false"),
        ("/s/idle_seconds", "a duration"),
        ("/s/soon_seconds", "0.001 to 60 seconds"),
        ("/s/level", "error, info or debug"),
        ("/s/quiet", "error to info"),
        ("/s/greeting", "a text of at most 8 bytes"),
    ] {
        let leaf = leaf(path);
        assert_eq!(setting(path).accepts().to_string(), words, "{path}");
        assert_eq!((leaf.kind(), leaf.is_writable()), (Kind::Setting, true));
    }
    let size = leaf("/s/size_bytes");
    assert_eq!(
        (size.unit(), size.help(), size.family().map(|family| family.name())),
        (Unit::Bytes, "Bytes.", Some("set_size_bytes"))
    );
    assert!(leaf("/s/greeting").family().is_none());
    let is_fault = |path| setting(path).is_fault();
    assert!(is_fault("/s/faults/drop") && !is_fault("/s/number"));
    assert!(!leaf("/s/counted_total").is_writable() && leaf("/s/counted_total").setting().is_none());
}

#[test]
fn only_settings_are_written() {
    let thing = OBJECTS.add("thing", Thing::new());
    COUNTER.inc();
    for (path, why) in [
        ("/s/counted_total", Refused::NotASetting),
        ("/s/things/thing/level", Refused::NotASetting),
        ("/s/things/thing", Refused::NotASetting),
        ("/s/things", Refused::NotASetting),
        ("/s", Refused::NotASetting),
        ("/", Refused::NotASetting),
        ("", Refused::NotASetting),
        ("/ukstore/sources", Refused::NotASetting),
        ("/s/faults", Refused::NotASetting),
        ("/s/nothing", Refused::NotFound),
        ("/s/number/below", Refused::NotFound),
        ("/s/things/nothing/level", Refused::NotFound),
        ("/ukstore/sources/nothing", Refused::NotFound),
        ("number", Refused::NotFound),
    ] {
        assert_eq!(write(path, "1", CLIENT), Err(why), "{path}");
    }
    assert_eq!((COUNTER.get(), thing.level.get()), (1, 0));
    assert_eq!(ukstore::read("/s/greeting"), Err(Error::NotOneValue));
}

#[test]
fn everybody_who_writes_is_known_by_name() {
    let _alone = alone();
    let ip = IpAddr::V6(Ipv6Addr::LOCALHOST);
    for (by, name, at_ns) in [(Writer::Boot, "boot", 5), (Writer::Network(ip), "::1", 3), (CLIENT, "10.0.0.7", 9)] {
        CLOCK.store(at_ns, Relaxed);
        assert_eq!(write("/s/level/", "info", by), Ok(()));
        assert_eq!((last_write("/s/level"), by.to_string().as_str()), (Some(LastWrite { by, at_ns }), name));
    }
    assert_eq!((LEVEL.set(Level::Debug), LEVEL.get()), (Ok(()), Level::Debug));
    assert_eq!(last_write("/s/level").map(|last| last.by), Some(Writer::Program));
    assert_eq!(GREETING.set("123456789"), Err(Refused::TooLong(8)));
    assert_eq!(RANGED.set_by(0, CLIENT), Err(Refused::OutOfRange(Value::U64(1), Value::U64(1000))));
    assert!(SHARE.set(f64::NAN).is_err(), "no range has what is not a number");
}

#[test]
fn a_check_sees_the_old_text_and_a_hook_the_new_one() {
    let _alone = alone();
    let hooks = || seen(&SEEN_AT_HOOK).len();
    assert_eq!(CHECKED.set("abcd"), Ok(()));
    assert_eq!((CHECKS.load(Relaxed), hooks()), (1, 1));
    assert_eq!(write("/s/checked", "abc", CLIENT), Err(Refused::Check("an odd number of bytes")));
    assert_eq!(write("/s/checked", &"x".repeat(17), CLIENT), Err(Refused::TooLong(16)), "that is no text to check");
    assert_eq!((CHECKS.load(Relaxed), hooks()), (2, 1));
    assert_eq!(write("/s/checked", "", CLIENT), Ok(()));
    assert_eq!(*seen(&SEEN_AT_CHECK), ["ab", "abcd", "abcd"]);
    assert_eq!(*seen(&SEEN_AT_HOOK), ["abcd", ""]);
    assert!(HOOKED.set(10).is_err() && write("/s/hooked", "x", CLIENT).is_err());
    assert_eq!((HOOKED.set(9), write("/s/hooked", "3", CLIENT)), (Ok(()), Ok(())));
    assert_eq!(*seen(&SEEN_HOOKED), [9, 3], "a refused write has no consequences");
}

#[test]
fn a_setting_with_a_metric_is_in_the_exposition() {
    let _alone = alone();
    assert_eq!((IDLE.set(Duration::from_millis(1_250)), SWITCH.set(true)), (Ok(()), Ok(())));
    let mut found = Vec::new();
    let mut walk = ukstore::Walk::new();
    let mut give = |item: ukstore::Item<'_>| {
        if let ukstore::Item::Sample(sample) = item {
            found.push((sample.family.name(), sample.value.to_string()));
        }
    };
    while walk.next(&mut give).is_some() {}
    for expected in [("set_idle_seconds", "1.25"), ("set_switch", "1")] {
        assert!(found.contains(&(expected.0, expected.1.to_owned())), "{expected:?} in {found:?}");
    }
    let settings: Vec<_> = found.iter().map(|(name, _)| *name).filter(|name| name.starts_with("set_")).collect();
    let expected =
        ["set_counted_total", "set_idle_seconds", "set_ranged", "set_share_ratio", "set_size_bytes", "set_switch"];
    assert_eq!(settings, expected);
}

/// Two write, one reads: who reads value and writer in one critical section finds that they belong together.
#[test]
fn racing_writers_never_mix() {
    const EACH: u64 = 20_000;
    let _alone = alone();
    let record = setting("/s/raced");
    let text = setting("/s/raced_text");
    let writer = |number: u64| Writer::Network(IpAddr::V4(Ipv4Addr::from_bits(number as u32)));
    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|thread| {
                scope.spawn(move || {
                    for number in (0..EACH).map(|number| 2 * number + thread) {
                        RACED.set_by(number, writer(number)).unwrap();
                        // Long enough that half of each would show.
                        text.write(&format!("{number:020}{number:020}"), writer(number)).unwrap();
                    }
                })
            })
            .collect();
        while !writers.iter().all(|writer| writer.is_finished()) {
            let (value, last) = critical_section::with(|_| (record.value(), record.last_write()));
            if let (Value::U64(number), Some(last)) = (value, last) {
                assert_eq!(last.by, writer(number));
            }
            let (words, last) = critical_section::with(|_| (text.text(), text.last_write()));
            if let (Some(words), Some(last)) = (words, last) {
                let (one, other) = words.as_str().split_at(20);
                assert_eq!(one, other);
                assert_eq!(last.by, writer(one.parse().unwrap()));
            }
        }
    });
    assert!(RACED.get() >= 2 * (EACH - 1), "one of the last writes was last");
}

/// A text somebody may write: mostly something near to a value.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        "[-+]?[0-9]{0,12}([.][0-9]{0,12})? ?(ns|us|ms|s|m|h|B|KiB|MiB|GiB)?",
        "on|off|true|enable|error|info|debug|ERROR",
        ".{0,12}",
        "[a-zé]{240,260}",
    ]
}

proptest! {
    /// Either a write is refused and nothing has changed, or the setting reads as what was written, and what it shows
    /// can be written again and changes nothing.
    #[test]
    fn a_write_is_refused_or_reads_back((path, _) in prop::sample::select(&PATHS[..]), text in text()) {
        let _alone = alone();
        let record = setting(path);
        let before = (shown(path), record.last_write());
        let at_ns = CLOCK.fetch_add(1, Relaxed) + 1;
        match write(path, &text, CLIENT) {
            Err(_) => prop_assert_eq!((shown(path), record.last_write()), before),
            Ok(()) => {
                prop_assert_eq!(record.last_write(), Some(LastWrite { by: CLIENT, at_ns }));
                let given = text.trim();
                let value = shown(path);
                match record.value() {
                    Value::U64(number) if record.unit() != Unit::Bytes => prop_assert_eq!(given.parse(), Ok(number)),
                    Value::I64(number) => prop_assert_eq!(given.parse(), Ok(number)),
                    Value::F64(number) => prop_assert_eq!(given.parse(), Ok(number)),
                    Value::Word(word) => prop_assert_eq!(given, word.as_str()),
                    Value::Absent => prop_assert_eq!(&text, &value),
                    _ => {}
                }
                prop_assert_eq!(write(path, &value, Writer::Program), Ok(()));
                prop_assert_eq!(shown(path), value);
            }
        }
    }

    /// What is exact in nanoseconds is taken as it is; what is not is refused.
    #[test]
    fn durations_are_exact(whole in 0_u64..1_000_000, fraction in "[0-9]{1,14}", zeros in 0_usize..14) {
        let _alone = alone();
        let fraction = format!("{}{fraction}", "0".repeat(zeros));
        let billionths = format!("{fraction:0<9}");
        let (exact, rest) = billionths.split_at(9);
        match write("/s/idle_seconds", &format!("{whole}.{fraction}"), CLIENT) {
            Ok(()) => {
                prop_assert!(rest.bytes().all(|digit| digit == b'0'), "{fraction}");
                prop_assert_eq!(IDLE.get(), Duration::new(whole, exact.parse().unwrap()));
            }
            Err(why) => {
                prop_assert_eq!(why, Refused::NotADuration);
                prop_assert!(rest.bytes().any(|digit| digit != b'0'), "{fraction}");
            }
        }
    }
}
