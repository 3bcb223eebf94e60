//! Captures in frames, in time, and to the last.

use std::io::Read as _;

use exporter::gzip::Compressor;
use exporter::push::Stream;
use exporter::push::influx::{Framing, Options};
use ukstore::{Class, Object};

use crate::harness::{Arrived, Machine, Monitor, OPTIONS, SECOND, UNIX_NS, alone, told};

ukstore::class! {
    /// Enough for many frames.
    static MANY: Class<struct One> = "/frames/many", label one, series 300 {
        /// Pieces.
        counter done = "done_total", "frames_one_done_total";
    }
}

fn many() -> Vec<Object<One>> {
    let many: &'static Class<One> = &MANY;
    (0..250).map(|_| many.add("one of many with a long name", One::new())).collect()
}

/// That the sink's counters account for everything.
fn accounts(sink: &str) {
    let dropped: u64 = ["backlog", "rejected", "too_long", "overwritten", "no_clock", "feedback"]
        .iter()
        .map(|reason| told(sink, &format!("dropped_total/{reason}")))
        .sum();
    assert_eq!(told(sink, "items_total"), told(sink, "sent_total") + dropped + told(sink, "backlog"));
}

fn text(frames: &[Arrived]) -> String {
    frames.iter().map(Arrived::text).collect()
}

/// Whatever changes from one capture to the next: what sinks tell about themselves.
fn without_sinks(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with("sinks,")).collect()
}

#[test]
fn frames_are_whole_lines_of_one_capture() {
    let _alone = alone();
    let _many = many();
    let machine = Machine::default();
    let mut whole = String::new();
    for (sink, framing, most) in [
        ("frames-stream", Framing::Stream, 4_096),
        ("frames-datagrams", Framing::Datagrams, 1_400),
        ("frames-requests", Framing::Requests(None), 256 << 10),
    ] {
        let mut monitor = Monitor::new(sink, OPTIONS, framing);
        let (frames, calls) = monitor.run(0, &machine);
        assert!(calls > 3, "in pieces of bounded work");
        for (index, frame) in frames.iter().enumerate() {
            let text = frame.text();
            assert!(text.ends_with('\n') && frame.bytes.len() <= most);
            assert!(text.lines().all(|line| line.ends_with(&UNIX_NS.to_string()) && line.len() < 1_400));
            assert_eq!((text.lines().count(), frame.stamp_ns), (frame.lines as usize, UNIX_NS));
            let next =
                frames.get(index + 1).map_or(usize::MAX, |next| next.text().lines().next().map_or(0, str::len) + 1);
            assert!(frame.bytes.len().saturating_add(next) > most, "another line would have fitted");
        }
        let text = without_sinks(&text(&frames));
        if whole.is_empty() {
            whole.clone_from(&text);
        }
        assert_eq!(text, whole, "however it is framed");
        assert_eq!(told(sink, "sent_total"), frames.iter().map(|frame| u64::from(frame.lines)).sum::<u64>());
        accounts(sink);
    }
}

#[test]
fn compressed_it_is_the_same() {
    let _alone = alone();
    let _many = many();
    let machine = Machine::default();
    let plain = text(&Monitor::new("frames-plain", OPTIONS, Framing::Requests(None)).run(0, &machine).0);
    let mut monitor = Monitor::new("frames-gzip", OPTIONS, Framing::Requests(Some(Compressor::new())));
    for now_ns in [0, 10 * SECOND] {
        let (frames, _) = monitor.run(now_ns, &machine);
        let [frame] = &frames[..] else { panic!("{} frames", frames.len()) };
        let mut text = String::new();
        flate2::read::GzDecoder::new(&frame.bytes[..]).read_to_string(&mut text).expect("it is a stream of gzip");
        assert_eq!(without_sinks(&text), without_sinks(&plain));
        assert!(frame.bytes.len() < text.len() / 5, "{} of {}", frame.bytes.len(), text.len());
        assert_eq!(frame.lines as usize, text.lines().count());
    }
    accounts("frames-gzip");
}

