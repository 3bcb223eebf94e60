//! One head of a reply, parsed and judged.
//!
//! httparse reads the grammar; the fields that say where the body ends are weighed by the server half's rules, so nothing
//! that two readers could understand differently passes.

use super::MAX_BODY;
use super::body::Body;
use super::excerpt::Excerpt;
use crate::http::request::framing::{self, Framing};
use crate::http::request::list;

/// Header fields a reply may have. Servers send about ten, those behind proxies about twenty.
const MAX_FIELDS: usize = 64;

/// Why a reply cannot be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It is not HTTP/1.0 or HTTP/1.1.
    Grammar,
    /// Its head is longer than [`MAX_HEAD`](super::MAX_HEAD), or has too many fields.
    TooLong,
    /// It cannot be said where its body ends.
    Framing,
    /// More interim replies than a server has reason to send, or one that nobody asked for.
    Interim,
}

impl Malformed {
    /// For a log line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grammar => "what it answers is not HTTP",
            Self::TooLong => "the head of its reply is too long",
            Self::Framing => "it cannot be said where its reply ends",
            Self::Interim => "it answers with interim replies only",
        }
    }
}

/// What a head says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) retry_after_s: Option<u64>,
    pub(super) samples_written: Option<u64>,
    /// Whether the connection outlives the reply, as far as the fields say.
    pub(super) keep_alive: bool,
    pub(super) body: Body,
}

impl Head {
    /// Parses a whole head, the empty line that ends it included, and takes what it says for people into `excerpt`.
    pub(super) fn parse(bytes: &[u8], excerpt: &mut Excerpt) -> Result<Self, Malformed> {
        let mut room = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut parsed = httparse::Response::new(&mut room);
        match parsed.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(Malformed::TooLong),
            Ok(httparse::Status::Partial) | Err(_) => return Err(Malformed::Grammar),
        }
        let (Some(version), Some(status @ 100..)) = (parsed.version, parsed.code) else {
            return Err(Malformed::Grammar);
        };
        let http_1_1 = version == 1;
        let mut head = Self { status, keep_alive: http_1_1, ..Self::default() };
        let mut framing = Framing::default();
        for field in parsed.headers.iter() {
            let is = |name: &str| field.name.eq_ignore_ascii_case(name);
            if is("content-length") {
                framing.add_length(field.value);
            } else if is("transfer-encoding") {
                framing.add_codings(field.value);
            } else if is("connection") {
                head.keep_alive &= !list::members(field.value).any(|token| token.eq_ignore_ascii_case(b"close"));
            } else if is("retry-after") {
                head.retry_after_s = number(field.value);
            } else if is("x-prometheus-remote-write-samples-written") {
                head.samples_written = number(field.value);
            } else if is("x-influxdb-error") {
                excerpt.set(field.value);
            }
        }
        // These have no body, whatever their fields say (RFC 9112, 6.3).
        if !matches!(status, 100..=199 | 204 | 304) {
            head.body = match framing.body(http_1_1).map_err(|_| Malformed::Framing)? {
                framing::Body::Absent => Body::until_close(),
                framing::Body::Length(length) => Body::Length { missing: length, left: MAX_BODY },
                framing::Body::Chunked => Body::chunked(),
            };
        }
        Ok(head)
    }
}

/// A decimal number; as much as there can be if it is larger.
fn number(text: &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    for byte in text {
        let digit = byte.is_ascii_digit().then_some(u64::from(byte.wrapping_sub(b'0')))?;
        value = value.saturating_mul(10).saturating_add(digit);
    }
    (!text.is_empty()).then_some(value)
}
