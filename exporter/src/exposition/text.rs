//! Prometheus' text format 0.0.4.
//!
//! ```text
//! # HELP uk_log_lines_total Log lines written, by level.
//! # TYPE uk_log_lines_total counter
//! uk_log_lines_total{level="error"} 0
//! ```
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>. HELP and TYPE lines, metric
//! names and fixed labels come from ukstore as text that was joined, checked and, if need be, escaped when the program was
//! built; what is left to do here is to copy it, to escape label values that only the running machine knows, and to print
//! numbers. One HELP and TYPE a family, samples contiguous and no series twice are properties of ukstore's walk.

use core::ops::ControlFlow::{Break, Continue};

use ukstore::{Item, Walk};

use super::sample::SampleLines;
use crate::{Step, Window};

/// The exact `Content-Type` of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One pass over everything ukstore holds, resumable at any line.
#[derive(Clone, Debug)]
pub struct Encoder {
    walk: Walk,
    series: u64,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// An encoder at the first family.
    #[must_use]
    pub const fn new() -> Self {
        Self { walk: Walk::new(), series: 0 }
    }

    /// Writes up to `limit` items: samples, one line each, and families, whose HELP and TYPE lines come together.
    pub fn write(&mut self, window: &mut Window<'_>, mut limit: usize) -> Step {
        let series = &mut self.series;
        let mut lines = SampleLines::new();
        let flow = self.walk.each(|item| {
            if limit == 0 {
                return Break(Step::More);
            }
            let mark = window.len();
            let samples = match item {
                Item::Family(family) => {
                    window.put(family.header().as_bytes());
                    0
                }
                Item::Sample(sample) => {
                    lines.put(&sample, window);
                    1
                }
                // This walk gives them line by line.
                Item::Histogram(_) => 0,
            };
            if !window.end_line(mark) {
                return Break(Step::Full);
            }
            limit -= 1;
            *series += samples;
            Continue(())
        });
        match flow {
            Break(step) => step,
            Continue(()) => Step::End,
        }
    }

    /// Passes over the next item.
    pub fn skip(&mut self) {
        self.walk.next(|_| ());
    }

    /// Samples written so far.
    #[must_use]
    pub fn series(&self) -> u64 {
        self.series
    }
}
