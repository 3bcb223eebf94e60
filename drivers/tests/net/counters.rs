//! What a NIC tells of itself in ukstore, against what the device saw of it.

use ukstore::Value;

use crate::device::{Nic, Offer, TRANSMIT, start};
use crate::{frame, poll, send};

const RECEIVE: usize = 0;

/// An entry of the NIC. Tests run side by side, and each NIC is called `service`, so that one has some number.
fn read(nic: &Nic, entry: &str) -> Value {
    ukstore::read(&format!("/net/{}/{entry}", nic.name())).unwrap_or_else(|error| panic!("{entry}: {error}"))
}

/// The numbers of an entry by queue: receive, transmit.
fn by_queue(nic: &Nic, entry: &str) -> [u64; 2] {
    ["receive", "transmit"].map(|queue| match read(nic, &format!("{entry}/{queue}")) {
        Value::U64(number) => number,
        other => panic!("{entry} is {other:?}"),
    })
}

#[test]
fn they_are_there_while_the_nic_lives() {
    let (mut nic, mut device) = start(Offer { mtu: 1400, ..Offer::default() }).expect("a sound device");
    assert!(device.deliver(&[7; 60]) && poll(&mut nic).is_some() && send(&mut nic, &[8; 100]));
    nic.flush();
    for (entry, value) in [
        ("receive_packets_total", 1),
        ("receive_bytes_total", 60),
        ("receive_errs_total", 0),
        ("receive_drop_total", 0),
        ("transmit_packets_total", 1),
        ("transmit_bytes_total", 100),
        ("transmit_errs_total", 0),
        ("transmit_drop_total", 0),
        ("mtu_bytes", 1400),
        ("interrupts_total", 0),
    ] {
        assert_eq!(read(&nic, entry), Value::U64(value), "{entry}");
    }
    for entry in ["up", "carrier"] {
        assert_eq!(read(&nic, entry), Value::Bool(true), "a link of which nothing is known counts as up");
    }
    let path = format!("/net/{}", nic.name());
    drop(nic);
    assert!(ukstore::lookup(&path).is_err());
}

#[test]
fn a_group_s_frames_are_multicast_and_everybody_s_are_not() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    let to = |first: [u8; 6]| [&first[..], &[0; 54]].concat();
    for (address, count) in [([0x52, 0x54, 0, 0, 0, 1], 3), ([0xff; 6], 5), ([1, 0, 0x5e, 0, 0, 1], 7)] {
        (0..count).for_each(|_| assert!(device.deliver(&to(address)) && poll(&mut nic).is_some()));
    }
    nic.flush();
    assert_eq!(read(&nic, "receive_multicast_total"), Value::U64(7));
    assert_eq!(read(&nic, "receive_packets_total"), Value::U64(15));
}

#[test]
fn depth_is_what_the_device_has() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    assert_eq!(by_queue(&nic, "queue_size"), [256, 256]);
    assert_eq!(by_queue(&nic, "queue_depth"), [256, 0]);
    (0..100).for_each(|number| assert!(device.deliver(&frame(number))));
    assert_eq!(by_queue(&nic, "queue_depth"), [156, 0], "what was not looked at is no longer with the device either");
    (0..30).for_each(|_| assert!(poll(&mut nic).is_some()));
    assert_eq!(by_queue(&nic, "queue_depth"), [186, 0]);
    // Past the wrap of the indices, with one frame always under way.
    for number in 0..70_000 {
        assert!(send(&mut nic, &frame(number)));
        assert_eq!(by_queue(&nic, "queue_depth")[TRANSMIT], 1);
        assert!(device.take_frame().is_some());
        assert_eq!(by_queue(&nic, "queue_depth")[TRANSMIT], 1, "taken, and not yet returned");
        device.complete(0);
        assert_eq!(by_queue(&nic, "queue_depth")[TRANSMIT], 0);
    }
}

#[test]
fn each_buffer_was_notified_of_or_was_not() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    // The receive buffers, of which the device was told once.
    assert_eq!(by_queue(&nic, "notifications_total"), [1, 0]);
    assert_eq!(by_queue(&nic, "notifications_suppressed_total"), [255, 0]);
    let mut sent = 0;
    for (wanted, frames) in [(true, 10), (false, 4), (true, 1), (true, 3), (false, 1)] {
        device.transmit.want_notification(wanted);
        (0..frames).for_each(|number| assert!(send(&mut nic, &frame(number))));
        sent += frames;
        nic.flush();
        nic.flush();
    }
    assert_eq!(by_queue(&nic, "notifications_total"), [1, 3]);
    assert_eq!(by_queue(&nic, "notifications_suppressed_total"), [255, sent - 3]);
    assert_eq!(device.notified(), [1, 3]);
    assert_eq!(std::iter::from_fn(|| device.take_frame()).count() as u64, sent);
}

#[test]
fn a_full_transmit_queue_is_counted_once_for_each_frame_turned_away() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    (0..256).for_each(|number| assert!(send(&mut nic, &frame(number))));
    assert_eq!(by_queue(&nic, "full_total"), [0, 0]);
    assert!(!send(&mut nic, &frame(256)) && !send(&mut nic, &frame(256)));
    assert_eq!(by_queue(&nic, "full_total"), [0, 2]);
    assert!(device.take_frame().is_some());
    device.complete(0);
    assert!(send(&mut nic, &frame(256)));
    assert_eq!(by_queue(&nic, "full_total"), [0, 2]);
}

#[test]
fn a_receive_queue_is_full_when_the_device_has_no_buffer_left() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    (0..255).for_each(|number| assert!(device.deliver(&frame(number))));
    assert!(poll(&mut nic).is_some());
    nic.flush();
    assert_eq!(by_queue(&nic, "full_total")[RECEIVE], 0, "one was left");
    while device.deliver(&frame(0)) {}
    (0..16).for_each(|_| assert!(poll(&mut nic).is_some()));
    assert_eq!(by_queue(&nic, "full_total")[RECEIVE], 1, "once for what is taken in one go");
    nic.flush();
    while device.deliver(&frame(0)) {}
    assert!(poll(&mut nic).is_some());
    assert_eq!(by_queue(&nic, "full_total")[RECEIVE], 2);
}
