//! Peers that send whatever they like, in any order, beside a program that does the same. Nothing may panic, be exceeded, or
//! be lost.

use std::{vec, vec::Vec};

use proptest::prelude::*;
use smoltcp::wire::TcpControl;

use super::{network::*, peer::*};
use crate::net::{ConnId, Interest, State};

const SOCKETS: usize = 6;
const HALF_OPEN: usize = 3;
/// Ports the peer uses: 1 to this less one.
const PORTS: u16 = 5;

#[derive(Clone, Debug)]
enum Act {
    /// A segment of the peer's: about where the connection is, if there is one, or anywhere.
    Segment {
        port: u16,
        to: u16,
        control: TcpControl,
        sequence: i32,
        acknowledgment: Option<i32>,
        payload: usize,
        wild: bool,
    },
    /// A valid segment with one byte changed, not its sender's hardware address, and its checksums as they were.
    Damaged {
        port: u16,
        byte: usize,
        value: u8,
    },
    Accept,
    Connect(u16),
    Receive(usize),
    Send(usize, usize),
    Shutdown(usize),
    Close(usize),
    Abort(usize),
    Wait(usize),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    use TcpControl::{Fin, None as Plain, Psh, Rst, Syn};
    let control = prop_oneof![3 => Just(Plain), 2 => Just(Psh), 2 => Just(Fin), 3 => Just(Syn), 1 => Just(Rst)];
    let small = prop_oneof![4 => Just(0), 1 => -3..4, 1 => any::<i32>()];
    let len = prop_oneof![3 => Just(0), 1 => 0..1400usize];
    let segment = (1..PORTS, 80..82u16, control, small.clone(), prop::option::weighted(0.9, small), len, any::<bool>());
    prop_oneof![
        12 => segment.prop_map(|(port, to, control, sequence, acknowledgment, payload, wild)| Act::Segment {
            port, to, control, sequence, acknowledgment, payload, wild: wild && payload % 8 == 1,
        }),
        1 => (1..PORTS, prop_oneof![0..6usize, 12..60usize], any::<u8>()).prop_map(|(port, byte, value)| Act::Damaged { port, byte, value }),
        2 => Just(Act::Accept),
        1 => (1..PORTS).prop_map(Act::Connect),
        2 => (0..8usize).prop_map(Act::Receive),
        2 => (0..8usize, 0..3000usize).prop_map(|(which, len)| Act::Send(which, len)),
        1 => (0..8usize).prop_map(Act::Shutdown),
        1 => (0..8usize).prop_map(Act::Close),
        1 => (0..8usize).prop_map(Act::Abort),
        1 => (0..8usize).prop_map(Act::Wait),
        3 => prop_oneof![0..5 * MILLISECOND, 0..3 * SECOND, 0..40 * SECOND].prop_map(Act::Pass),
    ]
}

static PAYLOAD: [u8; 1400] = [0x55; 1400];

/// What the peer knows of each of its ports, from what the stack has sent there.
struct Peer {
    scene: Scene,
    known: [(u32, u32, u16); PORTS as usize],
    ids: Vec<ConnId>,
}

impl Peer {
    fn look(&mut self, sent: Vec<Seg>) {
        for segment in sent {
            let Some(known) = self.known.get_mut(usize::from(segment.to.port())) else { continue };
            let flags = u32::from(matches!(segment.control, TcpControl::Syn | TcpControl::Fin));
            known.1 = segment.sequence.wrapping_add(segment.payload.len() as u32 + flags);
            known.2 = segment.from.port();
            if let Some(acknowledgment) = segment.acknowledgment {
                known.0 = acknowledgment;
            }
        }
    }

