//! OpenMetrics 1.0 as text.
//!
//! ```text
//! # TYPE uk_net_busy_seconds counter
//! # UNIT uk_net_busy_seconds seconds
//! # HELP uk_net_busy_seconds Time spent on packets.
//! uk_net_busy_seconds_total 1.25
//! uk_net_busy_seconds_created 1767225600.5
//! # EOF
//! ```
//!
//! Format: <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>. What differs from the
//! text format 0.0.4 is here: the lines about a family, whose name lacks the `_total` and `_info` of its samples;
//! `_created`; and `# EOF`, without which a scraper takes nothing. Samples have the same names and labels in both, so
//! they are written by [`sample`](super::sample).

use ukstore::{Family, Kind, Part, Sample, Series, Unit};

use super::lines::Dialect;
use super::number::put_seconds;
use super::put_label_value;
use super::sample::{is_as_old_as_the_machine, put_labels};
use crate::Window;

/// The last line.
pub(super) const EOF: &[u8] = b"# EOF\n";

/// The format.
pub(super) struct OpenMetrics {
    /// Since when what always exists is counted, if that is to be told.
    pub(super) created_unix_ns: Option<u64>,
}

impl Dialect for OpenMetrics {
    /// Writes the `TYPE`, `UNIT` and `HELP` lines.
    fn put_family(&self, family: &Family, window: &mut Window<'_>) {
        let name = name(family);
        put_words([b"# TYPE ", name.as_bytes(), b" ", type_name(family.kind()).as_bytes()], window);
        let unit = family.unit();
        // The format wants a unit to end the name, and ukstore's rules see to that.
        if unit != Unit::None {
            put_words([b"# UNIT ", name.as_bytes(), b" ", unit.name().as_bytes()], window);
        }
        for word in [b"# HELP ", name.as_bytes(), b" "] {
            window.put(word);
        }
        // Other than 0.0.4, this format has help quoted as label values are.
        put_label_value(family.help(), window);
        window.put(b"\n");
    }

    fn put_beginning(&self, family: &Family, window: &mut Window<'_>) {
        self.put_family(family, window);
        window.put(family.opening().as_bytes());
    }

    /// Writes since when this sample's series is counted, behind its last sample, if that is known.
    fn put_after(&self, sample: &Sample<'_>, window: &mut Window<'_>) {
        let Some(created_unix_ns) = self.created_unix_ns.filter(|_| is_as_old_as_the_machine(sample)) else { return };
        let is_last =
            matches!((sample.family.kind(), sample.part), (Kind::Counter, _) | (Kind::Histogram, Part::Count));
        if !is_last {
            return;
        }
        window.put(name(sample.family).as_bytes());
        window.put(b"_created");
        match sample.series {
            Series::Fixed(prefix) => window.put(prefix.find('{').map_or(&[], |labels| &prefix.as_bytes()[labels..])),
            Series::Names(labels) | Series::Labels(labels) => {
                if put_labels(labels, put_label_value, window) == b"," {
                    window.put(b"}");
                }
            }
        }
        window.put(b" ");
        put_seconds(created_unix_ns, window);
        window.put(b"\n");
    }

    fn has_samples_alone(&self) -> bool {
        self.created_unix_ns.is_none()
    }
}

/// What the format calls a family.
fn name(family: &Family) -> &'static str {
    let name = family.name();
    let suffix = match family.kind() {
        Kind::Counter => "_total",
        Kind::Info => "_info",
        _ => "",
    };
    name.strip_suffix(suffix).unwrap_or(name)
}

/// What the format calls a kind.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Setting | Kind::Untyped => "unknown",
        _ => kind.name(),
    }
}

fn put_words(words: [&[u8]; 4], window: &mut Window<'_>) {
    for word in words {
        window.put(word);
    }
    window.put(b"\n");
}
