//! What a parser that knows nothing of this crate reads in lines, whatever words are in them.

use exporter::push::influx::Framing;
use influxdb_line_protocol::{FieldValue, parse_lines};
use proptest::prelude::*;

use crate::harness::{Machine, Monitor, OPTIONS, UNIX_NS, alone, of_source};

ukstore::class! {
    /// Objects with any names.
    static WORDS: Class<struct Word> = "/read_back/words", label word, series 4 {
        /// Moved.
        gauge number = "number", "read_back_number";
        /// A time.
        gauge time = "time_seconds", "read_back_time_seconds", Seconds;
        /// A float.
        gauge float: ukstore::FloatGauge = "float_ratio", "read_back_float_ratio", Ratio;
    }
}

/// What a receiver reads of a text in a tag, told in other words than where it is written.
fn read(text: &str) -> String {
    let mut read = String::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let next = rest.peek().copied();
        match letter {
            '\n' => read += "\\n",
            '\r' => read += "\\r",
            '\t' => read += "\\t",
            _ if letter.is_ascii_control() => read.push('?'),
            '\\' if next.is_none_or(|next| ",= \\".contains(next) || next.is_ascii_control()) => read.push('/'),
            _ => read.push(letter),
        }
    }
    read
}

/// Words with more than their share of what is special.
fn words() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        Just('\\'),
        Just(','),
        Just('='),
        Just(' '),
        Just('"'),
        Just('\n'),
        Just('#'),
        Just('n'),
        Just('\u{e4}'),
        any::<char>(),
    ];
    proptest::collection::vec(letter, 0..12).prop_map(|letters| letters.into_iter().collect())
}

/// The end of a text before the first of what ends it and is no part of it.
fn before(text: &str, ends: &[u8]) -> usize {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| ends.contains(&bytes[at]) && (at == 0 || bytes[at - 1] != b'\\')).unwrap_or(bytes.len())
}

proptest! {
    #[test]
    fn tags_and_numbers(
        name in words(), job in words(), tag in words(), object in words(),
        number: i64, time in -(1_i64 << 52)..(1 << 52), float: f64,
    ) {
        let _alone = alone();
        let word = WORDS.add(&object, Word::new());
        word.number.set(number);
        word.time.set(time);
        word.float.set(float);
        let machine = Machine { name: &name, job: &job, tags: &[("tag", &tag), ("le", "x")], ..Machine::default() };
        let text = Monitor::new("read-back", OPTIONS, Framing::Stream).capture(0, &machine);
        let text = of_source(&text, "read_back");
        prop_assert_eq!(text.lines().count(), 1, "{}", text);

        // As InfluxDB 1 reads it, which takes a backslash before anything but these as itself, and two as two: what stands
        // between commas and equals signs that have none before them.
        let key = &text[..before(&text, b" ")];
        prop_assert!(!key.contains("\\\\"), "receivers read two backslashes in two ways: {}", key);
        let mut rest = key;
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let end = before(rest, b",=");
            pieces.push(rest[..end].replace("\\,", ",").replace("\\=", "=").replace("\\ ", " "));
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        let mut expected = vec!["read_back".to_owned()];
        let vm = if name.is_empty() { "unnamed" } else { &name };
        for (key, value) in [("vm", vm), ("job", &job), ("tag", &tag), ("le", "x"), ("word", word.name())] {
            if !value.is_empty() {
                expected.extend([key.to_owned(), read(value)]);
            }
        }
        prop_assert_eq!(&pieces, &expected);

        // As InfluxDB 3 reads it.
        let parsed: Vec<_> = parse_lines(&text).collect();
        prop_assert_eq!(parsed.len(), 1);
        let line = parsed[0].as_ref().expect("it is a line");
        let tags = line.series.tag_set.as_ref().expect("there are tags");
        let read: Vec<_> = tags.iter().flat_map(|(key, value)| [key.to_string(), value.to_string()]).collect();
        prop_assert_eq!(&read, &expected[1..]);
        prop_assert_eq!(line.timestamp, Some(UNIX_NS.cast_signed()));
        prop_assert_eq!(line.field_value("read_back_number"), Some(&FieldValue::I64(number)));
        prop_assert_eq!(line.field_value("read_back_time_seconds"), Some(&FieldValue::F64(time as f64 / 1e9)));
        let float = float.is_finite().then_some(FieldValue::F64(float));
        prop_assert_eq!(line.field_value("read_back_float_ratio"), float.as_ref());
    }
}
