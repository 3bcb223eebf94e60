//! What a guest tells of its sinks, its ways out: the counters, and the sum that has to be right at any moment.

use crate::exposition::{samples, value};

/// The counters of one sink, at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SinkCounts {
    /// Lines, samples, messages or pings that it was given.
    pub items: f64,
    /// Those that arrived, as far as the protocol tells.
    pub sent: f64,
    /// Those that will not arrive, for whatever reason.
    pub dropped: f64,
    /// Those that wait.
    pub backlog: f64,
    /// Attempts that failed, for whatever reason.
    pub failed: f64,
    /// Connections after the first.
    pub reconnects: f64,
    /// Bytes that may have arrived, and were sent again.
    pub uncertain_bytes: f64,
}

impl SinkCounts {
    /// Reads those of `sink` in an exposition. Panics if there is no such sink.
    #[must_use]
    pub fn of(scrape: &str, sink: &str) -> Self {
        let one = |name: &str| {
            let series = format!("{name}{{sink=\"{sink}\"}}");
            value(scrape, &series).unwrap_or_else(|| panic!("no `{series}` in:\n{scrape}"))
        };
        Self {
            items: one("uk_sink_items_total"),
            sent: one("uk_sink_sent_total"),
            dropped: by_reason(scrape, "uk_sink_dropped_total", sink, None),
            backlog: one("uk_sink_backlog"),
            failed: by_reason(scrape, "uk_sink_failed_total", sink, None),
            reconnects: one("uk_sink_reconnects_total"),
            uncertain_bytes: one("uk_sink_uncertain_bytes_total"),
        }
    }

    /// Whether everything it was given is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.items == self.sent + self.dropped + self.backlog
    }
}

/// What `sink` has dropped for one reason.
#[must_use]
pub fn dropped(scrape: &str, sink: &str, reason: &str) -> f64 {
    by_reason(scrape, "uk_sink_dropped_total", sink, Some(reason))
}

/// How often `sink` has failed for one reason.
#[must_use]
pub fn failed(scrape: &str, sink: &str, reason: &str) -> f64 {
    by_reason(scrape, "uk_sink_failed_total", sink, Some(reason))
}

fn by_reason(scrape: &str, family: &str, sink: &str, reason: Option<&str>) -> f64 {
    let [sink, reason] = [("sink", Some(sink)), ("reason", reason)]
        .map(|(name, value)| value.map(|value| format!("{name}=\"{value}\"")));
    let wanted = |series: &str| {
        series
            .strip_prefix(family)
            .is_some_and(|labels| [&sink, &reason].into_iter().flatten().all(|label| labels.contains(label.as_str())))
    };
    samples(scrape).filter(|(series, _)| wanted(series)).map(|(_, value)| value).sum()
}

#[cfg(test)]
mod tests {
    use super::{SinkCounts, dropped, failed};

    const TEXT: &str = "uk_sink_items_total{sink=\"syslog\"} 10\nuk_sink_items_total{sink=\"syslog-2\"} 90\n\
        uk_sink_sent_total{sink=\"syslog\"} 5\nuk_sink_backlog{sink=\"syslog\"} 2\n\
        uk_sink_uncertain_bytes_total{sink=\"syslog\"} 44\nuk_sink_reconnects_total{sink=\"syslog\"} 6\n\
        uk_sink_dropped_total{sink=\"syslog\",reason=\"backlog\"} 1\n\
        uk_sink_dropped_total{sink=\"syslog\",reason=\"rejected\"} 2\n\
        uk_sink_dropped_total{sink=\"syslog-2\",reason=\"rejected\"} 8\n\
        uk_sink_failed_total{reason=\"reset\",sink=\"syslog\"} 3\n";

    #[test]
    fn counts_one_sink_and_no_other() {
        let counts = SinkCounts::of(TEXT, "syslog");
        assert_eq!((counts.items, counts.dropped, counts.failed, counts.uncertain_bytes), (10.0, 3.0, 3.0, 44.0));
        assert!(counts.adds_up());
        assert!(!SinkCounts { backlog: 3.0, ..counts }.adds_up());
        assert_eq!((dropped(TEXT, "syslog", "rejected"), failed(TEXT, "syslog", "connect")), (2.0, 0.0));
    }
}
