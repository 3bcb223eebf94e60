//! Content negotiation. An input is the value of `Accept`, and after a newline that of `Accept-Encoding`.
//!
//! Whatever they are, one of the forms there are is sent; and neither white space where it is allowed nor a list in two
//! fields instead of one changes which.
#![no_main]

use fuzz::{Fuzzed, exchange};
use libfuzzer_sys::fuzz_target;

/// What compresses when asked to.
const WITH_GZIP: u8 = 1 << 2;
/// A request's head has room for three times as much.
const MAX_VALUE: usize = 600;

fuzz_target!(|input: &[u8]| {
    let mut values = input.splitn(2, |&byte| byte == b'\n');
    let (accept, encoding) = (values.next().unwrap_or_default(), values.next().unwrap_or_default());
    let is_value = |value: &[u8]| {
        value.len() <= MAX_VALUE && value.iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
    };
    if !is_value(accept) || !is_value(encoding) {
        return;
    }
    let site = Fuzzed::new(WITH_GZIP);
    for target in ["/metrics", "/ukstore/fuzz"] {
        let chosen = |fields: &[(&str, &[u8])]| {
            let mut request = format!("HEAD {target} HTTP/1.1\r\nHost: a\r\n").into_bytes();
            for (name, value) in fields {
                request.extend_from_slice(&[name.as_bytes(), b":", value, b"\r\n"].concat());
            }
            request.extend_from_slice(b"\r\n");
            let reply = exchange(&site, &request);
            assert_eq!(reply.status, 200);
            let kind = reply.field("content-type").expect("every form has a type").to_owned();
            (kind, reply.field("content-encoding").map(str::to_owned))
        };
        let form = chosen(&[("Accept", accept), ("Accept-Encoding", encoding)]);
        assert!(is_form(target, &form.0), "{}", form.0);
        assert!(matches!(form.1.as_deref(), None | Some("gzip")));
        let spaced = chosen(&[("accept", &spaced(accept, true)), ("ACCEPT-ENCODING", &spaced(encoding, false))]);
        assert_eq!(form, spaced, "white space counts");
        if let Some(comma) = separators(accept, true).find(|&at| accept[at] == b',') {
            let (before, after) = (&accept[..comma], &accept[comma + 1..]);
            let parted = chosen(&[("Accept", before), ("Accept-Encoding", encoding), ("Accept", after)]);
            assert_eq!(form, parted, "a list in two fields is another");
        }
    }
});

/// Whether a page has a form of this type.
fn is_form(target: &str, kind: &str) -> bool {
    let kinds: &[&str] = if target == "/metrics" {
        &[
            "text/plain; version=0.0.4;",
            "text/plain; version=1.0.0; escaping=",
            "application/openmetrics-text; version=1.0.0;",
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
        ]
    } else {
        &["text/plain; charset=utf-8", "application/json", "text/html; charset=utf-8"]
    };
    kinds.iter().any(|known| kind.starts_with(known))
}

/// Where commas and semicolons stand, though not in quoted strings.
fn separators(value: &[u8], with_quotes: bool) -> impl Iterator<Item = usize> {
    let (mut quoted, mut escaped) = (false, false);
    value.iter().enumerate().filter_map(move |(at, byte)| {
        let is_separator = !quoted && matches!(byte, b',' | b';');
        if with_quotes && !escaped && *byte == b'"' {
            quoted = !quoted;
        }
        escaped = quoted && !escaped && *byte == b'\\';
        is_separator.then_some(at)
    })
}

/// `value` with white space around its separators.
fn spaced(value: &[u8], with_quotes: bool) -> Vec<u8> {
    let mut spaced = b"\t ".to_vec();
    let mut from = 0;
    for at in separators(value, with_quotes) {
        spaced.extend_from_slice(&[&value[from..at], b" \t", &value[at..=at], b"\t "].concat());
        from = at + 1;
    }
    spaced.extend_from_slice(&[&value[from..], b" "].concat());
    spaced
}
