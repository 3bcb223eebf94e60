//! What a target holds: the path below `/ukstore` and the query of `/metrics`. An input is one byte, which says which of
//! the two, and then its text as it stands in the request.
//!
//! What is accepted means the same however it is encoded, has no control characters, and is what it decodes to here.
#![no_main]

use fuzz::{Fuzzed, Reply, exchange};
use libfuzzer_sys::fuzz_target;

/// Encoded anew it is three times as long, and a request line has room for that.
const MAX_TEXT: usize = 1_000;

fuzz_target!(|input: &[u8]| {
    let Some((which, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    // Other characters end a target, or begin another part of it.
    if text.len() > MAX_TEXT || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return;
    }
    let site = Fuzzed::new(0);
    if which % 2 == 0 { path(&site, text) } else { query(&site, text) }
});

fn get(site: &Fuzzed, target: &str) -> Reply {
    exchange(site, format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes())
}

fn path(site: &Fuzzed, text: &str) {
    if text.contains('?') {
        return;
    }
    let reply = get(site, &format!("/ukstore/{text}"));
    let slash = if text.ends_with('/') { "/" } else { "" };
    let Some(names) = names(text) else {
        assert!([400, 404, 414].contains(&reply.status), "{}: it should have been refused", reply.status);
        return;
    };
    let path = format!("/{}", names.join("/"));
    if path.len() > 255 {
        assert_eq!(reply.status, 414);
        return;
    }
    match ukstore::lookup(&path) {
        Err(_) => assert_eq!(reply.status, 404, "{path:?} is nowhere"),
        // A leaf with a slash behind it is nowhere, and some things have no value.
        Ok(_) => assert!(reply.status == 200 || (reply.status == 404 && slash == "/"), "{}: {path:?}", reply.status),
    }
    let encoded: Vec<String> = names.iter().map(|name| encode(name)).collect();
    let again = get(site, &format!("/ukstore/{}{slash}", encoded.join("/")));
    reply.assert_like(again, &format!("{path:?} is the same, encoded otherwise"));
}

/// The names of a path, decoded, whether or not a slash ends it; `None` if it must be refused.
fn names(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.strip_suffix('/')
        .unwrap_or(text)
        .split('/')
        .map(|name| {
            decode(name).filter(|name| !name.is_empty() && !name.contains('/') && !name.chars().any(char::is_control))
        })
        .collect()
}

fn query(site: &Fuzzed, text: &str) {
    let reply = get(site, &format!("/metrics?{text}"));
    assert!([200, 400].contains(&reply.status), "{}", reply.status);
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs: Option<Vec<(String, String)>> = pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((decode(key)?, decode(value)?))
        })
        .collect();
    let Some(pairs) = pairs else { return };
    let is_known = |(key, value): &(String, String)| match key.as_str() {
        "name[]" => true,
        "collect[]" => ukstore::source(value).is_some(),
        _ => false,
    };
    let names = pairs.iter().filter(|(key, _)| key == "name[]").count();
    if reply.status == 200 {
        assert!(pairs.iter().all(is_known), "an unknown key or source was taken");
    } else {
        assert!(names > 32 || !pairs.iter().all(is_known), "a good query was refused");
    }
    let again: Vec<String> = pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    let again = get(site, &format!("/metrics?{}", again.join("&")));
    reply.assert_like(again, "it is the same, encoded otherwise");
}

/// Undoes the percent-encoding; `None` if there is a mistake in it, or what comes out is no text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (digits, after) = rest.split_first_chunk::<2>()?;
            let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
            bytes.push(u8::try_from(high? * 16 + low?).ok()?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Every byte encoded.
fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
