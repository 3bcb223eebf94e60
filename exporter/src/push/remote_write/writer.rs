//! Makes requests of captures, a bounded piece of work at a time: series go into a request until it is full or there are no
//! more, then it is compressed into a frame. Not for sending them.

use core::fmt;
use core::ops::ControlFlow::{Break, Continue};

use ukstore::{Item, Sample, Walk};

use super::batch::Batch;
use super::labels::Common;
use super::one::USUAL_STAMPS;
use super::series::{self, STALE, What};
use super::version::{Agreement, Content};
use super::{Dialect, Version};
use crate::Site;
use crate::exposition::sample::is_as_old_as_the_machine;
use crate::push::snappy::{Compressor, STEP_ROOM};
use crate::push::{Capture, Ending, Outbox, Producer, Reason};

/// The most samples that one call takes.
const SAMPLES_PER_CALL: usize = 32;
/// The most steps of compression that one call makes.
const STEPS_PER_CALL: usize = 4;

const NANOS_PER_MILLI: u64 = 1_000_000;

/// What a clock may go back without being followed: a few captures at most are then told too late.
const MAX_BACK_MS: u64 = 10_000;

/// Makes what is told to one receiver.
pub struct Writer {
    capture: Capture,
    agreement: Agreement,
    walk: Walk,
    batch: Batch,
    /// The end of each series of the last capture that may go before the machine does: as many as a request holds.
    ends: Batch,
    compressor: Compressor,
    state: State,
    what: What,
    /// Of the capture that is being made; without it its samples are counted, and lost.
    stamp_ms: Option<u64>,
    /// The newest there was.
    newest_ms: u64,
    lost: u64,
    /// Which frame asks the receiver for its version.
    question: Option<u64>,
    is_ending: bool,
    /// Whether this capture is the last.
    is_final: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// For the next capture.
    Waiting,
    /// Series go into a request.
    Telling,
    /// It is compressed. The capture may have more.
    Packing { is_last: bool },
    /// Everything was said.
    Finished,
}

/// Why a walk rests.
enum Rest {
    /// It was enough work for one call.
    Enough,
    /// The request is full.
    Full,
}

/// What makes requests for one receiver, every `interval_ns`, and what sends them. With [`Version::Two`] that is spoken
/// where the receiver knows it. The one time memory is taken: 136 KiB, and 48 more for 2.0.
#[must_use]
pub fn pair(interval_ns: u64, version: Version) -> (Writer, Dialect) {
    let agreement = Agreement::new(version);
    let writer = Writer {
        capture: Capture::new(interval_ns, true),
        agreement: agreement.clone(),
        walk: Walk::new(),
        batch: Batch::new(version),
        ends: Batch::new(version),
        compressor: Compressor::new(),
        state: State::Waiting,
        what: What::Value,
        stamp_ms: None,
        newest_ms: 0,
        lost: 0,
        question: None,
        is_ending: false,
        is_final: false,
    };
    (writer, Dialect::new(agreement))
}

impl Producer for Writer {
    fn produce(&mut self, now_ns: u64, site: &dyn Site, out: &mut Outbox<'_>) -> bool {
        let was_waiting = self.state == State::Waiting;
        match self.state {
            State::Waiting if self.capture.begins(now_ns, site) => {
                self.is_final = self.is_ending;
                self.begin(What::Value, site, out);
            }
            State::Waiting | State::Finished => {}
            State::Telling => self.tell(site, out),
            State::Packing { is_last } => self.pack(is_last, site, out),
        }
        match self.state {
            State::Telling | State::Packing { .. } => true,
            // The last one was asked for while this one was made.
            State::Waiting => self.is_ending && !was_waiting,
            State::Finished => false,
        }
    }

    fn deadline_ns(&self) -> Option<u64> {
        match self.state {
            State::Waiting => Some(self.capture.deadline_ns()),
            State::Telling | State::Packing { .. } => Some(0),
            State::Finished => None,
        }
    }

    fn finish(&mut self, now_ns: u64, _: Ending) {
        self.is_ending = true;
        self.capture.hasten(now_ns);
    }

    fn is_finished(&self) -> bool {
        self.state == State::Finished
    }
}

impl Writer {
    /// Begins a capture.
    fn begin(&mut self, what: What, site: &dyn Site, out: &mut Outbox<'_>) {
        self.stamp_ms = self.next_stamp_ms(site, out);
        self.what = what;
        self.walk = Walk::new();
        self.state = State::Telling;
        self.lost = 0;
        let Some(stamp_ms) = self.stamp_ms else {
            self.lost = 1;
            return;
        };
        let origin = site.origin();
        let common = Common::of(&origin);
        self.ask(stamp_ms, &common, out);
        self.batch.begin(self.agreement.version());
        if what == What::Value && !self.is_final {
            self.ends.begin(self.agreement.version());
        }
        if !series::up(what, stamp_ms, &common, |series| self.batch.add(&series)) {
            out.lost(1, Reason::TooLong);
        }
    }

