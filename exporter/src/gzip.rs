//! One stream of gzip at a time (RFC 1952), in memory that was taken once.
//!
//! [`Compressor`] owns that memory, about 320 KiB, nearly all of it miniz_oxide's; a [`Gzip`] is the stream being made
//! with it. Text goes in by buffers of [`MAX_LINE`], so whole lines fit, and comes out in pieces of any size; how it is
//! cut changes nothing in what comes out. Only [`Compressor::new`] allocates. This is the one file of the crate that
//! does.
//!
//! Not here: who gets the stream, and what is said about it in a reply.

extern crate alloc;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use crc::{CRC_32_ISO_HDLC, Crc, Digest, Table};
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress};
use spin::Mutex;

use crate::MAX_LINE;

/// miniz_oxide's fastest: exposition text repeats itself so much that more work gains little.
const LEVEL: u8 = 1;

/// Deflate, no flags, no time, fastest, no file system (RFC 1952, 2.3.1).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// The memory for one stream.
pub struct Compressor(Arc<Shared>);

/// What a compressor and its stream have together.
struct Shared {
    /// Whether there is a stream. While there is, there is no second, so nobody ever waits for the lock.
    is_taken: AtomicBool,
    encoder: Mutex<Encoder>,
}

impl Compressor {
    /// Takes the memory.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it takes much memory, which a default would not suggest")]
    pub fn new() -> Self {
        // Made in place: by value it would not fit on a small stack.
        let mut deflate = Box::<CompressorOxide>::default();
        deflate.set_format_and_level(DataFormat::Raw, LEVEL);
        let encoder = Encoder {
            deflate,
            phase: Phase::Header(0),
            crc: CRC.digest(),
            len: 0,
            input: [0; MAX_LINE],
            start: 0,
            end: 0,
            finished: false,
        };
        Self(Arc::new(Shared { is_taken: AtomicBool::new(false), encoder: Mutex::new(encoder) }))
    }

    /// Begins a stream; `None` while there is another. A stream that is dropped, at its end or before, makes way.
    #[must_use]
    pub fn begin(&self) -> Option<Gzip> {
        if self.0.is_taken.swap(true, Ordering::Acquire) {
            return None;
        }
        self.0.encoder.lock().reset();
        Some(Gzip(Arc::clone(&self.0)))
    }
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compressor")
    }
}

/// A stream being made.
pub struct Gzip(Arc<Shared>);

/// The stream cannot be continued, and what was taken of it must not pass for a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl Gzip {
    /// Whether everything that went in was taken up, so that [`feed`](Self::feed) can bring more.
    #[must_use]
    pub fn is_hungry(&self) -> bool {
        let encoder = self.0.encoder.lock();
        encoder.start == encoder.end && !encoder.finished
    }

    /// Takes more text: as much as `fill` puts at the front of the buffer it gets, whose length it returns with what
    /// else it has to say. Only while [hungry](Self::is_hungry).
    pub fn feed<T>(&mut self, fill: impl FnOnce(&mut [u8; MAX_LINE]) -> (usize, T)) -> T {
        let encoder = &mut *self.0.encoder.lock();
        let (len, result) = fill(&mut encoder.input);
        (encoder.start, encoder.end) = (0, len.min(MAX_LINE));
        let text = encoder.input.get(..encoder.end).unwrap_or_default();
        encoder.crc.update(text);
        // RFC 1952, 2.3.1: modulo 2^32.
        encoder.len = encoder.len.wrapping_add(encoder.end as u32);
        result
    }

    /// Tells that no more text comes.
    pub fn finish(&mut self) {
        self.0.encoder.lock().finished = true;
    }

    /// Whether the stream is whole and all of it was taken.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.encoder.lock().phase == Phase::Complete
    }

    /// Writes what comes next of the stream to `out` and returns how much that is. It is less than `out` has room for
    /// only when more text is needed, or none comes.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn take(&mut self, out: &mut [u8]) -> Result<usize, Broken> {
        self.0.encoder.lock().take(out)
    }
}

impl Drop for Gzip {
    fn drop(&mut self) {
        self.0.is_taken.store(false, Ordering::Release);
    }
}

impl fmt::Debug for Gzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gzip")
    }
}

struct Encoder {
    deflate: Box<CompressorOxide>,
    phase: Phase,
    crc: Digest<'static, u32, Table<1>>,
    /// Of the text, modulo 2^32.
    len: u32,
    input: [u8; MAX_LINE],
    /// What of the input is not taken up yet.
    start: usize,
    end: usize,
    finished: bool,
}

