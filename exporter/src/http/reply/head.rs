//! The head of a reply: status line and header fields (RFC 9112, section 4; RFC 9110 for the fields).
//!
//! Which status a request deserves is decided elsewhere; so is the body.

use core::fmt::Write as _;

use crate::Window;
use crate::civil::Civil;
use crate::exposition::ContentType;
use crate::http::request::Methods;

/// The statuses this server answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Status {
    /// 200.
    Ok,
    /// 204: nothing to send but the head.
    NoContent,
    /// 400.
    BadRequest,
    /// 401: always with `WWW-Authenticate`.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 405: always with `Allow`.
    MethodNotAllowed,
    /// 408.
    RequestTimeout,
    /// 411.
    LengthRequired,
    /// 413.
    ContentTooLarge,
    /// 414.
    UriTooLong,
    /// 417.
    ExpectationFailed,
    /// 431.
    FieldsTooLarge,
    /// 501.
    NotImplemented,
    /// 503.
    Unavailable,
    /// 505.
    VersionNotSupported,
}

impl Status {
    /// Code and phrase, as the status line has them.
    pub(in crate::http) fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::NoContent => "204 No Content",
            Self::BadRequest => "400 Bad Request",
            Self::Unauthorized => "401 Unauthorized",
            Self::Forbidden => "403 Forbidden",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::RequestTimeout => "408 Request Timeout",
            Self::LengthRequired => "411 Length Required",
            Self::ContentTooLarge => "413 Content Too Large",
            Self::UriTooLong => "414 URI Too Long",
            Self::ExpectationFailed => "417 Expectation Failed",
            Self::FieldsTooLarge => "431 Request Header Fields Too Large",
            Self::NotImplemented => "501 Not Implemented",
            Self::Unavailable => "503 Service Unavailable",
            Self::VersionNotSupported => "505 HTTP Version Not Supported",
        }
    }

    /// Index into the reply counters, whose labels are in the same order.
    pub(in crate::http) fn index(self) -> usize {
        self as usize
    }
}

/// How the client learns where the body ends (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Framing {
    /// There is no body and no word of one.
    None,
    /// `Content-Length`.
    Length(usize),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The connection is closed after it: for HTTP/1.0.
    UntilClose,
}

/// What a body is.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) enum MediaType {
    /// Always the same.
    Fixed(&'static str),
    /// Measurements, as negotiated.
    Metrics(ContentType),
}

impl MediaType {
    fn put(self, window: &mut Window<'_>) {
        match self {
            Self::Fixed(text) => window.put(text.as_bytes()),
            Self::Metrics(content_type) => content_type.put(window),
        }
    }
}

/// The head of a reply.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Head {
    /// The status.
    pub(in crate::http) status: Status,
    /// `Content-Type`.
    pub(in crate::http) content_type: MediaType,
    /// The body's framing.
    pub(in crate::http) framing: Framing,
    /// Whether the connection is closed after this reply.
    pub(in crate::http) close: bool,
    /// The methods to list in `Allow`, if any.
    pub(in crate::http) allow: Option<Methods>,
    /// What credentials are asked for, if any.
    pub(in crate::http) challenge: Option<&'static str>,
    /// The fields of a request that may bring another reply; told to caches.
    pub(in crate::http) vary: Option<&'static str>,
    /// Whether the body is compressed.
    pub(in crate::http) gzip: bool,
    /// For `Date`.
    pub(in crate::http) unix_ns: Option<u64>,
}

impl Head {
    /// Writes the head, its closing empty line included.
    pub(in crate::http) fn put(&self, window: &mut Window<'_>) {
        window.put(b"HTTP/1.1 ");
        window.put(self.status.line().as_bytes());
        if let Some(unix_ns) = self.unix_ns {
            window.put(b"\r\nDate: ");
            window.put(&Civil::from_unix_ns(unix_ns).http());
        }
        if let Some(methods) = self.allow {
            window.put(b"\r\nAllow: ");
            window.put(methods.allow().as_bytes());
        }
        if let Some(challenge) = self.challenge {
            window.put(b"\r\nWWW-Authenticate: ");
            window.put(challenge.as_bytes());
        }
        if let Some(fields) = self.vary {
            window.put(b"\r\nVary: ");
            window.put(fields.as_bytes());
        }
        if self.gzip {
            window.put(b"\r\nContent-Encoding: gzip");
        }
        if self.framing != Framing::None {
            // Log lines are whatever somebody made the program log: a browser must not guess that they are HTML.
            window.put(b"\r\nX-Content-Type-Options: nosniff\r\nContent-Type: ");
            self.content_type.put(window);
        }
        match self.framing {
            Framing::None | Framing::UntilClose => {}
            Framing::Length(len) => {
                // A window that overflows says so itself.
                let _ = write!(window, "\r\nContent-Length: {len}");
            }
            Framing::Chunked => window.put(b"\r\nTransfer-Encoding: chunked"),
        }
        window.put(if self.close { b"\r\nConnection: close\r\n\r\n" } else { b"\r\n\r\n" });
    }
}