    fn act(&mut self, act: Act) {
        let now = self.scene.now;
        let pick = |which: usize| self.ids.get(which % self.ids.len().max(1)).copied();
        let stack = &mut self.scene.host.stack;
        match act {
            Act::Segment { port, to, control, sequence, acknowledgment, payload, wild } => {
                let (ours, theirs, from) = self.known[usize::from(port)];
                let to = if control != TcpControl::Syn && from != 0 { from } else { to };
                let base = if wild { 0x7fff_ff00 } else { ours };
                let mut segment = Seg::new(peer(port), server(to), control, base.wrapping_add_signed(sequence));
                segment.acknowledgment = acknowledgment.map(|offset| theirs.wrapping_add_signed(offset));
                if control != TcpControl::Syn {
                    segment.payload = &PAYLOAD[..payload];
                }
                let sent = self.scene.ask(segment);
                self.look(sent);
            }
            Act::Damaged { port, byte, value } => {
                let (ours, theirs, from) = self.known[usize::from(port)];
                let mut frame = Seg::new(peer(port), server(from.max(80)), TcpControl::Psh, ours)
                    .ack(theirs)
                    .payload(b"damage")
                    .frame();
                frame[byte] = value;
                self.scene.give(frame);
            }
            Act::Accept => {
                let ids = &mut self.ids;
                for id in self.scene.listeners.clone() {
                    ids.extend(self.scene.host.stack.accept(id).map(|(id, _)| id));
                }
            }
            Act::Connect(port) => self.ids.extend(stack.connect(peer(port), now)),
            Act::Receive(which) => {
                let mut buffer = [0; 2000];
                let got = pick(which).map(|id| stack.recv(id, &mut buffer));
                if let Some(Ok(count)) = got {
                    assert!(buffer[..count].iter().all(|&byte| byte == 0x55 || b"damage".contains(&byte)));
                }
            }
            Act::Send(which, len) => {
                let _ = pick(which).map(|id| stack.send(id, &[7; 3000][..len]));
            }
            Act::Shutdown(which) => {
                let _ = pick(which).map(|id| stack.shutdown_write(id));
            }
            Act::Close(which) | Act::Abort(which) => {
                if let Some(id) = pick(which) {
                    let closed = if matches!(act, Act::Close(_)) { stack.close(id, now) } else { stack.abort(id, now) };
                    assert_eq!(closed, Ok(()), "ids are valid until they are closed");
                    self.ids.retain(|&other| other != id);
                }
            }
            Act::Wait(which) => {
                let _ = pick(which).map(|id| stack.wait(id, Interest::Readable, 1));
            }
            Act::Pass(time) => {
                let sent = self.scene.pass(time);
                self.look(sent);
            }
        }
        let sent = self.scene.sent();
        self.look(sent);
        let stats = self.scene.host.stack.stats();
        assert!(stats.sockets_in_use() <= SOCKETS as i64);
        assert!(stats.in_state(State::SynReceived).unwrap().get() <= SOCKETS as i64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn nothing_is_lost(acts in prop::collection::vec(act(), 0..120)) {
        let mut config = server_config();
        config.tcp_connections = SOCKETS;
        config.half_open = HALF_OPEN;
        let mut scene = Scene::new(&config);
        scene.listeners = [80, 81].map(|port| scene.host.stack.listen(port, 2).unwrap()).to_vec();
        let mut peer = Peer { scene, known: [(1000, 0, 0); PORTS as usize], ids: Vec::new() };
        for port in 1..3 {
            let (id, numbers) = peer.scene.open(peer.scene.listeners[0], port);
            peer.known[usize::from(port)] = (numbers.ours, numbers.theirs, 80);
            peer.ids.push(id);
        }
        for act in acts {
            peer.act(act);
        }
        // Everybody goes home. What was never accepted ends with its listener, the rest with its time.
        let now = peer.scene.now;
        for id in peer.ids {
            prop_assert_eq!(peer.scene.host.stack.close(id, now), Ok(()));
        }
        for id in peer.scene.listeners.clone() {
            prop_assert_eq!(peer.scene.host.stack.close_listener(id, now), Ok(()));
        }
        peer.scene.pass(400 * SECOND);
        let stats = peer.scene.host.stack.stats();
        prop_assert_eq!(stats.sockets_in_use(), 0);
        prop_assert_eq!(stats.time_wait().get(), 0);
        prop_assert_eq!(peer.scene.host.next_poll_at, None, "nothing left to wait for");
        // Every socket can be had again, so none was lost.
        let listener = peer.scene.host.stack.listen(80, 8).unwrap();
        for port in 100..100 + SOCKETS as u16 {
            peer.scene.open(listener, port);
        }
    }
}
