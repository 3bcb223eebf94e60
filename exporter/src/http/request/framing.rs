//! Whether a body follows a head, and where it ends (RFC 9112, 6).
//!
//! Only what is beyond doubt passes; whether a body is welcome is `route`'s business. Replies that others send say it by
//! the same fields (`push::http`).

use super::list;
use super::refusal::Refusal;

/// A message's body, as its head announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Not announced at all.
    Absent,
    /// This many bytes, perhaps none.
    Length(u64),
    /// Chunks.
    Chunked,
}

impl Body {
    /// Whether bytes follow the head that are no request.
    pub(crate) fn follows(self) -> bool {
        !matches!(self, Self::Absent | Self::Length(0))
    }
}

/// What the fields say that tell where a body ends.
#[derive(Default)]
pub(crate) struct Framing<'h> {
    content_length: Option<&'h [u8]>,
    content_lengths: u8,
    codings: Codings,
}

/// What `Transfer-Encoding` lists, over all its fields.
#[derive(Default)]
struct Codings {
    /// `Transfer-Encoding` is there, be it empty.
    present: bool,
    chunked: u8,
    others: u8,
    chunked_is_last: bool,
}

impl<'h> Framing<'h> {
    /// Takes a `Content-Length`.
    pub(crate) fn add_length(&mut self, value: &'h [u8]) {
        self.content_length = Some(value);
        self.content_lengths = self.content_lengths.saturating_add(1);
    }

    /// Takes a `Transfer-Encoding`.
    pub(crate) fn add_codings(&mut self, value: &[u8]) {
        let codings = &mut self.codings;
        codings.present = true;
        for coding in list::members(value) {
            codings.chunked_is_last = coding.eq_ignore_ascii_case(b"chunked");
            let count = if codings.chunked_is_last { &mut codings.chunked } else { &mut codings.others };
            *count = count.saturating_add(1);
        }
    }

    /// The body all of them announce together.
    ///
    /// # Errors
    /// When two readers could disagree about it, or the coding is unknown.
    pub(crate) fn body(&self, http_1_1: bool) -> Result<Body, Refusal> {
        let codings = &self.codings;
        if codings.present {
            if !http_1_1 || self.content_lengths > 0 {
                return Err(Refusal::TransferEncoding);
            }
            if codings.chunked > 1 || (codings.chunked == 1 && !codings.chunked_is_last) {
                return Err(Refusal::TransferEncoding);
            }
            return match (codings.chunked, codings.others) {
                (0, 0) => Err(Refusal::TransferEncoding),
                (_, 0) => Ok(Body::Chunked),
                _ => Err(Refusal::UnknownCoding),
            };
        }
        let Some(length) = self.content_length else { return Ok(Body::Absent) };
        // Equal duplicates may be merged (RFC 9110, 8.6); no client sends them, so they are refused with the rest.
        if self.content_lengths > 1 || length.is_empty() || !length.iter().all(u8::is_ascii_digit) {
            return Err(Refusal::ContentLength);
        }
        let digits = length.iter().map(|digit| u64::from(digit - b'0'));
        Ok(Body::Length(digits.fold(0, |length: u64, digit| length.saturating_mul(10).saturating_add(digit))))
    }
}
