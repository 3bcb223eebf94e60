//! A machine with a log, and what it sends of it.

use exporter::push::syslog::{Format, Framing, LogLines};
use exporter::push::{Datagrams, Flow, Origin, Sink, Stream, Unacknowledged};
use exporter::{Level, LogRecord, Site};
use std::cell::{Cell, RefCell};

pub(crate) const BOOT_ID: &str = "0c2a3bd0-6f5e-4f0a-9d38-5c0d2c1b7a11";
/// 2026-03-01T12:00:00Z.
pub(crate) const BOOTED_UNIX_NS: u64 = 1_772_366_400_000_000_000;

/// One line of the log.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) level: Level,
    pub(crate) source: String,
    pub(crate) thread: String,
    pub(crate) message: String,
    pub(crate) truncated: bool,
}

impl Line {
    pub(crate) fn new(level: Level, source: &str, thread: &str, message: &str) -> Self {
        let [source, thread, message] = [source, thread, message].map(String::from);
        Self { level, source, thread, message, truncated: false }
    }
}

/// A machine called `uk-1`, whose lines are 1.5 s apart.
pub(crate) struct Machine {
    pub(crate) lines: RefCell<Vec<Line>>,
    /// How many of them were overwritten.
    pub(crate) overwritten: Cell<u64>,
    pub(crate) booted_unix_ns: Cell<Option<u64>>,
    pub(crate) awaits_date: Cell<bool>,
    pub(crate) program: &'static str,
    pub(crate) tags: Vec<(&'static str, &'static str)>,
}

impl Machine {
    pub(crate) fn new(lines: impl IntoIterator<Item = Line>) -> Self {
        Self {
            lines: RefCell::new(lines.into_iter().collect()),
            overwritten: Cell::new(0),
            booted_unix_ns: Cell::new(Some(BOOTED_UNIX_NS)),
            awaits_date: Cell::new(false),
            program: "web",
            tags: vec![("cluster", "021"), ("datacenter", "murika")],
        }
    }

    /// `count` lines that are numbered in words too.
    pub(crate) fn counting(count: u64) -> Self {
        Self::new((1..=count).map(|number| Line::new(Level::App, "app", "main", &format!("line {number}"))))
    }

    pub(crate) fn log(&self, message: &str) {
        self.lines.borrow_mut().push(Line::new(Level::App, "app", "main", message));
    }
}

impl Site for Machine {
    fn node(&self) -> &str {
        "uk-1"
    }

    fn program(&self) -> &str {
        "web 0.1.0"
    }

    fn origin(&self) -> Origin<'_> {
        let (program, tags) = (self.program, &self.tags);
        Origin { name: "uk-1", job: "periscope", tags, program, version: "0.1.0", boot_id: BOOT_ID }
    }

    fn now_ns(&self) -> u64 {
        0
    }

    fn unix_ns(&self) -> Option<u64> {
        self.booted_unix_ns.get()
    }

    fn awaits_date(&self) -> bool {
        self.awaits_date.get()
    }

    fn log_newest(&self) -> Option<u64> {
        Some(self.lines.borrow().len() as u64).filter(|&seq| seq > 0)
    }

    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let lines = self.lines.borrow();
        let from = from.max(self.overwritten.get() + 1);
        let (seq, line) = (1..).zip(lines.iter()).find(|(seq, line)| *seq >= from && line.level <= level)?;
        let since_boot_ns = seq * 1_500_000_000;
        show(&LogRecord {
            seq,
            since_boot_ns,
            unix_ns: self.booted_unix_ns.get().map(|booted| booted + since_boot_ns),
            level: line.level,
            source: &line.source,
            thread: &line.thread,
            message: &line.message,
            truncated: line.truncated,
        });
        Some(seq)
    }
}

/// A sink of datagrams.
pub(crate) fn datagrams(name: &str, format: Format, backlog_bytes: usize) -> Sink<LogLines, Unacknowledged> {
    Sink::new(name, LogLines::new(format, Framing::Datagrams), Unacknowledged, backlog_bytes, 1)
}

/// A sink over a connection, with octet counting.
pub(crate) fn flow(name: &str, format: Format, backlog_bytes: usize) -> Sink<LogLines, Flow> {
    Sink::new(name, LogLines::new(format, Framing::OctetCounting), Flow::new(), backlog_bytes, 1)
}

/// The next datagram.
pub(crate) fn receive(sink: &mut dyn Datagrams) -> Option<String> {
    sink.wants_to_send(0).then(|| {
        let mut room = [0; 2_000];
        let len = sink.datagram(&mut room);
        sink.sent(0);
        String::from_utf8(room[..len].to_vec()).expect("UTF-8")
    })
}

/// What all of `machine`'s lines are as datagrams.
pub(crate) fn sent(machine: &Machine, format: Format) -> Vec<String> {
    let mut sink = datagrams("sent", format, 1 << 20);
    while sink.tick(0, machine) {}
    std::iter::from_fn(|| receive(&mut sink)).collect()
}

/// What all of them are as one stream.
pub(crate) fn streamed(machine: &Machine, format: Format) -> Vec<u8> {
    let mut sink = flow("streamed", format, 1 << 20);
    while sink.tick(0, machine) {}
    sink.opening(0);
    sink.opened(0);
    let mut stream = Vec::new();
    let mut room = [0; 1_000];
    while sink.wants_to_write(0) {
        let len = sink.transmit(0, &mut room, machine);
        stream.extend_from_slice(&room[..len]);
    }
    stream
}

/// A number of the sink's.
pub(crate) fn told(name: &str, field: &str) -> u64 {
    match ukstore::read(&format!("/sinks/{name}/{field}")) {
        Ok(ukstore::Value::U64(number)) => number,
        Ok(ukstore::Value::I64(number)) => number as u64,
        other => panic!("{field}: {other:?}"),
    }
}