    /// The time of the capture that begins now, if it is known. Receivers refuse samples that are no newer than the last, so
    /// what a clock goes back by a little is not followed. One that was far ahead is believed once it is put right: samples
    /// of the time until then would be wrong, and those that are refused are counted.
    fn next_stamp_ms(&mut self, site: &dyn Site, out: &Outbox<'_>) -> Option<u64> {
        let unix_ms = site.unix_ns()? / NANOS_PER_MILLI;
        let back_ms = self.newest_ms.saturating_sub(unix_ms);
        self.newest_ms = if back_ms > MAX_BACK_MS {
            let (name, back_s) = (out.stats.name(), back_ms / 1_000);
            log::warn!(
                "{name}: the clock was set back by {back_s} s: the receiver may refuse samples until it has caught up"
            );
            unix_ms
        } else {
            unix_ms.max(self.newest_ms + 1)
        };
        Some(self.newest_ms)
    }

    /// Asks the receiver which version it speaks, if that matters and no question is on its way.
    fn ask(&mut self, stamp_ms: u64, common: &Common<'_>, out: &mut Outbox<'_>) {
        let oldest = out.backlog.front().map(|frame| frame.seq);
        let waits = self.question.is_some_and(|question| oldest.is_some_and(|oldest| oldest <= question));
        if waits || !self.agreement.is_open() {
            return;
        }
        self.batch.begin(Version::Two);
        if series::up(self.what, stamp_ms, common, |series| self.batch.add(&series)) {
            self.begin_frame(Content::Question, out);
            while self.compress(out) {}
            // The capture has the sample as well, so it counts there.
            out.commit(0, stamp_ms * NANOS_PER_MILLI);
            self.question = out.backlog.front().map(|oldest| oldest.seq + out.backlog.frames() - 1);
        }
    }

    /// Adds series to the request.
    fn tell(&mut self, site: &dyn Site, out: &mut Outbox<'_>) {
        let origin = site.origin();
        let common = Common::of(&origin);
        let Self { walk, batch, ends, lost, stamp_ms, what, is_final, .. } = self;
        let mut add = |sample: &Sample<'_>, stamp_ms| {
            series::of(sample, *what, stamp_ms, &common, |mut series| {
                let is_added = batch.add(&series);
                if is_added && !*is_final && !is_as_old_as_the_machine(sample) && USUAL_STAMPS.contains(&stamp_ms) {
                    series.value = STALE;
                    ends.add(&series);
                }
                (is_added, batch.series())
            })
        };
        let (mut left, mut too_long) = (SAMPLES_PER_CALL, 0);
        let rest = walk.each(|item| {
            let Item::Sample(sample) = item else { return Continue(()) };
            if left == 0 {
                return Break(Rest::Enough);
            }
            left -= 1;
            match stamp_ms.map(|stamp_ms| add(&sample, stamp_ms)) {
                None => *lost += 1,
                Some((true, _)) => {}
                Some((false, 0)) => too_long += 1,
                Some((false, _)) => return Break(Rest::Full),
            }
            Continue(())
        });
        if too_long > 0 {
            out.lost(too_long, Reason::TooLong);
        }
        match rest {
            Break(Rest::Enough) => {}
            Continue(()) if self.batch.series() == 0 || self.stamp_ms.is_none() => self.end(site, out),
            Break(Rest::Full) => self.begin_packing(false, out),
            Continue(()) => self.begin_packing(true, out),
        }
    }

    fn begin_packing(&mut self, is_last: bool, out: &mut Outbox<'_>) {
        self.begin_frame(Content::Samples(self.batch.version()), out);
        self.state = State::Packing { is_last };
    }

    /// Compresses the request.
    fn pack(&mut self, is_last: bool, site: &dyn Site, out: &mut Outbox<'_>) {
        for _ in 0..STEPS_PER_CALL {
            if !self.compress(out) {
                out.commit(self.batch.series(), self.newest_ms * NANOS_PER_MILLI);
                if is_last {
                    return self.end(site, out);
                }
                self.batch.begin(self.agreement.version());
                self.state = State::Telling;
                return;
            }
        }
    }

    /// Ends a capture. After the last one comes what says that there will be no more.
    fn end(&mut self, site: &dyn Site, out: &mut Outbox<'_>) {
        if self.stamp_ms.is_none() {
            out.lost(self.lost, Reason::NoClock);
        }
        match self.what {
            What::Value if self.is_final && self.stamp_ms.is_some() => self.begin(What::End, site, out),
            What::Value if !self.is_final => self.state = State::Waiting,
            What::End
                if self.ends.series() > 0 && self.stamp_ms.is_some_and(|stamp_ms| USUAL_STAMPS.contains(&stamp_ms)) =>
            {
                // Those of series that were there until now are told twice, and alike.
                core::mem::swap(&mut self.batch, &mut self.ends);
                self.ends.begin(self.batch.version());
                self.batch.restamp(self.newest_ms);
                self.begin_packing(true, out);
            }
            What::Value | What::End => self.state = State::Finished,
        }
    }

    fn begin_frame(&mut self, content: Content, out: &mut Outbox<'_>) {
        out.backlog.begin();
        out.backlog.append(&[content.to_byte()]);
        self.compressor.begin();
    }

    /// One step of compression. Whether there is another.
    fn compress(&mut self, out: &mut Outbox<'_>) -> bool {
        let (message, mut room) = (self.batch.bytes(), [0; STEP_ROOM]);
        out.backlog.append(self.compressor.step(message, &mut room));
        !self.compressor.is_done(message.len())
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, what, stamp_ms, .. } = self;
        out.debug_struct("Writer")
            .field("state", state)
            .field("what", what)
            .field("stamp_ms", stamp_ms)
            .finish_non_exhaustive()
    }
}
