//! What the server counts about itself. Not about scrapes: see `scrapes`.
//!
//! Label values stand in the order of the enums that index them.

use super::request::Refusal;

ukstore::counter! {
    /// Connections opened to the management port.
    pub(super) static CONNECTIONS = "/management/http/connections_total", "uk_management_http_connections_total";
}

ukstore::counters! {
    /// Requests to the management port that were answered, by route.
    pub(super) static REQUESTS = "/management/http/requests_total", "uk_management_http_requests_total",
        route = ["landing", "metrics", "healthy", "ready", "log", "options", "ukstore"];
}

ukstore::counters! {
    /// Replies begun on the management port, by status code.
    pub(super) static REPLIES = "/management/http/replies_total", "uk_management_http_replies_total",
        code = [
            "200", "204", "400", "401", "403", "404", "405", "408", "411", "413", "414", "417", "431", "501", "503", "505"
        ];
}

ukstore::counter! {
    /// Replies on the management port that were cut off: the client left or took too long, or they could not be
    /// completed.
    pub(super) static REPLIES_CUT = "/management/http/replies_cut_total", "uk_management_http_replies_cut_total";
}

ukstore::labels! {
    /// Why a request was refused: as much as tells who must do something. The reply says it precisely.
    enum Reason {
        /// Not HTTP, or not well-formed.
        Malformed = "malformed",
        Host = "host",
        ContentLength = "content_length",
        TransferEncoding = "transfer_encoding",
        /// A body that is too long, of no told length, or not wanted.
        Body = "body",
        HeadTooLarge = "head_too_large",
        HeadTimeout = "head_timeout",
        BodyTimeout = "body_timeout",
        Expectation = "expectation",
        Version = "version",
        Method = "method",
        NotFound = "not_found",
        Query = "query",
        Path = "path",
        WritesOff = "writes_off",
        /// A text that is none, or that the setting does not take.
        Value = "value",
        Absent = "absent",
        Unauthorized = "unauthorized",
    }
}

ukstore::counters! {
    /// Requests to the management port that were refused, by reason.
    static REFUSED = "/management/http/refused_total", "uk_management_http_refused_total", reason: Reason;
}

ukstore::counters! {
    /// Requests to the management port to write a setting, by outcome.
    static WRITES = "/management/http/writes_total", "uk_management_http_writes_total",
        outcome = ["accepted", "refused"];
}

ukstore::counter! {
    /// Replies begun on the management port although the samples for them were not ready in time.
    pub(super) static SAMPLES_LATE = "/management/http/samples_late_total", "uk_management_http_samples_late_total";
}

ukstore::counters! {
    /// Connections to the management port whose client took too long, by what was waited for.
    static TIMEOUTS = "/management/http/timeouts_total", "uk_management_http_timeouts_total",
        stage = ["idle", "head", "body", "reply", "linger"];
}

ukstore::counter! {
    /// Lines left out of a reply on the management port because they were too long.
    pub(super) static LINES_DROPPED = "/management/http/lines_dropped_total", "uk_management_http_lines_dropped_total";
}

/// What a connection was waiting for when its time ran out. Indexes `TIMEOUTS`.
#[derive(Clone, Copy)]
pub(super) enum Timeout {
    /// The first byte of a request.
    Idle,
    /// The rest of a request head.
    Head,
    /// The rest of a request body.
    Body,
    /// The client taking its reply.
    Reply,
    /// The client closing its side.
    Linger,
}

/// Counts a refusal.
pub(super) fn refused(refusal: Refusal) {
    REFUSED[reason(refusal)].inc();
}

/// What it counts as. Missing credentials and wrong ones are one: most clients ask without them first.
fn reason(refusal: Refusal) -> Reason {
    use Refusal as R;
    match refusal {
        R::ControlByte | R::LineEnding | R::Folding | R::Malformed => Reason::Malformed,
        R::Host => Reason::Host,
        R::ContentLength => Reason::ContentLength,
        R::TransferEncoding | R::UnknownCoding | R::ChunkedBody => Reason::TransferEncoding,
        R::Body | R::LengthRequired | R::TextTooLong => Reason::Body,
        R::TargetTooLong | R::HeadTooLarge | R::TooManyFields => Reason::HeadTooLarge,
        R::HeadTimeout => Reason::HeadTimeout,
        R::BodyTimeout => Reason::BodyTimeout,
        R::Expectation => Reason::Expectation,
        R::Version => Reason::Version,
        R::UnknownMethod | R::Method | R::SettingMethod => Reason::Method,
        R::NotFound => Reason::NotFound,
        R::Query | R::Selection | R::UnknownSource | R::TooManyNames => Reason::Query,
        R::PathEscape | R::PathControl | R::PathNotUtf8 | R::PathEmptyName | R::PathTooLong => Reason::Path,
        R::WritesOff | R::FaultsOff => Reason::WritesOff,
        R::Text | R::Value => Reason::Value,
        R::Absent | R::Off => Reason::Absent,
        R::Unauthorized | R::WrongCredentials => Reason::Unauthorized,
    }
}

/// Counts a request to write a setting.
pub(super) fn write(accepted: bool) {
    WRITES[usize::from(!accepted)].inc();
}

/// Counts a timeout.
pub(super) fn timeout(waited_for: Timeout) {
    TIMEOUTS[waited_for as usize].inc();
}
