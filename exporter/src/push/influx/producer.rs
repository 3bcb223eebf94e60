//! Makes frames of lines: a capture each interval, in pieces of bounded work.

use core::ops::ControlFlow::{Break, Continue};

use ukstore::{Points, Sample};

use super::frames::{Frames, Framing};
use super::line::{Added, Line};
use crate::Site;
use crate::push::{Capture, Ending, Origin, Outbox, Producer, Reason};

/// Samples in a piece of work.
const SAMPLES: usize = 100;

/// What receivers differ in.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Time between two captures.
    pub interval_ns: u64,
    /// Whether the receiver takes unsigned integers: InfluxDB 1 refuses them.
    pub unsigned: bool,
    /// Whether lines have times. Without, the receiver's clock counts.
    pub timestamps: bool,
}

/// The producer.
#[derive(Debug)]
pub struct Influx {
    options: Options,
    capture: Capture,
    walk: Option<Walk>,
    points: Points,
    line: Line,
    frames: Frames,
    last: Last,
}

/// A capture that was begun.
#[derive(Clone, Copy, Debug)]
struct Walk {
    /// The time of all its lines, if there is one.
    unix_ns: Option<u64>,
    /// Whether its lines are lost for want of a time.
    is_lost: bool,
}

/// The last capture, with the numbers that the program ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    NotYet,
    Due,
    Begun,
    Made,
}

impl Influx {
    /// One that captures for the first time at once.
    #[must_use]
    pub fn new(options: Options, framing: Framing) -> Self {
        Self {
            options,
            capture: Capture::new(options.interval_ns, options.timestamps),
            walk: None,
            points: Points::new(),
            line: Line::EMPTY,
            frames: Frames::new(framing),
            last: Last::NotYet,
        }
    }

    /// Begins a capture, if one is due.
    fn begin(&mut self, now_ns: u64, site: &dyn Site) -> Option<Walk> {
        if self.last == Last::Made || !self.capture.begins(now_ns, site) {
            return None;
        }
        if self.last == Last::Due {
            self.last = Last::Begun;
        }
        self.points = Points::new();
        let unix_ns = site.unix_ns().filter(|_| self.options.timestamps);
        Some(Walk { unix_ns, is_lost: self.options.timestamps && unix_ns.is_none() })
    }

    /// Ends the line, and puts it into a frame.
    fn end_line(line: &mut Line, frames: &mut Frames, walk: Walk, out: &mut Outbox<'_>) {
        line.end(walk.unix_ns, |line| match walk.is_lost {
            true => out.lost(1, Reason::NoClock),
            false => frames.put(line, walk.unix_ns.unwrap_or(0), out),
        });
    }
}

impl Producer for Influx {
    fn produce(&mut self, now_ns: u64, site: &dyn Site, out: &mut Outbox<'_>) -> bool {
        let Some(walk) = self.walk.or_else(|| self.begin(now_ns, site)) else { return false };
        self.walk = Some(walk);
        let Self { options, points, line, frames, .. } = self;
        let origin = site.origin();
        let mut left = SAMPLES;
        let rests = points.each(|sample| {
            if left == 0 {
                return Break(());
            }
            left -= 1;
            if add(line, &sample, &origin, options.unsigned, out) == Added::Next {
                Self::end_line(line, frames, walk, out);
                add(line, &sample, &origin, options.unsigned, out);
            }
            Continue(())
        });
        if rests.is_break() {
            return true;
        }
        Self::end_line(line, frames, walk, out);
        frames.end(walk.unix_ns.unwrap_or(0), out);
        self.walk = None;
        if self.last == Last::Begun {
            self.last = Last::Made;
        }
        // One that was asked for meanwhile is due.
        self.last == Last::Due
    }

    fn deadline_ns(&self) -> Option<u64> {
        (self.last != Last::Made).then(|| self.capture.deadline_ns())
    }

    fn finish(&mut self, now_ns: u64, _: Ending) {
        if self.last == Last::NotYet {
            self.last = Last::Due;
            self.capture.hasten(now_ns);
        }
    }

    fn is_finished(&self) -> bool {
        self.last == Last::Made
    }
}

/// Adds a sample to the line, and counts what cannot be told as it is.
fn add(line: &mut Line, sample: &Sample<'_>, origin: &Origin<'_>, unsigned: bool, out: &mut Outbox<'_>) -> Added {
    let added = line.add(sample, origin, unsigned);
    match added {
        Added::Saturated => out.stats.saturated.inc(),
        // An item is a line, as this one would be.
        Added::TooLong => out.lost(1, Reason::TooLong),
        Added::Field | Added::Nothing | Added::Next => {}
    }
    added
}
