//! A machine and producers for sinks under test.

use exporter::Site;
use exporter::push::{Ending, Outbox, Producer, Reason, Stream, Wish};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

pub(crate) const SECOND: u64 = 1_000_000_000;

/// A machine without a log.
pub(crate) struct Machine;

impl Site for Machine {
    fn node(&self) -> &str {
        "vm1"
    }

    fn program(&self) -> &str {
        "test 1.0"
    }

    fn now_ns(&self) -> u64 {
        0
    }
}

/// Makes a frame of each text it is given.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) texts: Rc<RefCell<VecDeque<String>>>,
}

impl Given {
    pub(crate) fn give(&self, text: &str) {
        self.texts.borrow_mut().push_back(text.to_owned());
    }
}

impl Producer for Given {
    fn produce(&mut self, _: u64, _: &dyn Site, out: &mut Outbox<'_>) -> bool {
        match self.texts.borrow_mut().pop_front() {
            None => return false,
            Some(text) if text.is_empty() => out.lost(1, Reason::NoClock),
            Some(text) => {
                out.backlog.begin();
                out.backlog.append(text.as_bytes());
                out.commit(1, 0);
            }
        }
        true
    }

    fn deadline_ns(&self) -> Option<u64> {
        None
    }

    fn finish(&mut self, _: u64, _: Ending) {
        self.give("bye\n");
    }

    fn is_finished(&self) -> bool {
        self.texts.borrow().is_empty()
    }
}

pub(crate) fn produce(sink: &mut dyn Stream, now: u64) {
    while sink.tick(now, &Machine) {}
}

/// What it writes into so much room.
pub(crate) fn written(sink: &mut dyn Stream, now: u64, room: usize) -> String {
    let mut bytes = vec![0; room];
    let len = sink.transmit(now, &mut bytes, &Machine);
    bytes.truncate(len);
    String::from_utf8(bytes).expect("text")
}

pub(crate) fn open(sink: &mut dyn Stream, now: u64) {
    assert_eq!(sink.wish(now), Wish::Open);
    sink.opening(now);
    sink.opened(now);
}

/// A number of the sink's.
pub(crate) fn told(name: &str, field: &str) -> u64 {
    match ukstore::read(&format!("/sinks/{name}/{field}")) {
        Ok(ukstore::Value::U64(number)) => number,
        Ok(ukstore::Value::I64(number)) => number as u64,
        other => panic!("{field}: {other:?}"),
    }
}

/// Everything taken has arrived, was dropped, or waits.
pub(crate) fn accounts(name: &str) {
    let reasons = ["backlog", "rejected", "too_long", "overwritten", "no_clock", "feedback"];
    let dropped: u64 = reasons.iter().map(|reason| told(name, &format!("dropped_total/{reason}"))).sum();
    assert_eq!(told(name, "items_total"), told(name, "sent_total") + dropped + told(name, "backlog"), "{name}");
}
