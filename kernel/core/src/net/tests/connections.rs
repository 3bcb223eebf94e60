//! Connections from their first to their last segment, over good and bad wires.

use core::net::SocketAddrV4;
use std::{vec, vec::Vec};

use super::network::*;
use crate::net::{Error, Interest, State, Wait};

const PORT: u16 = 80;

fn network() -> Network {
    Network::new(&server_config(), &client_config())
}

/// Sends all of `data` from one end and returns what the other has read; both ends are driven until it is all there.
fn transfer(
    net: &mut Network,
    data: &[u8],
    from_client: bool,
    ids: (crate::net::ConnId, crate::net::ConnId),
) -> Vec<u8> {
    let (mut sent, mut got) = (0, Vec::new());
    net.until(600 * SECOND, "transfer", |net| {
        let (sender, receiver) = if from_client {
            ((&mut net.client, ids.0), (&mut net.server, ids.1))
        } else {
            ((&mut net.server, ids.1), (&mut net.client, ids.0))
        };
        match sender.0.stack.send(sender.1, &data[sent..]) {
            Ok(count) => sent += count,
            Err(Error::WouldBlock) => {}
            Err(error) => panic!("send: {error}"),
        }
        let mut buffer = [0; 1000];
        loop {
            match receiver.0.stack.recv(receiver.1, &mut buffer) {
                Ok(count) => got.extend_from_slice(&buffer[..count]),
                Err(Error::WouldBlock) => break,
                Err(error) => panic!("recv: {error}"),
            }
        }
        got.len() >= data.len()
    });
    got
}

fn noise(len: usize) -> Vec<u8> {
    let mut dice = Dice(99);
    (0..len).map(|_| dice.roll() as u8).collect()
}

#[test]
fn echo_and_close_from_either_side() {
    for client_first in [true, false] {
        let mut net = network();
        let listener = net.server.stack.listen(PORT, 4).unwrap();
        let (client, server) = net.connect(listener, PORT);
        assert_eq!(net.client.stack.send(client, b"hello"), Ok(5));
        net.until(SECOND, "request", |net| readable(&mut net.server.stack, server));
        let mut buffer = [0; 64];
        assert_eq!(net.server.stack.recv(server, &mut buffer), Ok(5));
        assert_eq!(net.server.stack.send(server, &buffer[..5]), Ok(5));
        net.until(SECOND, "echo", |net| readable(&mut net.client.stack, client));
        assert_eq!(net.client.stack.recv(client, &mut buffer), Ok(5));
        assert_eq!(&buffer[..5], b"hello");
        assert_eq!(net.client.stack.recv(client, &mut buffer), Err(Error::WouldBlock));

        if client_first {
            net.client.stack.close(client, net.now).unwrap();
            net.until(SECOND, "end at the server", |net| readable(&mut net.server.stack, server));
            assert_eq!(net.server.stack.recv(server, &mut buffer), Ok(0));
            net.server.stack.close(server, net.now).unwrap();
        } else {
            net.server.stack.close(server, net.now).unwrap();
            net.until(SECOND, "end at the client", |net| readable(&mut net.client.stack, client));
            assert_eq!(net.client.stack.recv(client, &mut buffer), Ok(0));
            net.client.stack.close(client, net.now).unwrap();
        }
        net.pass(SECOND);
        // Whoever closed first has the memory of it, and nobody a socket or a reset.
        for (host, first) in [(&net.client, client_first), (&net.server, !client_first)] {
            let stats = host.stack.stats();
            assert_eq!(stats.time_wait_total.get(), u64::from(first));
            assert_eq!(stats.time_wait().get(), i64::from(first));
            assert_eq!(stats.resets_sent.get() + stats.resets_received.get(), 0);
            assert_eq!(stats.retransmissions.get(), 0);
            assert_eq!(stats.sockets_in_use(), 0);
        }
        net.pass(31 * SECOND);
        assert_eq!(net.client.stack.stats().time_wait().get() + net.server.stack.stats().time_wait().get(), 0);
    }
}

