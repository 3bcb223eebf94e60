//! A sample as a line, which all text formats have alike. Not for what stands around samples: see `text` and
//! `openmetrics`.

use ukstore::{Name, Part, Sample, Series, Value};

use super::number::{ROOM, Text, put_bound, put_f64};
use super::put_label_value;
use crate::Window;

/// Writes `name_part{label="value",le="bound"} value` and the line's end.
#[inline]
pub(super) fn put_sample(sample: &Sample<'_>, window: &mut Window<'_>) {
    match sample.series {
        Series::Fixed(prefix) => window.put(prefix.as_bytes()),
        Series::Names(labels) => put_series(sample, labels, |value, window| window.put(value.as_bytes()), window),
        Series::Labels(labels) => put_series(sample, labels, put_label_value, window),
    }
    if let Value::F64(number) = sample.value {
        window.put(b" ");
        put_f64(number, window);
        return window.put(b"\n");
    }
    Text::put(window, |text| {
        text.bytes(b" ");
        // The walk gives no sample without one; were there one, a value nobody can mistake for a measurement stands
        // here.
        put_value(sample.value, text).unwrap_or_else(|| text.bytes(b"NaN"));
        text.bytes(b"\n");
    });
}

/// Writes as many lines `prefix value` as there is certainly room for, at most `limit`, and returns how many. It also
/// stops at a value that has no room of fixed size.
#[inline]
pub(super) fn put_cells(
    series: impl Iterator<Item = (&'static str, Value)>,
    window: &mut Window<'_>,
    limit: usize,
) -> usize {
    let mut free = window.free();
    let room = free.len();
    let mut lines = 0;
    for (prefix, value) in series.take(limit) {
        let prefix = prefix.as_bytes();
        let Some(rest) = free.get_mut(prefix.len()..).and_then(<[u8]>::first_chunk_mut) else { break };
        let Some(len) = put_rest(b" ", value, rest) else { break };
        if let Some(start) = free.get_mut(..prefix.len()) {
            start.copy_from_slice(prefix);
        }
        free = after(free, prefix.len() + len);
        lines += 1;
    }
    let written = room - free.len();
    window.advance(written);
    lines
}

/// The same of lines `name{label="object"} value`, which begin with `opening`.
#[inline]
pub(super) fn put_objects(opening: &str, objects: &[(Name, Value)], window: &mut Window<'_>, limit: usize) -> usize {
    let opening = opening.as_bytes();
    let mut free = window.free();
    let room = free.len();
    let mut lines = 0;
    for (name, value) in objects.iter().take(limit) {
        let (name, name_len) = name.padded();
        let Some((start, rest)) = free.split_at_mut_checked(opening.len()) else { break };
        let Some(place) = rest.first_chunk_mut() else { break };
        // The array is longer than the name. What follows is written over the rest of it.
        *place = *name;
        let Some(rest) = rest.get_mut(name_len..).and_then(<[u8]>::first_chunk_mut) else { break };
        let Some(len) = put_rest(b"\"} ", *value, rest) else { break };
        start.copy_from_slice(opening);
        free = after(free, opening.len() + name_len + len);
        lines += 1;
    }
    let written = room - free.len();
    window.advance(written);
    lines
}

/// The same of lines `name{label="object",own="value"} value`, which begin with `opening`, the object's name, and what
/// each series has behind it up to its value.
#[inline]
pub(super) fn put_fields(
    opening: &str,
    name: &Name,
    series: impl Iterator<Item = (&'static str, Value)>,
    window: &mut Window<'_>,
    limit: usize,
) -> usize {
    let mut lines = 0;
    for (ending, value) in series.take(limit) {
        let mark = window.len();
        for text in [opening, name.as_str(), ending] {
            window.put(text.as_bytes());
        }
        if !put_value_at_end(b"", value, window) {
            window.rewind(mark);
            break;
        }
        lines += 1;
    }
    lines
}

/// Writes the line `name{label="word",…} value` of texts and the words behind them, or nothing; how many lines.
pub(super) fn put_listed(texts: &[&str], words: &[&str], value: Value, window: &mut Window<'_>) -> usize {
    let mark = window.len();
    for (text, word) in texts.iter().zip(words) {
        window.put(text.as_bytes());
        put_label_value(word, window);
    }
    // Only a line with words of any length may be too long.
    let is_written = put_value_at_end(b"\"} ", value, window) && window.end_line(mark);
    if !is_written {
        window.rewind(mark);
    }
    usize::from(is_written)
}

/// Writes the rest of a line, if there is room for any and the value's text has a bound.
#[inline]
pub(super) fn put_value_at_end<const N: usize>(before: &[u8; N], value: Value, window: &mut Window<'_>) -> bool {
    let Some(len) = window.free().first_chunk_mut().and_then(|rest| put_rest(before, value, rest)) else {
        return false;
    };
    window.advance(len);
    true
}

/// What is behind the first `len` bytes.
#[inline]
fn after(bytes: &mut [u8], len: usize) -> &mut [u8] {
    bytes.get_mut(len..).unwrap_or_default()
}

/// Whether it is known since when this series is counted: since the machine started, if it is there as long as the
/// machine is. Objects and the entries of lists come and go, and nobody knows when they came.
pub(crate) fn is_as_old_as_the_machine(sample: &Sample<'_>) -> bool {
    sample.family.is_static() && !matches!(sample.series, Series::Labels(_))
}

/// Writes `name_part{label="value",le="bound"}`.
fn put_series(
    sample: &Sample<'_>,
    labels: &[(&str, &str)],
    put_label_value: impl Fn(&str, &mut Window<'_>),
    window: &mut Window<'_>,
) {
    window.put(sample.family.name().as_bytes());
    window.put(sample.part.suffix().as_bytes());
    let mut separator = put_labels(labels, put_label_value, window);
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

/// Writes `{label="value"`, if there is a label, and returns what must stand before another.
pub(super) fn put_labels(
    labels: &[(&str, &str)],
    put_label_value: impl Fn(&str, &mut Window<'_>),
    window: &mut Window<'_>,
) -> &'static [u8; 1] {
    let mut separator = b"{";
    for (name, value) in labels {
        window.put(separator);
        window.put(name.as_bytes());
        window.put(b"=\"");
        put_label_value(value, window);
        window.put(b"\"");
        separator = b",";
    }
    separator
}

/// Writes the rest of a line: what stands before the value, the value, and the line's end. How long that is, if the
/// value's text has a bound.
#[inline]
fn put_rest<const N: usize>(before: &[u8; N], value: Value, room: &mut [u8; ROOM]) -> Option<usize> {
    let mut is_bounded = true;
    let len = Text::write(room, |text| {
        text.bytes(before);
        is_bounded = put_value(value, text).is_some();
        text.bytes(b"\n");
    });
    is_bounded.then_some(len)
}

/// Writes a value whose text has a bound.
#[inline]
fn put_value(value: Value, text: &mut Text<'_>) -> Option<()> {
    match value {
        Value::U64(number) => text.u64(number),
        Value::I64(number) => text.i64(number),
        Value::Bool(yes) => text.bytes(if yes { b"1" } else { b"0" }),
        Value::Nanos(nanos) => text.seconds(nanos),
        Value::F64(_) | Value::Word(_) | Value::Absent => return None,
    }
    Some(())
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
            put_sample(&Sample { family, series, part, value: Value::U64(7) }, &mut window);
            assert_eq!(core::str::from_utf8(window.written()), Ok(expected));
        }
    }
}
