//! What each sink tells about itself: `/sinks/<sink>/…`.
//!
//! Everything taken for a sink has arrived, was dropped, or waits: `items` is the sum of `sent`, `dropped` for all reasons
//! and `backlog`, at any time.

ukstore::labels! {
    /// Why items were dropped.
    pub enum Reason {
        /// They made way for newer ones.
        Backlog = "backlog",
        /// The receiver does not want them, now or later.
        Rejected = "rejected",
        /// They are longer than the backlog, or than a datagram may be.
        TooLong = "too_long",
        /// They were overwritten in the log before they could be read.
        Overwritten = "overwritten",
        /// There was no time to stamp them with.
        NoClock = "no_clock",
        /// Debug lines about sending, which each line that is sent would make more of.
        Feedback = "feedback",
    }
}

ukstore::labels! {
    /// What went wrong.
    pub enum Failure {
        /// There was no connection: refused, or no route.
        Connect = "connect",
        /// No answer in time: of who was called, of a connection, of a request.
        Timeout = "timeout",
        /// The connection was reset.
        Reset = "reset",
        /// The connection was closed before it had done its work.
        Closed = "closed",
        /// The receiver's name has no address.
        Name = "name",
        /// The answer was an error, or none that is understood.
        Status = "status",
    }
}

ukstore::class! {
    /// Roads out of the machine, one for each receiver.
    pub static SINKS: Class<struct Stats> = "/sinks", label sink, series 20 {
        /// Items taken to be told: lines, samples, records or pings, by the sink's kind.
        pub counter items = "items_total", "uk_sink_items_total";
        /// Items that the receiver has acknowledged; of datagrams, those that were sent.
        pub counter sent = "sent_total", "uk_sink_sent_total";
        /// Bytes of them, as they are on the wire.
        pub counter sent_bytes = "sent_bytes_total", "uk_sink_sent_bytes_total", Bytes;
        /// Items that the receiver will never have, by reason.
        pub counter dropped = "dropped_total", "uk_sink_dropped_total" { reason: Reason };
        /// Attempts that failed, by what went wrong.
        pub counter failed = "failed_total", "uk_sink_failed_total" { reason: Failure };
        /// Connections opened after the first, also those that follow an end in good order.
        pub counter reconnects = "reconnects_total", "uk_sink_reconnects_total";
        /// Bytes sent again because nobody knows whether they had arrived when the connection ended.
        pub counter uncertain_bytes = "uncertain_bytes_total", "uk_sink_uncertain_bytes_total", Bytes;
        /// Messages that were cut to what the receiver takes.
        pub counter truncated = "truncated_total", "uk_sink_truncated_total";
        /// Numbers too large for the receiver, told as the largest it takes.
        pub counter saturated = "saturated_total", "uk_sink_saturated_total";
        /// Items that wait.
        pub gauge backlog = "backlog", "uk_sink_backlog";
        /// Bytes that wait.
        pub gauge backlog_bytes = "backlog_bytes", "uk_sink_backlog_bytes", Bytes;
        /// The most bytes that can wait.
        pub gauge backlog_limit_bytes = "backlog_limit_bytes", "uk_sink_backlog_limit_bytes", Bytes;
        /// Whether the receiver could be reached when that was last tried; of datagrams, whether they could be sent.
        pub gauge up = "up", "uk_sink_up";
        /// Time since the receiver last acknowledged something, or since boot if it never has.
        pub gauge last_success_age = "last_success_age_seconds", "uk_sink_last_success_age_seconds", Seconds;
    }
}