#[test]
fn both_close_at_once() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, server) = net.connect(listener, PORT);
    net.client.stack.close(client, net.now).unwrap();
    net.server.stack.close(server, net.now).unwrap();
    net.pass(SECOND);
    for host in [&net.client, &net.server] {
        let stats = host.stack.stats();
        assert_eq!(stats.time_wait_total.get(), 1);
        assert_eq!(stats.resets_sent.get(), 0);
        assert_eq!(stats.sockets_in_use(), 0);
    }
}

#[test]
fn a_bad_wire_corrupts_nothing() {
    for seed in 1..6 {
        let mut net = network();
        net.faults = Faults { loss: 5, duplication: 5, reordering: 20 };
        net.dice = Dice(seed * 7919);
        let listener = net.server.stack.listen(PORT, 4).unwrap();
        let ids = net.connect(listener, PORT);
        let data = noise(200_000);
        assert!(transfer(&mut net, &data, true, ids) == data);
        assert!(transfer(&mut net, &data, false, ids) == data);
        net.server.stack.close(ids.1, net.now).unwrap();
        net.until(120 * SECOND, "end of stream", |net| readable(&mut net.client.stack, ids.0));
        assert_eq!(read_all(&mut net.client.stack, ids.0), []);
        net.client.stack.close(ids.0, net.now).unwrap();
        net.pass(200 * SECOND);
        for host in [&net.client, &net.server] {
            let stats = host.stack.stats();
            assert!(stats.retransmissions.get() > 0, "a wire that loses 5 % was noticed");
            assert_eq!(stats.sockets_in_use(), 0);
        }
    }
}

/// 5,000 connections the server closes first, with sixteen sockets: none may wait for a TIME-WAIT to end.
#[test]
fn short_connections_reuse_few_sockets() {
    let mut config = server_config();
    config.tcp_connections = 16;
    config.half_open = 8;
    let mut net = Network::new(&config, &client_config());
    let listener = net.server.stack.listen(PORT, 8).unwrap();
    for round in 0..5_000u32 {
        let (client, server) = net.connect(listener, PORT);
        net.client.stack.send(client, &round.to_be_bytes()).unwrap();
        net.until(SECOND, "request", |net| readable(&mut net.server.stack, server));
        let mut buffer = [0; 8];
        assert_eq!(net.server.stack.recv(server, &mut buffer), Ok(4));
        net.server.stack.send(server, &buffer[..4]).unwrap();
        net.server.stack.close(server, net.now).unwrap();
        net.until(SECOND, "answer", |net| net.client.stack.state(client) == Ok(State::CloseWait));
        assert_eq!(read_all(&mut net.client.stack, client), round.to_be_bytes());
        net.client.stack.close(client, net.now).unwrap();
    }
    net.pass(SECOND);
    let stats = net.server.stack.stats();
    assert!(net.now < 30 * SECOND, "no connection waited for a timer: {} ms", net.now / MILLISECOND);
    assert_eq!(stats.passive_opens.get(), 5_000);
    assert_eq!(stats.time_wait_total.get(), 5_000);
    assert_eq!(stats.time_wait().get(), 1_024, "the table is full and the oldest have left");
    assert_eq!(net.server.told("uk_tcp_time_wait_evicted_total"), 5_000 - 1_024);
    assert_eq!(stats.resets_sent.get() + stats.resets_received.get() + stats.pool_exhausted.get(), 0);
    assert_eq!(stats.sockets_in_use(), 0);
    net.pass(31 * SECOND);
    assert_eq!(net.server.stack.stats().time_wait().get(), 0);
}

