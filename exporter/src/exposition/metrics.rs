//! Measurements, written in the format that was negotiated. Not for the formats: each has a file of its own.

use super::{Format, Selection, text};
use crate::{Step, Window};

/// One pass over what is selected of all ukstore holds, resumable at any line.
#[derive(Clone, Debug)]
pub struct Encoder {
    text: text::Encoder,
}

impl Encoder {
    /// An encoder at the first family. Counters began at `created_unix_ns`, if that is to be told.
    #[must_use]
    pub const fn new(_format: Format, _selection: Selection, _created_unix_ns: Option<u64>) -> Self {
        Self { text: text::Encoder::new() }
    }

    /// Writes up to `limit` items.
    pub fn write(&mut self, window: &mut Window<'_>, limit: usize) -> Step {
        self.text.write(window, limit)
    }

    /// Passes over the next item.
    pub fn skip(&mut self) {
        self.text.skip();
    }

    /// Samples written so far.
    #[must_use]
    pub fn series(&self) -> u64 {
        self.text.series()
    }

    /// The format it writes.
    #[must_use]
    pub const fn format(&self) -> Format {
        Format::Text
    }
}
