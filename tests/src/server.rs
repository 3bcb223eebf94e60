//! A small HTTP/1.1 server: the other end of whatever calls a URL, such as Alertmanager's webhooks.
//! One request for each connection, one after the other; no more of HTTP than well-meaning clients on loopback speak.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::network::Namespace;

/// Longer than any message a test provokes.
const MAX_BYTES: u64 = 1 << 20;
/// A client that stalls for longer is given up, so that the next one is served.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a client asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The path, with its query.
    pub path: String,
    /// The body; empty if there was none.
    pub body: Vec<u8>,
}

/// What it is answered, always with status 200: a media type and a body.
pub type Answer = (&'static str, String);

/// A server that listens on the loopback interface of a namespace, or of this host. Dropping it ends it: from then on
/// connections are refused.
#[derive(Debug)]
pub struct Server<'a> {
    namespace: Option<&'a Namespace>,
    address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<'a> Server<'a> {
    /// Starts one that gives each request to `answer`, and sends back what that returns.
    pub fn start(
        namespace: Option<&'a Namespace>,
        mut answer: impl FnMut(Request) -> Answer + Send + 'static,
    ) -> io::Result<Self> {
        let listener = inside(namespace, || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Relaxed) {
                    return;
                }
                // A client that did not finish its request has nobody to be answered.
                let _ = stream.and_then(|stream| serve(stream, &mut answer));
            }
        });
        Ok(Self { namespace, address, over, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        // The connection wakes the thread. Should it fail, the thread is gone already.
        let _ = inside(self.namespace, || TcpStream::connect_timeout(&self.address, PATIENCE));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs `work` in the namespace, if there is one.
fn inside<T: Send>(namespace: Option<&Namespace>, work: impl FnOnce() -> T + Send) -> T {
    match namespace {
        Some(namespace) => namespace.run(work),
        None => work(),
    }
}

fn serve(stream: TcpStream, answer: &mut impl FnMut(Request) -> Answer) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut stream = BufReader::new(stream);
    let (media_type, body) = answer(read(&mut stream.by_ref().take(MAX_BYTES))?);
    let len = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n");
    stream.get_mut().write_all((head + &body).as_bytes())
}

fn read(stream: &mut impl BufRead) -> io::Result<Request> {
    let path = line(stream)?.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut len = 0;
    loop {
        let line = line(stream)?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                len = value.trim().parse().map_err(io::Error::other)?;
            }
            None if line.is_empty() => break,
            _ => {}
        }
    }
    let mut body = Vec::new();
    let read = stream.take(len).read_to_end(&mut body)?;
    if read as u64 == len { Ok(Request { path, body }) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match stream.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Request, Server};
    use crate::http::Connection;
    use std::net::TcpStream;
    use std::sync::mpsc;

    #[test]
    fn answers_until_it_is_dropped() {
        let (heard, hears) = mpsc::channel();
        let server = Server::start(None, move |request| {
            heard.send(request).unwrap();
            ("text/plain", "yes".to_owned())
        })
        .unwrap();
        let address = server.address();
        let connect = || Connection::new(TcpStream::connect(address).unwrap()).unwrap();
        assert_eq!(connect().get("/a?b").unwrap().text(), "yes");
        assert_eq!(connect().put("/c", "what").unwrap().status, 200);
        // One that breaks off is not heard, and does not hinder the next.
        connect().send(b"PUT /d HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf").unwrap();
        assert!(connect().get("/e").unwrap().closes());
        let request = |path: &str, body: &str| Request { path: path.to_owned(), body: body.into() };
        assert_eq!(
            hears.try_iter().collect::<Vec<_>>(),
            [request("/a?b", ""), request("/c", "what"), request("/e", "")]
        );
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
