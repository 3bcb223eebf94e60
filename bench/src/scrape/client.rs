//! A scraper that costs next to nothing, so that what is measured is the server: one buffer, one connection, and no more
//! of HTTP than where a reply ends. Whether the reply is right is checked by the strict client of the tests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::error;

/// Room for the longest reply.
const ROOM: usize = 4 << 20;
/// The last chunk (RFC 9112, section 7.1). The text format has no carriage return, so nothing else looks like it.
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// One connection, kept.
pub(crate) struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    room: Vec<u8>,
}

impl Client {
    /// Will ask for `path`.
    pub(crate) fn new(stream: TcpStream, path: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nHost: guest\r\n\r\n").into_bytes();
        Self { stream, request, room: vec![0; ROOM] }
    }

    /// Asks, reads the reply to its end, and says how many bytes it had.
    pub(crate) fn scrape(&mut self) -> Result<usize, String> {
        self.ask()?;
        self.read()
    }

    fn ask(&mut self) -> Result<(), String> {
        self.stream.write_all(&self.request).map_err(error("a request"))
    }

    fn read(&mut self) -> Result<usize, String> {
        let mut len = 0;
        let mut end = None;
        loop {
            let free = self.room.get_mut(len..).unwrap_or_default();
            match self.stream.read(free).map_err(error("a reply"))? {
                0 => return Err(format!("a reply ended after {len} bytes")),
                more => len += more,
            }
            let reply = self.room.get(..len).unwrap_or_default();
            end = end.or_else(|| end_of(reply));
            match end {
                Some(End::After(bytes)) if len == bytes => return Ok(len),
                Some(End::LastChunk) if reply.ends_with(LAST_CHUNK) => return Ok(len),
                Some(End::Wrong) => return Err(String::from_utf8_lossy(reply).chars().take(500).collect()),
                _ => {}
            }
        }
    }
}

/// Where a reply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    After(usize),
    LastChunk,
    /// Not a reply that is wanted.
    Wrong,
}

/// What the head says; `None` while it is not whole.
fn end_of(reply: &[u8]) -> Option<End> {
    let head_len = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(reply.get(..head_len)?).to_ascii_lowercase();
    if !head.starts_with("http/1.1 200 ") {
        return Some(End::Wrong);
    }
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Some(match field("content-length").map(|len| len.trim().parse()) {
        Some(Ok(body_len)) => head_len.checked_add(body_len).map_or(End::Wrong, End::After),
        Some(Err(_)) => End::Wrong,
        None if field("transfer-encoding").is_some_and(|coding| coding.trim() == "chunked") => End::LastChunk,
        None => End::Wrong,
    })
}

/// How long each of so many scrapes took, from the request to the reply's last byte; ascending.
pub(crate) fn durations(client: &mut Client, count: usize) -> Result<Vec<Duration>, String> {
    let timed = |_| {
        let began = Instant::now();
        client.scrape()?;
        Ok(began.elapsed())
    };
    let mut durations = (0..count).map(timed).collect::<Result<Vec<_>, String>>()?;
    durations.sort_unstable();
    Ok(durations)
}

/// Scrapes a second, with a request of every client under way all the time.
pub(crate) fn rate(clients: &mut [Client], interval: Duration) -> Result<f64, String> {
    for client in &mut *clients {
        client.ask()?;
    }
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < interval {
        // One after the other: while this reply is read, the server is at the others.
        for client in &mut *clients {
            client.read()?;
            client.ask()?;
            count += 1;
        }
    }
    let elapsed = began.elapsed();
    for client in clients {
        client.read()?;
    }
    Ok(f64::from(count) / elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{End, end_of};

    #[test]
    fn heads_say_where_replies_end() {
        let length = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello";
        assert_eq!(end_of(length), Some(End::After(length.len() - 5 + 13)));
        let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n";
        assert_eq!(end_of(chunks), Some(End::LastChunk));
        for wrong in [
            &b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
        ] {
            assert_eq!(end_of(wrong), Some(End::Wrong), "{}", String::from_utf8_lossy(wrong));
        }
        assert_eq!(end_of(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n"), None);
    }
}
