//! A line being made: field by field, as long as source and labels stay the same. Not for what lines are put into: see
//! `frames`.

use core::fmt;

use ukstore::{MAX_BOUND_TEXT, Part, Sample};

use super::escape::put_key;
use super::value::{Told, put_value};
use crate::exposition::number::{bound_str, put_u64};
use crate::push::Origin;
use crate::{MAX_LINE, Window};

/// How long a line may become by more fields than one: so much is sure to fit a datagram on the way.
pub(super) const GOOD_LINE: usize = 1_400;

/// A space, 20 digits, a line break.
const STAMP_ROOM: usize = 22;

/// What a line becomes one with.
pub(super) struct Line {
    bytes: [u8; MAX_LINE],
    len: usize,
    /// Where the tags that are labels begin, and where the fields do.
    labels: usize,
    fields: usize,
}

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It is in the line now.
    Field,
    /// So it is, as the largest integer there is.
    Saturated,
    /// There is no way to tell it.
    Nothing,
    /// It belongs to the next line: this one is to be ended first.
    Next,
    /// Alone it is longer than a line may be. With more room it would be a line of its own, so it is a line that is lost.
    TooLong,
}

impl Line {
    /// Nothing yet.
    pub(super) const EMPTY: Self = Self { bytes: [0; MAX_LINE], len: 0, labels: 0, fields: 0 };

    /// Adds a sample.
    pub(super) fn add(&mut self, sample: &Sample<'_>, origin: &Origin<'_>, unsigned: bool) -> Added {
        let is_first = self.len == 0;
        if !is_first && !self.is_of(sample, origin) {
            return Added::Next;
        }
        let start = self.len;
        let most = if is_first { MAX_LINE } else { GOOD_LINE } - STAMP_ROOM;
        let mut window = Window::new(self.bytes.get_mut(start..most).unwrap_or_default());
        let (mut labels, mut fields) = (self.labels, self.fields);
        if is_first {
            window.put(sample.family.source_name().as_bytes());
            put_origin(origin, &mut window);
            labels = window.len();
            put_labels(sample, origin, &mut window);
            fields = window.len();
        }
        window.put_byte(if is_first { b' ' } else { b',' });
        put_key(sample.family.name(), &mut window);
        window.put(sample.part.suffix().as_bytes());
        window.put_byte(b'=');
        let added = match put_value(sample, unsigned, &mut window) {
            Told::Nothing => Added::Nothing,
            _ if window.overflowed() && is_first => Added::TooLong,
            _ if window.overflowed() => Added::Next,
            Told::Exactly => Added::Field,
            Told::Saturated => Added::Saturated,
        };
        if matches!(added, Added::Field | Added::Saturated) {
            (self.len, self.labels, self.fields) = (start + window.len(), labels, fields);
        }
        added
    }

    /// Ends the line, with a time if there is one, and gives it to `take`, if there is a line. The next one begins.
    pub(super) fn end<R>(&mut self, stamp_ns: Option<u64>, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
        if self.len == 0 {
            return None;
        }
        let start = core::mem::take(&mut self.len);
        // The room was left free above.
        let mut window = Window::new(self.bytes.get_mut(start..).unwrap_or_default());
        if let Some(stamp_ns) = stamp_ns {
            window.put_byte(b' ');
            put_u64(stamp_ns, &mut window);
        }
        window.put_byte(b'\n');
        let end = start + window.len();
        Some(take(self.bytes.get(..end).unwrap_or_default()))
    }

    /// Whether the line is of the sample's source and labels. The labels are written behind the line, to be compared.
    fn is_of(&mut self, sample: &Sample<'_>, origin: &Origin<'_>) -> bool {
        let (line, behind) = self.bytes.split_at_mut(self.len);
        let source = sample.family.source_name().as_bytes();
        if !matches!(line.strip_prefix(source), Some([b',', ..])) {
            return false;
        }
        let mut window = Window::new(behind);
        put_labels(sample, origin, &mut window);
        !window.overflowed() && line.get(self.labels..self.fields) == Some(window.written())
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Line").field("len", &self.len).finish_non_exhaustive()
    }
}

/// Writes who tells it. There is always a `vm`, so that no line is without tags.
fn put_origin(origin: &Origin<'_>, window: &mut Window<'_>) {
    let name = if origin.name.is_empty() { "unnamed" } else { origin.name };
    put_tag(b",", "vm", name, window);
    put_tag(b",", "job", origin.job, window);
    for (key, value) in origin.tags {
        put_tag(b",", key, value, window);
    }
}

/// Writes the labels, and a bucket's bound, as tags.
fn put_labels(sample: &Sample<'_>, origin: &Origin<'_>, window: &mut Window<'_>) {
    // By the machine's tags, or by InfluxDB itself.
    let is_taken = |key: &str| {
        matches!(key, "vm" | "job" | "time" | "_measurement" | "_field")
            || origin.tags.iter().any(|(taken, _)| *taken == key)
    };
    let mut put = |key, value| put_tag(if is_taken(key) { b",exported_" } else { b"," }, key, value, window);
    for (key, value) in sample.series.labels() {
        put(key, value);
    }
    match sample.part {
        Part::Bucket(None) => put("le", "+Inf"),
        Part::Bucket(Some(bound)) => {
            put("le", bound_str(bound, sample.family.unit(), &mut [0; MAX_BOUND_TEXT]));
        }
        Part::Whole | Part::Sum | Part::Count => {}
    }
}

/// Writes a tag. One without a value would be refused.
fn put_tag(before: &[u8], key: &str, value: &str, window: &mut Window<'_>) {
    if value.is_empty() {
        return;
    }
    window.put(before);
    put_key(key, window);
    window.put_byte(b'=');
    put_key(value, window);
}
