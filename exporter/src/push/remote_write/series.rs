//! A sample as a series with its labels: names and bounds as a scrape spells them, and the values it tells. Not for how
//! that is encoded.

use ukstore::{MAX_BOUND_TEXT, Part, Sample};

use super::batch::Series;
use super::labels::{Common, Labels};
use crate::exposition::double;
use crate::exposition::number::bound_str;

/// What says that a series has ended (`StaleNaN`, <https://github.com/prometheus/prometheus/blob/main/model/value/value.go>).
pub(super) const STALE: u64 = 0x7ff0_0000_0000_0002;
/// What every other value that is not a number is told as, there `NormalNaN`.
const NOT_A_NUMBER: u64 = 0x7ff8_0000_0000_0001;

/// The longest name of a metric, and what is behind it.
const MAX_NAME: usize = 255 + "_bucket".len();

/// What is told of each series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Its value.
    Value,
    /// That there will be no more of it.
    End,
}

impl What {
    /// What to tell of a series with this value.
    fn bits(self, value: f64) -> u64 {
        match self {
            Self::End => STALE,
            Self::Value if value.is_nan() => NOT_A_NUMBER,
            Self::Value => value.to_bits(),
        }
    }
}

/// Gives the series `up`: that the machine is there.
pub(super) fn up<R>(what: What, stamp_ms: u64, common: &Common<'_>, take: impl FnOnce(Series<'_>) -> R) -> R {
    let labels = Labels::new(common, "up");
    take(Series { labels, family: None, value: what.bits(1.0), stamp_ms })
}

/// Gives a sample's series.
pub(super) fn of<R>(
    sample: &Sample<'_>,
    what: What,
    stamp_ms: u64,
    common: &Common<'_>,
    take: impl FnOnce(Series<'_>) -> R,
) -> R {
    let family = sample.family;
    let mut room = [0; MAX_NAME];
    let name = match sample.part.suffix() {
        "" => family.name(),
        suffix => joined(family.name(), suffix, &mut room),
    };
    let mut labels = Labels::new(common, name);
    sample.series.labels().for_each(|(name, value)| labels.add(name, value));
    let mut room = [0; MAX_BOUND_TEXT];
    match sample.part {
        Part::Bucket(Some(bound)) => labels.add("le", bound_str(bound, family.unit(), &mut room)),
        Part::Bucket(None) => labels.add("le", "+Inf"),
        Part::Whole | Part::Sum | Part::Count => {}
    }
    let value = what.bits(double::of_value(sample.value));
    take(Series { labels, family: Some(family), value, stamp_ms })
}

fn joined<'a>(name: &str, suffix: &str, room: &'a mut [u8; MAX_NAME]) -> &'a str {
    let len = name.len() + suffix.len();
    for (place, byte) in room.iter_mut().zip(name.bytes().chain(suffix.bytes())) {
        *place = byte;
    }
    room.get(..len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
}