#[test]
fn a_capture_is_made_each_interval() {
    let _alone = alone();
    let machine = Machine::default();
    let mut monitor = Monitor::new("frames-time", OPTIONS, Framing::Stream);
    assert!(!monitor.run(3 * SECOND, &machine).0.is_empty(), "at once");
    let next_ns = monitor.sink.deadline_ns().expect("there is another one");
    assert!(next_ns > 3 * SECOND && next_ns <= 13 * SECOND);
    assert!(monitor.run(next_ns - 1, &machine).0.is_empty());
    let later = Machine { unix_ns: Some(UNIX_NS + 7), ..machine };
    let (frames, _) = monitor.run(next_ns, &later);
    assert!(!frames.is_empty() && frames.iter().all(|frame| frame.stamp_ns == UNIX_NS + 7));
}

#[test]
fn without_a_clock_lines_are_lost_and_counted() {
    let _alone = alone();
    let machine = Machine { unix_ns: None, ..Machine::default() };
    let mut monitor = Monitor::new("frames-clock", OPTIONS, Framing::Stream);
    assert_eq!(monitor.run(0, &machine).0, []);
    let lost = told("frames-clock", "dropped_total/no_clock");
    assert!(lost > 20, "{lost}");
    accounts("frames-clock");
    let options = Options { timestamps: false, ..OPTIONS };
    let (frames, _) = Monitor::new("frames-clockless", options, Framing::Stream).run(0, &machine);
    assert!(frames.iter().all(|frame| frame.stamp_ns == 0 && !frame.text().contains(" 1790")));
}

#[test]
fn what_is_too_long_is_lost_and_counted() {
    let _alone = alone();
    let long = "x".repeat(1_500);
    let machine = Machine { job: &long, ..Machine::default() };
    let mut monitor = Monitor::new("frames-long", OPTIONS, Framing::Datagrams);
    assert_eq!(monitor.run(0, &machine).0, [], "no line fits a datagram");
    assert!(told("frames-long", "dropped_total/too_long") > 20);
    accounts("frames-long");
    let (frames, _) = Monitor::new("frames-long-2", OPTIONS, Framing::Stream).run(0, &machine);
    assert!(text(&frames).lines().all(|line| line.matches("_total=").count() <= 1), "lines of one field each");
    let longer = "x".repeat(5_000);
    let mut monitor = Monitor::new("frames-longer", OPTIONS, Framing::Stream);
    assert_eq!(monitor.run(0, &Machine { job: &longer, ..machine }).0, []);
    accounts("frames-longer");
}

/// As many as they would be with more room.
#[test]
fn what_is_too_long_is_counted_in_lines() {
    let _alone = alone();
    let lines = |name: &str, len: usize, what: &str| {
        let job = "x".repeat(len);
        let mut monitor = Monitor::new(name, OPTIONS, Framing::Stream);
        monitor.run(0, &Machine { job: &job, ..Machine::default() });
        let (lines, all) = (told(name, what), told(name, "items_total"));
        assert!(lines > 20 && lines == all, "{lines} of {all}");
        lines
    };
    assert_eq!(lines("frames-lines-lost", 5_000, "dropped_total/too_long"), lines("frames-lines", 1_500, "sent_total"));
}

#[test]
fn the_newest_frames_are_kept() {
    let _alone = alone();
    let _many = many();
    let machine = Machine::default();
    let all = Monitor::new("frames-all", OPTIONS, Framing::Stream).capture(0, &machine);
    let mut monitor = Monitor::with_backlog("frames-few", OPTIONS, Framing::Stream, 10_000);
    let (kept, _) = monitor.run(0, &machine);
    assert_eq!(kept.len(), 2);
    assert_eq!(text(&kept).lines().last(), all.lines().last());
    assert!(told("frames-few", "dropped_total/backlog") > 100);
    accounts("frames-few");
}

#[test]
fn the_last_capture_has_the_last_numbers() {
    let _alone = alone();
    let machine = Machine::default();
    let mut monitor = Monitor::new("frames-last", OPTIONS, Framing::Stream);
    assert!(monitor.sink.tick(0, &machine), "a capture is being made");
    monitor.finish(1);
    assert!(!monitor.sink.is_finished());
    let (frames, _) = monitor.run(2, &Machine { unix_ns: Some(UNIX_NS + 2), ..machine });
    let of = |stamp_ns| frames.iter().filter(|frame| frame.stamp_ns == stamp_ns).count();
    assert!(of(UNIX_NS) > 0 && of(UNIX_NS + 2) > 0, "that one, and another");
    assert!(monitor.sink.is_finished());
    assert!(monitor.run(100 * SECOND, &Machine::default()).0.is_empty(), "and no more");
    assert_eq!(monitor.sink.deadline_ns(), None);
}
