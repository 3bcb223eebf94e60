//! A server with moods: it takes what a guest sends, as HTTP requests or as plain bytes, until the test has it refuse,
//! stall, answer with an error or break off; and it remembers what came, and what it answered.
//!
//! Not for what is in the messages: the tests read that.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};

use crate::http::percent_encoded;
use crate::network::Network;
use crate::wait::{eventually, let_pass};

/// How long a connection looks at nothing but its peer, before it looks whether the mood has changed.
const GLANCE: Duration = Duration::from_millis(10);
/// A small receive buffer, so that a server that stalls is soon felt.
const BUFFER_BYTES: usize = 8 << 10;
/// Longer than any message a test provokes: more than this is thrown away unparsed.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// What it does with connections, those that are open already among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Not there: connections are refused, and those that were open are closed.
    Absent,
    /// Takes everything. HTTP requests are answered with this status and these header fields, lines of `Name: value\r\n`.
    Answer(u16, &'static str),
    /// The same, at no more than 1,000 bytes in ten milliseconds.
    Slow(u16),
    /// Accepts connections, reads nothing and closes nothing.
    Stall,
    /// Reads a message's beginning and resets the connection.
    ResetWithin,
    /// Takes a message whole, answers it with success and then resets the connection.
    ResetAfter,
    /// Takes a request whole, and closes the connection in the middle of the answer.
    HalfReply,
}

/// All is well: 204 is what databases say to what they have stored.
pub const WELL: Mood = Mood::Answer(204, "");

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http,
    Bytes,
}

/// An HTTP request that came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// Header fields as they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status it was answered with; `None` if it was not, or not whole.
    pub answered: Option<u16>,
}

impl Received {
    /// The field `name`, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the path's query has `name` with this value.
    #[must_use]
    pub fn asks(&self, name: &str, value: &str) -> bool {
        let wanted = format!("{name}={}", percent_encoded(value));
        self.path.split_once('?').is_some_and(|(_, query)| query.split('&').any(|pair| pair == wanted))
    }

    /// Whether it was answered with success.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.answered.is_some_and(|status| (200..300).contains(&status))
    }
}

/// The server. Dropping it ends it.
#[derive(Debug)]
pub struct Moody<'a> {
    network: &'a Network,
    port: u16,
    protocol: Protocol,
    shared: Arc<Mutex<State>>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    over: bool,
    requests: Vec<Received>,
    /// What each connection has brought.
    streams: Vec<Vec<u8>>,
}

impl<'a> Moody<'a> {
    /// A server of HTTP beside `network`, in this mood.
    pub fn http(network: &'a Network, mood: Mood) -> io::Result<Self> {
        Self::start(network, Protocol::Http, mood)
    }

    /// One that takes bytes and never says anything.
    pub fn bytes(network: &'a Network, mood: Mood) -> io::Result<Self> {
        Self::start(network, Protocol::Bytes, mood)
    }

    fn start(network: &'a Network, protocol: Protocol, mood: Mood) -> io::Result<Self> {
        // Bound once to have a port, which stays its own: in a namespace nobody else takes one.
        let port = network.run(crate::network::free_port);
        let state = State { mood: Mood::Absent, over: false, requests: Vec::new(), streams: Vec::new() };
        let mut server = Self { network, port, protocol, shared: Arc::new(Mutex::new(state)), acceptor: None };
        server.set(mood)?;
        Ok(server)
    }

    /// Where guests find it.
    #[must_use]
    pub fn address(&self) -> SocketAddrV4 {
        self.network.server(self.port)
    }

    /// Changes its mood, at once.
    pub fn set(&mut self, mood: Mood) -> io::Result<()> {
        lock(&self.shared).mood = mood;
        match (mood, &self.acceptor) {
            (Mood::Absent, _) => self.hang_up(),
            (_, Some(_)) => {}
            (_, None) => {
                let address = (self.network.server_ip(), self.port);
                let listener = self.network.run(|| -> io::Result<_> {
                    let listener = TcpListener::bind(address)?;
                    // Accepted connections inherit it, and it bounds the window from the first segment on.
                    setsockopt(&listener, sockopt::RcvBuf, &BUFFER_BYTES)?;
                    Ok(listener)
                })?;
                let (shared, protocol) = (Arc::clone(&self.shared), self.protocol);
                self.acceptor = Some(thread::spawn(move || accept(&listener, &shared, protocol)));
            }
        }
        Ok(())
    }

