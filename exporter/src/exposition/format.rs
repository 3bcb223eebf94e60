//! The formats measurements can be written in, and the `Content-Type` each is sent with. Not for writing them: each has
//! a file of its own. Which one a client gets is negotiated in `http`.

use crate::Window;

/// A format of Prometheus' that `/metrics` can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The text format 0.0.4: what every scraper reads.
    Text,
    /// The text format 1.0.0. Differs in its `Content-Type` only: all names here are legal in 0.0.4.
    Text1,
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Delimited `io.prometheus.client.MetricFamily` messages: the only format that has native histograms.
    Protobuf,
}

impl Format {
    /// All of them, in the order of their labels. The first is for whoever asks for none.
    pub const ALL: [Self; 4] = [Self::Text, Self::Text1, Self::OpenMetrics, Self::Protobuf];

    /// What metrics about the exporter call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Text1 => "text1",
            Self::OpenMetrics => "openmetrics",
            Self::Protobuf => "protobuf",
        }
    }
}

/// How names that are not legal in the old formats are to be escaped. There are none such here, so this is only echoed
/// (<https://prometheus.io/docs/instrumenting/escaping_schemes/>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escaping {
    /// Not at all.
    AllowUtf8,
    /// Replaced by underscores.
    Underscores,
    /// Dots and others as `_dot_` and the like.
    Dots,
    /// By their code points.
    Values,
}

impl Escaping {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::AllowUtf8, Self::Underscores, Self::Dots, Self::Values];

    /// Its name in `escaping=`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AllowUtf8 => "allow-utf-8",
            Self::Underscores => "underscores",
            Self::Dots => "dots",
            Self::Values => "values",
        }
    }
}

/// A format and the escaping that was asked for with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// The format.
    pub format: Format,
    /// The escaping to echo. The text format 1.0.0 always has one.
    pub escaping: Option<Escaping>,
}

impl ContentType {
    /// Writes it as the value of `Content-Type`.
    pub fn put(self, window: &mut Window<'_>) {
        window.put(match self.format {
            Format::Text => b"text/plain; version=0.0.4",
            Format::Text1 => b"text/plain; version=1.0.0",
            Format::OpenMetrics => b"application/openmetrics-text; version=1.0.0",
            Format::Protobuf => {
                b"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
        });
        let implied = (self.format == Format::Text1).then_some(Escaping::Underscores);
        if let Some(escaping) = self.escaping.or(implied) {
            window.put(b"; escaping=");
            window.put(escaping.name().as_bytes());
        }
        if self.format != Format::Protobuf {
            window.put(b"; charset=utf-8");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_scrapers_expect_them() {
        for (format, escaping, expected) in [
            (Format::Text, None, "text/plain; version=0.0.4; charset=utf-8"),
            (Format::Text1, None, "text/plain; version=1.0.0; escaping=underscores; charset=utf-8"),
            (
                Format::Text1,
                Some(Escaping::AllowUtf8),
                "text/plain; version=1.0.0; escaping=allow-utf-8; charset=utf-8",
            ),
            (Format::OpenMetrics, None, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
            (
                Format::OpenMetrics,
                Some(Escaping::Values),
                "application/openmetrics-text; version=1.0.0; escaping=values; charset=utf-8",
            ),
            (
                Format::Protobuf,
                None,
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
            ),
        ] {
            let mut bytes = [0; 128];
            let mut window = Window::new(&mut bytes);
            ContentType { format, escaping }.put(&mut window);
            assert_eq!(core::str::from_utf8(window.written()), Ok(expected));
        }
    }
}
