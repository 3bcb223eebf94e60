//! A sample as a line, which all text formats have alike. Not for what stands around samples: see `text` and `openmetrics`.

use core::ops::Range;

use ukstore::{Family, Part, Sample, Series, Value};

use super::number::{Text, put_bound, put_f64};
use super::put_label_value;
use crate::Window;

/// Writes samples of one walk into one window.
#[derive(Debug)]
pub(super) struct SampleLines {
    /// Where the beginning of a line, up to its first label's value, was written last, and for which family. Objects come
    /// by the thousand, so it is copied from there.
    opening: Option<(&'static Family, Range<usize>)>,
}

impl SampleLines {
    /// For a window in which nothing before this is known.
    pub(super) const fn new() -> Self {
        Self { opening: None }
    }

    /// Writes `name_part{label="value",le="bound"} value` and the line's end.
    #[inline]
    pub(super) fn put(&mut self, sample: &Sample<'_>, window: &mut Window<'_>) {
        match sample.series {
            Series::Fixed(prefix) => window.put(prefix.as_bytes()),
            Series::Names(labels) => match (labels, sample.part) {
                ([(name, value)], Part::Whole) => {
                    self.put_object(sample.family, name, value, window);
                    return put_value(b"\"} ", sample.value, window);
                }
                _ => put_series(sample, labels, |value, window| window.put(value.as_bytes()), window),
            },
            Series::Labels(labels) => put_series(sample, labels, put_label_value, window),
        }
        put_value(b" ", sample.value, window);
    }

    /// Writes `name{label="value`.
    fn put_object(&mut self, family: &'static Family, label: &str, value: &str, window: &mut Window<'_>) {
        match &self.opening {
            Some((last, opening)) if core::ptr::eq(*last, family) => window.put_again(opening.clone()),
            _ => {
                let start = window.len();
                for part in [family.name(), "{", label, "=\""] {
                    window.put(part.as_bytes());
                }
                // If it did not fit, the line is taken back, and nothing follows in this window.
                self.opening = Some((family, start..window.len()));
            }
        }
        window.put(value.as_bytes());
    }
}

/// Writes `name_part{label="value",le="bound"}`.
fn put_series(
    sample: &Sample<'_>,
    labels: &[(&str, &str)],
    put_label_value: impl Fn(&str, &mut Window<'_>),
    window: &mut Window<'_>,
) {
    window.put(sample.family.name().as_bytes());
    window.put(match sample.part {
        Part::Whole => b"",
        Part::Bucket(_) => b"_bucket",
        Part::Sum => b"_sum",
        Part::Count => b"_count",
    });
    let mut separator = b"{";
    for (name, value) in labels {
        window.put(separator);
        window.put(name.as_bytes());
        window.put(b"=\"");
        put_label_value(value, window);
        window.put(b"\"");
        separator = b",";
    }
    if let Part::Bucket(bound) = sample.part {
        window.put(separator);
        window.put(b"le=\"");
        match bound {
            None => window.put(b"+Inf"),
            Some(bound) => put_bound(bound, sample.family.unit(), window),
        }
        window.put(b"\"");
        separator = b",";
    }
    if separator == b"," {
        window.put(b"}");
    }
}

/// Writes the rest of a line: what stands before the value, the value, and the line's end.
#[inline]
fn put_value<const N: usize>(before: &[u8; N], value: Value, window: &mut Window<'_>) {
    let mut text = Text::new();
    text.bytes(before);
    match value {
        Value::U64(number) => text.u64(number),
        Value::I64(number) => text.i64(number),
        Value::Bool(yes) => text.bytes(if yes { b"1" } else { b"0" }),
        Value::Nanos(nanos) => text.seconds(nanos),
        Value::F64(number) => {
            text.put(window);
            put_f64(number, window);
            text = Text::new();
        }
        // The walk gives no such sample; were there one, a value nobody can mistake for a measurement stands here.
        Value::Word(_) | Value::Absent => text.bytes(b"NaN"),
    }
    text.bytes(b"\n");
    text.put(window);
}

#[cfg(test)]
mod tests {
    use super::*;

    ukstore::counter! {
        /// Gives the samples below a family of seconds.
        static BUSY = "/test/busy_seconds_total", "test_busy_seconds_total", Seconds;
    }

    #[test]
    fn parts_of_a_labelled_histogram() {
        BUSY.inc();
        let family = ukstore::families().iter().find(|family| family.name() == "test_busy_seconds_total");
        let family = family.expect("it is declared above");
        let labels = &[("a", "b"), ("c", "\"")];
        for (part, labels, expected) in [
            (
                Part::Bucket(Some(2_500_000)),
                &labels[..],
                "test_busy_seconds_total_bucket{a=\"b\",c=\"\\\"\",le=\"0.0025\"} 7\n",
            ),
            (Part::Bucket(None), &[], "test_busy_seconds_total_bucket{le=\"+Inf\"} 7\n"),
            (Part::Sum, &labels[..1], "test_busy_seconds_total_sum{a=\"b\"} 7\n"),
            (Part::Count, &[], "test_busy_seconds_total_count 7\n"),
        ] {
            let mut bytes = [0; 128];
            let mut window = Window::new(&mut bytes);
            let series = Series::Labels(labels);
            SampleLines::new().put(&Sample { family, series, part, value: Value::U64(7) }, &mut window);
            assert_eq!(core::str::from_utf8(window.written()), Ok(expected));
        }
    }
}