    /// All requests that came whole, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.shared).requests.clone()
    }

    /// The bytes that each connection has brought, in the order in which they were accepted.
    #[must_use]
    pub fn streams(&self) -> Vec<Vec<u8>> {
        lock(&self.shared).streams.clone()
    }

    /// How many connections it has accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.shared).streams.len()
    }

    /// Ends the acceptor, and with it the listener.
    fn hang_up(&mut self) {
        let Some(acceptor) = self.acceptor.take() else { return };
        // The connection wakes it. Should that fail, it is gone already.
        let _ = self.network.run(|| TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        let _ = acceptor.join();
    }
}

impl Drop for Moody<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared);
        (state.over, state.mood) = (true, Mood::Absent);
        drop(state);
        self.hang_up();
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    // What a thread that panicked leaves is whole: each change is one push or one assignment.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Mutex<State>>, protocol: Protocol) {
    for stream in listener.incoming() {
        if lock(shared).mood == Mood::Absent {
            return;
        }
        let Ok(stream) = stream else { continue };
        let mut state = lock(shared);
        let index = state.streams.len();
        state.streams.push(Vec::new());
        drop(state);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            let mut client = Client { stream, shared, protocol, index, pending: Vec::new() };
            // A client that breaks off has ended the connection, as clients may.
            let _ = client.serve();
        });
    }
}

/// One connection.
struct Client {
    stream: TcpStream,
    shared: Arc<Mutex<State>>,
    protocol: Protocol,
    index: usize,
    pending: Vec<u8>,
}

impl Client {
    fn serve(&mut self) -> io::Result<()> {
        self.stream.set_read_timeout(Some(GLANCE))?;
        loop {
            let brought = match self.mood() {
                Mood::Absent => return Ok(()),
                Mood::Stall => {
                    let_pass(GLANCE);
                    false
                }
                Mood::Slow(_) => {
                    let_pass(GLANCE);
                    self.read(1000)?
                }
                _ => self.read(BUFFER_BYTES)?,
            };
            // It may have changed while nothing came.
            let mood = self.mood();
            if mood == Mood::ResetWithin && !self.pending.is_empty() {
                return self.reset();
            }
            match self.protocol {
                _ if mood == Mood::Stall => {}
                Protocol::Http => self.answer(mood)?,
                // Of bytes nobody here knows where a message ends: there is no more for now.
                Protocol::Bytes if mood == Mood::ResetAfter && brought => {}
                Protocol::Bytes if mood == Mood::ResetAfter && !self.pending.is_empty() => return self.reset(),
                Protocol::Bytes => self.pending.clear(),
            }
        }
    }

    fn mood(&self) -> Mood {
        lock(&self.shared).mood
    }

