//! Tests of the ring, by example and against a list that forgets nothing.

use super::*;
use proptest::prelude::*;
use std::{string::String, vec::Vec};

pub(super) fn entry<'a>(time_ns: u64, source: &'a str, message: &'a Text) -> Entry<'a> {
    Entry { time_ns, level: Level::Info, source, thread: "main", message }
}

#[test]
fn a_record_comes_back_as_it_was() {
    let mut ring: LogRing<2048> = LogRing::new();
    let message = Text::format(format_args!("listening on {}", 80));
    assert_eq!((ring.last_seq(), ring.push(entry(42, "web", &message)), ring.last_seq()), (0, 1, 1));
    let mut buffer = RecordBuffer::new();
    let expected = Record {
        seq: 1,
        missed: 0,
        time_ns: 42,
        level: Level::Info,
        source: "web",
        thread: "main",
        message: "listening on 80",
        truncated: false,
    };
    assert_eq!(ring.read_after(0, &mut buffer), Some(expected));
    assert_eq!(ring.read_after(1, &mut buffer), None);
    assert_eq!(ring.read_after(u64::MAX, &mut buffer), None);
}

#[test]
fn long_parts_are_cut() {
    let mut ring: LogRing<2048> = LogRing::new();
    let long = "ä".repeat(400);
    let message = Text::format(format_args!("{long}"));
    ring.push(Entry { time_ns: 0, level: Level::Debug, source: &long, thread: &long, message: &message });
    let mut buffer = RecordBuffer::new();
    let record = ring.read_after(0, &mut buffer).expect("one was written");
    assert_eq!((record.source.len(), record.thread.len(), record.truncated), (SOURCE_BYTES, THREAD_BYTES, true));
    assert!(record.message.ends_with("ä…"));
}

#[test]
fn a_reader_that_keeps_up_misses_nothing() {
    let mut ring: LogRing<1024> = LogRing::new();
    let (mut cursor, mut buffer) = (Cursor::START, RecordBuffer::new());
    for number in 1..1000 {
        let message = Text::format(format_args!("{number}"));
        ring.push(entry(number, "loop", &message));
        let record = ring.read(&mut cursor, &mut buffer).expect("just written");
        assert_eq!((record.seq, record.missed, record.time_ns), (number, 0, number));
        assert_eq!(ring.read(&mut cursor, &mut buffer), None);
    }
    assert!(ring.overwritten() > 900);
}

#[test]
fn a_cursor_at_the_end_waits_for_what_comes() {
    let mut ring: LogRing<1024> = LogRing::new();
    let message = Text::format(format_args!("x"));
    ring.push(entry(1, "a", &message));
    let mut cursor = ring.cursor_after(99);
    ring.push(entry(2, "a", &message));
    let mut buffer = RecordBuffer::new();
    assert_eq!(ring.read(&mut cursor, &mut buffer).map(|record| record.seq), Some(2));
}

proptest! {
    /// Every reader sees a run without gaps of the newest records, and is told how many it missed before it.
    #[test]
    fn readers_see_the_newest_records(
        messages in prop::collection::vec(".{0,200}", 1..60), read_after in 0u64..70, pause in 0usize..60,
    ) {
        let mut ring: LogRing<1024> = LogRing::new();
        let (mut slow, mut buffer) = (Cursor::START, RecordBuffer::new());
        let mut seen = 0;
        let mut kept: Vec<String> = Vec::new();
        for (index, message) in messages.iter().enumerate() {
            let text = Text::format(format_args!("{message}"));
            kept.push(text.as_str().into());
            prop_assert_eq!(ring.push(entry(index as u64, "source", &text)), index as u64 + 1);
            if index < pause {
                continue;
            }
            // The slow reader wakes up now and then and takes one record at a time.
            if let Some(record) = ring.read(&mut slow, &mut buffer) {
                prop_assert_eq!(record.seq, seen + record.missed + 1);
                prop_assert_eq!(record.message, &kept[record.seq as usize - 1]);
                seen = record.seq;
            }
        }
        let stored: usize = kept.iter().skip(ring.overwritten() as usize).map(|text| HEADER_BYTES + 10 + text.len()).sum();
        prop_assert!(stored <= 1024);
        if let Some(first_lost) = (ring.overwritten() as usize).checked_sub(1) {
            let longest = HEADER_BYTES + 10 + MESSAGE_BYTES;
            prop_assert!(stored + HEADER_BYTES + 10 + kept[first_lost].len() + longest > 1024, "no more lost than needed");
        }
        let mut cursor = ring.cursor_after(read_after);
        let mut expected = (read_after + 1).max(ring.overwritten() + 1);
        while let Some(record) = ring.read(&mut cursor, &mut buffer) {
            prop_assert_eq!(record.seq, expected);
            prop_assert_eq!(record.time_ns, expected - 1);
            prop_assert_eq!(record.message, &kept[expected as usize - 1]);
            expected += 1;
        }
        prop_assert_eq!(expected, (messages.len() as u64 + 1).max(read_after + 1));
    }
}
