//! What sort of thing an entry is and in which unit it counts. Not for values: see `value.rs`.

/// What sort of thing an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Only ever grows while the machine lives. Metric names end in `_total`.
    Counter = 0,
    /// Goes up and down.
    Gauge = 1,
    /// Observations sorted into buckets, with their sum.
    Histogram = 2,
    /// Always 1; what it tells is in its labels. Metric names end in `_info`.
    Info = 3,
    /// One of a fixed set of words at a time.
    StateSet = 4,
    /// Words; in the tree only, never in an exposition.
    Text = 5,
    /// May be written while the machine runs.
    Setting = 6,
    /// A number of which is not said what sort it is: where another exporter does not say it either.
    Untyped = 7,
}

impl Kind {
    /// What people and JSON call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
            Self::StateSet => "stateset",
            Self::Text => "text",
            Self::Setting => "setting",
            Self::Untyped => "untyped",
        }
    }

    /// The word after `# TYPE name` in the Prometheus text format 0.0.4, which knows neither infos nor state sets.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge | Self::Info | Self::StateSet => "gauge",
            Self::Histogram => "histogram",
            Self::Text | Self::Setting | Self::Untyped => "untyped",
        }
    }

    /// The inverse of `self as u8`, for readers of a table in a file.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Counter,
            1 => Self::Gauge,
            2 => Self::Histogram,
            3 => Self::Info,
            4 => Self::StateSet,
            5 => Self::Text,
            6 => Self::Setting,
            7 => Self::Untyped,
            _ => return None,
        })
    }
}

/// The base unit a metric counts in. Its metric name says so too: `_seconds`, `_bytes`, `_ratio`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Unit {
    /// A plain number of things.
    None = 0,
    /// Seconds, held as nanoseconds ([`Value::Nanos`](crate::Value::Nanos)).
    Seconds = 1,
    /// Bytes.
    Bytes = 2,
    /// A share of one.
    Ratio = 3,
}

impl Unit {
    /// The word metric names carry, empty for [`Unit::None`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Ratio => "ratio",
        }
    }

    /// The inverse of `self as u8`, for readers of a table in a file.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::None,
            1 => Self::Seconds,
            2 => Self::Bytes,
            3 => Self::Ratio,
            _ => return None,
        })
    }
}
