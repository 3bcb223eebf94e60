//! What this program tells about itself, and what it lets itself be told.

use periscope::ukstore::{counter, counters, gauge, histogram, labels, setting};

labels! {
    /// The statuses this program answers with.
    pub(crate) enum Status {
        /// The greeting.
        Ok = "200",
        /// Not a request.
        BadRequest = "400",
        /// Another path than the greeting's.
        NotFound = "404",
        /// Another method than GET and HEAD.
        MethodNotAllowed = "405",
    }
}

setting! {
    /// What visitors are greeted with.
    pub(crate) static GREETING: text(100) = "Hello from a unikernel you can see into.", "/web/greeting";
}

counters! {
    /// Requests answered, by status.
    pub(crate) static REQUESTS = "/web/requests_total", "web_requests_total", code: Status;
}

histogram! {
    /// Time from a request's last byte read to its reply's last byte handed to TCP.
    pub(crate) static LATENCY = "/web/request_duration_seconds", "web_request_duration_seconds", Seconds,
        [50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 100_000_000];
}

counter! {
    /// Connections served.
    pub(crate) static CONNECTIONS = "/web/connections_total", "web_connections_total";
    /// Bytes of requests read, whether they made sense or not.
    pub(crate) static RECEIVED = "/web/receive_bytes_total", "web_receive_bytes_total", Bytes;
    /// Bytes of replies handed to TCP.
    pub(crate) static TRANSMITTED = "/web/transmit_bytes_total", "web_transmit_bytes_total", Bytes;
    /// Connections closed unserved because there was no room for another thread.
    pub(crate) static TURNED_AWAY = "/web/connections_turned_away_total", "web_connections_turned_away_total";
}

gauge! {
    /// Connections being served.
    pub(crate) static OPEN = "/web/connections_open", "web_connections_open";
}
