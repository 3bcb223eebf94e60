//! The tree as plain text: a leaf is its value; a directory has a line for each child, `name value`, or `name/`.

use ukstore::{Child, Content, Error, Unit, Value};

use super::escape::{self, put_line};
use super::{Format, LEAF_BYTES, LISTED_BYTES, buckets, put_name, reason};
use crate::Window;
use crate::exposition::number::{put_amount, put_f64, put_i64, put_seconds, put_u64};

pub(super) fn put_child(child: &Child<'_>, window: &mut Window<'_>) {
    put_name(child, |name| escape::put(name, Format::Text, window));
    match child {
        Child::Directory(_) => window.put(b"/"),
        Child::Leaf { leaf, content, .. } => {
            window.put(b" ");
            match content {
                Ok(Content::Value(value)) => put_value(*value, window),
                Ok(Content::Histogram(histogram)) => {
                    window.put(b"count=");
                    put_u64(histogram.count(), window);
                    window.put(b" sum=");
                    put_amount(histogram.sum(), leaf.unit(), window);
                }
                Ok(Content::Labels(labels)) => put_labels(labels, b" ", LISTED_BYTES, window),
                Ok(Content::Text(words)) => put_line(words, LISTED_BYTES, Format::Text, window),
                Err(_) => window.put(b"-"),
            }
        }
    }
    window.put(b"\n");
}

/// All a leaf tells but words.
pub(super) fn put_content(content: &Content<'_>, unit: Unit, window: &mut Window<'_>) {
    match content {
        Content::Value(value) => put_value(*value, window),
        Content::Labels(labels) => put_labels(labels, b"\n", LEAF_BYTES, window),
        Content::Histogram(histogram) => {
            for (bound, count) in buckets(histogram) {
                window.put(b"le ");
                match bound {
                    Some(bound) => put_amount(bound, unit, window),
                    None => window.put(b"+Inf"),
                }
                window.put(b" ");
                put_u64(count, window);
                window.put(b"\n");
            }
            window.put(b"sum ");
            put_amount(histogram.sum(), unit, window);
            window.put(b"\ncount ");
            put_u64(histogram.count(), window);
        }
        Content::Text(_) => {}
    }
    window.put(b"\n");
}

pub(super) fn put_error(error: Error, window: &mut Window<'_>) {
    window.put(reason(error).as_bytes());
    window.put(b"\n");
}

pub(super) fn put_value(value: Value, window: &mut Window<'_>) {
    match value {
        Value::U64(number) => put_u64(number, window),
        Value::I64(number) => put_i64(number, window),
        Value::F64(number) => put_f64(number, window),
        Value::Bool(yes) => window.put(if yes { b"true" } else { b"false" }),
        Value::Nanos(nanos) => put_seconds(nanos, window),
        Value::Word(word) => window.put(word.as_str().as_bytes()),
        Value::Absent => window.put(b"-"),
    }
}

/// An info's labels. Values are quoted as in JSON, so that none looks like two.
fn put_labels(labels: &[(&str, &str)], separator: &[u8], most: usize, window: &mut Window<'_>) {
    for (index, (label, value)) in labels.iter().enumerate() {
        if index > 0 {
            window.put(separator);
        }
        window.put(label.as_bytes());
        window.put(b"=\"");
        put_line(value, most / labels.len(), Format::Json, window);
        window.put(b"\"");
    }
}
