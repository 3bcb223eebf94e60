//! Random walks of driver and device together, checked against what a NIC is: two queues of frames.

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::device::{Offer, start};
use crate::{frame, hal, poll, send};

#[derive(Clone, Copy, Debug)]
enum Step {
    Deliver(u16),
    Poll(u16),
    Send(u16),
    Flush,
    Take(u16),
    Complete(u16, u64),
    Interrupts(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..400_u16).prop_map(Step::Deliver),
        (0..400_u16).prop_map(Step::Poll),
        (0..400_u16).prop_map(Step::Send),
        Just(Step::Flush),
        (0..400_u16).prop_map(Step::Take),
        (0..400_u16, any::<u64>()).prop_map(|(count, seed)| Step::Complete(count, seed)),
        any::<bool>().prop_map(Step::Interrupts),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn a_nic_is_two_queues_of_frames(steps in vec(step(), 1..120)) {
        let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
        let (mut inward, mut outward) = (VecDeque::new(), VecDeque::new());
        let (mut number, mut received, mut sent) = (0, 0, 0);
        for step in steps {
            match step {
                Step::Deliver(count) => for _ in 0..count {
                    let taken = device.deliver(&frame(number));
                    prop_assert_eq!(taken, inward.len() < 256, "each buffer not holding a frame is offered");
                    if taken { inward.push_back(number); number += 1; }
                },
                Step::Poll(count) => for _ in 0..count {
                    let expected = if device.in_flight.len() + outward.len() < 256 { inward.pop_front() } else { None };
                    prop_assert_eq!(poll(&mut nic), expected.map(frame));
                    received += u64::from(expected.is_some());
                },
                Step::Send(count) => for _ in 0..count {
                    let room = device.in_flight.len() + outward.len() < 256;
                    prop_assert_eq!(send(&mut nic, &frame(number)), room);
                    if room { outward.push_back(number); number += 1; sent += 1; }
                },
                Step::Flush => nic.flush(),
                Step::Take(count) => for _ in 0..count {
                    prop_assert_eq!(device.take_frame(), outward.pop_front().map(frame));
                },
                Step::Complete(count, seed) => for _ in 0..count {
                    if device.in_flight.is_empty() { break }
                    device.complete((seed % device.in_flight.len() as u64) as usize);
                },
                Step::Interrupts(true) => {
                    let work = nic.enable_interrupts();
                    let room = device.in_flight.len() + outward.len() < 256;
                    prop_assert!(work || !room || inward.is_empty(), "a frame would wait for ever");
                    let heard = room || inward.is_empty() || device.transmit.interrupt_wanted();
                    prop_assert!(heard, "a frame would wait for ever behind a full ring");
                    prop_assert!(device.receive.interrupt_wanted());
                },
                Step::Interrupts(false) => {
                    nic.disable_interrupts();
                    prop_assert!(!device.receive.interrupt_wanted() && !device.transmit.interrupt_wanted());
                },
            }
        }
        nic.flush();
        prop_assert_eq!(nic.stats().receive_packets.get(), received);
        prop_assert_eq!(nic.stats().transmit_packets.get(), sent);
        prop_assert_eq!(nic.stats().receive_errors.get() + nic.stats().transmit_errors.get(), 0);
        drop(nic);
        prop_assert_eq!(hal::lent_bytes(), 0);
    }
}
