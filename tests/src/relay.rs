//! A stand-in for Telegraf's `socket_listener`: it takes lines over TCP and posts them to InfluxDB. Stricter than the
//! original, which drops what it cannot read: whatever InfluxDB refuses is kept for the test to fail on.

use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope};
use std::time::Duration;

use crate::influxdb::InfluxDb;
use crate::network::Network;

/// How long a connection waits for its peer before it looks whether all is over.
const GLANCE: Duration = Duration::from_millis(10);

/// What a relay has to tell.
#[derive(Debug, Default)]
struct Told {
    over: AtomicBool,
    connections: Mutex<usize>,
    refused: Mutex<Vec<String>>,
}

/// A relay while it runs.
#[derive(Clone, Copy, Debug)]
pub struct Relay<'a> {
    port: u16,
    told: &'a Told,
}

impl Relay<'_> {
    /// The port that takes lines.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections it was brought lines on.
    #[must_use]
    pub fn connections(&self) -> usize {
        *self.told.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What went wrong: lines that InfluxDB refused with its reason, and a stream that ended within a line.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        self.told.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Runs `work` beside a relay from `network` to a database of `server`.
pub fn beside<R>(
    network: &Network,
    server: &InfluxDb<'_>,
    database: &str,
    work: impl FnOnce(Relay<'_>) -> R,
) -> io::Result<R> {
    let listener = network.run(|| TcpListener::bind((network.server_ip(), 0)))?;
    let port = listener.local_addr()?.port();
    let told = Told::default();
    thread::scope(|scope| {
        scope.spawn(|| accept(scope, &listener, (server, database), &told));
        let end = End { network, port, told: &told };
        let result = work(Relay { port, told: &told });
        drop(end);
        Ok(result)
    })
}

/// Ends the relay, also if the work panics: the scope waits for its threads.
struct End<'a> {
    network: &'a Network,
    port: u16,
    told: &'a Told,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.told.over.store(true, Relaxed);
        // The connection wakes the acceptor.
        let _ = self.network.run(|| TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

fn accept<'scope>(
    scope: &'scope Scope<'scope, '_>,
    listener: &'scope TcpListener,
    to: (&'scope InfluxDb<'scope>, &'scope str),
    told: &'scope Told,
) {
    for stream in listener.incoming() {
        if told.over.load(Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        *told.connections.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        scope.spawn(move || {
            if let Err(error) = relay(stream, to, told) {
                told.refused.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
            }
        });
    }
}

/// Posts whole lines as they come, until the stream ends.
fn relay(mut stream: TcpStream, (server, database): (&InfluxDb<'_>, &str), told: &Told) -> io::Result<()> {
    stream.set_read_timeout(Some(GLANCE))?;
    let mut pending = Vec::new();
    let mut buffer = [0; 64 << 10];
    while !told.over.load(Relaxed) {
        match stream.read(&mut buffer) {
            Ok(0) if pending.is_empty() => return Ok(()),
            Ok(0) => return Err(io::Error::other(format!("ended within `{}`", String::from_utf8_lossy(&pending)))),
            Ok(len) => pending.extend_from_slice(&buffer[..len]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => continue,
            // The guest is gone: it was killed.
            Err(_) => return Ok(()),
        }
        let Some(end) = pending.iter().rposition(|byte| *byte == b'\n') else { continue };
        let lines: Vec<u8> = pending.drain(..=end).collect();
        let answer = server.write(database, &lines)?;
        if answer.status != 204 {
            let lines = String::from_utf8_lossy(&lines).into_owned();
            return Err(io::Error::other(format!("{} for:\n{lines}", answer.text())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::beside;
    use crate::influxdb::{DATABASE, InfluxDb};
    use crate::network::Network;
    use crate::wait::{PATIENCE, eventually};
    use std::io::Write;
    use std::net::TcpStream;

    #[test]
    fn relays_lines_and_tells_what_is_refused() {
        let network = Network::user();
        let database = InfluxDb::start(&network).unwrap();
        beside(&network, &database, DATABASE, |relay| {
            let mut stream = TcpStream::connect(("127.0.0.1", relay.port())).unwrap();
            stream.write_all(b"net,vm=a packets=1i 1\nnet,vm=a pack").unwrap();
            let stored = |count| {
                let points =
                    || database.points_of(DATABASE, "*", "vm = 'a'").ok().filter(|points| points.len() == count);
                eventually(PATIENCE, points).is_some()
            };
            assert!(stored(1));
            stream.write_all(b"ets=2i 2\n").unwrap();
            assert!(stored(2));
            assert_eq!((relay.refused(), relay.connections()), (vec![], 1));
            stream.write_all(b"net,vm=a packets=3u 3\n").unwrap();
            let refused = eventually(PATIENCE, || relay.refused().pop());
            assert!(refused.is_some_and(|reason| reason.contains("packets=3u")));
        })
        .unwrap();
    }
}
