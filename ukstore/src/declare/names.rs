//! The rules for names, once: the macros apply them while compiling, `ukstore_inspect` to the finished file.
//! They are Prometheus' naming practices as promtool checks them. Not for runtime text: see `object/name.rs`.

use super::text::{ends_with, equal, join};
use crate::{Kind, Number, Unit};

/// What is wrong with a name. The text says what to do.
pub type Fault = &'static str;

/// Checks a path: `/` and names of ASCII letters, digits, `_`, `-` and `.`, separated by single slashes. The first name,
/// which is the source's, has letters, digits and `_` only: so paths of one source are neighbors when sorted.
///
/// # Errors
/// Says which rule is broken.
pub const fn path(path: &str) -> Result<(), Fault> {
    let bytes = path.as_bytes();
    if bytes.is_empty() || bytes[0] != b'/' {
        return Err("a path begins with /");
    }
    if bytes[bytes.len() - 1] == b'/' {
        return Err("a path ends in a name, not in /");
    }
    let mut index = 1;
    let mut in_source = true;
    while index < bytes.len() {
        let byte = bytes[index];
        in_source = in_source && byte != b'/';
        if in_source && matches!(byte, b'-' | b'.') {
            return Err("the first name of a path has letters, digits and _ only");
        }
        if byte == b'/' && bytes[index - 1] == b'/' {
            return Err("a path has single slashes");
        }
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'.')) {
            return Err("a path has letters, digits, _ - . and slashes only");
        }
        let ends = index + 1 == bytes.len() || bytes[index + 1] == b'/';
        if ends && (has_end(bytes, index, b"/.") || has_end(bytes, index, b"/..")) {
            return Err(NO_LINK);
        }
        index += 1;
    }
    Ok(())
}

/// `.` and `..` are resolved by who follows a link, before anybody is asked.
const NO_LINK: Fault = "no name in a path is . or ..: no link could lead to it";

/// Whether the bytes up to and with `last` end so.
const fn has_end(bytes: &[u8], last: usize, end: &[u8]) -> bool {
    last + 1 >= end.len() && matches_at(bytes, last + 1 - end.len(), end)
}

/// Checks one name of a path, as fields and label values give them.
///
/// # Errors
/// Says which rule is broken.
pub const fn name(name: &str) -> Result<(), Fault> {
    let bytes = name.as_bytes();
    if bytes.is_empty() {
        return Err("a name in a path is not empty");
    }
    if equal(name, ".") || equal(name, "..") {
        return Err(NO_LINK);
    }
    let mut index = 0;
    while index < bytes.len() {
        if !(bytes[index].is_ascii_alphanumeric() || matches!(bytes[index], b'_' | b'-' | b'.')) {
            return Err("a name in a path has letters, digits, _ - and . only");
        }
        index += 1;
    }
    Ok(())
}

/// The source a path belongs to: its first name.
#[must_use]
pub const fn source(path: &str) -> &str {
    let (_, rest) = path.split_at(if path.is_empty() { 0 } else { 1 });
    let bytes = rest.as_bytes();
    let mut end = 0;
    while end < bytes.len() && bytes[end] != b'/' {
        end += 1;
    }
    rest.split_at(end).0
}

/// The most bytes of a label's name and of a value written down: lines of an exposition have a bound, too.
const MAX_LABEL: usize = 255;

/// Checks a label's name: lower-case letters, digits and `_`, and none that Prometheus reserves.
///
/// # Errors
/// Says which rule is broken.
pub const fn label(label: &str) -> Result<(), Fault> {
    let bytes = label.as_bytes();
    if bytes.is_empty() || !bytes[0].is_ascii_lowercase() {
        return Err("a label begins with a lower-case letter");
    }
    if bytes.len() > MAX_LABEL {
        return Err("a label has at most 255 bytes");
    }
    if !is_snake_case(bytes) {
        return Err("a label has lower-case letters, digits and _ only");
    }
    if equal(label, "le") || equal(label, "quantile") {
        return Err("the labels le and quantile belong to histograms and summaries");
    }
    Ok(())
}

