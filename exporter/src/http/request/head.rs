//! One request head, parsed and judged: from bytes to a [`Request`], or to the reason it is refused.
//!
//! httparse reads the grammar; this file adds what the grammar leaves open and a server must decide: with `target` and
//! `host` what is asked for and of whom, and with `framing` where the request ends. What a path means is `route`'s
//! business.

use core::mem::MaybeUninit;

use super::framing::{Body, Framing};
use super::list;
use super::target::Target;
use super::{host, refusal::Refusal};

/// Header fields a request may have. Prometheus sends six or seven, browsers about twenty.
pub(in crate::http) const MAX_FIELDS: usize = 32;

/// A method as far as this server tells methods apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Method {
    /// `GET`.
    Get,
    /// `HEAD`: as `GET`, without the body.
    Head,
    /// `PUT`.
    Put,
    /// `OPTIONS`.
    Options,
    /// One of HTTP's methods that no route here has.
    Other,
    /// Not one of HTTP's methods, or `CONNECT`, which only proxies have (RFC 9110, 9.3.6).
    Unknown,
}

/// Where the fields of a head are listed while it is looked at.
pub(in crate::http) type FieldRoom<'h> = [MaybeUninit<httparse::Header<'h>>; MAX_FIELDS];

/// A request head whose framing is beyond doubt. It may have credentials, so it is never shown.
#[derive(Clone, Copy)]
pub(in crate::http) struct Request<'h> {
    /// What is asked for.
    pub(in crate::http) method: Method,
    /// Absolute path of the target, undecoded; `*` for the whole server.
    pub(in crate::http) path: &'h str,
    /// What follows the target's `?`, or nothing.
    pub(in crate::http) query: &'h str,
    /// Whether the client speaks HTTP/1.1, and so understands chunks.
    pub(in crate::http) http_1_1: bool,
    /// Whether another request may follow this one's reply.
    pub(in crate::http) keep_alive: bool,
    /// The body behind the head.
    pub(in crate::http) body: Body,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub(in crate::http) expects_continue: bool,
    /// Whether there is an `Expect` this server cannot meet.
    pub(in crate::http) bad_expectation: bool,
    headers: &'h [httparse::Header<'h>],
}

impl<'h> Request<'h> {
    /// Parses a whole head, the empty line that ends it included.
    ///
    /// # Errors
    /// When the head is not HTTP, or when it cannot be said for certain where the request ends. The connection must not
    /// be used for another request then.
    pub(in crate::http) fn parse(head: &'h [u8], room: &'h mut FieldRoom<'h>) -> Result<Self, Refusal> {
        let mut parsed = httparse::Request::new(&mut []);
        match parsed.parse_with_uninit_headers(head, room) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Refusal::Malformed),
            Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooManyFields),
            Err(httparse::Error::Version) if names_other_version(head) => return Err(Refusal::Version),
            Err(_) => return Err(Refusal::Malformed),
        }
        let (Some(method), Some(target), Some(version)) = (parsed.method, parsed.path, parsed.version) else {
            return Err(Refusal::Malformed);
        };
        let http_1_1 = version == 1;
        let headers: &'h [httparse::Header<'h>] = parsed.headers;
        let fields = Fields::collect(headers)?;
        let body = fields.framing.body(http_1_1)?;
        if fields.hosts > 1 || (http_1_1 && fields.hosts == 0) {
            return Err(Refusal::Host);
        }
        let method = method_of(method);
        let Target { path, query } = Target::parse(target, method)?;
        Ok(Self {
            method,
            path,
            query,
            http_1_1,
            keep_alive: http_1_1 && !fields.close,
            body,
            // A client of HTTP/1.0 does not know the reply (RFC 9110, 10.1.1).
            expects_continue: http_1_1 && fields.expects_continue,
            bad_expectation: fields.bad_expectation,
            headers,
        })
    }

    /// The values of all fields called `name`, in their order.
    pub(in crate::http) fn values(&self, name: &'static str) -> impl Iterator<Item = &'h [u8]> + Clone {
        self.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
    }
}

/// What the header fields say, as far as it matters here.
#[derive(Default)]
struct Fields<'h> {
    hosts: u8,
    framing: Framing<'h>,
    close: bool,
    expects_continue: bool,
    bad_expectation: bool,
}

impl<'h> Fields<'h> {
    fn collect(headers: &[httparse::Header<'h>]) -> Result<Self, Refusal> {
        let mut fields = Self::default();
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if is("host") {
                fields.hosts = fields.hosts.saturating_add(1);
                if !host::is_valid(header.value) {
                    return Err(Refusal::Host);
                }
            } else if is("content-length") {
                fields.framing.add_length(header.value);
            } else if is("transfer-encoding") {
                fields.framing.add_codings(header.value);
            } else if is("connection") {
                fields.close |= list::members(header.value).any(|token| token.eq_ignore_ascii_case(b"close"));
            } else if is("expect") {
                let known = header.value.eq_ignore_ascii_case(b"100-continue");
                fields.expects_continue |= known;
                fields.bad_expectation |= !known;
            }
        }
        Ok(fields)
    }
}

fn method_of(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "PUT" => Method::Put,
        "OPTIONS" => Method::Options,
        "POST" | "DELETE" | "TRACE" | "PATCH" => Method::Other,
        _ => Method::Unknown,
    }
}

/// Whether the request line ends in an HTTP version, well formed but neither 1.0 nor 1.1. HTTP/1.2 and the like, which
/// RFC 9110 (2.5) would have read as 1.1, are refused on purpose: there are none, and no client speaks them.
fn names_other_version(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let version = line.rsplit(|&byte| byte == b' ').next().unwrap_or_default();
    matches!(version, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
        if major.is_ascii_digit() && minor.is_ascii_digit() && !matches!((major, minor), (b'1', b'0' | b'1')))
}
