//! A flow of frames over a connection that lasts, and what happens when it does not.

use crate::harness::{Given, SECOND, accounts, open, produce, told, written};
use exporter::push::{Ended, Ending, Flow, Sink, Stream, Wish};

fn sink(name: &str, backlog_bytes: usize) -> (Given, Sink<Given, Flow>) {
    let given = Given::default();
    (given.clone(), Sink::new(name, given, Flow::new(), backlog_bytes, 7))
}

#[test]
fn frames_arrive_when_they_are_acknowledged() {
    let (given, mut sink) = sink("flow-ack", 1_000);
    assert_eq!(sink.wish(0), Wish::None, "there is nothing to say");
    given.give("one\n");
    given.give("two\n");
    given.give("");
    produce(&mut sink, 0);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 6), "one\ntw");
    sink.unacknowledged(1, 6);
    assert_eq!(told("flow-ack", "sent_total"), 0);
    sink.unacknowledged(2, 1);
    produce(&mut sink, 2);
    assert_eq!((told("flow-ack", "sent_total"), told("flow-ack", "backlog")), (1, 1));
    assert!(sink.wants_to_write(2));
    assert_eq!(written(&mut sink, 3, 100), "o\n");
    assert!(!sink.wants_to_write(3) && sink.wish(3) == Wish::Open);
    sink.unacknowledged(4, 0);
    produce(&mut sink, 10 * SECOND);
    assert_eq!((told("flow-ack", "sent_total"), told("flow-ack", "sent_bytes_total")), (2, 8));
    assert_eq!(sink.wish(100 * SECOND), Wish::Open, "silence is no failure");
    accounts("flow-ack");
}

#[test]
fn what_was_not_acknowledged_is_sent_again_and_counted() {
    let (given, mut sink) = sink("flow-reset", 1_000);
    ["one\n", "two\n", "tri\n"].iter().for_each(|text| given.give(text));
    produce(&mut sink, 0);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 10), "one\ntwo\ntr");
    sink.unacknowledged(1, 5);
    sink.closed(1, Ended::Reset);
    produce(&mut sink, 1);
    assert_eq!((told("flow-reset", "sent_total"), told("flow-reset", "uncertain_bytes_total")), (1, 6));
    assert_eq!(told("flow-reset", "failed_total/reset"), 1);
    assert_eq!(sink.wish(1), Wish::None, "not at once");
    let later = sink.deadline_ns().expect("it tries again");
    assert!(later > SECOND / 2 && later < 2 * SECOND);
    open(&mut sink, later);
    assert_eq!(written(&mut sink, later, 100), "two\ntri\n");
    sink.unacknowledged(later, 0);
    produce(&mut sink, later);
    assert_eq!((told("flow-reset", "sent_total"), told("flow-reset", "reconnects_total")), (3, 1));
    accounts("flow-reset");
}

#[test]
fn a_receiver_that_stalls_is_left() {
    let (given, mut sink) = sink("flow-stall", 1_000);
    given.give("one\n");
    produce(&mut sink, 0);
    open(&mut sink, 0);
    written(&mut sink, 0, 100);
    sink.unacknowledged(0, 4);
    assert_eq!(sink.wish(14 * SECOND), Wish::Open);
    let at = sink.deadline_ns().expect("it looks");
    assert_eq!((at, sink.wish(at)), (15 * SECOND, Wish::Reset));
    sink.closed(at, Ended::TimedOut);
    assert_eq!(told("flow-stall", "failed_total/timeout"), 1);
    accounts("flow-stall");
}

#[test]
fn nothing_follows_a_frame_that_was_dropped_half_sent() {
    let (given, mut sink) = sink("flow-torn", 50);
    given.give("first\n");
    produce(&mut sink, 0);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 3), "fir");
    sink.unacknowledged(0, 3);
    ["two\n", "three\n"].iter().for_each(|text| given.give(text));
    produce(&mut sink, 1);
    assert_eq!(told("flow-torn", "dropped_total/backlog"), 1);
    assert!(!sink.wants_to_write(1));
    sink.unacknowledged(1, 0);
    assert_eq!((sink.wish(1), told("flow-torn", "sent_total")), (Wish::Reset, 0));
    sink.closed(1, Ended::Closed);
    open(&mut sink, 2 * SECOND);
    assert_eq!(written(&mut sink, 2 * SECOND, 100), "two\nthree\n");
    accounts("flow-torn");
}

