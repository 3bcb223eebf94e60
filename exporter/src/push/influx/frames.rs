//! Lines put into frames, of the size that the road wants. Not for lines: see `line`.

use super::line::GOOD_LINE;
use crate::gzip::{Compressor, Gzip};
use crate::push::{Outbox, Reason};

/// What becomes a frame.
#[derive(Debug)]
pub enum Framing {
    /// A few lines, for a connection.
    Stream,
    /// As many lines as fit a datagram that is not cut on its way.
    Datagrams,
    /// A whole capture, as a request's body, compressed if there is something to do it with. A very long one comes in parts.
    Requests(Option<Compressor>),
}

/// Bytes of a frame on a connection: what is dropped or comes twice is so at once.
const STREAM_FRAME: usize = 4_096;

/// Bytes of lines in a request, compressed or not.
const REQUEST_FRAME: usize = 256 << 10;

/// The frame being made.
#[derive(Debug)]
pub(super) struct Frames {
    framing: Framing,
    gzip: Option<Gzip>,
    /// Of lines, in this frame.
    bytes: usize,
    lines: u32,
    is_broken: bool,
}

impl Frames {
    pub(super) const fn new(framing: Framing) -> Self {
        Self { framing, gzip: None, bytes: 0, lines: 0, is_broken: false }
    }

    /// Adds a line, to this frame or to the next. `stamp_ns` is that of all lines of a frame.
    pub(super) fn put(&mut self, line: &[u8], stamp_ns: u64, out: &mut Outbox<'_>) {
        let most = match self.framing {
            Framing::Stream => STREAM_FRAME,
            Framing::Datagrams => GOOD_LINE,
            // Of a small backlog a frame is a part, so that there is one to keep while the next is made.
            Framing::Requests(_) => REQUEST_FRAME.min(out.backlog.capacity() / 4),
        };
        if self.bytes + line.len() > most {
            self.end(stamp_ns, out);
        }
        if line.len() > most {
            return out.lost(1, Reason::TooLong);
        }
        if self.lines == 0 {
            out.backlog.begin();
            if let Framing::Requests(Some(compressor)) = &self.framing {
                self.gzip = compressor.begin();
                self.is_broken = self.gzip.is_none();
            }
        }
        self.bytes += line.len();
        self.lines += 1;
        match &mut self.gzip {
            None => {
                out.backlog.append(line);
            }
            Some(gzip) => {
                self.is_broken |= !move_out(gzip, out);
                gzip.feed(|room| {
                    // No line is longer than the room.
                    let room = room.get_mut(..line.len()).unwrap_or_default();
                    room.copy_from_slice(line.get(..room.len()).unwrap_or_default());
                    (room.len(), ())
                });
            }
        }
    }

    /// Ends the frame, if there is one.
    pub(super) fn end(&mut self, stamp_ns: u64, out: &mut Outbox<'_>) {
        if let Some(mut gzip) = self.gzip.take() {
            gzip.finish();
            self.is_broken |= !move_out(&mut gzip, out) || !gzip.is_complete();
        }
        match (self.lines, self.is_broken) {
            (0, _) => {}
            (lines, false) => out.commit(lines, stamp_ns),
            // No fault of theirs: the compressor's, which has none that is known.
            (lines, true) => out.lost(lines.into(), Reason::TooLong),
        }
        (self.bytes, self.lines, self.is_broken) = (0, 0, false);
    }
}

/// Moves what is compressed to the frame, until the compressor wants more. Whether it works.
fn move_out(gzip: &mut Gzip, out: &mut Outbox<'_>) -> bool {
    let mut piece = [0; 1_024];
    loop {
        match gzip.take(&mut piece) {
            Ok(len) => {
                out.backlog.append(piece.get(..len).unwrap_or_default());
                if len < piece.len() {
                    return true;
                }
            }
            Err(_) => return false,
        }
    }
}
