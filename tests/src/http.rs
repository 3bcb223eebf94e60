//! A small HTTP/1.1 client that keeps its connection: strict, so that a guest's mistakes become errors here.
//! Not a general client: no TLS, no redirects, no proxies.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// One connection to a server, good for many requests.
#[derive(Debug)]
pub struct Connection<S: Read + Write = TcpStream> {
    stream: BufReader<S>,
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields as they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from chunks if it came in chunks.
    pub body: Vec<u8>,
}

/// `text` as a value in a URL's query (RFC 3986, section 2.1).
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Header sections longer than this are a server's mistake.
const MAX_HEAD_BYTES: u64 = 64 * 1024;

impl Response {
    /// The field `name`, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text. Bytes that are no UTF-8 show as U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the server will take no further request on this connection (RFC 9112, section 9.3).
    #[must_use]
    pub fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

impl Connection<TcpStream> {
    /// Takes over a connected stream.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self::over(stream))
    }
}

impl<S: Read + Write> Connection<S> {
    /// The same over any stream, for tests.
    pub fn over(stream: S) -> Self {
        Self { stream: BufReader::new(stream) }
    }

    /// Asks for `path` and reads the whole answer.
    pub fn get(&mut self, path: &str) -> io::Result<Response> {
        self.request("GET", path)
    }

    /// Asks for `path` with more header fields and reads the whole answer.
    pub fn get_with(&mut self, path: &str, fields: &[(&str, &str)]) -> io::Result<Response> {
        let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.send(format!("GET {path} HTTP/1.1\r\nHost: guest\r\n{fields}\r\n").as_bytes())?;
        self.receive(false)
    }

    /// Sends a request without a body and reads the whole answer.
    pub fn request(&mut self, method: &str, path: &str) -> io::Result<Response> {
        self.send(format!("{method} {path} HTTP/1.1\r\nHost: guest\r\n\r\n").as_bytes())?;
        self.receive(method == "HEAD")
    }

    /// Writes `text` to `path` and reads the whole answer.
    pub fn put(&mut self, path: &str, text: &str) -> io::Result<Response> {
        let len = text.len();
        self.send(format!("PUT {path} HTTP/1.1\r\nHost: guest\r\nContent-Length: {len}\r\n\r\n{text}").as_bytes())?;
        self.receive(false)
    }

    /// Posts `body` to `path` and reads the whole answer.
    pub fn post(&mut self, path: &str, body: &[u8]) -> io::Result<Response> {
        let len = body.len();
        self.send(format!("POST {path} HTTP/1.1\r\nHost: server\r\nContent-Length: {len}\r\n\r\n").as_bytes())?;
        self.send(body)?;
        self.receive(false)
    }

    /// Sends bytes as they are: for requests that are wrong on purpose, or sent piece by piece.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads one answer. One to `HEAD` has no body, whatever its fields say.
    pub fn receive(&mut self, to_head: bool) -> io::Result<Response> {
        let mut head = self.stream.by_ref().take(MAX_HEAD_BYTES);
        let status = parse_status(&line_of(&mut head)?)?;
        let mut headers = Vec::new();
        loop {
            let line = line_of(&mut head)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("a header field without a colon"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut response = Response { status, headers, body: Vec::new() };
        if !to_head && status != 204 && status != 304 {
            self.read_body(&mut response)?;
        }
        Ok(response)
    }

    /// Waits for the server to close the connection. Anything it still sends is an error.
    pub fn closed_by_server(mut self) -> io::Result<()> {
        match self.stream.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(malformed("bytes after the last answer")),
        }
    }

    fn read_body(&mut self, response: &mut Response) -> io::Result<()> {
        if response.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            while let Some(len) = self.chunk_len()? {
                let start = response.body.len();
                response.body.resize(start + len, 0);
                self.stream.read_exact(&mut response.body[start..])?;
                if !line_of(&mut self.stream)?.is_empty() {
                    return Err(malformed("a chunk longer than announced"));
                }
            }
            while !line_of(&mut self.stream)?.is_empty() {} // the trailer section
        } else if let Some(len) = response.header("content-length") {
            let len = len.parse().map_err(|_| malformed("a Content-Length that is no number"))?;
            response.body.resize(len, 0);
            self.stream.read_exact(&mut response.body)?;
        } else {
            self.stream.read_to_end(&mut response.body)?;
        }
        Ok(())
    }

    fn chunk_len(&mut self) -> io::Result<Option<usize>> {
        let line = line_of(&mut self.stream)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let len = usize::from_str_radix(digits, 16).map_err(|_| malformed("a chunk size that is no number"))?;
        Ok((len > 0).then_some(len))
    }
}

/// A line without its end, which has to be CR LF. The end of the stream is an error.
fn line_of(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line)?;
    let Some(line) = line.strip_suffix(b"\r\n") else {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended, or a line not with CR LF"));
    };
    String::from_utf8(line.to_vec()).map_err(|_| malformed("a head that is no UTF-8"))
}

fn parse_status(line: &str) -> io::Result<u16> {
    let code = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    code.ok_or_else(|| malformed(&format!("not a status line: {line}")))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::Connection;
    use std::io::{self, Cursor, Read, Write};

    /// A server that has already answered.
    struct Answered(Cursor<&'static [u8]>, Vec<u8>);

    impl Read for Answered {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // One byte at a time: as badly cut as a network may.
            let len = buffer.len().min(1);
            self.0.read(&mut buffer[..len])
        }
    }

    impl Write for Answered {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn answered(bytes: &'static [u8]) -> Connection<Answered> {
        Connection::over(Answered(Cursor::new(bytes), Vec::new()))
    }

    #[test]
    fn keeps_the_connection_between_answers_of_all_kinds() {
        let mut connection = answered(
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A:  b \r\n\r\nabc\
              HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\n\r\n\
              HTTP/1.1 204 No Content\r\n\r\n\
              HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\
              HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nrest",
        );
        let first = connection.get("/a").unwrap();
        assert_eq!((first.status, first.text().as_str(), first.header("x-a")), (200, "abc", Some("b")));
        let second = connection.get("/b").unwrap();
        assert_eq!((second.status, second.text().as_str()), (404, "def"));
        assert_eq!(connection.get("/c").unwrap().status, 204);
        assert_eq!(connection.request("HEAD", "/d").unwrap().body, b"");
        let last = connection.get("/e").unwrap();
        assert_eq!((last.text().as_str(), last.closes()), ("rest", true));
        assert!(connection.get("/f").is_err());
        assert!(connection.stream.get_ref().1.starts_with(b"GET /a HTTP/1.1\r\nHost: guest\r\n\r\nGET /b "));
    }

    #[test]
    fn a_server_s_mistakes_are_errors() {
        for bytes in [
            &b"HTTP/1.0 200 OK\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
            b"",
        ] {
            assert!(answered(bytes).get("/").is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
