//! Snappy's block format (<https://github.com/google/snappy/blob/main/format_description.txt>), written in steps of bounded
//! work, in memory that was taken once. Not for its framing format, and not for reading: nobody answers in it.
//!
//! The input is at most 64 KiB, so every place in it fits into 16 bits, and every copy may reach back to the beginning.

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

/// The longest input.
pub const MAX_INPUT: usize = 1 << 16;

/// How much of the input one step takes: what bounds its work. No copy reaches over its end.
const STEP: usize = 4096;

/// The most a step writes: see [`max_compressed_len`].
pub const STEP_ROOM: usize = PREAMBLE + STEP + STEP.div_ceil(LITERAL_PER_BYTE) + LAST_TAG;

/// The most bytes the input's length takes, seven bits in each.
const PREAMBLE: usize = 3;
/// The shortest stretch of literals and the copy behind it that can grow, by a byte: 61 literals and a copy of four.
const LITERAL_PER_BYTE: usize = 65;
/// The longest tag of literals, which a step may end with, without a copy to pay for it.
const LAST_TAG: usize = 3;

/// The most bytes that `len` bytes become. Every copy stands for at least four bytes and takes at most three, so it pays
/// for the short tag of the literals before it; those of more than 60 have a longer one.
#[must_use]
pub const fn max_compressed_len(len: usize) -> usize {
    PREAMBLE + len + len.div_ceil(LITERAL_PER_BYTE) + LAST_TAG * len.div_ceil(STEP)
}

/// How many places are remembered, as a power of two. Four times as many would make a capture 1 % smaller.
const TABLE_BITS: u32 = 12;

/// The shortest copy, and how much of the input a place in the table stands for.
const MIN_COPY: usize = 4;

/// Compresses one input after the other.
pub struct Compressor {
    /// Where in the input four bytes of this hash were last seen; zero, which is as good a guess as any, if never.
    table: Box<[u16]>,
    /// How much of the input was taken.
    taken: usize,
}

impl Compressor {
    /// Takes the memory.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it takes memory, which a default would not suggest")]
    pub fn new() -> Self {
        Self { table: vec![0; 1 << TABLE_BITS].into_boxed_slice(), taken: 0 }
    }

    /// Begins with another input.
    pub fn begin(&mut self) {
        self.table.fill(0);
        self.taken = 0;
    }

    /// Compresses the next piece of `input`, of which at most [`MAX_INPUT`] bytes are taken and which must be the same until
    /// it [is done](Self::is_done). Returns what it wrote to `out`.
    pub fn step<'o>(&mut self, input: &[u8], out: &'o mut [u8; STEP_ROOM]) -> &'o [u8] {
        let input = input.get(..MAX_INPUT).unwrap_or(input);
        let mut output = Output { bytes: out, len: 0 };
        if self.taken == 0 {
            output.preamble(input.len());
        }
        let end = input.len().min(self.taken + STEP);
        if let Some(piece) = input.get(..end) {
            self.compress(piece, &mut output);
            self.taken = end;
        }
        let Output { bytes, len } = output;
        bytes.get(..len).unwrap_or_default()
    }

    /// Whether all of an input of so many bytes was taken.
    #[must_use]
    pub fn is_done(&self, input_len: usize) -> bool {
        self.taken >= input_len.min(MAX_INPUT)
    }

    /// Compresses what follows the bytes that were taken.
    fn compress(&mut self, input: &[u8], output: &mut Output<'_>) {
        let (mut at, mut literals) = (self.taken, self.taken);
        // The longer nothing is found, the fewer places are looked at.
        let mut stride = 32;
        while let Some(word) = word_at(input, at) {
            let Some(place) = self.table.get_mut(hash(word)) else { break };
            let seen = usize::from(core::mem::replace(place, at as u16));
            if seen < at && word_at(input, seen) == Some(word) {
                let (_, rest) = input.split_at(at + MIN_COPY);
                let (_, before) = input.split_at(seen + MIN_COPY);
                let len = MIN_COPY + common(rest, before);
                output.literals(input.get(literals..at).unwrap_or_default());
                output.copy(at - seen, len);
                at += len;
                literals = at;
                stride = 32;
            } else {
                at += stride / 32;
                stride += 1;
            }
        }
        output.literals(input.get(literals..).unwrap_or_default());
    }
}

impl fmt::Debug for Compressor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Compressor").field("taken", &self.taken).finish_non_exhaustive()
    }
}

#[inline]
fn word_at(input: &[u8], at: usize) -> Option<u32> {
    input.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u32::from_le_bytes(*bytes))
}

/// The upper bits of a product depend on all bits of the word; the factor is 2^32 divided by the golden ratio.
#[inline]
fn hash(word: u32) -> usize {
    (word.wrapping_mul(0x9e37_79b1) >> (u32::BITS - TABLE_BITS)) as usize
}

/// How many bytes two texts have in common at their beginnings, looked at by eight.
#[inline]
fn common(one: &[u8], other: &[u8]) -> usize {
    let words = one.as_chunks::<8>().0.iter().zip(other.as_chunks::<8>().0);
    let len = 8 * words.take_while(|(one, other)| one == other).count();
    let rest = one.iter().skip(len).zip(other.iter().skip(len));
    len + rest.take_while(|(one, other)| one == other).count()
}

/// A tag's kind, in its low two bits.
const LITERALS: u8 = 0;
const COPY_NEAR: u8 = 1;
const COPY: u8 = 2;

/// So many literals, less one, are the first whose number stands behind the tag.
const SHORT_LITERALS: usize = 60;

/// What a step has written.
struct Output<'a> {
    bytes: &'a mut [u8; STEP_ROOM],
    len: usize,
}

impl Output<'_> {
    /// The input's length, seven bits a byte, the lowest first.
    fn preamble(&mut self, len: usize) {
        let mut rest = len;
        while rest >= 0x80 {
            self.put([rest as u8 | 0x80]);
            rest >>= 7;
        }
        self.put([rest as u8]);
    }

    /// Bytes that are told as they are.
    fn literals(&mut self, bytes: &[u8]) {
        let Some(less_one) = bytes.len().checked_sub(1) else { return };
        match less_one {
            0..SHORT_LITERALS => self.put([(less_one as u8) << 2 | LITERALS]),
            SHORT_LITERALS..0x100 => self.put([(SHORT_LITERALS as u8) << 2 | LITERALS, less_one as u8]),
            // A step has fewer than 2^16.
            _ => self.put([(SHORT_LITERALS as u8 + 1) << 2 | LITERALS, less_one as u8, (less_one >> 8) as u8]),
        }
        if let Some(room) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    /// Bytes that stand `offset` before, where at least four are to be copied.
    fn copy(&mut self, offset: usize, mut len: usize) {
        // A tag tells 64 at most. What is left for the last is never less than four, so that it may be of the short kind.
        while len >= 68 {
            self.copy_far(offset, 64);
            len -= 64;
        }
        if len > 64 {
            self.copy_far(offset, 60);
            len -= 60;
        }
        if len < 12 && offset < 1 << 11 {
            self.put([((offset >> 8) as u8) << 5 | (len as u8 - 4) << 2 | COPY_NEAR, offset as u8]);
        } else {
            self.copy_far(offset, len as u8);
        }
    }

    fn copy_far(&mut self, offset: usize, len: u8) {
        self.put([(len - 1) << 2 | COPY, offset as u8, (offset >> 8) as u8]);
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + N) {
            room.copy_from_slice(&bytes);
            self.len += N;
        }
    }
}
