//! Every format tells the same series with the same values.

use std::collections::BTreeMap;

use exporter::exposition::Format;

use crate::encode::{encode, whole_text};
use crate::schema::{MetricFamily, decode};
use crate::tree::{CLERKS, TANKS, Tank, Work, hold};

/// A sample's name and its labels.
type Series = (String, BTreeMap<String, String>);
/// Values as the bits of doubles, of which those that are no number are one.
type Values = BTreeMap<Series, u64>;

fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}

/// Reads what both texts have in common.
fn parse(text: &str) -> Values {
    let mut values = Values::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect("a sample");
        let (name, mut rest) = series.split_once('{').unwrap_or((series, "}"));
        let mut labels = BTreeMap::new();
        while let Some((label, quoted)) = rest.split_once("=\"") {
            let mut value = String::new();
            let mut characters = quoted.char_indices();
            let end = loop {
                match characters.next().expect("a closing quote") {
                    (at, '"') => break at,
                    (_, '\\') => value.push(match characters.next().expect("what is escaped").1 {
                        'n' => '\n',
                        other => other,
                    }),
                    (_, other) => value.push(other),
                }
            };
            labels.insert(label.trim_start_matches(',').to_owned(), value);
            rest = &quoted[end + 1..];
        }
        assert_eq!(rest, "}", "{line}");
        let value = bits(value.parse().expect("a value"));
        assert_eq!(values.insert((name.to_owned(), labels), value), None, "{line}");
    }
    values
}

/// The label that Prometheus makes of a bound it gets as a double: the shortest decimal that reads back as the same,
/// with an exponent from 1e+06 on and below 0.0001, and never like an integer's.
fn spell(bound: f64) -> String {
    if bound.is_infinite() {
        return "+Inf".into();
    }
    let scientific = format!("{bound:e}");
    let (digits, exponent) = scientific.split_once('e').expect("an exponent");
    match exponent.parse::<i32>().expect("a number") {
        -4..6 => format!("{bound:?}"),
        exponent => format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
    }
}

/// The samples a text would have of what protobuf has.
fn expand(families: Vec<MetricFamily>) -> Values {
    let mut values = Values::new();
    for family in families {
        let name = family.name.expect("a name");
        for metric in family.metric {
            let labels: BTreeMap<_, _> = metric
                .label
                .into_iter()
                .map(|label| (label.name.expect("a name"), label.value.expect("a value")))
                .collect();
            let mut add = |part: &str, bound: Option<f64>, value: f64| {
                let mut labels = labels.clone();
                labels.extend(bound.map(|bound| ("le".to_owned(), spell(bound))));
                assert_eq!(values.insert((format!("{name}{part}"), labels), bits(value)), None);
            };
            if let Some(histogram) = metric.histogram {
                for bucket in histogram.bucket {
                    add("_bucket", bucket.upper_bound, bucket.cumulative_count.expect("a count") as f64);
                }
                let count = histogram.sample_count.expect("a count") as f64;
                add("_bucket", Some(f64::INFINITY), count);
                add("_count", None, count);
                add("_sum", None, histogram.sample_sum.expect("a sum"));
            } else {
                let counter = metric.counter.and_then(|counter| counter.value);
                let gauge = metric.gauge.and_then(|gauge| gauge.value);
                let untyped = metric.untyped.and_then(|untyped| untyped.value);
                let value = counter.or(gauge).or(untyped).expect("a value");
                add("", None, value);
            }
        }
    }
    values
}

#[test]
fn all_formats_tell_the_same() {
    let _tree = hold();
    let clerk = CLERKS.add("a \"b\"", Work::default());
    clerk.done.store(u64::MAX, std::sync::atomic::Ordering::Relaxed);
    let tank = TANKS.add("a", Tank::new());
    tank.filled.observe(1);
    let text = encode(Format::Text, None, || 1 << 16, || ());
    let expected = parse(std::str::from_utf8(&text.bytes).expect("UTF-8"));
    assert!(expected.len() > 80, "{expected:#?}");
    assert_eq!(expected.len() as u64, text.series);
    for format in [Format::Text1, Format::OpenMetrics] {
        assert_eq!(parse(&whole_text(format, None)), expected, "{format:?}");
    }
    let protobuf = encode(Format::Protobuf, None, || 1 << 16, || ());
    assert_eq!(expand(decode(&protobuf.bytes)), expected);
    for format in Format::ALL {
        assert_eq!(encode(format, Some(1), || 700, || ()).series, text.series, "{format:?}");
    }
}