#[test]
fn data_that_came_before_the_end_is_read_after_it() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, server) = net.connect(listener, PORT);
    // The client has closed its side first, so the end of the server's puts the connection into TIME-WAIT.
    net.client.stack.shutdown_write(client).unwrap();
    net.until(SECOND, "half-close", |net| readable(&mut net.server.stack, server));
    net.server.stack.send(server, b"late words").unwrap();
    net.server.stack.close(server, net.now).unwrap();
    net.pass(60 * SECOND);
    assert_eq!(net.client.stack.state(client), Ok(State::TimeWait));
    assert_eq!(net.client.stack.stats().time_wait().get(), 0, "remembered and forgotten meanwhile");
    assert_eq!(read_all(&mut net.client.stack, client), b"late words");
    assert_eq!(net.client.stack.send(client, b"x"), Err(Error::BrokenPipe));
    net.client.stack.close(client, net.now).unwrap();
}

#[test]
fn refused_and_reset_are_told_apart() {
    let mut net = network();
    let mut buffer = [0; 8];
    let refused = net.client.stack.connect(SocketAddrV4::new(SERVER, 81), 0).unwrap();
    assert_eq!(net.client.stack.recv(refused, &mut buffer), Err(Error::WouldBlock));
    net.until(SECOND, "refusal", |net| net.client.stack.state(refused) == Ok(State::Closed));
    assert_eq!(net.client.stack.recv(refused, &mut buffer), Err(Error::Refused));
    assert_eq!(net.client.stack.send(refused, b"x"), Err(Error::Refused));
    net.client.stack.close(refused, net.now).unwrap();
    assert_eq!(net.server.stack.stats().no_connection.get(), 1);

    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, server) = net.connect(listener, PORT);
    net.server.stack.send(server, b"last words").unwrap();
    net.pass(SECOND);
    net.server.stack.abort(server, net.now).unwrap();
    net.until(SECOND, "reset", |net| net.client.stack.state(client) == Ok(State::Closed));
    assert_eq!(net.client.stack.recv(client, &mut buffer), Ok(8), "what came before is read first");
    assert_eq!(net.client.stack.recv(client, &mut buffer), Ok(2));
    assert_eq!(net.client.stack.recv(client, &mut buffer), Err(Error::Reset));
    assert_eq!(net.client.told("uk_tcp_resets_received_total"), 2);
    assert_eq!(net.server.stack.stats().resets_sent.get(), 2);
}

#[test]
fn a_stale_id_is_an_error_and_nobody_elses() {
    let mut config = server_config();
    config.tcp_connections = 1;
    let mut net = Network::new(&config, &client_config());
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, server) = net.connect(listener, PORT);
    net.server.stack.close(server, net.now).unwrap();
    assert_eq!(
        net.server.stack.send(server, b"x"),
        Err(Error::InvalidId),
        "at once, not only when the socket is reused"
    );
    net.client.stack.close(client, net.now).unwrap();
    net.pass(SECOND);
    let (_, again) = net.connect(listener, PORT);
    let mut buffer = [0; 8];
    assert_ne!(server, again);
    assert_eq!(net.server.stack.recv(server, &mut buffer), Err(Error::InvalidId));
    assert_eq!(net.server.stack.close(server, net.now), Err(Error::InvalidId));
    assert_eq!(net.server.stack.wait(server, Interest::Readable, 1), Err(Error::InvalidId));
    assert_eq!(net.server.stack.recv(again, &mut buffer), Err(Error::WouldBlock), "untouched by all that");

    net.server.stack.close_listener(listener, net.now).unwrap();
    let other = net.server.stack.listen(PORT, 4).unwrap();
    assert_ne!(listener, other);
    assert_eq!(net.server.stack.accept(listener).unwrap_err(), Error::InvalidId);
    assert_eq!(net.server.stack.accept(other).unwrap_err(), Error::WouldBlock);
}

