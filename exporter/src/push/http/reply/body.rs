//! Where the body of a reply ends, while it is read and thrown away (RFC 9112, 6.3).

use super::MAX_BODY;
use super::chunks::{self, Chunks};
use super::excerpt::Excerpt;

/// A body, and how far it has come. `left` is how much of it may still be read, framing included.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body {
    /// So many bytes are missing.
    Length { missing: u64, left: u64 },
    /// Chunks.
    Chunked { chunks: Chunks, left: u64 },
    /// It ends with the connection.
    UntilClose { left: u64 },
}

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    More,
    /// It ended where its framing said.
    Complete,
    /// It is too long, or its framing is wrong: what follows cannot be understood.
    Broken,
}

impl Body {
    pub(super) fn chunked() -> Self {
        Self::Chunked { chunks: Chunks::new(), left: MAX_BODY }
    }

    pub(super) fn until_close() -> Self {
        Self::UntilClose { left: MAX_BODY }
    }

    /// Whether nothing follows the head.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Length { missing: 0, .. })
    }

    /// Reads on, and keeps the beginning in `excerpt`. How many bytes were taken.
    pub(super) fn read(&mut self, bytes: &[u8], excerpt: &mut Excerpt) -> (usize, Progress) {
        let (Self::Length { left, .. } | Self::Chunked { left, .. } | Self::UntilClose { left }) = *self;
        let readable = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let piece = bytes.get(..readable).unwrap_or_default();
        let (taken, progress) = match self {
            Self::Length { missing, .. } => {
                let taken = usize::try_from(*missing).map_or(readable, |missing| missing.min(readable));
                excerpt.append(piece.get(..taken).unwrap_or_default());
                *missing = missing.saturating_sub(taken as u64);
                (taken, if *missing == 0 { Progress::Complete } else { Progress::More })
            }
            Self::Chunked { chunks, .. } => match chunks.read(piece, excerpt) {
                chunks::Progress::More => (readable, Progress::More),
                chunks::Progress::Complete(taken) => (taken, Progress::Complete),
                chunks::Progress::Broken(taken) => (taken, Progress::Broken),
            },
            Self::UntilClose { .. } => {
                excerpt.append(piece);
                (readable, Progress::More)
            }
        };
        let (Self::Length { left, .. } | Self::Chunked { left, .. } | Self::UntilClose { left }) = self;
        *left = left.saturating_sub(taken as u64);
        if progress == Progress::More && *left == 0 { (taken, Progress::Broken) } else { (taken, progress) }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Length { missing: 0, left: 0 }
    }
}
