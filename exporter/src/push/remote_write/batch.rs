//! The request in the making: as many series as fit into what is compressed at once. Not for what a series looks like in
//! it: see `one` and `two`.

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;

use ukstore::Family;

use super::labels::Labels;
use super::two::Symbols;
use super::{Version, one, two};
use crate::protobuf::Message;
use crate::push::snappy::MAX_INPUT;

/// One series with its one sample.
#[derive(Clone, Debug)]
pub(super) struct Series<'a> {
    pub(super) labels: Labels<'a>,
    /// The family it is of; `up` is of none.
    pub(super) family: Option<&'static Family>,
    /// The sample's value. Its bits, since it matters which of all that are not a number it is.
    pub(super) value: u64,
    /// Since the Unix epoch.
    pub(super) stamp_ms: u64,
}

/// Series of one request.
pub(super) struct Batch {
    message: Message<Box<[u8]>>,
    version: Version,
    /// With memory only where requests of 2.0 are made.
    symbols: Symbols,
    series: u32,
    /// Whether there was no room for another one.
    is_full: bool,
}

impl Batch {
    /// Takes the memory for requests of this version, and of 1.0.
    pub(super) fn new(version: Version) -> Self {
        Self {
            message: Message::within(vec![0; MAX_INPUT].into_boxed_slice()),
            version: Version::One,
            symbols: if version == Version::Two { Symbols::new() } else { Symbols::none() },
            series: 0,
            is_full: false,
        }
    }

    /// Begins a request.
    pub(super) fn begin(&mut self, version: Version) {
        self.message.clear();
        self.version = version;
        (self.series, self.is_full) = (0, false);
        if version == Version::Two {
            self.symbols.begin(&mut self.message);
        }
    }

    /// Adds a series, or nothing of it if there is no room, and then no other either.
    pub(super) fn add(&mut self, series: &Series<'_>) -> bool {
        if self.is_full {
            return false;
        }
        let mark = self.message.mark();
        match self.version {
            Version::One => one::put(series, &mut self.message),
            Version::Two => two::put(series, &mut self.symbols, &mut self.message),
        }
        if self.message.overflowed() {
            // What was left of it is taken back, but its texts count as told.
            if self.series == 0 {
                self.begin(self.version);
            } else {
                self.message.rewind(mark);
                self.is_full = true;
            }
            return false;
        }
        self.series += 1;
        true
    }

    /// Gives all samples another time; both must be [usual](one::USUAL_STAMPS).
    pub(super) fn restamp(&mut self, stamp_ms: u64) {
        let timeseries = match self.version {
            Version::One => one::TIMESERIES,
            Version::Two => two::TIMESERIES,
        };
        one::restamp(self.message.body_mut(), timeseries, stamp_ms);
    }

    /// The series that it has.
    pub(super) fn series(&self) -> u32 {
        self.series
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// The message.
    pub(super) fn bytes(&self) -> &[u8] {
        self.message.body()
    }
}