/// Checks a label's value: not empty, and nothing that an exposition would have to escape.
///
/// # Errors
/// Says which rule is broken.
pub const fn label_value(value: &str) -> Result<(), Fault> {
    let bytes = value.as_bytes();
    if bytes.is_empty() {
        return Err("a label value must not be empty");
    }
    if bytes.len() > MAX_LABEL {
        return Err("a label value has at most 255 bytes");
    }
    let mut index = 0;
    while index < bytes.len() {
        if bytes[index] < b' ' || matches!(bytes[index], b'"' | b'\\') {
            return Err("a label value has no quotes, backslashes or control characters");
        }
        index += 1;
    }
    Ok(())
}

/// Checks a help text, already one line.
///
/// # Errors
/// Says which rule is broken.
pub const fn help(help: &str) -> Result<(), Fault> {
    let bytes = help.as_bytes();
    if bytes.is_empty() {
        return Err("help is missing: write a doc comment");
    }
    let mut index = 0;
    while index < bytes.len() {
        if bytes[index] == b'\\' || bytes[index] < b' ' {
            return Err("help has no backslashes or control characters");
        }
        index += 1;
    }
    Ok(())
}

/// Checks a family's name against its kind and unit.
///
/// Names that begin with `node_` are `node_exporter`'s own and are excused from the rules of style.
///
/// # Errors
/// Says which rule is broken.
pub const fn family(name: &str, kind: Kind, unit: Unit) -> Result<(), Fault> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || !(bytes[0].is_ascii_alphabetic() || bytes[0] == b'_') {
        return Err("a metric name begins with a letter");
    }
    let mut index = 0;
    while index < bytes.len() {
        if !(bytes[index].is_ascii_alphanumeric() || bytes[index] == b'_') {
            return Err("a metric name has letters, digits and _ only");
        }
        index += 1;
    }
    if let Err(fault) = suffix(name, kind) {
        return Err(fault);
    }
    if let Err(fault) = family_unit(name, unit) {
        return Err(fault);
    }
    if starts_with(bytes, b"node_") { Ok(()) } else { style(name) }
}

const fn suffix(name: &str, kind: Kind) -> Result<(), Fault> {
    if ends_with(name, "_count") || ends_with(name, "_sum") || ends_with(name, "_bucket") {
        return Err("the endings _count, _sum and _bucket belong to histograms' samples");
    }
    match kind {
        Kind::Counter if !ends_with(name, "_total") => Err("a counter's name ends in _total"),
        Kind::Info if !ends_with(name, "_info") => Err("an info's name ends in _info"),
        Kind::Gauge | Kind::Histogram | Kind::Info | Kind::StateSet if ends_with(name, "_total") => {
            Err("only a counter's name ends in _total")
        }
        Kind::Text | Kind::Setting => Err("texts and settings are in no family"),
        _ => Ok(()),
    }
}

const fn family_unit(name: &str, unit: Unit) -> Result<(), Fault> {
    let told = if ends_with(name, "_seconds") || ends_with(name, "_seconds_total") {
        Unit::Seconds
    } else if ends_with(name, "_bytes") || ends_with(name, "_bytes_total") {
        Unit::Bytes
    } else if ends_with(name, "_ratio") {
        Unit::Ratio
    } else {
        Unit::None
    };
    match (told, unit) {
        (Unit::None, Unit::None)
        | (Unit::Seconds, Unit::Seconds)
        | (Unit::Bytes, Unit::Bytes)
        | (Unit::Ratio, Unit::Ratio) => Ok(()),
        (_, Unit::None) => Err("unit is missing: the name ends in one, so declare it"),
        _ => Err("a metric name ends in its unit: _seconds, _bytes or _ratio"),
    }
}

