//! Which lines are sent, in which order, and what becomes of those that are not.

use crate::log::{Line, Machine, datagrams, flow, receive, told};
use exporter::Level;
use exporter::push::syslog::Format;
use exporter::push::{Datagrams, Ending, Stream};

const SECOND: u64 = 1_000_000_000;

/// Everything taken has been sent, was dropped, or waits; all that was logged was taken.
fn accounts(name: &str, logged: u64) {
    let reasons = ["backlog", "rejected", "too_long", "overwritten", "no_clock", "feedback"];
    let dropped: u64 = reasons.iter().map(|reason| told(name, &format!("dropped_total/{reason}"))).sum();
    assert_eq!(told(name, "items_total"), logged);
    assert_eq!(logged, told(name, "sent_total") + dropped + told(name, "backlog"), "{name}");
}

/// The numbers in the lines that come.
fn numbers(sink: &mut dyn Datagrams, machine: &Machine) -> Vec<u64> {
    let mut numbers = Vec::new();
    loop {
        let more = sink.tick(0, machine);
        while let Some(message) = receive(sink) {
            let (_, number) = message.trim_end().rsplit_once("line ").expect("a line's number");
            numbers.push(number.parse().expect("a number"));
        }
        if !more {
            return numbers;
        }
    }
}

#[test]
fn the_boots_lines_come_first_and_in_order() {
    let machine = Machine::counting(100);
    let mut sink = datagrams("lines-order", Format::Rfc5424, 10_000);
    assert_eq!(numbers(&mut sink, &machine), (1..=100).collect::<Vec<_>>());
    machine.log("line 101");
    assert_eq!(numbers(&mut sink, &machine), [101]);
    accounts("lines-order", 101);
    assert_eq!((told("lines-order", "sent_total"), told("lines-order", "truncated_total")), (101, 0));
}

#[test]
fn debug_lines_about_sending_are_not_sent() {
    let line = |level, source, thread| Line::new(level, source, thread, "line 1");
    let machine = Machine::new([
        line(Level::Debug, "smoltcp::socket::udp", "main"),
        line(Level::Debug, "periscope::net", "management"),
        line(Level::Info, "periscope::net", "management"),
        line(Level::Debug, "web", "main"),
    ]);
    let mut sink = datagrams("lines-feedback", Format::Rfc5424, 10_000);
    assert_eq!(numbers(&mut sink, &machine), [1, 1]);
    assert_eq!(told("lines-feedback", "dropped_total/feedback"), 2);
    accounts("lines-feedback", 4);
}

#[test]
fn the_log_is_where_lines_wait() {
    let machine = Machine::counting(50);
    // Room for the longest message, and a few besides.
    let mut sink = flow("lines-wait", Format::Rfc5424, 9_000);
    while sink.tick(0, &machine) {}
    accounts("lines-wait", 50);
    assert_eq!((told("lines-wait", "backlog"), told("lines-wait", "dropped_total/backlog")), (50, 0));
    let waiting = told("lines-wait", "backlog_bytes");
    assert!(waiting > 700 && waiting < 1_200, "{waiting} bytes are not in the log");
    sink.opening(0);
    sink.opened(0);
    let mut received = String::new();
    while received.matches("line ").count() < 50 {
        while sink.tick(0, &machine) {}
        let mut room = [0; 300];
        let len = sink.transmit(0, &mut room, &machine);
        assert!(len > 0, "nothing came: {received}");
        received += std::str::from_utf8(&room[..len]).expect("text");
        sink.unacknowledged(0, 0);
        accounts("lines-wait", 50);
    }
    let mut rest = received.as_str();
    for number in 1..=50 {
        let at = rest.find(&format!("] line {number}")).expect("every line, in order");
        rest = &rest[at + 1..];
    }
}

#[test]
fn what_was_overwritten_is_counted_and_missed() {
    for (format, name) in [
        (Format::Rfc5424, "lines-gap-5424"),
        (Format::Rfc3164, "lines-gap-3164"),
        (Format::Netconsole, "lines-gap-net"),
    ] {
        let machine = Machine::counting(10);
        machine.overwritten.set(4);
        let mut sink = datagrams(name, format, 10_000);
        while sink.tick(0, &machine) {}
        accounts(name, 10);
        let first = receive(&mut sink).expect("there are lines");
        if format == Format::Rfc5424 {
            assert!(first.contains(" seq=\"5\" "), "{first}");
        } else {
            assert!(first.trim_end().ends_with(": 4 lines were overwritten before they could be sent here"), "{first}");
            let next = receive(&mut sink).expect("there are more");
            assert!(next.trim_end().ends_with(" line 5"), "{next}");
        }
        while receive(&mut sink).is_some() {}
        accounts(name, 10);
        assert_eq!((told(name, "dropped_total/overwritten"), told(name, "sent_total")), (4, 6));
    }
}

