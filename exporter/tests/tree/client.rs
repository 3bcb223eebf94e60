//! What the tests of the tree ask, and how they take replies.

use crate::declared::populate;
use crate::harness::{FakeSite, Reply, get, next_reply, talk};

pub(crate) const TEXT: &str = "text/plain";
pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html";
pub(crate) const FORMS: [&str; 3] = [TEXT, JSON, HTML];

/// The reply to `GET /ukstore` with `target` behind it.
pub(crate) fn reply(target: &str, accept: &str) -> Reply {
    populate();
    get(&FakeSite::default(), &request(target, accept, "1.1")).0
}

/// The body of that, which must be there.
pub(crate) fn show(target: &str, accept: &str) -> String {
    let reply = reply(target, accept);
    assert_eq!(reply.status, 200, "{target}: {}", reply.body);
    assert!(reply.header("content-type").is_some_and(|its| its.starts_with(accept)), "{reply:?}");
    reply.body
}

/// The same, taken through windows of `window` bytes.
pub(crate) fn show_through(target: &str, accept: &str, version: &str, window: usize) -> String {
    populate();
    let request = request(target, accept, version);
    let (output, _) = talk(&FakeSite::default(), request.as_bytes(), || usize::MAX, window);
    let (reply, rest) = next_reply(&output, false);
    assert_eq!((reply.status, rest.len()), (200, 0), "{target}");
    reply.body
}

pub(crate) fn request(target: &str, accept: &str, version: &str) -> String {
    format!("GET /ukstore{target} HTTP/{version}\r\nHost: a\r\nAccept: {accept}\r\n\r\n")
}

/// The JSON that is there.
pub(crate) fn json(target: &str) -> serde_json::Value {
    let body = show(target, JSON);
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{target}: {error}: {body}"))
}

/// `PUT`s, and gives the status and the body of the reply.
pub(crate) fn put(target: &str, text: &str) -> (u16, String) {
    populate();
    let length = text.len();
    let request = format!("PUT /ukstore{target} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{text}");
    let (reply, _) = get(&FakeSite::default(), &request);
    (reply.status, reply.body)
}
