//! Peers that vanish: nobody's socket is pinned by a machine that is gone, in whatever state it went.

use smoltcp::wire::TcpControl::{Fin, None as Plain, Psh, Rst};

use super::{network::*, peer::*};
use crate::net::{Error, Interest, State, Wait};

fn scene() -> (Scene, crate::net::ConnId, Numbers) {
    let mut scene = Scene::new(&server_config());
    let listener = scene.host.stack.listen(80, 4).unwrap();
    let (id, numbers) = scene.open(listener, 1);
    (scene, id, numbers)
}

/// After `time` the socket is free, by a reset, and counted as an orphan.
fn ends_within(scene: &mut Scene, time: u64) {
    let in_use = |scene: &Scene| scene.host.stack.stats().sockets_in_use() > 0;
    assert!(in_use(scene));
    let sent = scene.pass(time);
    assert!(!in_use(scene));
    assert_eq!(sent.last().map(|segment| segment.control), Some(Rst));
    assert_eq!(scene.host.told("uk_tcp_orphans_expired_total"), 1);
}

#[test]
fn in_fin_wait_1() {
    let (mut scene, id, _) = scene();
    scene.host.stack.send(id, b"never acknowledged").unwrap();
    scene.host.stack.close(id, scene.now).unwrap();
    assert_eq!(scene.sent()[0].control, Fin);
    ends_within(&mut scene, 21 * SECOND);
}

#[test]
fn in_fin_wait_2() {
    let (mut scene, id, mut numbers) = scene();
    scene.host.stack.close(id, scene.now).unwrap();
    scene.sent();
    numbers.theirs += 1;
    scene.ask(numbers.segment(Plain));
    assert_eq!(scene.host.stack.stats().in_state(State::FinWait2).unwrap().get(), 1);
    ends_within(&mut scene, 21 * SECOND);
}

#[test]
fn in_closing() {
    let (mut scene, id, numbers) = scene();
    scene.host.stack.close(id, scene.now).unwrap();
    scene.sent();
    scene.ask(numbers.segment(Fin));
    assert_eq!(scene.host.stack.stats().in_state(State::Closing).unwrap().get(), 1);
    ends_within(&mut scene, 21 * SECOND);
}

#[test]
fn in_last_ack() {
    let (mut scene, id, numbers) = scene();
    scene.ask(numbers.segment(Fin));
    assert_eq!(scene.host.stack.recv(id, &mut [0; 4]), Ok(0));
    scene.host.stack.close(id, scene.now).unwrap();
    scene.sent();
    assert_eq!(scene.host.stack.stats().in_state(State::LastAck).unwrap().get(), 1);
    ends_within(&mut scene, 21 * SECOND);
}

#[test]
fn a_peer_that_goes_on_sending_is_listened_to_for_a_while() {
    let (mut scene, id, mut numbers) = scene();
    scene.host.stack.close(id, scene.now).unwrap();
    scene.sent();
    numbers.theirs += 1;
    let mut window_closed = false;
    for _ in 0..110 {
        scene.ask(numbers.segment(Psh).payload(&[7; 1000]));
        numbers.ours += 1000;
        let sent = scene.pass(SECOND);
        window_closed |= sent.iter().any(|segment| segment.acknowledgment != Some(numbers.ours));
    }
    assert!(!window_closed, "what nobody reads is thrown away, so that the FIN can come");
    let answer = scene.ask(numbers.segment(Fin));
    assert_eq!(answer.len(), 1);
    assert_eq!(scene.host.stack.stats().time_wait().get(), 1);
    assert_eq!(scene.host.told("uk_tcp_orphans_expired_total"), 0);
}

#[test]
fn but_not_for_ever() {
    let (mut scene, id, mut numbers) = scene();
    scene.host.stack.close(id, scene.now).unwrap();
    scene.sent();
    numbers.theirs += 1;
    let mut seconds = 0;
    loop {
        let sent = scene.ask(numbers.segment(Psh).payload(b"x"));
        numbers.ours += 1;
        if sent.iter().chain(&scene.pass(SECOND)).any(|segment| segment.control == Rst) {
            break;
        }
        seconds += 1;
        assert!(seconds < 200);
    }
    assert!((119..=121).contains(&seconds), "{seconds} s");
}

#[test]
fn while_the_program_waits_for_an_acknowledgment() {
    let (mut scene, id, _) = scene();
    // Long silence before must not count.
    scene.pass(1000 * SECOND);
    scene.host.stack.send(id, b"anybody?").unwrap();
    assert_eq!(scene.host.stack.wait(id, Interest::Readable, 7), Ok(Wait::Registered));
    scene.pass(119 * SECOND);
    assert_eq!(scene.host.stack.state(id), Ok(State::Established));
    assert!(scene.host.woken.is_empty());
    let sent = scene.pass(2 * SECOND);
    assert_eq!(sent.last().map(|segment| segment.control), Some(Rst));
    assert_eq!(scene.host.woken, [7]);
    assert_eq!(scene.host.stack.recv(id, &mut [0; 4]), Err(Error::TimedOut));
    assert_eq!(scene.host.stack.send(id, b"x"), Err(Error::TimedOut));
    assert_eq!(scene.host.told("uk_tcp_timeouts_total"), 1);
    scene.host.stack.close(id, scene.now).unwrap();
    scene.sent();
    assert_eq!(scene.host.stack.stats().sockets_in_use(), 0);
}

#[test]
fn an_idle_connection_is_left_alone() {
    let (mut scene, id, numbers) = scene();
    assert_eq!(scene.pass(100_000 * SECOND), []);
    assert_eq!(scene.host.next_poll_at, None, "nothing to wake up for");
    scene.ask(numbers.segment(Psh).payload(b"good morning"));
    assert_eq!(scene.host.stack.recv(id, &mut [0; 64]), Ok(12));
    scene.host.stack.close(id, scene.now).unwrap();
    assert_eq!(scene.sent().last().map(|segment| segment.control), Some(Fin), "a close in good order");
}

#[test]
fn connecting_to_nobody() {
    let mut scene = Scene::new(&server_config());
    // Its hardware address is known, but it does not answer.
    let id = scene.host.stack.connect(peer(80), 0).unwrap();
    let sent = scene.pass(179 * SECOND);
    assert!(sent.len() > 5, "{} SYNs", sent.len());
    assert_eq!(scene.host.stack.recv(id, &mut [0; 4]), Err(Error::WouldBlock));
    scene.pass(2 * SECOND);
    assert_eq!(scene.host.stack.recv(id, &mut [0; 4]), Err(Error::TimedOut));
    assert_eq!(scene.host.stack.close(id, scene.now), Ok(()));
}

#[test]
fn a_neighbor_that_does_not_answer_pins_nothing() {
    let mut scene = Scene::new(&server_config());
    let nobody = core::net::SocketAddrV4::new(core::net::Ipv4Addr::new(10, 0, 0, 77), 80);
    let id = scene.host.stack.connect(nobody, 0).unwrap();
    scene.pass(10 * SECOND);
    scene.host.stack.abort(id, scene.now).unwrap();
    scene.pass(3 * SECOND);
    assert_eq!(scene.host.stack.stats().sockets_in_use(), 0);
    assert_eq!(scene.host.next_poll_at, None);
}
