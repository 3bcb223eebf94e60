//! The tree as pages for a browser: a table of what is in a directory, a sheet for a leaf. Without scripts, and nothing
//! is loaded from elsewhere: a management network may have no way out.

use ukstore::{Child, Content, Error, Leaf, Node, SettingRecord, Unit};

use super::escape::{self, put_line};
use super::text::put_value;
use super::{Format, LEAF_BYTES, LISTED_BYTES, buckets, help, put_name, reason};
use crate::Window;
use crate::exposition::number::{put_amount, put_seconds, put_u64};

const STYLE: &str = "<style>body{font:16px/1.4 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;\
color:#222;background:#fff}a{color:#06c;text-decoration:none}a:hover{text-decoration:underline}\
h1{font-size:1.2rem;font-weight:normal}table{border-collapse:collapse;width:100%}.sheet{width:auto}\
td,th{text-align:left;padding:.25rem .8rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top}\
td.v{font-family:ui-monospace,monospace;overflow-wrap:anywhere}td.h{color:#555}\
pre{font:1.2rem/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}a{color:#6af}td,th{border-color:#333}td.h{color:#aaa}}\
</style>";

pub(super) fn put_head(path: &str, window: &mut Window<'_>) {
    window.put(
        b"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>",
    );
    put(path, window);
    window.put(b"</title>");
    window.put(STYLE.as_bytes());
    window.put(b"</head>\n<body>\n<h1><a href=\"/\">this machine</a> \xc2\xb7 <a href=\"/ukstore/\">/</a>");
}

/// The link to the name behind the slash at `from` in the path, and where it ends. Behind the last one, `None`: the
/// heading ends there, and the help begins.
pub(super) fn put_crumb(path: &str, node: &Node, from: usize, window: &mut Window<'_>) -> Option<usize> {
    let path = path.trim_end_matches('/');
    let Some(name) = path.get(from + 1..).and_then(|rest| rest.split('/').next()) else {
        window.put(if help(node).is_some() { b"</h1>\n<p>" } else { b"</h1>\n" });
        return None;
    };
    let end = from + 1 + name.len();
    if from > 0 {
        window.put(b"/");
    }
    window.put(b"<a href=\"/ukstore");
    put_url(path.get(..end).unwrap_or_default(), window);
    window.put(b"\">");
    put(name, window);
    window.put(b"</a>");
    Some(end)
}

pub(super) fn put_opening(node: &Node, window: &mut Window<'_>) {
    if help(node).is_some() {
        window.put(b"</p>\n");
    }
    window.put(match node {
        Node::Directory(_) => {
            b"<table>\n<tr><th>Name</th><th>Value</th><th>Unit</th><th>What it is</th></tr>\n" as &[u8]
        }
        // The first line break in a `pre` is not shown (HTML, 13.1.2.5), so words that begin with one need another.
        Node::Leaf(_) => b"<pre>\n",
    });
}

pub(super) fn put_tail(path: &str, node: &Node, window: &mut Window<'_>) {
    window.put(match node {
        Node::Directory(_) => b"</table>\n",
        Node::Leaf(_) => b"</pre>\n<table class=\"sheet\">\n" as &[u8],
    });
    if let Node::Leaf(leaf) = node {
        put_row("Kind", leaf.kind().name(), window);
        if leaf.unit() != Unit::None {
            put_row("Unit", leaf.unit().name(), window);
        }
        if leaf.family().is_some() {
            put_series(leaf, window);
        }
        if leaf.is_writable() {
            put_writes(leaf, window);
        }
        window.put(b"</table>\n");
        if leaf.is_writable() {
            window.put(b"<p>Set it with <code>curl -X PUT --data VALUE http://\xe2\x80\xa6/ukstore");
            put_url(path, window);
            window.put(b"</code>, if this machine takes writes (<code>--monitor-adjust</code>");
            if leaf.setting().is_some_and(SettingRecord::is_fault) {
                window.put(b") and faults (<code>--debug-faults=on</code>");
            }
            window.put(b").</p>\n");
        }
    }
    window.put(b"</body>\n</html>\n");
}

