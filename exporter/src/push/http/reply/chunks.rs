//! The chunked coding, decoded byte by byte (RFC 9112, 7.1). Extensions and trailer fields are passed over.

use super::excerpt::Excerpt;

/// Most digits of a chunk's size: what has more is larger than any body that is read.
const MAX_DIGITS: u8 = 8;

/// How far the chunks have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    More,
    /// They end after this many of the bytes.
    Complete(usize),
    /// These are no chunks, as far as the last of so many bytes.
    Broken(usize),
}

/// The decoder of one body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunks {
    place: Place,
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// A digit of a chunk's size, or what ends it.
    Size { size: u32, digits: u8 },
    /// Inside what follows the size in its line.
    Extension { size: u32 },
    /// The LF of a size's line.
    SizeLf { size: u32 },
    /// So many bytes of a chunk.
    Data { missing: u32 },
    /// The CR after a chunk.
    DataCr,
    /// The LF after a chunk.
    DataLf,
    /// The first byte of a trailer field, or the CR of the line that ends everything.
    TrailerStart,
    /// Inside a trailer field.
    Trailer,
    /// The LF of a trailer field.
    TrailerLf,
    /// The LF that ends everything.
    EndLf,
}

impl Chunks {
    /// Before the first chunk.
    pub(super) fn new() -> Self {
        Self { place: Place::Size { size: 0, digits: 0 } }
    }

    /// Reads on, and keeps the beginning of what is in the chunks in `excerpt`.
    pub(super) fn read(&mut self, bytes: &[u8], excerpt: &mut Excerpt) -> Progress {
        let mut index = 0;
        while let Some(&byte) = bytes.get(index) {
            if let Place::Data { missing } = self.place {
                let rest = bytes.get(index..).unwrap_or_default();
                let data = rest.get(..missing as usize).unwrap_or(rest);
                excerpt.append(data);
                index += data.len();
                let missing = missing.saturating_sub(data.len() as u32);
                self.place = if missing == 0 { Place::DataCr } else { Place::Data { missing } };
                continue;
            }
            index += 1;
            match self.place.after(byte) {
                Some(Next::Place(place)) => self.place = place,
                Some(Next::End) => return Progress::Complete(index),
                None => return Progress::Broken(index),
            }
        }
        Progress::More
    }
}

/// What a byte of framing leads to.
enum Next {
    Place(Place),
    End,
}

impl Place {
    /// Where `byte` leads; `None` if it must not stand here. Bytes of a chunk's data are not asked about.
    fn after(self, byte: u8) -> Option<Next> {
        let place = match (self, byte) {
            (Self::Size { digits: 1.., size }, b'\r') | (Self::Extension { size }, b'\r') => Self::SizeLf { size },
            (Self::Size { digits: 1.., size }, b';' | b' ' | b'\t') => Self::Extension { size },
            (Self::Size { digits, size }, _) if digits < MAX_DIGITS => {
                let digit = char::from(byte).to_digit(16)?;
                Self::Size { size: size << 4 | digit, digits: digits + 1 }
            }
            (Self::Extension { size }, _) if !is_control(byte) => Self::Extension { size },
            (Self::SizeLf { size: 0 }, b'\n') => Self::TrailerStart,
            (Self::SizeLf { size }, b'\n') => Self::Data { missing: size },
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Size { size: 0, digits: 0 },
            (Self::TrailerStart, b'\r') => Self::EndLf,
            (Self::Trailer, b'\r') => Self::TrailerLf,
            (Self::TrailerStart | Self::Trailer, _) if !is_control(byte) => Self::Trailer,
            (Self::TrailerLf, b'\n') => Self::TrailerStart,
            (Self::EndLf, b'\n') => return Some(Next::End),
            _ => return None,
        };
        Some(Next::Place(place))
    }
}

fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}
