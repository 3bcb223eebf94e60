//! Devices that lie: counted, survived, never believed.

use crate::device::{Device, Nic, Offer, start};
use crate::{frame, poll, send};

/// Returns a receive buffer with that length.
fn deliver_len(device: &mut Device, len: u32) {
    let taken = device.receive.take().expect("the driver offers buffers");
    device.receive.forget(&taken);
    device.receive.push_used(u32::from(taken.id), len);
}

fn errors(nic: &Nic) -> (u64, u64) {
    (nic.stats().receive_errors.get(), nic.stats().transmit_errors.get())
}

#[test]
fn impossible_lengths_are_counted_and_their_buffers_used_again() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    let lengths = [0, 1, 11, 12, 25, 2049, 65_536, 0x8000_0000, u32::MAX];
    for round in 0..100 {
        for len in lengths {
            deliver_len(&mut device, len);
        }
        assert!(device.deliver(&frame(round)));
        assert_eq!(poll(&mut nic), Some(frame(round)), "a good frame after the bad");
    }
    assert_eq!(errors(&nic), (100 * lengths.len() as u64, 0));
    nic.flush();
    assert_eq!(nic.stats().receive_packets.get(), 100);
}

#[test]
fn the_shortest_and_the_longest_frame_are_frames() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    for len in [26, 2048] {
        deliver_len(&mut device, len);
        assert_eq!(poll(&mut nic).map(|frame| frame.len()), Some(len as usize - 12));
    }
    assert_eq!(errors(&nic), (0, 0));
}

#[test]
fn a_receive_buffer_the_device_does_not_have_stops_reception_alone() {
    // Out of range; in range but returned twice; and a number whose low half alone is in range and outstanding.
    for id in [256, 4000, u32::from(u16::MAX), 0] {
        let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
        let taken = device.receive.take().expect("the driver offers buffers");
        assert_eq!(taken.id, 0);
        device.receive.give(taken, &[0; 100]);
        device.receive.push_used(id, 100);
        let frames = std::iter::from_fn(|| poll(&mut nic)).count();
        // Buffer 0 goes back to the device after the first frame, so a second return of it is no lie.
        assert_eq!((frames, errors(&nic)), if id == 0 { (2, (0, 0)) } else { (1, (1, 0)) }, "identifier {id}");
        device.receive.push_used(300, 100);
        assert_eq!(poll(&mut nic), None);
        assert!(send(&mut nic, &frame(1)), "sending goes on");
        nic.flush();
        assert_eq!(device.take_frame(), Some(frame(1)));
    }
}

#[test]
fn a_transmit_buffer_returned_twice_stops_sending_but_not_the_stack() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    assert!(send(&mut nic, &frame(0)));
    nic.flush();
    assert!(device.take_frame().is_some());
    let id = u32::from(device.in_flight[0].id);
    device.complete(0);
    device.transmit.push_used(id, 0);
    device.transmit.push_used(id, 0);
    for _ in 0..1000 {
        assert!(send(&mut nic, &frame(1)), "the stack is not held up");
        nic.flush();
    }
    assert_eq!(errors(&nic), (0, 1), "counted once, not for ever");
    nic.flush();
    assert_eq!((nic.stats().transmit_packets.get(), nic.stats().transmit_dropped.get()), (1, 1000));
    assert_eq!(device.take_frame(), None);
    assert!(device.deliver(&frame(2)));
    assert_eq!(poll(&mut nic), Some(frame(2)), "reception goes on");
}

#[test]
fn an_index_far_ahead_ends_in_one_error() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    for _ in 0..40_000 {
        device.receive.push_used(9999, 60);
    }
    assert_eq!(poll(&mut nic), None);
    assert_eq!(errors(&nic), (1, 0));
}