/// Words promtool refuses anywhere in a name: types, units that are not base units, and short forms of units.
const REFUSED: [&str; 41] = [
    "counter",
    "gauge",
    "histogram",
    "summary",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "minutes",
    "hours",
    "days",
    "weeks",
    "kilobytes",
    "megabytes",
    "gigabytes",
    "kibibytes",
    "mebibytes",
    "gibibytes",
    "bits",
    "kilobits",
    "megabits",
    "gigabits",
    "percent",
    "percents",
    "s",
    "ms",
    "us",
    "ns",
    "sec",
    "b",
    "kb",
    "mb",
    "gb",
    "tb",
    "pb",
    "m",
    "h",
    "d",
    "kib",
    "mib",
    "gib",
    "tib",
];

const fn style(name: &str) -> Result<(), Fault> {
    if !is_snake_case(name.as_bytes()) {
        return Err("a metric name of ours is in lower case");
    }
    let mut index = 0;
    while index < REFUSED.len() {
        if has_word(name.as_bytes(), REFUSED[index].as_bytes()) {
            return Err("a metric name has base units in full, and no metric type in it");
        }
        index += 1;
    }
    Ok(())
}

const fn is_snake_case(bytes: &[u8]) -> bool {
    let mut index = 0;
    while index < bytes.len() {
        if !(bytes[index].is_ascii_lowercase() || bytes[index].is_ascii_digit() || bytes[index] == b'_') {
            return false;
        }
        index += 1;
    }
    true
}

const fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.len() >= start.len() && matches_at(text, 0, start)
}

/// Whether `word` is in `name` between underscores or the ends.
const fn has_word(name: &[u8], word: &[u8]) -> bool {
    let mut at = 0;
    while at + word.len() <= name.len() {
        let starts = at == 0 || name[at - 1] == b'_';
        let end = at + word.len();
        if starts && (end == name.len() || name[end] == b'_') && matches_at(name, at, word) {
            return true;
        }
        at += 1;
    }
    false
}

