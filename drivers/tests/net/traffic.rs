//! Frames both ways, past the wrap of every index, and what is counted.

use smoltcp::phy::{Device as _, RxToken as _, TxToken as _};
use smoltcp::time::Instant;

use crate::device::{Offer, TRANSMIT, start};
use crate::{frame, poll, send};

/// More than the 65,536 at which ring indices wrap.
const FRAMES: u64 = 80_000;

#[test]
fn frames_arrive_whole_and_in_order_past_the_wrap() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    let (mut sent, mut received, mut bytes) = (0, 0, 0);
    while received < FRAMES {
        // Bursts of varying length, up to the whole ring and more.
        for _ in 0..(sent * 7919) % 300 + 1 {
            sent += u64::from(sent < FRAMES && device.deliver(&frame(sent)));
        }
        while let Some(got) = poll(&mut nic) {
            assert_eq!(got, frame(received), "frame {received}");
            bytes += got.len() as u64;
            received += 1;
        }
        nic.flush();
    }
    assert_eq!((nic.stats().receive_packets.get(), nic.stats().receive_bytes.get()), (FRAMES, bytes));
    assert_eq!((nic.stats().receive_errors.get(), nic.stats().receive_dropped.get()), (0, 0));
}

#[test]
fn frames_leave_whole_and_in_order_however_buffers_come_back() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    let (mut sent, mut left, mut bytes, mut random) = (0, 0, 0, 1_u64);
    while left < FRAMES {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let burst = (random >> 33) % 300;
        for _ in 0..burst {
            if sent < FRAMES && send(&mut nic, &frame(sent)) {
                bytes += frame(sent).len() as u64;
                sent += 1;
            }
        }
        nic.flush();
        while let Some(got) = device.take_frame() {
            assert_eq!(got, frame(left), "frame {left}");
            left += 1;
        }
        // A device may complete out of order, and keep some for long.
        for round in 0..device.in_flight.len() as u64 * 3 / 4 {
            device.complete((random.rotate_left(round as u32) % device.in_flight.len() as u64) as usize);
        }
    }
    assert_eq!((nic.stats().transmit_packets.get(), nic.stats().transmit_bytes.get()), (FRAMES, bytes));
    assert_eq!(nic.stats().transmit_errors.get(), 0);
}

#[test]
fn a_full_ring_turns_the_stack_away_and_tells_the_device() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    for number in 0..256 {
        assert!(send(&mut nic, &frame(number)), "frame {number}");
    }
    assert_eq!(device.notified()[TRANSMIT], 0, "nothing is told before the flush");
    assert!(!send(&mut nic, &frame(256)));
    assert_eq!(device.notified()[TRANSMIT], 1, "but a full ring is, at once");
    assert!(device.take_frame().is_some());
    device.complete(0);
    assert!(send(&mut nic, &frame(256)), "one buffer back, one frame more");
    assert!(!send(&mut nic, &frame(257)));
    nic.flush();
    assert_eq!(nic.stats().transmit_packets.get(), 257);
}

#[test]
fn received_frames_wait_while_no_answer_could_be_sent() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    while send(&mut nic, &frame(0)) {}
    assert!(device.deliver(&frame(1)));
    assert_eq!(poll(&mut nic), None);
    assert!(!nic.has_work(), "polling now would change nothing");
    assert!(device.take_frame().is_some());
    device.complete(0);
    assert!(nic.has_work());
    assert_eq!(poll(&mut nic), Some(frame(1)));
    assert_eq!(nic.stats().receive_dropped.get(), 0);
}

#[test]
fn an_answer_can_be_written_while_the_question_is_read() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    assert!(device.deliver(&frame(7)));
    let (receive, transmit) = nic.receive(Instant::ZERO).expect("a frame and room");
    receive.consume(|question| transmit.consume(question.len(), |answer| answer.copy_from_slice(question)));
    nic.flush();
    assert_eq!(device.take_frame(), Some(frame(7)));
}

#[test]
fn a_frame_nobody_read_is_counted_and_its_buffer_returns() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    for _ in 0..600 {
        assert!(device.deliver(&frame(0)), "the buffers come back");
        drop(nic.receive(Instant::ZERO).expect("a frame"));
    }
    assert_eq!(nic.stats().receive_dropped.get(), 600);
    assert!(nic.transmit(Instant::ZERO).is_some(), "room");
    nic.flush();
    assert_eq!(device.take_frame(), None, "a token that was not used sends nothing");
}

#[test]
fn one_notification_a_flush_and_none_where_none_is_wanted() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    let at_start = device.notified()[TRANSMIT];
    for number in 0..10 {
        assert!(send(&mut nic, &frame(number)));
    }
    nic.flush();
    nic.flush();
    assert_eq!(device.notified()[TRANSMIT], at_start + 1);
    device.transmit.want_notification(false);
    assert!(send(&mut nic, &frame(10)));
    nic.flush();
    assert_eq!(device.notified()[TRANSMIT], at_start + 1);
    device.transmit.want_notification(true);
    assert!(send(&mut nic, &frame(11)));
    nic.flush();
    assert_eq!(device.notified()[TRANSMIT], at_start + 2);
    assert_eq!(std::iter::from_fn(|| device.take_frame()).count(), 12);
}