#[test]
fn a_slow_receiver_is_not_left_because_newer_frames_came() {
    let (given, mut sink) = sink("flow-slow", 50);
    ["one\n", "two\n"].iter().for_each(|text| given.give(text));
    produce(&mut sink, 0);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 100), "one\ntwo\n");
    sink.unacknowledged(0, 8);
    ["three\n", "four\n"].iter().for_each(|text| given.give(text));
    produce(&mut sink, 1);
    assert_eq!(told("flow-slow", "dropped_total/backlog"), 2);
    assert_eq!(sink.wish(1), Wish::Open, "what was dropped was written whole");
    assert_eq!(written(&mut sink, 1, 100), "three\nfour\n");
    assert!(!sink.unacknowledged(2, 11), "those were dropped, and are counted so");
    assert!(sink.unacknowledged(3, 5));
    assert_eq!(told("flow-slow", "sent_total"), 1);
    sink.closed(4, Ended::Reset);
    assert_eq!(told("flow-slow", "uncertain_bytes_total"), 5);
    open(&mut sink, 2 * SECOND);
    assert_eq!(written(&mut sink, 2 * SECOND, 100), "four\n");
    sink.unacknowledged(2 * SECOND, 0);
    produce(&mut sink, 2 * SECOND);
    assert_eq!((told("flow-slow", "sent_total"), told("flow-slow", "backlog")), (2, 0));
    accounts("flow-slow");
}

/// Such as a proxy before a receiver that is away: it takes connections, acknowledges what comes, and closes.
#[test]
fn who_acknowledges_and_closes_is_tried_less_and_less_often() {
    let (given, mut sink) = sink("flow-proxy", 1_000);
    let mut now = 0;
    let mut connections = 0;
    while now < 600 * SECOND {
        given.give("line\n");
        produce(&mut sink, now);
        open(&mut sink, now);
        connections += 1;
        written(&mut sink, now, 100);
        assert!(sink.unacknowledged(now + 1, 0));
        sink.closed(now + 2, Ended::Closed);
        given.give("more\n");
        produce(&mut sink, now + 2);
        now = sink.deadline_ns().expect("there is more to send");
    }
    assert!(connections < 25, "{connections}");
    accounts("flow-proxy");
}

#[test]
fn an_end_does_not_wait_for_the_next_try() {
    let (given, mut sink) = sink("flow-haste", 1_000);
    given.give("one\n");
    produce(&mut sink, 0);
    for now in [0, 100 * SECOND, 200 * SECOND] {
        sink.opening(now);
        sink.closed(now, Ended::Refused);
    }
    let now = 200 * SECOND + 1;
    assert_eq!(sink.wish(now), Wish::None);
    sink.finish(now, Ending::Success);
    assert_eq!(sink.wish(now), Wish::Open);
}

#[test]
fn a_frame_that_never_fits_is_lost_alone() {
    let (given, mut sink) = sink("flow-long", 40);
    given.give("kept\n");
    given.give(&"x".repeat(100));
    produce(&mut sink, 0);
    assert_eq!(told("flow-long", "dropped_total/too_long"), 1);
    accounts("flow-long");
}

#[test]
fn a_receiver_that_is_not_there_is_tried_less_and_less_often() {
    let (given, mut sink) = sink("flow-absent", 100);
    given.give("one\n");
    produce(&mut sink, 0);
    let mut now = 0;
    let mut waits = Vec::new();
    for _ in 0..9 {
        assert_eq!(sink.wish(now), Wish::Open);
        sink.opening(now);
        sink.closed(now, Ended::Refused);
        let next = sink.deadline_ns().expect("it tries again");
        waits.push((next - now) / SECOND);
        now = next;
    }
    assert!(waits[0] <= 1 && waits[8] >= 45 && waits[8] <= 75, "{waits:?}");
    assert_eq!(told("flow-absent", "failed_total/connect"), 9);
    accounts("flow-absent");
}

#[test]
fn it_is_finished_when_what_was_said_last_has_arrived() {
    let (_, mut sink) = sink("flow-end", 100);
    sink.finish(0, Ending::Success);
    assert!(!sink.is_finished());
    produce(&mut sink, 0);
    open(&mut sink, 0);
    assert_eq!(written(&mut sink, 0, 100), "bye\n");
    assert!(!sink.is_finished());
    sink.unacknowledged(1, 0);
    assert!(sink.is_finished());
}
