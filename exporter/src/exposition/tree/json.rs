//! The tree as JSON (RFC 8259): an object for a leaf; for a directory an object with a list of its children.
//!
//! Integers and durations are written with all their digits, which readers that take numbers for doubles round by
//! themselves. What JSON has no number for, `NaN` and the infinities, is a string.

use ukstore::{Child, Content, Kind, Leaf, Node, Unit, Value};

use super::escape::{self, put_line};
use super::{Format, LISTED_BYTES, buckets, help, put_name, reason};
use crate::Window;
use crate::exposition::number::{put_amount, put_f64, put_i64, put_seconds, put_u64};

pub(super) fn put_head(path: &str, node: &Node, window: &mut Window<'_>) {
    window.put(b"{\"path\":");
    put_string(path, window);
    match node {
        Node::Directory(_) => window.put(b",\"kind\":\"directory\""),
        Node::Leaf(leaf) => put_description(leaf, window),
    }
    if help(node).is_some() {
        window.put(b",\"help\":\"");
    }
}

pub(super) fn put_opening(node: &Node, window: &mut Window<'_>) {
    if help(node).is_some() {
        window.put(b"\"");
    }
    match node {
        Node::Directory(_) => window.put(b",\"children\":[\n"),
        Node::Leaf(leaf) => {
            match leaf.content(|content| type_name(&content)) {
                Ok(type_name) => put_field("type", type_name, window),
                Err(error) => put_field("absent", reason(error), window),
            }
            window.put(b",\"value\":");
            if is_words(leaf) {
                window.put(b"\"");
            }
        }
    }
}

pub(super) fn put_tail(node: &Node, window: &mut Window<'_>) {
    match node {
        Node::Directory(_) => window.put(b"\n]"),
        Node::Leaf(leaf) if is_words(leaf) => window.put(b"\""),
        Node::Leaf(_) => {}
    }
    window.put(b"}\n");
}

pub(super) fn put_child(path: &str, child: &Child<'_>, is_first: bool, window: &mut Window<'_>) {
    window.put(if is_first { b"{\"name\":\"" } else { b",\n{\"name\":\"" });
    put_name(child, |name| escape::put(name, Format::Json, window));
    window.put(b"\",\"path\":\"");
    escape::put(path.trim_end_matches('/'), Format::Json, window);
    window.put(b"/");
    put_name(child, |name| escape::put(name, Format::Json, window));
    window.put(b"\"");
    match child {
        Child::Directory(_) => window.put(b",\"kind\":\"directory\""),
        Child::Leaf { leaf, content, .. } => {
            put_description(leaf, window);
            window.put(b",\"help\":\"");
            put_line(&leaf.help(), LISTED_BYTES, Format::Json, window);
            window.put(b"\"");
            match content {
                Ok(content) => put_field("type", type_name(content), window),
                Err(error) => put_field("absent", reason(*error), window),
            }
            window.put(b",\"value\":");
            match content {
                Ok(Content::Text(words)) => {
                    window.put(b"\"");
                    put_line(words, LISTED_BYTES, Format::Json, window);
                    window.put(b"\"");
                }
                Ok(content) => put_content(content, leaf.unit(), LISTED_BYTES, window),
                Err(_) => put_error(window),
            }
        }
    }
    window.put(b"}");
}

/// All a leaf tells but words; of an info's values at most `most` bytes.
pub(super) fn put_content(content: &Content<'_>, unit: Unit, most: usize, window: &mut Window<'_>) {
    match content {
        Content::Value(value) => put_value(*value, window),
        Content::Labels(labels) => put_labels(labels, most, window),
        Content::Histogram(histogram) => {
            window.put(b"{\"buckets\":");
            let mut separator = b"[";
            for (bound, count) in buckets(histogram) {
                window.put(separator);
                window.put(b"[");
                match bound {
                    Some(bound) => put_amount(bound, unit, window),
                    None => window.put(b"\"+Inf\""),
                }
                window.put(b",");
                put_u64(count, window);
                window.put(b"]");
                separator = b",";
            }
            window.put(b"],\"sum\":");
            put_amount(histogram.sum(), unit, window);
            window.put(b",\"count\":");
            put_u64(histogram.count(), window);
            window.put(b"}");
        }
        Content::Text(_) => {}
    }
}

/// In place of a value.
pub(super) fn put_error(window: &mut Window<'_>) {
    window.put(b"null");
}

/// What there is to say of a leaf besides what it tells.
fn put_description(leaf: &Leaf, window: &mut Window<'_>) {
    put_field("kind", leaf.kind().name(), window);
    if leaf.unit() != Unit::None {
        put_field("unit", leaf.unit().name(), window);
    }
    if let Some(family) = leaf.family() {
        put_field("metric", family.name(), window);
        let mut separator: &[u8] = b",\"labels\":{";
        leaf.labels(|label, value| {
            window.put(separator);
            put_member(label, value, window);
            separator = b",";
        });
        if separator == b"," {
            window.put(b"}");
        }
    }
    if let Some(setting) = leaf.setting() {
        window.put(b",\"accepts\":\"");
        put_line(&setting.accepts(), LISTED_BYTES, Format::Json, window);
        window.put(b"\"");
        if setting.is_fault() {
            window.put(b",\"fault\":true");
        }
    }
    if let Some(last) = leaf.last_write() {
        window.put(b",\"written_by\":\"");
        put_line(&last.by, LISTED_BYTES, Format::Json, window);
        window.put(b"\",\"written_at_seconds\":");
        put_seconds(last.at_ns, window);
    }
}

/// Whether what it tells is a text of any length.
fn is_words(leaf: &Leaf) -> bool {
    leaf.kind() == Kind::Text || leaf.setting().is_some_and(|setting| setting.text().is_some())
}

fn type_name(content: &Content<'_>) -> &'static str {
    match content {
        Content::Value(value) => value.type_name(),
        Content::Histogram(_) => "histogram",
        Content::Labels(_) => "labels",
        Content::Text(_) => "text",
    }
}

fn put_value(value: Value, window: &mut Window<'_>) {
    match value {
        Value::U64(number) => put_u64(number, window),
        Value::I64(number) => put_i64(number, window),
        Value::F64(number) if number.is_finite() => put_f64(number, window),
        Value::F64(number) => {
            window.put(b"\"");
            put_f64(number, window);
            window.put(b"\"");
        }
        Value::Bool(yes) => window.put(if yes { b"true" } else { b"false" }),
        Value::Nanos(nanos) => put_seconds(nanos, window),
        Value::Word(word) => put_string(word.as_str(), window),
        Value::Absent => window.put(b"null"),
    }
}

fn put_labels(labels: &[(&str, &str)], most: usize, window: &mut Window<'_>) {
    let mut separator = b"{";
    for (label, value) in labels {
        window.put(separator);
        put_string(label, window);
        window.put(b":\"");
        put_line(value, most / labels.len(), Format::Json, window);
        window.put(b"\"");
        separator = b",";
    }
    window.put(b"}");
}

/// `,"name":"text"`.
fn put_field(name: &str, text: &str, window: &mut Window<'_>) {
    window.put(b",");
    put_member(name, text, window);
}

fn put_member(name: &str, text: &str, window: &mut Window<'_>) {
    put_string(name, window);
    window.put(b":");
    put_string(text, window);
}

fn put_string(text: &str, window: &mut Window<'_>) {
    window.put(b"\"");
    escape::put(text, Format::Json, window);
    window.put(b"\"");
}
