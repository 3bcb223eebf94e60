//! A machine with a clock of the test's, and a receiver that takes what it is told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use exporter::Site;
use exporter::push::remote_write::{Dialect, Version, Writer, pair};
use exporter::push::snappy::MAX_INPUT;
use exporter::push::{Backlog, Consumer, Ended, Failure, Origin, Outbox, Sink, Stream, Wish};

use crate::schema::{Told, decode_one, decode_two};

pub(crate) const SECOND: u64 = 1_000_000_000;
pub(crate) const NOW_MS: u64 = 1_767_225_600_500;

/// The machine.
pub(crate) struct Machine {
    pub(crate) unix_ms: Cell<Option<u64>>,
    pub(crate) awaits_date: Cell<bool>,
    pub(crate) tags: Vec<(&'static str, &'static str)>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { unix_ms: Cell::new(Some(NOW_MS)), awaits_date: Cell::new(false), tags: Vec::new() }
    }
}

impl Site for Machine {
    fn node(&self) -> &str {
        "one"
    }

    fn program(&self) -> &str {
        "test"
    }

    fn origin(&self) -> Origin<'_> {
        Origin { name: "one", job: "test", tags: &self.tags, program: "test", version: "", boot_id: "" }
    }

    fn now_ns(&self) -> u64 {
        0
    }

    fn unix_ns(&self) -> Option<u64> {
        self.unix_ms.get().map(|unix_ms| unix_ms * 1_000_000 + 999_999)
    }

    fn awaits_date(&self) -> bool {
        self.awaits_date.get()
    }
}

/// A frame as it was made.
#[derive(Clone)]
pub(crate) struct Taken {
    pub(crate) seq: u64,
    pub(crate) prelude: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) items: u32,
    pub(crate) stamp_ns: u64,
}

impl Taken {
    /// The message in it.
    pub(crate) fn message(&self) -> Vec<u8> {
        let message = snap::raw::Decoder::new().decompress_vec(&self.body).expect("a snappy block");
        assert!(message.len() <= MAX_INPUT, "{} bytes", message.len());
        message
    }

    /// The series in it; what must hold of all is checked.
    pub(crate) fn series(&self) -> Vec<Told> {
        let message = self.message();
        let told = if self.prelude == [1] { decode_one(&message) } else { decode_two(&message) };
        for series in &told {
            assert!(series.labels.is_sorted_by(|(one, _), (other, _)| one < other), "{series:?}");
            assert!(series.labels.iter().all(|(name, value)| !name.is_empty() && !value.is_empty()), "{series:?}");
            assert_eq!((series.label("instance"), series.label("job")), (Some("one"), Some("test")));
            assert_eq!(series.stamp_ms as u64 * 1_000_000, self.stamp_ns);
        }
        told
    }
}

/// Takes every frame at once.
struct Taker(Rc<RefCell<Vec<Taken>>>);

impl Consumer for Taker {
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
        while let Some(frame) = out.backlog.front() {
            let mut prelude = vec![0; frame.len];
            assert_eq!(out.backlog.read(&frame, 0, &mut prelude), frame.len);
            let body = prelude.split_off(1);
            let taken = Taken { seq: frame.seq, prelude, body, items: frame.items, stamp_ns: frame.stamp_ns };
            self.0.borrow_mut().push(taken);
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

/// A sink and its receiver.
pub(crate) struct Road {
    pub(crate) sink: Box<dyn Stream>,
    pub(crate) dialect: Dialect,
    taken: Rc<RefCell<Vec<Taken>>>,
    name: &'static str,
}

impl Road {
    /// With a capture every second.
    pub(crate) fn new(name: &'static str, version: Version, backlog_bytes: usize) -> Self {
        let (writer, dialect): (Writer, Dialect) = pair(SECOND, version);
        let taken = Rc::default();
        let sink = Box::new(Sink::new(name, writer, Taker(Rc::clone(&taken)), backlog_bytes, 7));
        Self { sink, dialect, taken, name }
    }

    /// Lets it make what there is to make, and says how many calls that took.
    pub(crate) fn produce(&mut self, now_ns: u64, machine: &Machine) -> usize {
        let mut calls = 1;
        while self.sink.tick(now_ns, machine) {
            calls += 1;
            assert!(calls < 100_000, "it never ends");
        }
        calls
    }

    /// Takes what waits.
    pub(crate) fn take(&mut self, machine: &Machine) -> Vec<Taken> {
        self.sink.transmit(0, &mut [], machine);
        self.taken.take()
    }

    /// Both.
    pub(crate) fn capture(&mut self, now_ns: u64, machine: &Machine) -> Vec<Taken> {
        self.produce(now_ns, machine);
        self.take(machine)
    }

    /// A number that its sink tells.
    pub(crate) fn told(&self, field: &str) -> u64 {
        match ukstore::read(&format!("/sinks/{}/{field}", self.name)) {
            Ok(ukstore::Value::U64(number)) => number,
            other => panic!("{field}: {other:?}"),
        }
    }
}

/// All series of some frames.
pub(crate) fn series(frames: &[Taken]) -> Vec<Told> {
    frames.iter().flat_map(Taken::series).collect()
}
