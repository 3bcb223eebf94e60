//! A machine that measures, and a receiver that takes frames as they are.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use exporter::Site;
use exporter::push::influx::{Framing, Influx, Options};
use exporter::push::{Backlog, Consumer, Ended, Ending, Failure, Origin, Outbox, Sink, Stream, Wish};

pub(crate) const SECOND: u64 = 1_000_000_000;
/// What the machines' clocks show, if they show anything.
pub(crate) const UNIX_NS: u64 = 1_790_000_000_000_000_000;

pub(crate) const OPTIONS: Options = Options { interval_ns: 10 * SECOND, unsigned: false, timestamps: true };

/// The tests tell each other's numbers, too: one at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A machine that knows who it is.
pub(crate) struct Machine<'a> {
    pub(crate) name: &'a str,
    pub(crate) job: &'a str,
    pub(crate) tags: &'a [(&'a str, &'a str)],
    pub(crate) unix_ns: Option<u64>,
}

impl Default for Machine<'_> {
    fn default() -> Self {
        Self { name: "vm1", job: "test", tags: &[("rack", "7")], unix_ns: Some(UNIX_NS) }
    }
}

impl Site for Machine<'_> {
    fn node(&self) -> &str {
        self.name
    }

    fn program(&self) -> &str {
        "test 1.0"
    }

    fn origin(&self) -> Origin<'_> {
        let Self { name, job, tags, .. } = self;
        Origin { name, job, tags, program: "test", version: "1.0", boot_id: "" }
    }

    fn now_ns(&self) -> u64 {
        0
    }

    fn unix_ns(&self) -> Option<u64> {
        self.unix_ns
    }
}

/// A frame that arrived: its bytes, its lines, its time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrived {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lines: u32,
    pub(crate) stamp_ns: u64,
}

impl Arrived {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("lines are text")
    }
}

/// Takes every frame, and keeps it for the test.
#[derive(Clone, Default)]
pub(crate) struct Receiver(Rc<RefCell<Vec<Arrived>>>);

impl Consumer for Receiver {
    fn wants_connection(&self, _: u64, backlog: &Backlog) -> bool {
        !backlog.is_empty()
    }

    fn opened(&mut self, _: u64) {}

    fn wish(&self, _: u64, _: &Backlog) -> Wish {
        Wish::Open
    }

    fn wants_to_write(&self, _: u64, backlog: &Backlog) -> bool {
        !backlog.is_empty()
    }

    fn transmit(&mut self, now_ns: u64, _: &mut [u8], out: &mut Outbox<'_>, _: &dyn Site) -> usize {
        while let Some(front) = out.backlog.front() {
            let mut bytes = vec![0; front.len];
            assert_eq!(out.backlog.read(&front, 0, &mut bytes), front.len);
            self.0.borrow_mut().push(Arrived { bytes, lines: front.items, stamp_ns: front.stamp_ns });
            out.arrived(now_ns);
        }
        0
    }

    fn unacknowledged(&mut self, _: u64, _: usize, _: &mut Outbox<'_>) {}

    fn receive(&mut self, _: u64, _: &[u8], _: &mut Outbox<'_>) {}

    fn closed(&mut self, _: u64, _: Ended, _: &mut Outbox<'_>) -> Option<Failure> {
        None
    }

    fn deadline_ns(&self) -> Option<u64> {
        None
    }
}

/// A sink, and what its receiver has.
pub(crate) struct Monitor {
    pub(crate) sink: Sink<Influx, Receiver>,
    receiver: Receiver,
}

impl Monitor {
    pub(crate) fn new(name: &str, options: Options, framing: Framing) -> Self {
        Self::with_backlog(name, options, framing, 1 << 20)
    }

    pub(crate) fn with_backlog(name: &str, options: Options, framing: Framing, bytes: usize) -> Self {
        let receiver = Receiver::default();
        Self { sink: Sink::new(name, Influx::new(options, framing), receiver.clone(), bytes, 1), receiver }
    }

    /// Works until there is nothing to do now. What arrived, and how often it was called.
    pub(crate) fn run(&mut self, now_ns: u64, machine: &Machine<'_>) -> (Vec<Arrived>, usize) {
        let mut calls = 1;
        while self.sink.tick(now_ns, machine) {
            calls += 1;
        }
        self.sink.transmit(now_ns, &mut [], machine);
        // What arrived is counted.
        assert!(!self.sink.tick(now_ns, machine));
        (self.receiver.0.take(), calls)
    }

    /// One capture: its lines.
    pub(crate) fn capture(&mut self, now_ns: u64, machine: &Machine<'_>) -> String {
        self.run(now_ns, machine).0.iter().map(Arrived::text).collect()
    }

    pub(crate) fn finish(&mut self, now_ns: u64) {
        self.sink.finish(now_ns, Ending::Success);
    }
}

/// The lines of a source.
pub(crate) fn of_source(text: &str, source: &str) -> String {
    let source = format!("{source},");
    text.split_inclusive('\n').filter(|line| line.starts_with(&source)).collect()
}

/// A number that a sink tells about itself.
pub(crate) fn told(sink: &str, what: &str) -> u64 {
    match ukstore::read(&format!("/sinks/{sink}/{what}")) {
        Ok(ukstore::Value::U64(number)) => number,
        Ok(ukstore::Value::I64(number)) => number.cast_unsigned(),
        other => panic!("{what}: {other:?}"),
    }
}