#[test]
fn what_was_overwritten_while_the_backlog_was_full_is_counted_once() {
    let machine = Machine::counting(30);
    let mut sink = datagrams("lines-full", Format::Rfc3164, 200);
    while sink.tick(0, &machine) {}
    machine.overwritten.set(20);
    while sink.tick(0, &machine) {}
    accounts("lines-full", 30);
    let mut messages = Vec::new();
    for _ in 0..30 {
        messages.extend(receive(&mut sink));
        while sink.tick(0, &machine) {}
        accounts("lines-full", 30);
    }
    let notices = messages.iter().filter(|message| message.contains("overwritten")).count();
    assert_eq!(notices, 1, "{messages:?}");
    assert_eq!(told("lines-full", "sent_total") + told("lines-full", "dropped_total/overwritten"), 30);
}

#[test]
fn cut_messages_are_counted() {
    let machine = Machine::counting(1);
    machine.log(&"x".repeat(2_000));
    machine.lines.borrow_mut()[0].truncated = true;
    let mut sink = datagrams("lines-cut", Format::Rfc3164, 10_000);
    while sink.tick(0, &machine) {}
    assert_eq!(told("lines-cut", "truncated_total"), 2);
    accounts("lines-cut", 2);
}

#[test]
fn what_can_never_be_sent_is_counted_and_holds_nothing_up() {
    let mut machine = Machine::counting(2);
    machine.lines.borrow_mut()[0].thread = "\"".repeat(900);
    machine.tags.clear();
    let mut sink = datagrams("lines-long", Format::Rfc5424, 10_000);
    assert_eq!(numbers(&mut sink, &machine), [2]);
    accounts("lines-long", 2);
    assert_eq!(told("lines-long", "dropped_total/too_long"), 1);
    // Nor does a backlog that is too small for any.
    let mut sink = datagrams("lines-small", Format::Rfc5424, 100);
    assert!(numbers(&mut sink, &machine).is_empty());
    assert_eq!(told("lines-small", "dropped_total/too_long"), 2);
    accounts("lines-small", 2);
}

#[test]
fn lines_wait_for_the_date_and_not_for_ever() {
    let machine = Machine::counting(2);
    machine.booted_unix_ns.set(None);
    machine.awaits_date.set(true);
    let mut sink = datagrams("lines-date", Format::Rfc5424, 10_000);
    assert!(!sink.tick(SECOND, &machine) && receive(&mut sink).is_none());
    assert_eq!(sink.deadline_ns(), Some(11 * SECOND));
    accounts("lines-date", 2);
    machine.booted_unix_ns.set(Some(0));
    machine.awaits_date.set(false);
    sink.tick(2 * SECOND, &machine);
    let message = receive(&mut sink).expect("the date is known");
    assert!(message.starts_with("<14>1 1970-01-01T00:00:01.500000Z "), "{message}");

    machine.booted_unix_ns.set(None);
    machine.awaits_date.set(true);
    let mut sink = datagrams("lines-no-date", Format::Rfc5424, 10_000);
    sink.tick(SECOND, &machine);
    sink.tick(11 * SECOND, &machine);
    let message = receive(&mut sink).expect("it was long enough");
    assert!(message.starts_with("<14>1 - uk-1 web "), "{message}");
    assert!(receive(&mut sink).is_some() && sink.deadline_ns().is_none());
}

#[test]
fn the_last_lines_are_sent_before_the_end() {
    let machine = Machine::counting(1);
    machine.awaits_date.set(true);
    let mut sink = datagrams("lines-end", Format::Rfc3164, 10_000);
    sink.tick(0, &machine);
    sink.finish(1, Ending::Failure);
    machine.log("line 2");
    assert!(!sink.is_finished());
    assert_eq!(numbers(&mut sink, &machine), [1, 2], "the date is waited for no longer");
    assert!(sink.is_finished());
}
