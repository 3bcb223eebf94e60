//! What the server measures about scrapes, by format. By source it is told by ukstore: see `exposition::Meter`.

use ukstore::{Label, Labels};

use crate::exposition::Format;

impl Label for Format {
    fn index(self) -> usize {
        self as usize
    }
}

impl Labels for Format {
    const VALUES: &'static [&'static str] =
        &[Self::Text.name(), Self::Text1.name(), Self::OpenMetrics.name(), Self::Protobuf.name()];

    const FIRST: Self = Self::Text;

    fn at(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }
}

ukstore::counters! {
    /// Scrapes encoded to their end, by format.
    static COMPLETED = "/scrape/completed_total", "uk_scrapes_total", format: Format;
    /// Time all scrapes took, from the request to the last line, waiting for samples and for the client included, by
    /// format.
    static SECONDS = "/scrape/seconds_total", "uk_scrape_seconds_total", Seconds, format: Format;
    /// Size of all scrapes, before compression and without HTTP's framing, by format.
    static BYTES = "/scrape/bytes_total", "uk_scrape_bytes_total", Bytes, format: Format;
    /// Samples in all scrapes, by format.
    static SAMPLES = "/scrape/samples_total", "uk_scrape_samples_total", format: Format;
}

// The last complete scrape. Set one after the other: a reader between may see a part of it.
ukstore::gauges! {
    /// Time from the request to the last line of the scrape completed last, waiting for samples and for the client
    /// included, by format.
    static LAST_SECONDS = "/scrape/duration_seconds", "uk_scrape_duration_seconds", Seconds, format: Format;
    /// Size of the scrape completed last, before compression and without HTTP's framing, by format.
    static LAST_BYTES = "/scrape/size_bytes", "uk_scrape_size_bytes", Bytes, format: Format;
    /// Series in the scrape completed last, by format.
    static LAST_SERIES = "/scrape/series", "uk_scrape_series", format: Format;
}

ukstore::counter! {
    /// Scrapes sent as they are although gzip was asked for, because another was being compressed.
    pub(super) static GZIP_BUSY = "/scrape/gzip_busy_total", "uk_scrape_gzip_busy_total";
}

/// A scrape that was encoded to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    /// What it was written in.
    pub(super) format: Format,
    /// From the request to the last line.
    pub(super) duration_ns: u64,
    /// Size of its body.
    pub(super) bytes: u64,
    /// Series in it.
    pub(super) series: u64,
}

impl Done {
    /// Records it.
    pub(super) fn record(self) {
        let format = self.format;
        COMPLETED[format].inc();
        for (total, last, amount) in [
            (&SECONDS, &LAST_SECONDS, self.duration_ns),
            (&BYTES, &LAST_BYTES, self.bytes),
            (&SAMPLES, &LAST_SERIES, self.series),
        ] {
            total[format].add(amount);
            last[format].set(i64::try_from(amount).unwrap_or(i64::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_place() {
        for (place, format) in Format::ALL.into_iter().enumerate() {
            assert_eq!((format.index(), Format::at(place)), (place, Some(format)));
            assert_eq!(Format::VALUES.get(place), Some(&format.name()));
        }
        assert_eq!((Format::VALUES.len(), Format::at(Format::VALUES.len())), (Format::ALL.len(), None));
    }
}
