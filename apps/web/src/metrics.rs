//! What this program tells about itself.

use periscope::ukstore::{counter, counters, gauge, histogram};

/// The statuses this program answers with, in the order of their counters.
pub(crate) const STATUSES: [u16; 4] = [200, 400, 404, 405];

counters! {
    /// Requests answered, by status.
    pub(crate) static REQUESTS = "/web/requests_total", "web_requests_total", code = ["200", "400", "404", "405"];
}

histogram! {
    /// Time from a request's last byte read to its reply's last byte handed to TCP.
    pub(crate) static LATENCY = "/web/request_duration_seconds", "web_request_duration_seconds", Seconds,
        [50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 100_000_000];
}

counter! {
    /// Connections served.
    pub(crate) static CONNECTIONS = "/web/connections_total", "web_connections_total";
}

counter! {
    /// Connections closed unserved because there was no room for another thread.
    pub(crate) static TURNED_AWAY = "/web/connections_turned_away_total", "web_connections_turned_away_total";
}

gauge! {
    /// Connections being served.
    pub(crate) static OPEN = "/web/connections_open", "web_connections_open";
}
