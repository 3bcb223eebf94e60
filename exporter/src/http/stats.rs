//! What the server counts about itself. Not about scrapes: see `scrapes`.
//!
//! Label values stand in the order of the enums that index them; a test compares them.

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

ukstore::counters! {
    /// Requests to the management port that were refused, by reason.
    static REFUSED = "/management/http/refused_total", "uk_management_http_refused_total",
        reason = [
            "control_byte", "line_ending", "folding", "malformed", "host", "content_length", "transfer_encoding",
            "unknown_coding", "chunked_body", "body", "length_required", "text_too_long", "target_too_long",
            "head_too_large", "too_many_fields", "head_timeout", "body_timeout", "expectation", "version",
            "unknown_method", "method", "setting_method", "not_found", "query", "path_escape", "path_control",
            "path_not_utf8", "path_empty_name", "path_too_long", "writes_off", "faults_off", "text", "value",
            "absent", "off", "selection", "unknown_source", "too_many_names", "unauthorized"
        ];
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
    REFUSED[refusal.index()].inc();
}

/// Counts a request to write a setting.
pub(super) fn write(accepted: bool) {
    WRITES[usize::from(!accepted)].inc();
}

/// Counts a timeout.
pub(super) fn timeout(waited_for: Timeout) {
    TIMEOUTS[waited_for as usize].inc();
}
