//! The messages of 2.0: `io.prometheus.write.v2.Request` and what is in it
//! (<https://github.com/prometheus/prometheus/blob/main/prompb/io/prometheus/write/v2/types.proto>). Names of fields are
//! those of the schema.
//!
//! Every text of a request is told once, and series refer to it by its number. A text is written before the first series
//! that has it: a message's fields may come in any order, and what is repeated may be interrupted. Of metadata the type and
//! the unit are told; help would double a request.

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;

use ukstore::{Family, Kind};

use super::batch::Series;
use super::labels::MAX;
use super::one::put_sample;
use crate::protobuf::{Field, Message};

/// Fields of a `Request`.
const SYMBOLS: Field = 4;
pub(super) const TIMESERIES: Field = 5;

/// Fields of a `TimeSeries`.
mod timeseries {
    use super::Field;

    pub(super) const LABELS_REFS: Field = 1;
    pub(super) const SAMPLES: Field = 2;
    pub(super) const METADATA: Field = 5;
}

/// Fields of a `Metadata`.
mod metadata {
    use super::Field;

    pub(super) const TYPE: Field = 1;
    pub(super) const UNIT_REF: Field = 4;
}

/// Adds a series, and before it the texts that are new.
pub(super) fn put<B: AsRef<[u8]> + AsMut<[u8]>>(series: &Series<'_>, symbols: &mut Symbols, message: &mut Message<B>) {
    let mut refs = [0; 2 * MAX];
    let mut count = 0;
    for (pair, label) in refs.as_chunks_mut().0.iter_mut().zip(series.labels.iter()) {
        *pair = [symbols.of(label.name(), message), symbols.of([label.value()].into_iter(), message)];
        count += 2;
    }
    let about = series.family.map(|family| (family, symbols.of([family.unit().name()].into_iter(), message)));
    message.nested(TIMESERIES, |message| {
        message.nested(timeseries::LABELS_REFS, |message| {
            refs.iter().take(count).for_each(|&number| message.varint(number.into()));
        });
        if let Some((family, unit)) = about {
            message.nested(timeseries::METADATA, |message| {
                message.unsigned(metadata::TYPE, metric_type(family));
                message.unsigned(metadata::UNIT_REF, unit.into());
            });
        }
        // At the end, where `restamp` finds its time.
        put_sample(timeseries::SAMPLES, series, message);
    });
}

/// The schema's `MetricType`.
fn metric_type(family: &Family) -> u64 {
    match family.kind() {
        Kind::Text | Kind::Setting | Kind::Untyped => 0,
        Kind::Counter => 1,
        Kind::Gauge => 2,
        Kind::Histogram => 3,
        Kind::Info => 6,
        Kind::StateSet => 7,
    }
}

/// How many places for texts there are, as a power of two. The default set has some 500 texts; the longest request, of series
/// that differ by a short text each, has 1,600.
const PLACES_BITS: u32 = 12;
/// With more, looking for a text would go past too many others.
const MAX_SYMBOLS: u16 = 3 << (PLACES_BITS - 2);

/// The texts that a request has.
pub(super) struct Symbols {
    places: Box<[Symbol]>,
    count: u16,
}

/// A text that a request has: where, behind its length, and which number it has. The empty one has a number alone.
#[derive(Clone, Copy, Default)]
struct Symbol {
    at: u16,
    len: u16,
    number: u16,
}

impl Symbols {
    /// Takes the memory.
    pub(super) fn new() -> Self {
        Self { places: vec![Symbol::default(); 1 << PLACES_BITS].into_boxed_slice(), count: 0 }
    }

    /// For whoever makes no requests of 2.0.
    pub(super) fn none() -> Self {
        Self { places: Box::default(), count: 0 }
    }

    /// Begins a request: its first text is the empty one.
    pub(super) fn begin<B: AsRef<[u8]> + AsMut<[u8]>>(&mut self, message: &mut Message<B>) {
        self.places.fill(Symbol::default());
        self.count = 1;
        message.text(SYMBOLS, "");
    }

    /// The number of the text made of these pieces, which is written if it is new. Where there is no room for it, the
    /// message overflows.
    fn of<'a, B: AsRef<[u8]> + AsMut<[u8]>>(
        &mut self,
        pieces: impl Iterator<Item = &'a str> + Clone,
        message: &mut Message<B>,
    ) -> u16 {
        let len: usize = pieces.clone().map(str::len).sum();
        if len == 0 {
            return 0;
        }
        let mask = self.places.len().wrapping_sub(1);
        let mut at = hash(pieces.clone());
        while let Some(place) = self.places.get_mut(at & mask) {
            if place.number == 0 {
                if self.count == MAX_SYMBOLS {
                    break;
                }
                message.nested(SYMBOLS, |message| pieces.for_each(|piece| message.put(piece.as_bytes())));
                let Some(start) = message.mark().checked_sub(len) else { break };
                *place = Symbol { at: start as u16, len: len as u16, number: self.count };
                self.count += 1;
                return place.number;
            }
            let start = usize::from(place.at);
            if usize::from(place.len) == len
                && message.written(start..start + len).is_some_and(|text| is_made_of(text, pieces.clone()))
            {
                return place.number;
            }
            at += 1;
        }
        message.overflow();
        0
    }
}

fn is_made_of<'a>(text: &[u8], pieces: impl Iterator<Item = &'a str>) -> bool {
    let mut rest = text;
    for piece in pieces {
        match rest.strip_prefix(piece.as_bytes()) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// Eight bytes at once. A product's upper bits depend on all of the word.
fn hash<'a>(pieces: impl Iterator<Item = &'a str>) -> usize {
    let mut hash = 0_u64;
    let mut take = |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for piece in pieces {
        let (words, rest) = piece.as_bytes().as_chunks();
        words.iter().for_each(|word| take(u64::from_le_bytes(*word)));
        take(rest.iter().fold(0, |word, byte| word << u8::BITS | u64::from(*byte)));
    }
    (hash >> (u64::BITS - PLACES_BITS)) as usize
}
