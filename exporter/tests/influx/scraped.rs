//! What a capture tells and what a scrape tells is the same.

use std::collections::BTreeMap;

use exporter::exposition::{Encoder, Format, Selection};
use exporter::push::influx::Framing;
use exporter::{Step, Window};
use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};

use crate::harness::{Machine, Monitor, OPTIONS, alone};

/// Metric and labels, sorted.
type Series = (String, Vec<(String, String)>);

/// The series, and the text of each one's number.
type Told = BTreeMap<Series, String>;

fn scrape() -> Told {
    let mut room = vec![0; 1 << 20];
    let mut window = Window::new(&mut room);
    assert_eq!(Encoder::new(Format::Text, Selection::ALL, None).write(&mut window, usize::MAX), Step::End);
    let text = String::from_utf8(window.written().to_vec()).expect("it is text");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| sample(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

/// A line of the text format, of which this crate's values have no quotes within.
fn sample(line: &str) -> Option<(Series, String)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let mut pieces = labels.trim_end_matches('}').split('"');
    let mut pairs = Vec::new();
    while let (Some(label), Some(value)) = (pieces.next(), pieces.next()) {
        pairs.push((label.trim_start_matches(',').trim_end_matches('=').to_owned(), value.to_owned()));
    }
    pairs.retain(|(_, value)| !value.is_empty());
    pairs.sort();
    Some(((name.to_owned(), pairs), value.to_owned()))
}

fn lines(text: &str) -> Told {
    let mut told = Told::new();
    for line in parse_lines(text) {
        let ParsedLine { series, field_set, timestamp } = line.expect("it is a line");
        assert_eq!(timestamp, Some(crate::harness::UNIX_NS.cast_signed()));
        let mut tags: Vec<_> =
            series.tag_set.expect("there are tags").into_iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let origin = [("vm", "vm1"), ("job", "test"), ("rack", "7")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(tags.drain(..3).collect::<Vec<_>>(), origin);
        for (key, value) in &mut tags {
            // Called like one of the machine's.
            *key = key.strip_prefix("exported_").unwrap_or(key).to_owned();
            // The scrape's has them escaped.
            *value = value.replace('"', "\\\"");
        }
        tags.sort();
        for (key, value) in field_set {
            let is_family = |family: &ukstore::Family| {
                key.strip_prefix(family.name()).is_some_and(|part| ["", "_bucket", "_sum", "_count"].contains(&part))
            };
            let family = ukstore::families().iter().find(|family| is_family(family)).expect("it is a metric");
            assert_eq!(series.measurement, family.source_name());
            let value = match value {
                FieldValue::I64(number) => number.to_string(),
                FieldValue::U64(number) => number.to_string(),
                FieldValue::F64(number) => number.to_string(),
                FieldValue::Boolean(yes) => u8::from(yes).to_string(),
                FieldValue::String(text) => panic!("{text}"),
            };
            let again = told.insert((key.to_string(), tags.clone()), value);
            assert_eq!(again, None, "{key} {tags:?} comes twice");
        }
    }
    told
}

#[test]
fn every_sample_once() {
    let _alone = alone();
    let machine = Machine::default();
    let mut monitor = Monitor::new("scraped", OPTIONS, Framing::Stream);
    let (scrape, lines) = (scrape(), lines(&monitor.capture(0, &machine)));
    assert!(scrape.len() > 100, "{}", scrape.len());
    let is_moved = |name: &str| name.starts_with("uk_sink_");
    for ((name, labels), value) in &scrape {
        let told = lines.get(&(name.clone(), labels.clone()));
        if value.parse::<f64>().is_ok_and(f64::is_finite) {
            let told = told.unwrap_or_else(|| panic!("{name} {labels:?} is not told"));
            let [told, value] = [told, value].map(|value| value.parse::<f64>().expect("it is a number"));
            // 2⁶⁴−1 is told as 2⁶³−1.
            assert!(told == value || is_moved(name) || value > 9.3e18, "{name} {labels:?}: {told}, scraped {value}");
        } else {
            assert_eq!(told, None, "{name} {labels:?}");
        }
    }
    for series in lines.keys() {
        assert!(scrape.contains_key(series), "{series:?} is not scraped");
    }
}