pub(super) fn put_child(path: &str, child: &Child<'_>, window: &mut Window<'_>) {
    window.put(b"<tr><td><a href=\"/ukstore");
    put_url(path.trim_end_matches('/'), window);
    window.put(b"/");
    put_name(child, |name| put_url(name, window));
    if matches!(child, Child::Directory(_)) {
        window.put(b"/");
    }
    window.put(b"\">");
    put_name(child, |name| put(name, window));
    match child {
        Child::Directory(_) => window.put(b"/</a></td><td></td><td></td><td></td></tr>\n"),
        Child::Leaf { leaf, content, .. } => {
            window.put(b"</a></td><td class=\"v\">");
            match content {
                Ok(Content::Value(value)) => put_value(*value, window),
                Ok(Content::Histogram(histogram)) => {
                    put_u64(histogram.count(), window);
                    window.put(b" observed");
                }
                Ok(Content::Labels(labels)) => put_labels(labels, b"<br>", LISTED_BYTES, window),
                Ok(Content::Text(words)) => put_line(words, LISTED_BYTES, Format::Html, window),
                Err(error) => put_error(*error, window),
            }
            window.put(b"</td><td>");
            window.put(leaf.unit().name().as_bytes());
            window.put(b"</td><td class=\"h\">");
            put_line(&leaf.help(), LISTED_BYTES, Format::Html, window);
            window.put(b"</td></tr>\n");
        }
    }
}

/// All a leaf tells but words.
pub(super) fn put_content(content: &Content<'_>, unit: Unit, window: &mut Window<'_>) {
    match content {
        Content::Value(value) => put_value(*value, window),
        Content::Labels(labels) => put_labels(labels, b"\n", LEAF_BYTES, window),
        Content::Histogram(histogram) => {
            for (bound, count) in buckets(histogram) {
                window.put(b"at most ");
                match bound {
                    Some(bound) => put_amount(bound, unit, window),
                    None => window.put(b"any"),
                }
                window.put(b": ");
                put_u64(count, window);
                window.put(b"\n");
            }
            window.put(b"sum: ");
            put_amount(histogram.sum(), unit, window);
        }
        Content::Text(_) => {}
    }
}

pub(super) fn put_error(error: Error, window: &mut Window<'_>) {
    window.put(reason(error).as_bytes());
}

fn put_series(leaf: &Leaf, window: &mut Window<'_>) {
    window.put(b"<tr><th>Metric</th><td>");
    put(leaf.family().map_or("", |family| family.name()), window);
    let mut separator: &[u8] = b"{";
    leaf.labels(|label, value| {
        window.put(separator);
        window.put(label.as_bytes());
        window.put(b"=&quot;");
        put(value, window);
        window.put(b"&quot;");
        separator = b",";
    });
    if separator == b"," {
        window.put(b"}");
    }
    window.put(b"</td></tr>\n");
}

fn put_writes(leaf: &Leaf, window: &mut Window<'_>) {
    if let Some(setting) = leaf.setting() {
        window.put(b"<tr><th>Accepts</th><td>");
        put_line(&setting.accepts(), LISTED_BYTES, Format::Html, window);
        window.put(b"</td></tr>\n");
    }
    window.put(b"<tr><th>Last written</th><td>");
    match leaf.last_write() {
        None => window.put(b"never"),
        Some(last) => {
            window.put(b"by ");
            put_line(&last.by, LISTED_BYTES, Format::Html, window);
            window.put(b", ");
            put_seconds(last.at_ns, window);
            window.put(b" seconds after boot");
        }
    }
    window.put(b"</td></tr>\n");
}

fn put_row(name: &str, value: &str, window: &mut Window<'_>) {
    for part in ["<tr><th>", name, "</th><td>", value, "</td></tr>\n"] {
        window.put(part.as_bytes());
    }
}

fn put_labels(labels: &[(&str, &str)], separator: &[u8], most: usize, window: &mut Window<'_>) {
    for (index, (label, value)) in labels.iter().enumerate() {
        if index > 0 {
            window.put(separator);
        }
        window.put(label.as_bytes());
        window.put(b"=");
        put_line(value, most / labels.len(), Format::Html, window);
    }
}

fn put(text: &str, window: &mut Window<'_>) {
    escape::put(text, Format::Html, window);
}

/// A path inside a link: what is neither a letter, a digit nor plain punctuation is percent-encoded (RFC 3986, 2.1).
fn put_url(path: &str, window: &mut Window<'_>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'.' | b'~' | b':') {
            window.put_byte(byte);
        } else {
            window.put(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}
