//! A client for tests: plays requests into a [`Connection`], watches that it keeps its word, and reads replies
//! strictly.

use std::cell::Cell;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};

use exporter::gzip::Compressor;
use exporter::http::{Closing, Connection, Credentials, Timeouts};
use exporter::{Level, LogRecord, Site};

/// Where the client is.
pub(crate) const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));

ukstore::setting! {
    /// A number within limits.
    pub(crate) static LIMIT: u64 = 64, in 1..=1_000, "/test/limit";
    /// Any line a body can bring.
    pub(crate) static LINE: text(255) = "", "/test/line";
    /// Says at great length what is wrong with anything.
    static CRITIC: text(64) = "", "/test/critic", check prompt criticize;
}

ukstore::fault! {
    /// Harm done on purpose.
    pub(crate) static DROP: bool = false, "/test/drop";
}

ukstore::counter! {
    /// Nothing that could be set.
    static STEPS = "/test/steps_total", "test_steps_total";
}

fn criticize(_: &str) -> Result<(), &'static str> {
    STEPS.inc();
    Err(include_str!("harness.rs"))
}

/// A machine with fixed answers.
pub(crate) struct FakeSite {
    pub(crate) ready: bool,
    pub(crate) adjustable: bool,
    pub(crate) faults: bool,
    pub(crate) credentials: Option<Credentials<'static>>,
    pub(crate) compressor: Option<Compressor>,
    /// What `prepare` returns.
    pub(crate) ticket: Option<u64>,
    /// How often `prepared` says no.
    pub(crate) unprepared: Cell<u32>,
    /// How often samples were asked for.
    pub(crate) prepares: Cell<u32>,
    pub(crate) unix_ns: Option<u64>,
    pub(crate) created_unix_ns: Option<u64>,
    pub(crate) log: Vec<(u64, Level, String)>,
}

impl Default for FakeSite {
    fn default() -> Self {
        let levels = [Level::App, Level::Error, Level::Warning, Level::Info, Level::Debug, Level::Trace];
        let log = (3..40).map(|seq| (seq, levels[seq as usize % 6], format!("message {seq}"))).collect();
        Self {
            ready: true,
            adjustable: true,
            faults: false,
            credentials: None,
            compressor: None,
            ticket: None,
            unprepared: Cell::new(0),
            prepares: Cell::new(0),
            unix_ns: Some(784_111_777_000_000_000),
            created_unix_ns: None,
            log,
        }
    }
}

impl Site for FakeSite {
    fn node(&self) -> &str {
        "uk-<test>"
    }
    fn program(&self) -> &str {
        "web 0.1.0"
    }
    fn ready(&self) -> bool {
        self.ready
    }
    fn credentials(&self) -> Option<Credentials<'_>> {
        self.credentials
    }
    fn compressor(&self) -> Option<&Compressor> {
        self.compressor.as_ref()
    }
    fn adjustable(&self) -> bool {
        self.adjustable
    }
    fn faults(&self) -> bool {
        self.faults
    }
    fn prepare(&self, _now_ns: u64) -> Option<u64> {
        self.prepares.set(self.prepares.get() + 1);
        self.ticket
    }
    fn prepared(&self, ticket: u64) -> bool {
        assert_eq!(Some(ticket), self.ticket);
        let left = self.unprepared.get();
        self.unprepared.set(left.saturating_sub(1));
        left == 0
    }
    fn now_ns(&self) -> u64 {
        5_000_000_000
    }
    fn unix_ns(&self) -> Option<u64> {
        self.unix_ns
    }
    fn created_unix_ns(&self) -> Option<u64> {
        self.created_unix_ns
    }
    fn log_newest(&self) -> Option<u64> {
        self.log.last().map(|(seq, ..)| *seq)
    }
    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let (seq, level, message) = self.log.iter().find(|(seq, its_level, _)| *seq >= from && *its_level <= level)?;
        show(&LogRecord {
            seq: *seq,
            since_boot_ns: seq * 1_500_000_000,
            unix_ns: self.unix_ns,
            level: *level,
            source: "net",
            thread: "the worker",
            message,
            truncated: false,
        });
        Some(*seq)
    }
}

