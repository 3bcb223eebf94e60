//! Why a request is refused, and what its sender is told.
//!
//! One variant a reason, because the reason is counted: an operator who sees refusals wants to know whether a scraper
//! is misconfigured or somebody is probing. Statuses that are not refusals are in `reply`.

use super::methods::Methods;
use crate::http::reply::Status;

/// A reason to refuse a request. The section after each is RFC 9112's, unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A control byte in the head (RFC 9110, 5.5); NUL, and the first byte of a TLS greeting, end here.
    ControlByte,
    /// A CR that no LF follows, or a LF that no CR precedes (2.2).
    LineEnding,
    /// A header field folded over two lines (5.2).
    Folding,
    /// Not the grammar of a request line or a field line (3, 5.1).
    Malformed,
    /// `Host` missing in HTTP/1.1, doubled, or not a host (3.2).
    Host,
    /// `Content-Length` doubled or not a number (6.3).
    ContentLength,
    /// `Transfer-Encoding` beside `Content-Length`, from an HTTP/1.0 client, or with `chunked` not once at its end
    /// (6.1).
    TransferEncoding,
    /// A transfer coding this server does not know (6.1).
    UnknownCoding,
    /// A chunked body: its length is not told beforehand, and none is wanted (RFC 9110, 15.5.12).
    ChunkedBody,
    /// A body, where none belongs (RFC 9110, 15.5.14).
    Body,
    /// A `PUT` that does not say how long its body is (RFC 9110, 15.5.12).
    LengthRequired,
    /// A `PUT` with a longer body than a setting's text can be (RFC 9110, 15.5.14).
    TextTooLong,
    /// The request line alone fills the buffer (RFC 9110, 15.5.15).
    TargetTooLong,
    /// The head fills the buffer (RFC 6585, 5).
    HeadTooLarge,
    /// More header fields than [`MAX_FIELDS`](super::head::MAX_FIELDS) (RFC 6585, 5).
    TooManyFields,
    /// The head was not complete in time (RFC 9110, 15.5.9).
    HeadTimeout,
    /// The body of a `PUT` was not complete in time (RFC 9110, 15.5.9).
    BodyTimeout,
    /// An `Expect` other than `100-continue` (RFC 9110, 10.1.1).
    Expectation,
    /// A version of HTTP other than 1.0 and 1.1 (RFC 9110, 15.6.6), be it a later 1.x.
    Version,
    /// A method HTTP does not define, or only proxies have (RFC 9110, 9.1).
    UnknownMethod,
    /// A method that a path which can only be read does not have (RFC 9110, 15.5.6).
    Method,
    /// A method that a path which can be written does not have.
    SettingMethod,
    /// No such route, or nothing at the path.
    NotFound,
    /// A query the route does not understand.
    Query,
    /// A `%` in the path that no two hexadecimal digits follow (RFC 3986, 2.1).
    PathEscape,
    /// An encoded control character in the path.
    PathControl,
    /// A path that is not UTF-8 once decoded.
    PathNotUtf8,
    /// Two slashes with nothing between them.
    PathEmptyName,
    /// More than [`MAX_PATH`](super::path::MAX_PATH) bytes of path (RFC 9110, 15.5.15).
    PathTooLong,
    /// A `PUT` where settings cannot be written from outside (RFC 9110, 15.5.4).
    WritesOff,
    /// A `PUT` of a fault where none may be provoked.
    FaultsOff,
    /// The body of a `PUT` is not one line of text.
    Text,
    /// A text the setting does not take; ukstore says why.
    Value,
    /// What is at the path has no value at present (RFC 9110, 15.6.4).
    Absent,
    /// What is at the path is told by a source that is switched off.
    Off,
    /// A query of `/metrics` with a key it does not have, or malformed.
    Selection,
    /// A query of `/metrics` for a source there is none of.
    UnknownSource,
    /// A query of `/metrics` with more than [`MAX_NAMED`](crate::exposition::MAX_NAMED) names.
    TooManyNames,
    /// Credentials are needed, and there are none (RFC 9110, 15.5.2).
    Unauthorized,
    /// Credentials are needed, and these are not the right ones.
    WrongCredentials,
}