#[test]
fn waiters_are_woken_once_and_when_it_holds() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    assert_eq!(net.server.stack.wait_accept(listener, 1), Ok(Wait::Registered));
    assert_eq!(net.server.stack.wait_accept(listener, 1), Ok(Wait::Registered));
    let client = net.client.stack.connect(SocketAddrV4::new(SERVER, PORT), 0).unwrap();
    assert_eq!(net.client.stack.wait(client, Interest::Connected, 2), Ok(Wait::Registered));
    net.pass(SECOND);
    assert_eq!(net.server.woken, [1]);
    assert_eq!(net.client.woken, [2]);
    assert_eq!(net.server.stack.wait_accept(listener, 1), Ok(Wait::Ready));
    let (server, _) = net.server.stack.accept(listener).unwrap();

    assert_eq!(net.client.stack.wait(client, Interest::Readable, 3), Ok(Wait::Registered));
    assert_eq!(net.client.stack.wait(client, Interest::Writable, 4), Ok(Wait::Ready));
    net.pass(SECOND);
    assert_eq!(net.client.woken, [2], "not before there is something");
    net.server.stack.send(server, b"x").unwrap();
    net.pass(SECOND);
    assert_eq!(net.client.woken, [2, 3]);

    // A full transmit buffer, and a reader at the other end who makes room.
    while net.client.stack.send(client, &[7; 1000]).is_ok() {
        net.pass(MILLISECOND);
    }
    assert_eq!(net.client.stack.wait(client, Interest::Writable, 5), Ok(Wait::Registered));
    net.pass(SECOND);
    assert_eq!(net.client.woken, [2, 3]);
    let mut buffer = [0; 8192];
    while net.server.stack.recv(server, &mut buffer).is_ok() {
        net.pass(SECOND);
    }
    assert_eq!(net.client.woken, [2, 3, 5]);

    // Death wakes everybody.
    let mut sink = [0; 64];
    while net.client.stack.recv(client, &mut sink).is_ok() {}
    assert_eq!(net.client.stack.wait(client, Interest::Readable, 6), Ok(Wait::Registered));
    net.server.stack.abort(server, net.now).unwrap();
    net.pass(SECOND);
    assert_eq!(net.client.woken, [2, 3, 5, 6]);
}

#[test]
fn closing_a_connection_wakes_who_waits_on_it() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, _) = net.connect(listener, PORT);
    assert_eq!(net.client.stack.wait(client, Interest::Readable, 9), Ok(Wait::Registered));
    net.client.stack.abort(client, net.now).unwrap();
    net.pass(SECOND);
    assert_eq!(net.client.woken, [9]);
}

#[test]
fn bytes_are_written_and_read_in_place() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, server) = net.connect(listener, PORT);
    let space = net.client.stack.send_space(client).unwrap();
    let wrote = net.client.stack.send_with(client, |space| {
        space[..3].copy_from_slice(b"abc");
        (3, space.len())
    });
    assert_eq!(wrote, Ok(space));
    assert_eq!(net.client.stack.send_space(client), Ok(space - 3));
    net.until(SECOND, "bytes", |net| readable(&mut net.server.stack, server));
    assert_eq!(net.server.stack.recv_with(server, |got| (1, got.to_vec())), Ok(b"abc".to_vec()));
    assert_eq!(net.server.stack.recv_with(server, |got| (2, got.to_vec())), Ok(b"bc".to_vec()));
    assert_eq!(net.server.stack.recv_with(server, |_| (0, ())), Err(Error::WouldBlock));
}

#[test]
fn what_was_not_acknowledged_is_known_after_a_reset() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, server) = net.connect(listener, PORT);
    assert_eq!(net.client.stack.unacknowledged(client), Ok(0));
    assert_eq!(net.client.stack.send(client, &[1; 3000]), Ok(3000));
    assert_eq!(net.client.stack.unacknowledged(client), Ok(3000), "not even sent");
    net.pass(SECOND);
    assert_eq!(net.client.stack.unacknowledged(client), Ok(0));

    // Acknowledged are 3,000; nobody reads, so of what follows only the rest of the peer's buffer fits.
    let room = server_config().receive_buffer_bytes - 3000;
    assert_eq!(net.client.stack.send(client, &[2; 8000]), Ok(8000));
    net.pass(SECOND);
    assert_eq!(net.client.stack.unacknowledged(client), Ok(8000 - room));
    net.server.stack.abort(server, net.now).unwrap();
    net.until(SECOND, "reset", |net| net.client.stack.state(client) == Ok(State::Closed));
    assert_eq!(net.client.stack.recv(client, &mut [0; 8]), Err(Error::Reset));
    assert_eq!(net.client.stack.unacknowledged(client), Ok(8000 - room));
    net.pass(10 * SECOND);
    assert_eq!(net.client.stack.unacknowledged(client), Ok(8000 - room), "as long as nobody closes it");
    net.client.stack.close(client, net.now).unwrap();
    assert_eq!(net.client.stack.unacknowledged(client), Err(Error::InvalidId));
}

