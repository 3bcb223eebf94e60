//! Reads one reply after the other, however their bytes are cut.
//!
//! The head decides, and must be beyond doubt. Of the body only the beginning is kept, for a log line: a body that is
//! cut off, too long or badly framed spoils the connection but not the verdict, because the server has told it already.
//!
//! Not here: what a status means (`request`), and how long a reply may take (`post`).

mod body;
mod chunks;
mod excerpt;
mod head;

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;

use self::body::Body;
use self::excerpt::Excerpt;
use self::head::Head;
pub use self::head::Malformed;
use crate::http::request::scan::{Scan, Scanner};

/// Longest head of a reply, in bytes.
pub const MAX_HEAD: usize = 8 << 10;

/// How much of a body is read, its framing included. What is longer is not read to its end.
pub const MAX_BODY: u64 = 1 << 20;

/// Replies of 1xx before the one that counts. A server has reason to send one.
const MAX_INTERIM: u8 = 8;

/// What a server has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The status code, from 200 to 999.
    pub status: u16,
    /// How long the server asks to be left alone, if it says so in seconds; a date is taken as nothing said.
    pub retry_after_s: Option<u64>,
    /// `X-Prometheus-Remote-Write-Samples-Written`, which only a server that speaks remote write 2.0 sends.
    pub samples_written: Option<u64>,
    /// The beginning of what the server says for people, in printable ASCII on one line; empty if it says nothing.
    pub excerpt: &'a str,
}

/// How far a reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All bytes belong to the reply, and more must follow.
    More,
    /// The reply ends after this many of the bytes: it is what [`Reader::reply`] gives.
    Complete(usize),
}

/// The reader of one connection's replies.
#[derive(Debug)]
pub struct Reader {
    stage: Box<[u8]>,
    staged: usize,
    scanner: Scanner,
    interim: u8,
    place: Place,
    head: Head,
    excerpt: Excerpt,
    reusable: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum Place {
    Head,
    Body(Body),
    /// Nothing of this reply.
    End,
}

impl Reader {
    /// Before the first reply. This takes the memory for heads, once.
    #[must_use]
    pub fn new() -> Self {
        Self {
            stage: vec![0; MAX_HEAD].into_boxed_slice(),
            staged: 0,
            scanner: Scanner::new(),
            interim: 0,
            place: Place::Head,
            head: Head::default(),
            excerpt: Excerpt::default(),
            reusable: false,
        }
    }

    /// Forgets what was read: what comes next is the head of another reply.
    pub fn restart(&mut self) {
        self.staged = 0;
        self.scanner = Scanner::new();
        self.interim = 0;
        self.place = Place::Head;
        self.head = Head::default();
        self.excerpt = Excerpt::default();
        self.reusable = false;
    }

    /// Reads on.
    ///
    /// # Errors
    /// When what comes is no head that could be relied on. The connection must be reset, and nothing is known of what
    /// the server did.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Progress, Malformed> {
        let mut taken = 0;
        loop {
            let rest = bytes.get(taken..).unwrap_or_default();
            match self.place {
                Place::End => return Ok(Progress::Complete(taken)),
                _ if rest.is_empty() => return Ok(Progress::More),
                Place::Head => taken += self.read_head(rest)?,
                Place::Body(mut body) => {
                    let (count, progress) = body.read(rest, &mut self.excerpt);
                    taken += count;
                    self.place = match progress {
                        body::Progress::More => Place::Body(body),
                        body::Progress::Complete => Place::End,
                        body::Progress::Broken => {
                            self.reusable = false;
                            Place::End
                        }
                    };
                }
            }
        }
    }

    /// No more bytes come, because the server has closed the connection or nobody waits any longer. Whether there is a
    /// reply nevertheless: its head was whole.
    pub fn cut(&mut self) -> bool {
        if matches!(self.place, Place::Body(_)) {
            self.reusable = false;
            self.place = Place::End;
        }
        matches!(self.place, Place::End)
    }

    /// The reply, when it is complete.
    #[must_use]
    pub fn reply(&self) -> Option<Reply<'_>> {
        matches!(self.place, Place::End).then(|| Reply {
            status: self.head.status,
            retry_after_s: self.head.retry_after_s,
            samples_written: self.head.samples_written,
            excerpt: self.excerpt.as_str(),
        })
    }

    /// Whether another request may follow on the same connection, when the reply is complete.
    #[must_use]
    pub fn reusable(&self) -> bool {
        self.reusable
    }

    /// Reads on in a head, and acts on it when it is whole. How many bytes were taken.
    fn read_head(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let room = self.stage.get_mut(self.staged..).unwrap_or_default();
        let piece = bytes.get(..bytes.len().min(room.len())).unwrap_or_default();
        let scan = self.scanner.read(piece).map_err(|_| Malformed::Grammar)?;
        let count = match scan {
            Scan::Complete(len) => len,
            Scan::More => piece.len(),
        };
        if let (Some(room), Some(piece)) = (room.get_mut(..count), piece.get(..count)) {
            room.copy_from_slice(piece);
        }
        self.staged += count;
        match scan {
            Scan::Complete(_) => self.judge_head()?,
            Scan::More if self.staged == self.stage.len() => return Err(Malformed::TooLong),
            Scan::More => {}
        }
        Ok(count)
    }

    fn judge_head(&mut self) -> Result<(), Malformed> {
        let staged = self.stage.get(..self.staged).unwrap_or_default();
        let head = Head::parse(staged, &mut self.excerpt)?;
        self.staged = 0;
        self.scanner = Scanner::new();
        if head.status < 200 {
            self.interim += 1;
            // Nobody asked to switch protocols (RFC 9110, 15.2.2).
            let bearable = head.status != 101 && self.interim <= MAX_INTERIM;
            self.excerpt = Excerpt::default();
            return if bearable { Ok(()) } else { Err(Malformed::Interim) };
        }
        self.reusable = head.keep_alive && !matches!(head.body, Body::UntilClose { .. });
        self.place = if head.body.is_empty() { Place::End } else { Place::Body(head.body) };
        self.head = head;
        Ok(())
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
