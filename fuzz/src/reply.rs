//! A reply taken apart, with every part checked. Not for judging whether it is the right one.

use std::fmt;

/// The statuses that the exporter has.
const STATUSES: [u16; 17] = [100, 200, 204, 400, 401, 403, 404, 405, 408, 411, 413, 414, 417, 431, 501, 503, 505];

/// A well-formed reply.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// Reads `bytes`, which are one reply to `request` and nothing else.
    ///
    /// # Panics
    /// If they are not.
    #[must_use]
    pub fn parse(bytes: &[u8], request: &[u8]) -> Self {
        let mut room = [httparse::EMPTY_HEADER; 16];
        let mut head = httparse::Response::new(&mut room);
        let Ok(httparse::Status::Complete(len)) = head.parse(bytes) else {
            panic!("not a reply: {:?}", String::from_utf8_lossy(bytes));
        };
        assert!(bytes.starts_with(b"HTTP/1.1 ") && bytes[..len].ends_with(b"\r\n\r\n"));
        let text = |value: &[u8]| std::str::from_utf8(value).expect("a field's value is text").to_owned();
        let fields = head.headers.iter().map(|field| (field.name.to_ascii_lowercase(), text(field.value))).collect();
        let mut reply = Self { status: head.code.expect("it is complete"), fields, body: Vec::new() };
        assert!(STATUSES.contains(&reply.status), "{}", reply.status);
        for (name, value) in &reply.fields {
            assert!(!value.chars().any(char::is_control), "{name}: {value:?}");
            assert_eq!(reply.fields.iter().filter(|(other, _)| other == name).count(), 1, "{name} is there twice");
        }
        reply.read_body(&bytes[len..], request);
        reply.check_body();
        reply
    }

    /// A field's value.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(its_name, _)| its_name == name).map(|(_, value)| value.as_str())
    }

    /// Whether the connection ends with it.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.field("connection") == Some("close")
    }

    /// Compares what does not change from one time to the next.
    ///
    /// # Panics
    /// If it differs, saying `why` it must not and in what.
    pub fn assert_like(self, other: Self, why: &str) {
        let (one, other) = (self.steady(), other.steady());
        assert_eq!((one.status, &one.fields), (other.status, &other.fields), "{why}");
        let lines = |reply: &Self| reply.body.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (one, other) = (lines(&one), lines(&other));
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(String::from_utf8_lossy(one), String::from_utf8_lossy(other), "{why}");
        }
        assert_eq!(one.len(), other.len(), "{why}");
    }

    /// The reply without numbers and what depends on them.
    fn steady(mut self) -> Self {
        self.fields.iter_mut().filter(|(name, _)| name == "content-length").for_each(|(_, value)| value.clear());
        if self.is_binary() {
            self.body.clear();
            return self;
        }
        let is_of_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        let mut steady: Vec<u8> = Vec::new();
        for byte in &self.body {
            match (is_of_number(byte), steady.last()) {
                (true, Some(b'0')) => {}
                (true, _) => steady.push(b'0'),
                (false, _) => steady.push(*byte),
            }
        }
        self.body = steady;
        self
    }

    fn is_protobuf(&self) -> bool {
        self.field("content-type").is_some_and(|kind| kind.starts_with("application/vnd.google.protobuf"))
    }

    fn is_binary(&self) -> bool {
        self.is_protobuf() || self.field("content-encoding").is_some()
    }

    /// By RFC 9112, 6.3: `rest` must be the body, framed as the fields say, and end where it ends.
    fn read_body(&mut self, rest: &[u8], request: &[u8]) {
        let start = request.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(0);
        let length: Option<usize> = self.field("content-length").map(|length| length.parse().expect("a length"));
        let coding = self.field("transfer-encoding");
        assert!(length.is_none() || coding.is_none(), "two framings");
        if self.status == 100 || self.status == 204 {
            assert_eq!((length, coding, rest), (None, None, &b""[..]), "{} has no body", self.status);
        } else if request[start..].starts_with(b"HEAD ") && rest.is_empty() {
            assert!(length.is_some() || coding.is_some() || self.closes());
        } else if let Some(length) = length {
            assert_eq!(rest.len(), length, "{:?}", String::from_utf8_lossy(rest));
            self.body = rest.to_vec();
        } else if coding.is_some() {
            assert_eq!(coding, Some("chunked"));
            self.body = unchunked(rest);
        } else {
            assert!(self.closes(), "nothing says where the body ends");
            self.body = rest.to_vec();
        }
    }

    fn check_body(&self) {
        if self.body.is_empty() || self.field("content-encoding").is_some() {
            return;
        }
        let kind = self.field("content-type").expect("a body is of some type");
        if self.is_protobuf() {
            return check_delimited(&self.body);
        }
        let text = std::str::from_utf8(&self.body).expect("it is text");
        assert!(text.ends_with('\n'), "{kind}");
        assert!(!kind.starts_with("application/openmetrics-text") || text.ends_with("# EOF\n"));
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = String::from_utf8_lossy(self.body.get(..60).unwrap_or(&self.body));
        write!(out, "{} {:?} {} bytes: {start:?}", self.status, self.fields, self.body.len())
    }
}

/// The data of a whole chunked body (7.1), which must have no trailer.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    loop {
        let line = rest.windows(2).position(|pair| pair == b"\r\n").expect("a chunk has a size line");
        let digits = std::str::from_utf8(&rest[..line]).expect("a size is ASCII");
        assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{digits}");
        let size = usize::from_str_radix(digits, 16).expect("a size is hexadecimal");
        let (chunk, after) = rest[line + 2..].split_at_checked(size).expect("a chunk is as long as it says");
        data.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").expect("a chunk ends");
        if size == 0 {
            assert_eq!(rest, b"", "bytes behind the last chunk");
            return data;
        }
    }
}

/// Messages, each behind its length.
fn check_delimited(mut rest: &[u8]) {
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| byte & 0x80 == 0).expect("a length ends");
        let len = rest[..=end].iter().rev().fold(0_usize, |len, byte| len << 7 | usize::from(byte & 0x7f));
        (_, rest) = rest[end + 1..].split_at_checked(len).expect("a message is as long as it says");
    }
}