#[test]
fn what_the_peer_has_not_room_for_is_not_sent() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let (client, server) = net.connect(listener, PORT);
    assert_eq!(net.server.stack.is_sent(server), Ok(true));
    assert_eq!(net.server.stack.wait(server, Interest::Sent, 7), Ok(Wait::Ready));
    // As much as the peer's buffer holds, and more; then the end.
    let mut written = 0;
    let filled = |net: &mut Network| {
        written += net.server.stack.send(server, &[1; 1000]).unwrap_or(0);
        net.server.stack.send_space(server) == Ok(0)
    };
    net.until(10 * SECOND, "a full buffer", filled);
    net.server.stack.shutdown_write(server).unwrap();
    net.pass(5 * SECOND);
    assert_eq!(net.server.stack.is_sent(server), Ok(false));
    net.server.woken.clear();
    assert_eq!(net.server.stack.wait(server, Interest::Sent, 7), Ok(Wait::Registered));
    net.pass(SECOND);
    assert_eq!(net.server.woken, []);
    let (mut read, mut buffer) = (0, [0; 1000]);
    net.until(60 * SECOND, "everything", |net| {
        read += net.client.stack.recv(client, &mut buffer).unwrap_or(0);
        net.server.stack.is_sent(server) == Ok(true)
    });
    assert_eq!(net.server.woken, [7]);
    assert_eq!(read + read_all(&mut net.client.stack, client).len(), written);

    // Of a connection that is over nothing is sent any more.
    let (client, server) = net.connect(listener, PORT);
    assert!(net.server.stack.send(server, b"lost").is_ok());
    assert_eq!(net.server.stack.is_sent(server), Ok(false));
    net.client.stack.abort(client, net.now).unwrap();
    net.pass(SECOND);
    assert_eq!(net.server.stack.is_sent(server), Ok(true));
}

#[test]
fn a_device_without_room_only_delays() {
    let mut net = network();
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let ids = net.connect(listener, PORT);
    net.client.nic.queues().room = Some(1);
    let data = noise(50_000);
    assert!(transfer(&mut net, &data, true, ids) == data);
}

#[test]
fn every_socket_can_be_used() {
    let mut config = client_config();
    config.tcp_connections = 200;
    let mut server = server_config();
    server.tcp_connections = 200;
    let mut net = Network::new(&server, &config);
    let listener = net.server.stack.listen(PORT, 4).unwrap();
    let ids: Vec<_> = (0..200).map(|_| net.connect(listener, PORT)).collect();
    let address = SocketAddrV4::new(SERVER, PORT);
    assert_eq!(net.client.stack.connect(address, net.now).unwrap_err(), Error::Exhausted);
    let mut ports: Vec<_> = ids.iter().map(|&(client, _)| net.client.stack.ends(client).unwrap().0.port()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 200);
    for (number, &(client, _)) in ids.iter().enumerate() {
        net.client.stack.send(client, &vec![number as u8; 10 + number]).unwrap();
    }
    net.pass(SECOND);
    for (number, &(_, server)) in ids.iter().enumerate() {
        let mut buffer = [0; 300];
        let got = net.server.stack.recv(server, &mut buffer).unwrap();
        assert_eq!(buffer[..got], vec![number as u8; 10 + number]);
    }
    assert_eq!(net.server.stack.stats().in_state(State::Established).unwrap().get(), 200);
}
