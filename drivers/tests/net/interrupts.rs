//! Asking for interrupts, silencing them, and the race between harvesting and sleeping.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::device::{Nic, Offer, start};
use crate::{frame, poll, send};

#[test]
fn starts_without_interrupts_and_asks_on_demand() {
    let (mut nic, device) = start(Offer::default()).expect("a sound device");
    assert!(!device.receive.interrupt_wanted() && !device.transmit.interrupt_wanted());
    assert!(!nic.enable_interrupts());
    assert!(device.receive.interrupt_wanted());
    assert!(!device.transmit.interrupt_wanted(), "buffers coming back interrupt nobody");
    nic.disable_interrupts();
    assert!(!device.receive.interrupt_wanted());
}

#[test]
fn a_frame_between_harvest_and_request_is_reported() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    assert_eq!(poll(&mut nic), None);
    assert!(device.deliver(&frame(1)));
    assert!(nic.enable_interrupts(), "it raised no interrupt, so the caller must know");
    assert_eq!(poll(&mut nic), Some(frame(1)));
    assert!(!nic.enable_interrupts());
}

#[test]
fn a_full_ring_asks_to_hear_of_the_first_buffer_back() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    while send(&mut nic, &frame(0)) {}
    assert!(!nic.enable_interrupts());
    assert!(device.transmit.interrupt_wanted());
    assert!(device.take_frame().is_some());
    device.complete(0);
    assert!(nic.enable_interrupts(), "there is room for what was turned away");
    assert!(send(&mut nic, &frame(0)));
    nic.flush();
    while device.take_frame().is_some() {}
    (0..255).for_each(|_| device.complete(0));
    assert!(!nic.enable_interrupts());
    assert!(!device.transmit.interrupt_wanted());
}

#[test]
fn room_for_a_frame_the_stack_gave_up_is_told_once() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    while send(&mut nic, &frame(0)) {}
    assert!(device.take_frame().is_some());
    device.complete(0);
    assert!(nic.enable_interrupts());
    assert!(!nic.enable_interrupts(), "or the thread would never sleep again");
}

#[test]
fn a_frame_held_up_by_a_full_ring_is_heard_of_when_there_is_room() {
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    (0..256).for_each(|number| assert!(send(&mut nic, &frame(number))));
    // Nobody was turned away yet, and the frame comes before anyone asks for interrupts.
    assert!(device.deliver(&frame(1)));
    assert!(!nic.enable_interrupts());
    assert!(device.transmit.interrupt_wanted());
}

#[test]
fn the_handler_silences_both_queues_until_the_thread_asks_again() {
    let (mut nic, device) = start(Offer::default()).expect("a sound device");
    // SAFETY: not used after `nic` is dropped.
    let silencer = unsafe { nic.silencer() };
    assert!(!nic.enable_interrupts());
    silencer.silence();
    assert!(!device.receive.interrupt_wanted() && !device.transmit.interrupt_wanted());
    assert_eq!(nic.stats().interrupts.get(), 1);
    assert!(!nic.enable_interrupts());
    assert!(device.receive.interrupt_wanted());
}

/// The device on a thread of its own, sleeping until notified and raising interrupts only where asked: 80,000 frames
/// through both rings, where one lost notification or one lost interrupt is a stall, and a stall is a failure.
#[test]
fn no_wakeup_is_lost_between_two_cpus() {
    const FRAMES: u64 = 80_000;
    let (mut nic, mut device) = start(Offer::default()).expect("a sound device");
    let interrupt = AtomicBool::new(false);
    let transport = device.transport.clone();
    thread::scope(|scope| {
        let raise = &interrupt;
        let echo = scope.spawn(move || {
            let mut heard = [0; 2];
            let mut echoed = 0;
            let mut backlog = VecDeque::new();
            while echoed < FRAMES {
                device.transmit.want_notification(false);
                device.receive.want_notification(false);
                let mut raised = false;
                while let Some(frame) = device.take_frame() {
                    device.complete(0);
                    backlog.push_back(frame);
                    raised |= device.transmit.interrupt_wanted();
                }
                while device.receive.has_available() {
                    let Some(frame) = backlog.pop_front() else { break };
                    assert!(device.deliver(&frame), "a buffer was there");
                    echoed += 1;
                    raised |= device.receive.interrupt_wanted();
                }
                if raised {
                    raise.store(true, Ordering::SeqCst);
                }
                // Sleep: ask for what is missing, look again, then wait for it.
                device.transmit.want_notification(true);
                device.receive.want_notification(!backlog.is_empty());
                let work = device.transmit.has_available() || !backlog.is_empty() && device.receive.has_available();
                if !work && echoed < FRAMES {
                    wait(|| device.notified() != heard, "the device was not notified");
                    heard = device.notified();
                }
            }
        });
        let (mut sent, mut received) = (0, 0);
        while received < FRAMES {
            loop {
                while let Some(got) = poll(&mut nic) {
                    assert_eq!(got, frame(received));
                    received += 1;
                }
                while sent < FRAMES && sent < received + 600 && send(&mut nic, &frame(sent)) {
                    sent += 1;
                }
                nic.flush();
                if !nic.enable_interrupts() {
                    break;
                }
            }
            if received < FRAMES {
                wait(|| interrupt.swap(false, Ordering::SeqCst), "no interrupt came");
            }
            nic.disable_interrupts();
        }
        assert!(echo.join().is_ok());
    });
    assert_eq!(
        transport.state().notified.iter().sum::<u64>(),
        nic.stats().notifications.iter().map(ukstore::Counter::get).sum()
    );
    drop::<Nic>(nic);
}

fn wait(mut done: impl FnMut() -> bool, otherwise: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "{otherwise}");
        thread::yield_now();
    }
}