const fn matches_at(text: &[u8], at: usize, word: &[u8]) -> bool {
    let mut index = 0;
    while index < word.len() {
        if text[at + index] != word[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// For the macros: turns a fault into a compile error at the declaration, which says what of the declaration.
#[doc(hidden)]
pub const fn demand(what: &str, result: Result<(), Fault>) {
    if let Err(fault) = result {
        let mut room = [0; 512];
        let len = join(&[what, ": ", fault], &mut room);
        // A const panic takes one text and formats nothing.
        match core::str::from_utf8(room.split_at(if len < 512 { len } else { 0 }).0) {
            Ok(message) => panic!("{}", message),
            Err(_) => panic!("{}", fault),
        }
    }
}

/// For the macros: how many series a field has whose own label has these values.
#[doc(hidden)]
#[must_use]
pub const fn series(values: &[&str]) -> u8 {
    assert!(values.len() < 256, "ukstore: a label has 1 to 255 values");
    if values.is_empty() { 1 } else { values.len() as u8 }
}

/// As [`series`], of a field that names a cell: there is one for each of the values.
#[doc(hidden)]
#[must_use]
pub const fn series_of<T, C: Number>(_: fn(&T) -> &C, values: &[&str]) -> u8 {
    let series = series(values);
    assert!(
        C::SERIES == series as usize,
        "ukstore: a field with a label names an array of as many cells as the label has values, one without a single cell"
    );
    series
}

/// For the macros: a label, and values that are also names in a path, none twice.
#[doc(hidden)]
pub const fn demand_labels(label: &str, values: &[&str]) {
    demand(label, self::label(label));
    assert!(!values.is_empty() && values.len() < 256, "ukstore: a label has 1 to 255 values");
    let mut index = 0;
    while index < values.len() {
        demand(values[index], label_value(values[index]));
        demand(values[index], name(values[index]));
        let mut other = 0;
        while other < index {
            if equal(values[other], values[index]) {
                demand(values[index], Err("the same label value twice"));
            }
            other += 1;
        }
        index += 1;
    }
}

/// For the macros: stops the compiler if a label comes twice.
#[doc(hidden)]
pub const fn demand_different(labels: &[&str]) {
    let mut index = 0;
    while index < labels.len() {
        let mut other = 0;
        while other < index {
            if equal(labels[other], labels[index]) {
                demand(labels[index], Err("the same label twice"));
            }
            other += 1;
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind::{Counter, Gauge, Histogram, Info, Text};
    use crate::Unit::{Bytes, None, Ratio, Seconds};

    #[test]
    fn good_names_pass() {
        for (name, kind, unit) in [
            ("uk_heap_failures_total", Counter, None),
            ("uk_cpu_seconds_total", Counter, Seconds),
            ("web_request_duration_seconds", Histogram, Seconds),
            ("web_response_bytes", Histogram, Bytes),
            ("uk_build_info", Info, None),
            ("uk_heap_used_ratio", Gauge, Ratio),
            ("uk_threads", Gauge, None),
            ("node_memory_MemTotal_bytes", Gauge, Bytes),
        ] {
            assert_eq!(family(name, kind, unit), Ok(()), "{name}");
        }
        for name in
            ["/a", "/memory/heap/used_bytes", "/requests_total/2xx", "/a_b/c.d-e", "/a/.b/c./...", "/a/b..", "/a/..b"]
        {
            assert_eq!(path(name), Ok(()), "{name}");
        }
        assert_eq!((label("level"), label_value("not found"), help("It's 100 %.")), (Ok(()), Ok(()), Ok(())));
    }

    #[test]
    fn a_source_is_a_paths_first_name() {
        assert_eq!((source("/net/service/x"), source("/a"), source("/"), source("")), ("net", "a", "", ""));
    }

    #[test]
    fn bad_families_are_refused() {
        for (name, kind, unit, fault) in [
            ("", Gauge, None, "begins with a letter"),
            ("9_lives", Gauge, None, "begins with a letter"),
            ("uk:x", Gauge, None, "letters, digits and _ only"),
            ("uk_größe", Gauge, None, "letters, digits and _ only"),
            ("uk_x", Counter, None, "a counter's name ends in _total"),
            ("uk_x_total", Gauge, None, "only a counter's"),
            ("uk_build", Info, None, "an info's name ends in _info"),
            ("uk_x_count", Gauge, None, "belong to histograms"),
            ("uk_x_sum", Counter, None, "belong to histograms"),
            ("uk_x_bucket", Gauge, None, "belong to histograms"),
            ("uk_x_seconds_total", Counter, None, "unit is missing"),
            ("uk_x_bytes", Gauge, None, "unit is missing"),
            ("uk_x_bytes", Gauge, Seconds, "ends in its unit"),
            ("uk_x", Gauge, Bytes, "ends in its unit"),
            ("uk_x_milliseconds", Gauge, None, "base units"),
            ("uk_wait_ns_total", Counter, None, "base units"),
            ("uk_request_counter_total", Counter, None, "base units"),
            ("uk_heapUsed", Gauge, None, "lower case"),
            ("uk_x", Text, None, "in no family"),
        ] {
            let result = family(name, kind, unit);
            assert!(result.is_err_and(|said| said.contains(fault)), "{name}: {result:?}");
        }
        assert_eq!(family("node_intr_ms_total", Counter, None), Ok(()), "node_exporter's names are its own");
    }

    #[test]
    fn bad_paths_labels_and_help_are_refused() {
        for name in ["", "a", "/", "/a/", "/a//b", "//a", "/a b", "/a\"", "/ä", "/a-b", "/a.b/c", "/a/.", "/a/../b"] {
            assert!(path(name).is_err(), "{name}");
        }
        for text in ["", "a/b", "a b", "é", ".", ".."] {
            assert!(name(text).is_err(), "{text}");
        }
        for name in ["", "Level", "_x", "2x", "le", "quantile", "a-b"] {
            assert!(label(name).is_err(), "{name}");
        }
        for text in ["", "a\"b", "a\\b", "a\nb"] {
            assert!(label_value(text).is_err(), "{text}");
        }
        for text in ["", "a\\b", "a\nb"] {
            assert!(help(text).is_err(), "{text}");
        }
    }
}
