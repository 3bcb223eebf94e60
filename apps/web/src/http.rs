//! As much of HTTP/1.1 (RFC 9112) as a greeting needs: request heads in, fixed replies out.
//!
//! Not for requests with bodies: they are refused, since nothing here wants one.

use crate::metrics::{GREETING, RECEIVED, REQUESTS, Status, TRANSMITTED};
use periscope::net::{Error, TcpStream};
use periscope::ukstore::{Label, Labels};

/// The longest request head; a longer one is malformed.
const HEAD_BYTES: usize = 4096;
const MAX_HEADERS: usize = 48;

/// What a client sent.
pub(crate) enum Request {
    /// Nothing more: the client is done.
    Closed,
    /// Not a request this server can read.
    Malformed,
    /// A whole request.
    Complete {
        /// It asks for the greeting.
        greeting: bool,
        /// Its method is GET or HEAD.
        allowed: bool,
        /// It wants no body.
        head_only: bool,
        /// Its connection stays open.
        keep_open: bool,
    },
}

/// Reads requests off a connection; what follows a request is kept for the next.
pub(crate) struct Reader<'a> {
    stream: &'a TcpStream,
    buffer: [u8; HEAD_BYTES],
    filled: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(stream: &'a TcpStream) -> Self {
        Self { stream, buffer: [0; HEAD_BYTES], filled: 0 }
    }

    /// The next request, as soon as its head is whole.
    pub(crate) fn next(&mut self) -> Result<Request, Error> {
        loop {
            if self.filled > 0
                && let Some((request, used)) = parse(&self.buffer[..self.filled])
            {
                self.buffer.copy_within(used..self.filled, 0);
                self.filled -= used;
                return Ok(request);
            }
            if self.filled == HEAD_BYTES {
                return Ok(Request::Malformed);
            }
            match self.stream.read(&mut self.buffer[self.filled..])? {
                0 if self.filled == 0 => return Ok(Request::Closed),
                0 => return Ok(Request::Malformed),
                read => {
                    RECEIVED.add(read as u64);
                    self.filled += read;
                }
            }
        }
    }
}

/// A request and the bytes it took; `None` while it is not whole.
fn parse(bytes: &[u8]) -> Option<(Request, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let used = match request.parse(bytes) {
        Ok(httparse::Status::Complete(used)) => used,
        Ok(httparse::Status::Partial) => return None,
        Err(_) => return Some((Request::Malformed, bytes.len())),
    };
    let header = |name: &str| request.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value);
    if header("transfer-encoding").is_some() || header("content-length").is_some_and(|length| length != b"0") {
        return Some((Request::Malformed, bytes.len()));
    }
    let http_1_1 = request.version == Some(1);
    let connection = header("connection").unwrap_or_default();
    let head_only = request.method == Some("HEAD");
    let complete = Request::Complete {
        greeting: request.path.is_some_and(|path| path == "/" || path.starts_with("/?")),
        allowed: head_only || request.method == Some("GET"),
        head_only,
        keep_open: if http_1_1 {
            !connection.eq_ignore_ascii_case(b"close")
        } else {
            connection.eq_ignore_ascii_case(b"keep-alive")
        },
    };
    Some((complete, used))
}

/// Sends a whole reply in one piece, so that it leaves in one segment.
pub(crate) fn reply(stream: &TcpStream, status: Status, head_only: bool, keep_open: bool) -> Result<(), Error> {
    let greeting = GREETING.get();
    let (reason, body) = match status {
        Status::Ok => ("OK", greeting.as_str()),
        Status::BadRequest => ("Bad Request", "This is not a request I can read."),
        Status::MethodNotAllowed => ("Method Not Allowed", "GET or HEAD, please."),
        Status::NotFound => ("Not Found", "There is only / here."),
    };
    let code = Status::VALUES[status.index()];
    let mut text = Text { bytes: [0; 320], filled: 0 };
    // It fits: the longest reply is well below the buffer.
    let _ = core::fmt::write(
        &mut text,
        format_args!(
            "HTTP/1.1 {code} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n{}Connection: {}\r\n\r\n{}{}",
            body.len() + 1,
            if status == Status::MethodNotAllowed { "Allow: GET, HEAD\r\n" } else { "" },
            if keep_open { "keep-alive" } else { "close" },
            if head_only { "" } else { body },
            if head_only { "" } else { "\n" },
        ),
    );
    // Counted before it is sent: whoever has the reply finds it counted.
    REQUESTS[status].inc();
    stream.write_all(&text.bytes[..text.filled])?;
    TRANSMITTED.add(text.filled as u64);
    Ok(())
}

struct Text {
    bytes: [u8; 320],
    filled: usize,
}

impl core::fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> core::fmt::Result {
        let end = self.filled + part.len();
        self.bytes.get_mut(self.filled..end).ok_or(core::fmt::Error)?.copy_from_slice(part.as_bytes());
        self.filled = end;
        Ok(())
    }
}
