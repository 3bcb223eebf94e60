//! What a capture says in the line protocol. An input is a number and then words, with the byte FF between them: the
//! machine's name, its job, a tag's value, and the name of a thing that it measures.
//!
//! Whatever the words are, another parser finds the same tags and numbers, and nothing that some receivers would read
//! otherwise.
#![no_main]

use exporter::Site;
use exporter::push::influx::{Framing, Influx, Options};
use exporter::push::{Flow, Origin, Sink, Stream};
use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};
use libfuzzer_sys::fuzz_target;

ukstore::class! {
    /// Things with any names.
    static NAMED: Class<struct Named> = "/named/things", label thing, series 4 {
        /// Any number.
        gauge number = "number", "named_number";
        /// The same, as a time.
        gauge time = "time_seconds", "named_time_seconds", Seconds;
    }
}

const UNIX_NS: u64 = 1_790_000_000_000_000_000;

struct Machine<'a> {
    name: &'a str,
    job: &'a str,
    tags: [(&'a str, &'a str); 1],
}

impl Site for Machine<'_> {
    fn node(&self) -> &str {
        self.name
    }

    fn program(&self) -> &str {
        "fuzz 1.0"
    }

    fn origin(&self) -> Origin<'_> {
        Origin { name: self.name, job: self.job, tags: &self.tags, program: "fuzz", version: "1.0", boot_id: "" }
    }

    fn now_ns(&self) -> u64 {
        0
    }

    fn unix_ns(&self) -> Option<u64> {
        Some(UNIX_NS)
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((number, words)) = input.split_first_chunk() else { return };
    let number = i64::from_le_bytes(*number);
    let words: Vec<_> = words.split(|byte| *byte == 0xff).map(String::from_utf8_lossy).collect();
    let [name, job, tag, thing] = [0, 1, 2, 3].map(|at| words.get(at).map_or("", |word| word));
    // Longer ones make lines that are lost.
    if words.iter().any(|word| word.len() > 500) {
        return;
    }
    let thing = NAMED.add(thing, Named::new());
    thing.number.set(number);
    thing.time.set(number);
    let text = captured(&Machine { name, job, tags: [("tag", tag)] });
    let lines = || text.lines().filter(|line| line.starts_with("named,"));
    assert!(lines().count() == 1 && text.ends_with('\n'), "{text}");
    assert_eq!(parse_lines(&text).filter(Result::is_ok).count(), text.lines().count(), "{text}");

    let line = lines().next().unwrap_or_default();
    assert!(!line.contains("\\\\"), "receivers read two backslashes in two ways: {line}");
    let Some(Ok(line)) = parse_lines(line).next() else { panic!("{line}") };
    let name = if name.is_empty() { "unnamed" } else { name };
    let expected = [("vm", name), ("job", job), ("tag", tag), ("thing", thing.name())];
    check(&line, expected.into_iter().filter(|(_, value)| !value.is_empty()).collect());
    assert_eq!(line.field_value("named_number"), Some(&FieldValue::I64(number)));
    assert_eq!(line.field_value("named_time_seconds"), Some(&FieldValue::F64(seconds(number))));
});

/// The double next to so many nanoseconds. A negative time is divided as a double by ukstore.
fn seconds(nanos: i64) -> f64 {
    match u64::try_from(nanos) {
        Ok(nanos) => format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000).parse().expect("it is a number"),
        Err(_) => nanos as f64 / 1e9,
    }
}

/// One capture of everything.
fn captured(machine: &Machine<'_>) -> String {
    let options = Options { interval_ns: 1, unsigned: false, timestamps: true };
    let mut sink = Sink::new("fuzz", Influx::new(options, Framing::Stream), Flow::new(), 1 << 18, 1);
    while sink.tick(0, machine) {}
    sink.opening(0);
    sink.opened(0);
    let mut bytes = vec![0; 1 << 18];
    let len = sink.transmit(0, &mut bytes, machine);
    bytes.truncate(len);
    String::from_utf8(bytes).expect("lines are text")
}

/// That a line has these tags. What some words would do to a line is told in other words: see `influx::escape`.
fn check(line: &ParsedLine<'_>, expected: Vec<(&str, &str)>) {
    let tags = line.series.tag_set.as_ref().expect("there are tags");
    assert_eq!(tags.len(), expected.len(), "{line}");
    for ((key, value), (expected_key, expected)) in tags.iter().zip(expected) {
        assert_eq!(*key, expected_key, "{line}");
        let is_plain = !expected.contains(|letter: char| letter == '\\' || letter.is_ascii_control());
        assert!(!is_plain || *value == expected, "{value} is not {expected}: {line}");
    }
    assert_eq!(line.timestamp, Some(UNIX_NS.cast_signed()));
}
