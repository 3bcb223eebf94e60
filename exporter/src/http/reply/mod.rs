//! A reply being made: the head, the body behind it, and the framing that tells the client where it ends.
//!
//! A reply is produced in pieces. A piece is written straight into free transmit space if it fits; [`Reply::produce`]
//! says when it does not, and the connection then has the same piece written into its stage. Nothing else is buffered.

mod body;
mod head;
mod metrics;
mod page;
mod tree;

pub(super) use body::Answer;
use body::{Body, Lines};
pub(super) use head::Status;
use head::{Framing, Head};
use page::Page;

use super::request::{Methods, Refusal};
use super::stats;
use crate::gzip::Gzip;
use crate::{Site, Step, Window};

/// A chunk's size line with a fixed number of digits, so that it can be filled in once the chunk is complete.
const CHUNK_HEAD: &[u8] = b"0000\r\n";
/// What ends a chunk's data.
const CHUNK_TAIL: &[u8] = b"\r\n";
/// What framing adds to the data of one chunk.
pub(super) const CHUNK_OVERHEAD: usize = CHUNK_HEAD.len() + CHUNK_TAIL.len();
/// The longest chunk those digits can announce.
const CHUNK_DATA_MAX: usize = 0xffff;
/// The chunk that ends a body, with its empty trailer (RFC 9112, 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// How a request is to be answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// With what.
    pub(super) answer: Answer,
    /// In what manner.
    pub(super) manner: Manner,
}

/// How a reply is sent, whatever is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    /// Whether the client understands chunks.
    pub(super) http_1_1: bool,
    /// Whether the body is left out (`HEAD`).
    pub(super) head_only: bool,
    /// Whether the connection is closed afterwards.
    pub(super) close: bool,
}

/// What [`Reply::produce`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Produced {
    /// This many bytes, and the piece behind them, if there is one, has not been tried.
    Fits(usize),
    /// This many bytes, perhaps none, and the next piece needs more room than is left.
    Full(usize),
    /// This many bytes, perhaps none, which took as much work as is to be done in one go.
    Later(usize),
    /// Nothing, and nothing can come any more: the reply cannot be completed.
    Broken,
}

impl Produced {
    /// How many bytes it is.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Fits(len) | Self::Full(len) | Self::Later(len) => len,
            Self::Broken => 0,
        }
    }
}

/// A reply under way.
#[derive(Debug)]
pub(super) struct Reply {
    manner: Manner,
    allow: Option<Methods>,
    vary: Option<&'static str>,
    body: Body,
    /// Whether the body is compressed; where it is left out, whether it would be.
    is_compressed: bool,
    /// What the body is compressed in, until its end.
    gzip: Option<Gzip>,
    phase: Phase,
    asked_ns: u64,
    body_bytes: u64,
}

/// Which piece is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Head,
    Lines,
    LastChunk,
    Complete,
}

impl Reply {
    /// Begins the reply `order` asks for, to a request that was read at `asked_ns` on the site's clock.
    pub(super) fn begin(order: Order, asked_ns: u64, site: &dyn Site) -> Self {
        let Order { answer, manner } = order;
        let body = answer.begin(site);
        stats::REPLIES[body.status().index()].inc();
        let (allow, vary) = (answer.allow(), answer.vary(site));
        let compressor = answer.compressor(site);
        // Where there is no body the one stream is left to others.
        let gzip = compressor.filter(|_| !manner.head_only).and_then(Answer::begin_gzip);
        let is_compressed = if manner.head_only { compressor.is_some() } else { gzip.is_some() };
        Self { manner, allow, vary, body, is_compressed, gzip, phase: Phase::Head, asked_ns, body_bytes: 0 }
    }

    /// Whether everything was produced.
    pub(super) fn is_complete(&self) -> bool {
        self.phase == Phase::Complete
    }

    /// Whether the connection is closed after it.
    pub(super) fn closes(&self) -> bool {
        self.manner.close
    }

    /// Writes what comes next into `out`: the head, or up to `limit` lines of the body, or its end.
    pub(super) fn produce(&mut self, out: &mut [u8], limit: usize, site: &dyn Site) -> Produced {
        match self.phase {
            Phase::Head => {
                let mut window = Window::new(out);
                self.put_head(&mut window, site);
                let streams = matches!(self.body, Body::Lines(_)) && !self.manner.head_only;
                self.piece_done(&window, if streams { Phase::Lines } else { Phase::Complete })
            }
            Phase::Lines if self.manner.http_1_1 => self.produce_chunk(out, limit, site),
            Phase::Lines => self.produce_data(out, limit, site),
            Phase::LastChunk => {
                let mut window = Window::new(out);
                window.put(LAST_CHUNK);
                self.piece_done(&window, Phase::Complete)
            }
            Phase::Complete => Produced::Fits(0),
        }
    }

    /// Passes over a line that is longer than [`MAX_LINE`](crate::MAX_LINE). Whether there was one: other pieces cannot
    /// be left out.
    pub(super) fn skip_line(&mut self, site: &dyn Site) -> bool {
        match &mut self.body {
            Body::Lines(lines) if self.phase == Phase::Lines => {
                lines.skip(site);
                stats::LINES_DROPPED.inc();
                true
            }
            _ => false,
        }
    }

