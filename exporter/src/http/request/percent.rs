//! Percent-encoding (RFC 3986, 2.1), undone exactly once. Not for judging what comes out.

/// A byte of a text, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// It stood there as it is.
    Plain(u8),
    /// It was spelled `%` and two hexadecimal digits.
    Escaped(u8),
}

/// A `%` that no two hexadecimal digits follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadEscape;

/// The bytes of `text`, decoded one after the other.
pub(super) fn decode(text: &str) -> impl Iterator<Item = Result<Decoded, BadEscape>> {
    let mut rest = text.bytes();
    core::iter::from_fn(move || {
        let byte = rest.next()?;
        if byte != b'%' {
            return Some(Ok(Decoded::Plain(byte)));
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit(), digit());
        let value = high.zip(low).and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
        Some(value.map(Decoded::Escaped).ok_or(BadEscape))
    })
}

impl Decoded {
    /// The byte, however it was spelled.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Plain(byte) | Self::Escaped(byte) => byte,
        }
    }
}