/// Sends `input` cut into pieces of the sizes `cut` gives, and takes output through windows of `window` bytes. Returns
/// all output and how the connection stands when the input is used up.
pub(crate) fn talk(site: &dyn Site, input: &[u8], mut cut: impl FnMut() -> usize, window: usize) -> (Vec<u8>, Closing) {
    let mut connection = Connection::new(Timeouts::DEFAULT);
    connection.open(0, PEER);
    let (mut output, mut rest) = (Vec::new(), input);
    let mut out = vec![0xee; window];
    let mut idle_calls = 0;
    loop {
        while connection.wants_to_write() {
            let written = connection.transmit(0, &mut out, site);
            // Where something may be compressed, it may take some calls before there is anything to send.
            idle_calls = if written == 0 { idle_calls + 1 } else { 0 };
            let ends_early = site.compressor().is_some() && idle_calls < 1_000;
            let is_full = written == window || !connection.wants_to_write();
            assert!(is_full || ends_early, "space was left though there is more to send");
            output.extend_from_slice(&out[..written]);
        }
        if connection.is_answering() {
            assert!(!connection.wants_to_read(), "it waits for samples");
            connection.tick(0, site);
            continue;
        }
        assert_eq!(connection.transmit(0, &mut out, site), 0, "it wrote without wanting to");
        if rest.is_empty() || connection.closing() != Closing::Open {
            return (output, connection.closing());
        }
        assert!(connection.wants_to_read(), "neither reads nor writes nor closes");
        let piece = &rest[..cut().clamp(1, rest.len())];
        let taken = connection.receive(0, piece, site);
        assert!(taken <= piece.len());
        assert!(taken > 0, "it wanted to read and took nothing");
        rest = &rest[taken..];
    }
}

/// All at once, in and out.
pub(crate) fn ask(site: &dyn Site, input: &[u8]) -> (Vec<u8>, Closing) {
    talk(site, input, || usize::MAX, 65_536)
}

/// A reply, taken apart, its body decompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// The body as text; empty if it is none by its type.
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    /// The header's one value; fails if there are several.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(its_name, _)| its_name.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} stands there twice");
        value
    }
}

/// Takes the first reply off `output`. `head_only` for the reply to a `HEAD`.
pub(crate) fn next_reply(output: &[u8], head_only: bool) -> (Reply, &[u8]) {
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut parsed = httparse::Response::new(&mut fields);
    let head_len = match parsed.parse(output) {
        Ok(httparse::Status::Complete(len)) => len,
        other => panic!("not a reply ({other:?}): {:?}", String::from_utf8_lossy(output)),
    };
    let mut reply = Reply {
        status: parsed.code.expect("a status"),
        headers: parsed
            .headers
            .iter()
            .map(|header| (header.name.to_owned(), String::from_utf8(header.value.to_vec()).expect("UTF-8")))
            .collect(),
        body: String::new(),
        bytes: Vec::new(),
    };
    let mut rest = &output[head_len..];
    let mut body = Vec::new();
    if head_only || reply.status == 204 || reply.status < 200 {
    } else if let Some(length) = reply.header("content-length") {
        assert_eq!(reply.header("transfer-encoding"), None);
        let (it, after) = rest.split_at(length.parse().expect("a length"));
        (body, rest) = (it.to_vec(), after);
    } else if reply.header("transfer-encoding") == Some("chunked") {
        loop {
            let line_end = rest.windows(2).position(|pair| pair == b"\r\n").expect("a chunk's size line");
            let size = str::from_utf8(&rest[..line_end]).expect("ASCII");
            let size = usize::from_str_radix(size, 16).expect("a chunk's size");
            let (data, after) = rest[line_end + 2..].split_at(size);
            body.extend_from_slice(data);
            rest = after.strip_prefix(b"\r\n").expect("CR LF behind a chunk");
            if size == 0 {
                break;
            }
        }
    } else {
        assert_eq!(reply.header("connection"), Some("close"));
        (body, rest) = (rest.to_vec(), &[]);
    }
    if reply.header("content-encoding") == Some("gzip") && !head_only {
        let mut decoder = flate2::read::GzDecoder::new(body.as_slice());
        decoder.read_to_end(&mut reply.bytes).expect("a whole stream");
        assert!(decoder.into_inner().is_empty(), "bytes behind the stream");
    } else {
        reply.bytes = body;
    }
    if !reply.header("content-type").is_some_and(|kind| kind.contains("protobuf")) {
        reply.body = String::from_utf8(reply.bytes.clone()).expect("UTF-8");
    }
    (reply, rest)
}

/// The one reply to a request sent all at once.
pub(crate) fn get(site: &dyn Site, request: &str) -> (Reply, Closing) {
    let (output, closing) = ask(site, request.as_bytes());
    let (reply, rest) = next_reply(&output, request.starts_with("HEAD "));
    assert_eq!(String::from_utf8_lossy(rest), "", "bytes behind the only reply");
    (reply, closing)
}