    fn piece_done(&mut self, window: &Window<'_>, next: Phase) -> Produced {
        if window.overflowed() {
            return Produced::Full(0);
        }
        self.phase = next;
        Produced::Fits(window.len())
    }

    fn put_head(&self, window: &mut Window<'_>, site: &dyn Site) {
        let framing = match self.body {
            Body::Page(Page::Nothing) => Framing::None,
            Body::Page(page) => {
                // Written once to learn its length, then again behind the head that announces it.
                page.put(site, window);
                let len = window.len();
                if window.overflowed() {
                    return;
                }
                window.rewind(0);
                Framing::Length(len)
            }
            Body::Lines(_) if self.manner.http_1_1 => Framing::Chunked,
            Body::Lines(_) => Framing::UntilClose,
        };
        let challenge = match self.body {
            Body::Page(Page::Refused(refusal)) if refusal.is_of_credentials() => {
                site.credentials().map(|credentials| credentials.challenge(refusal == Refusal::WrongCredentials))
            }
            _ => None,
        };
        let head = Head {
            status: self.body.status(),
            content_type: self.body.content_type(),
            framing,
            close: self.manner.close,
            allow: self.allow,
            challenge,
            vary: self.vary,
            gzip: self.is_compressed,
            unix_ns: site.unix_ns(),
        };
        head.put(window);
        if let (Body::Page(page), false) = (&self.body, self.manner.head_only) {
            page.put(site, window);
        }
    }

    /// Some of the body as one chunk: room for its size is left in front and filled in at the end.
    fn produce_chunk(&mut self, out: &mut [u8], limit: usize, site: &dyn Site) -> Produced {
        let room = out.len().saturating_sub(CHUNK_OVERHEAD).min(CHUNK_DATA_MAX);
        let data_start = CHUNK_HEAD.len();
        let Some(data) = out.get_mut(data_start..data_start + room).filter(|data| !data.is_empty()) else {
            return Produced::Full(0);
        };
        let produced = self.produce_data(data, limit, site);
        let len = produced.len();
        if len == 0 {
            return produced;
        }
        let data_end = data_start + len;
        if let Some(head) = out.get_mut(..data_start) {
            head.copy_from_slice(CHUNK_HEAD);
            for (digit, shift) in head.iter_mut().zip([12, 8, 4, 0]) {
                *digit = b"0123456789abcdef"[len >> shift & 0xf];
            }
        }
        if let Some(tail) = out.get_mut(data_end..data_end + CHUNK_TAIL.len()) {
            tail.copy_from_slice(CHUNK_TAIL);
        }
        let framed = data_end + CHUNK_TAIL.len();
        match produced {
            Produced::Fits(_) => Produced::Fits(framed),
            Produced::Full(_) => Produced::Full(framed),
            Produced::Later(_) => Produced::Later(framed),
            Produced::Broken => Produced::Broken,
        }
    }

    /// Some of the body: lines, or what became of them in compression.
    fn produce_data(&mut self, out: &mut [u8], limit: usize, site: &dyn Site) -> Produced {
        if let Some(gzip) = self.gzip.take() {
            return self.compress_lines(gzip, out, site);
        }
        let (len, step) = self.write_lines(out, limit, site);
        match step {
            Step::More => Produced::Fits(len),
            Step::Full => Produced::Full(len),
            Step::End => {
                self.end_body();
                Produced::Fits(len)
            }
        }
    }

    /// As many lines as the compressor takes up in one go, and what it has to say.
    fn compress_lines(&mut self, mut gzip: Gzip, out: &mut [u8], site: &dyn Site) -> Produced {
        if gzip.is_hungry() {
            let (len, step) = gzip.feed(|lines| {
                let (len, step) = self.write_lines(lines, usize::MAX, site);
                (len, (len, step))
            });
            if step == Step::End {
                gzip.finish();
            } else if step == Step::Full && len == 0 {
                self.skip_line(site);
            }
        }
        let Ok(len) = gzip.take(out) else { return Produced::Broken };
        if gzip.is_complete() {
            // Here the stream is dropped, and the next one may begin, however slowly this one's end is sent.
            self.end_body();
            return Produced::Fits(len);
        }
        self.gzip = Some(gzip);
        if len == out.len() { Produced::Fits(len) } else { Produced::Later(len) }
    }

    fn end_body(&mut self) {
        self.phase = if self.manner.http_1_1 { Phase::LastChunk } else { Phase::Complete };
    }

    /// Writes lines, and records a scrape that comes to its end. How many bytes they are.
    fn write_lines(&mut self, out: &mut [u8], limit: usize, site: &dyn Site) -> (usize, Step) {
        let Body::Lines(producer) = &mut self.body else { return (0, Step::End) };
        let mut window = Window::new(out);
        let step = producer.write(site, &mut window, limit);
        self.body_bytes += window.len() as u64;
        if let (Step::End, Lines::Metrics(metrics)) = (step, producer) {
            metrics.record(site.now_ns().saturating_sub(self.asked_ns), self.body_bytes);
        }
        (window.len(), step)
    }
}
