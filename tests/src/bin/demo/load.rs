//! Load for one guest's program: visitors whose number swells and ebbs, so that every graph has something to show.
//!
//! Not a benchmark: it asks for far less than a guest can answer, and a guest that has gone is only asked again.

use std::f64::consts::TAU;
use std::io;
use std::net::{SocketAddrV4, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ::tests::http;
use ::tests::load::Style;

/// The clients: how long one wave takes for each, and what it does with connections. The waves drift apart, so no two
/// minutes are alike.
const CLIENTS: [(Duration, Style); 3] = [
    (Duration::from_secs(40), Style::KeepAlive),
    (Duration::from_secs(50), Style::Short),
    (Duration::from_secs(65), Style::KeepAlive),
];
/// Requests are sent in groups, one for each beat. A short connection is one for a group.
const BEAT: Duration = Duration::from_millis(100);
/// Requests of one client in one beat, at most.
const CREST: f64 = 100.0;
/// One request of so many is for a page that is not there.
const MISSED: u32 = 25;

/// Clients that go on until this is dropped.
#[derive(Debug)]
pub(crate) struct Load {
    clients: Vec<(Sender<()>, JoinHandle<()>)>,
}

impl Load {
    /// Begins to visit the program at `address`.
    pub(crate) fn start(address: SocketAddrV4) -> Self {
        let start = |(wave, style)| {
            let (running, stop) = channel();
            (running, thread::spawn(move || client(address, wave, style, &stop)))
        };
        Self { clients: CLIENTS.map(start).into() }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for (running, client) in self.clients.drain(..) {
            drop(running);
            // One that panicked has said so.
            let _ = client.join();
        }
    }
}

fn client(address: SocketAddrV4, wave: Duration, style: Style, stop: &Receiver<()>) {
    let began = Instant::now();
    let mut kept = None;
    loop {
        let beat = Instant::now();
        let phase = began.elapsed().as_secs_f64() / wave.as_secs_f64();
        // A guest that does not answer has nothing to lose: the next beat asks it again.
        let visited = kept.take().map_or_else(|| connect(address), Ok);
        let visited = visited.and_then(|connection| visit(connection, requests_at(phase)));
        kept = visited.ok().filter(|_| style == Style::KeepAlive);
        if stop.recv_timeout(BEAT.saturating_sub(beat.elapsed())) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// How many requests a beat has, so many waves after the start: from one at the trough to the crest.
fn requests_at(phase: f64) -> u32 {
    let height = (1.0 - (phase * TAU).cos()) / 2.0;
    // Between 1 and the crest, so the conversion loses nothing but the fraction.
    (1.0 + height * (CREST - 1.0)) as u32
}

fn connect(address: SocketAddrV4) -> io::Result<http::Connection> {
    let stream = TcpStream::connect_timeout(&address.into(), Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    http::Connection::new(stream)
}

/// Sends so many requests, one after the other, and returns the connection for more.
fn visit(mut connection: http::Connection, requests: u32) -> io::Result<http::Connection> {
    for request in 0..requests {
        connection.get(if request % MISSED == MISSED - 1 { "/missing" } else { "/" })?;
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::requests_at;

    #[test]
    fn swells_and_ebbs() {
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0, 1.5].map(requests_at), [1, 50, 100, 50, 1, 100]);
    }
}