    /// Reads what there is, and waits for a glance if there is nothing. Whether there was something.
    fn read(&mut self, max: usize) -> io::Result<bool> {
        let mut buffer = vec![0; max];
        match self.stream.read(&mut buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(len) => {
                self.pending.extend_from_slice(&buffer[..len]);
                lock(&self.shared).streams[self.index].extend_from_slice(&buffer[..len]);
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Answers the requests that are whole.
    fn answer(&mut self, mood: Mood) -> io::Result<()> {
        while let Some((mut request, len)) = whole_request(&self.pending)? {
            self.pending.drain(..len);
            let (status, fields) = match mood {
                Mood::Answer(status, fields) => (status, fields),
                Mood::Slow(status) => (status, ""),
                _ => (204, ""),
            };
            request.answered = (mood != Mood::HalfReply).then_some(status);
            // Known before it is answered: who has the answer may look at once.
            lock(&self.shared).requests.push(request);
            let reply = reply(status, fields);
            if mood == Mood::HalfReply {
                self.stream.write_all(&reply.as_bytes()[..reply.len() / 2])?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            self.stream.write_all(reply.as_bytes())?;
            if mood == Mood::ResetAfter {
                // The answer has to be on its way before the reset takes it back.
                eventually(GLANCE * 10, || unsent(&self.stream).filter(|bytes| *bytes == 0));
                return self.reset();
            }
        }
        Ok(())
    }

    /// Sends a reset instead of the orderly end.
    fn reset(&self) -> io::Result<()> {
        setsockopt(&self.stream, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 })?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

/// How many bytes are written and not acknowledged.
fn unsent(stream: &TcpStream) -> Option<libc::c_int> {
    nix::ioctl_read_bad!(outq, libc::TIOCOUTQ, libc::c_int);
    let mut bytes = 0;
    // SAFETY: TIOCOUTQ writes one c_int to where it is told, and the descriptor is open.
    unsafe { outq(std::os::fd::AsRawFd::as_raw_fd(stream), &raw mut bytes) }.ok()?;
    Some(bytes)
}

fn reply(status: u16, fields: &str) -> String {
    // A 204 has no body and must not say how long it is (RFC 9110, 8.6).
    match status {
        204 => format!("HTTP/1.1 204 No Content\r\n{fields}\r\n"),
        _ => format!("HTTP/1.1 {status} As told\r\n{fields}Content-Length: 3\r\n\r\nso\n"),
    }
}

/// The first request of `bytes` and its length, if it is all there.
fn whole_request(bytes: &[u8]) -> io::Result<Option<(Received, usize)>> {
    let Some(head_len) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return if bytes.len() > MAX_HEAD_BYTES { Err(io::ErrorKind::InvalidData.into()) } else { Ok(None) };
    };
    let head = std::str::from_utf8(&bytes[..head_len]).map_err(io::Error::other)?;
    let (first, fields) = head.split_once("\r\n").unwrap_or((head, ""));
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let fields = fields.lines().filter_map(|line| line.split_once(':'));
    let headers: Vec<_> = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let mut request = Received { method, path, headers, body: Vec::new(), answered: None };
    let body_len: usize = request.header("content-length").unwrap_or("0").parse().map_err(io::Error::other)?;
    let len = head_len + 4 + body_len;
    Ok(bytes.get(head_len + 4..len).map(|body| {
        request.body = body.to_vec();
        (request, len)
    }))
}

#[cfg(test)]
mod tests {
    use super::{Mood, Moody, WELL};
    use crate::http::Connection;
    use crate::network::Network;
    use crate::wait::{PATIENCE, eventually};
    use std::io::{ErrorKind, Read, Write};
    use std::net::{Ipv4Addr, TcpStream};
    use std::time::Duration;

    fn connect(server: &Moody<'_>) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(stream)
    }

    #[test]
    fn has_moods() {
        let network = Network::user();
        let mut server = Moody::http(&network, Mood::Absent).unwrap();
        assert_eq!(connect(&server).unwrap_err().kind(), ErrorKind::ConnectionRefused);

        server.set(WELL).unwrap();
        let mut kept = Connection::new(connect(&server).unwrap()).unwrap();
        assert_eq!(kept.post("/a?x=b%2Fc", b"one").unwrap().status, 204);
        server.set(Mood::Answer(429, "Retry-After: 7\r\n")).unwrap();
        let refused = kept.post("/b", b"two").unwrap();
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("7")));

        server.set(Mood::Stall).unwrap();
        kept.send(b"POST /c HTTP/1.1\r\nContent-Length: 5\r\n\r\nthree").unwrap();
        let mut waiting = connect(&server).unwrap();
        waiting.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        assert_eq!(waiting.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        server.set(Mood::Slow(500)).unwrap();
        assert_eq!(kept.receive(false).unwrap().status, 500);

        server.set(Mood::HalfReply).unwrap();
        assert_eq!(kept.post("/d", b"").unwrap_err().kind(), ErrorKind::UnexpectedEof);
        server.set(Mood::ResetAfter).unwrap();
        let mut stream = connect(&server).unwrap();
        stream.write_all(b"POST /e HTTP/1.1\r\n\r\n").unwrap();
        let ended = stream.read_to_end(&mut Vec::new());
        assert!(ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));

        let received: Vec<_> = server.requests().into_iter().map(|got| (got.path, got.body, got.answered)).collect();
        let request = |path: &str, body: &str, answered| (path.to_owned(), body.as_bytes().to_vec(), answered);
        assert_eq!(
            received,
            [
                request("/a?x=b%2Fc", "one", Some(204)),
                request("/b", "two", Some(429)),
                request("/c", "three", Some(500)),
                request("/d", "", None),
                request("/e", "", Some(204)),
            ]
        );
        assert!(server.requests()[0].asks("x", "b/c") && !server.requests()[0].asks("x", "b"));
        drop(server);
    }

    #[test]
    fn takes_bytes_and_comes_back_on_its_port() {
        let network = Network::user();
        let mut server = Moody::bytes(&network, WELL).unwrap();
        let port = server.port;
        let mut stream = connect(&server).unwrap();
        stream.write_all(b"line\n").unwrap();
        assert!(eventually(PATIENCE, || (server.streams() == [b"line\n"]).then_some(())).is_some());
        server.set(Mood::Absent).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        assert!(connect(&server).is_err());
        server.set(Mood::ResetWithin).unwrap();
        assert_eq!(server.port, port);
        let mut stream = connect(&server).unwrap();
        stream.write_all(b"half a li").unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(server.connections(), 2);
    }
}