impl Refusal {
    /// What the sender is told: the status, and a sentence saying what was wrong.
    pub(in crate::http) fn explain(self) -> (Status, &'static str) {
        use Refusal as R;
        match self {
            R::ControlByte => (Status::BadRequest, "control byte in the request head"),
            R::LineEnding => (Status::BadRequest, "lines of the request head must end in CR LF"),
            R::Folding => (Status::BadRequest, "folded header field"),
            R::Malformed => (Status::BadRequest, "malformed request"),
            R::Host => (Status::BadRequest, "exactly one valid Host is needed"),
            R::ContentLength => (Status::BadRequest, "bad Content-Length"),
            R::TransferEncoding => (Status::BadRequest, "bad Transfer-Encoding"),
            R::UnknownCoding => (Status::NotImplemented, "unknown transfer coding"),
            R::ChunkedBody => (Status::LengthRequired, "this request takes no body"),
            R::Body => (Status::ContentTooLarge, "this request takes no body"),
            R::LengthRequired => (Status::LengthRequired, "PUT needs a Content-Length"),
            R::TextTooLong => (Status::ContentTooLarge, "a setting has at most 1024 bytes of text"),
            R::TargetTooLong => (Status::UriTooLong, "request line too long"),
            R::HeadTooLarge => (Status::FieldsTooLarge, "request head too large"),
            R::TooManyFields => (Status::FieldsTooLarge, "too many header fields"),
            R::HeadTimeout => (Status::RequestTimeout, "the request head took too long"),
            R::BodyTimeout => (Status::RequestTimeout, "the request body took too long"),
            R::Expectation => (Status::ExpectationFailed, "only 100-continue can be expected"),
            R::Version => (Status::VersionNotSupported, "only HTTP/1.0 and HTTP/1.1 are spoken here"),
            R::UnknownMethod => (Status::NotImplemented, "unknown method"),
            R::Method => (Status::MethodNotAllowed, "only GET, HEAD and OPTIONS are allowed"),
            R::SettingMethod => (Status::MethodNotAllowed, "only GET, HEAD, PUT and OPTIONS are allowed"),
            R::NotFound => (Status::NotFound, "no such page"),
            R::Query => (Status::BadRequest, "unknown or malformed query"),
            R::PathEscape => (Status::BadRequest, "a % in the path needs two hexadecimal digits"),
            R::PathControl => (Status::BadRequest, "control character in the path"),
            R::PathNotUtf8 => (Status::BadRequest, "the path is not UTF-8"),
            R::PathEmptyName => (Status::BadRequest, "empty name in the path"),
            R::PathTooLong => (Status::UriTooLong, "the path has more than 255 bytes"),
            R::WritesOff => (Status::Forbidden, "settings can be written only where --monitor-adjust enables it"),
            R::FaultsOff => (Status::Forbidden, "faults can be provoked only where --debug-faults=on enables it"),
            R::Text => (Status::BadRequest, "the body must be one line of UTF-8 text"),
            R::Value => (Status::BadRequest, "the setting does not take this"),
            R::Absent => (Status::Unavailable, "no value at present"),
            R::Off => (Status::Unavailable, "its source is switched off, see /ukstore/ukstore/sources/"),
            R::Selection => (Status::BadRequest, "the query may have name[]=METRIC and collect[]=SOURCE, nothing else"),
            R::UnknownSource => {
                (Status::BadRequest, "collect[] takes the first name of a path, see /ukstore/ukstore/sources/")
            }
            R::TooManyNames => (Status::BadRequest, "name[] may stand there up to 32 times"),
            R::Unauthorized | R::WrongCredentials => (Status::Unauthorized, "the right credentials are needed"),
        }
    }

    /// Whether the next request may follow on this connection: only when it is certain where this one ended.
    pub(in crate::http) fn keeps_connection(self) -> bool {
        use Refusal as R;
        let of_what_is_asked =
            matches!(self, R::Method | R::SettingMethod | R::NotFound | R::Query | R::Absent | R::Off);
        let of_the_path =
            matches!(self, R::PathEscape | R::PathControl | R::PathNotUtf8 | R::PathEmptyName | R::PathTooLong);
        let of_a_write = matches!(self, R::WritesOff | R::FaultsOff | R::Text | R::Value);
        let of_a_selection = matches!(self, R::Selection | R::UnknownSource | R::TooManyNames);
        of_what_is_asked || of_the_path || of_a_write || of_a_selection || self.is_of_credentials()
    }

    /// Whether the credentials are what is refused.
    pub(in crate::http) fn is_of_credentials(self) -> bool {
        matches!(self, Self::Unauthorized | Self::WrongCredentials)
    }

    /// The methods there are, where the refusal is of another.
    pub(in crate::http) fn allow(self) -> Option<Methods> {
        match self {
            Self::Method => Some(Methods::Read),
            Self::SettingMethod => Some(Methods::ReadWrite),
            _ => None,
        }
    }
}