/// Which part of the stream is next (RFC 1952, 2.3); of the parts of fixed length, from which byte on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Header(usize),
    Text,
    Trailer(usize),
    Complete,
}

impl Encoder {
    fn reset(&mut self) {
        self.deflate.reset();
        (self.phase, self.crc, self.len) = (Phase::Header(0), CRC.digest(), 0);
        (self.start, self.end, self.finished) = (0, 0, false);
    }

    fn take(&mut self, out: &mut [u8]) -> Result<usize, Broken> {
        let mut taken = 0;
        loop {
            let room = out.get_mut(taken..).unwrap_or_default();
            match self.phase {
                Phase::Header(sent) => {
                    let len = copy(&HEADER, sent, room);
                    taken += len;
                    if sent + len < HEADER.len() {
                        self.phase = Phase::Header(sent + len);
                        return Ok(taken);
                    }
                    self.phase = Phase::Text;
                }
                Phase::Text => {
                    let (consumed, written, is_last) = self.deflate(room)?;
                    taken += written;
                    if is_last {
                        self.phase = Phase::Trailer(0);
                    } else if written == room.len() || consumed + written == 0 {
                        return Ok(taken);
                    }
                }
                Phase::Trailer(sent) => {
                    let trailer = self.trailer();
                    let len = copy(&trailer, sent, room);
                    taken += len;
                    if sent + len < trailer.len() {
                        self.phase = Phase::Trailer(sent + len);
                        return Ok(taken);
                    }
                    self.phase = Phase::Complete;
                }
                Phase::Complete => return Ok(taken),
            }
        }
    }

    /// Takes up text, and moves what that made to `room`. How much it read, how much it wrote, and whether that was the
    /// last.
    fn deflate(&mut self, room: &mut [u8]) -> Result<(usize, usize, bool), Broken> {
        let text = self.input.get(self.start..self.end).unwrap_or_default();
        // With room, it would look less far ahead at the end of a block that fits than of one that does not, and so
        // find other repetitions. Without, it keeps each block, and what comes out does not depend on the room there
        // is.
        let consumed = if text.is_empty() {
            0
        } else {
            let (status, consumed, _) = compress(&mut self.deflate, text, &mut [], TDEFLFlush::None);
            is_done(status)?;
            consumed
        };
        self.start += consumed;
        // While it keeps a block it takes up nothing, so the last of the text may still be waiting: it would be lost if
        // the end were ordered now.
        let ends = self.finished && self.start == self.end;
        let flush = if ends { TDEFLFlush::Finish } else { TDEFLFlush::None };
        let (status, _, written) = compress(&mut self.deflate, &[], room, flush);
        Ok((consumed, written, is_done(status)?))
    }

    fn trailer(&self) -> [u8; 8] {
        let (crc, len) = (self.crc.clone().finalize().to_le_bytes(), self.len.to_le_bytes());
        [crc[0], crc[1], crc[2], crc[3], len[0], len[1], len[2], len[3]]
    }
}

/// Whether that was the end. Any status but two means that the compressor was called wrongly.
fn is_done(status: TDEFLStatus) -> Result<bool, Broken> {
    match status {
        TDEFLStatus::Okay => Ok(false),
        TDEFLStatus::Done => Ok(true),
        TDEFLStatus::BadParam | TDEFLStatus::PutBufFailed => Err(Broken),
    }
}

/// Copies as much of `part` from byte `sent` on as fits, and returns how much that is.
fn copy(part: &[u8], sent: usize, room: &mut [u8]) -> usize {
    let rest = part.get(sent..).unwrap_or_default();
    let len = rest.len().min(room.len());
    if let (Some(to), Some(from)) = (room.get_mut(..len), rest.get(..len)) {
        to.copy_from_slice(from);
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressor_that_refuses_breaks_the_stream() {
        let compressor = Compressor::new();
        let mut gzip = compressor.begin().expect("the first");
        {
            // At its end already, it must not be given more.
            let encoder = &mut *gzip.0.encoder.lock();
            let (status, _, _) = compress(&mut encoder.deflate, &[], &mut [0; 64], TDEFLFlush::Finish);
            assert_eq!(status, TDEFLStatus::Done);
        }
        gzip.feed(|room| {
            room.fill(b'x');
            (room.len(), ())
        });
        gzip.finish();
        assert_eq!(gzip.take(&mut [0; 1_024]), Err(Broken));
        assert!(!gzip.is_complete());
        drop(gzip);
        assert!(compressor.begin().is_some_and(|mut gzip| gzip.take(&mut [0; 16]) == Ok(HEADER.len())));
    }
}
