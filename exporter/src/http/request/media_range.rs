//! The members of an `Accept` list (RFC 9110, 12.5.1): `text/*`, `text/plain;version=0.0.4;q=0.5`. Not for choosing by them:
//! see `accept` and `formats`.

use super::list;

/// One member of the list: `text/*`, `text/plain;version=0.0.4;q=0.5`. An offer is one too, without wildcards.
pub(super) struct MediaRange<'h> {
    /// What is before the slash, or `*`.
    pub(super) kind: &'h [u8],
    /// What is behind it, or `*`.
    pub(super) subtype: &'h [u8],
    parameters: &'h [u8],
    /// How much the client likes it, in thousandths.
    pub(super) quality: u16,
}

/// The members of a list that are well formed. `fields` are the values of all its fields, which count as one list.
pub(super) fn ranges<'h>(fields: impl Iterator<Item = &'h [u8]>) -> impl Iterator<Item = MediaRange<'h>> {
    fields.flat_map(|field| split(field, b',')).filter_map(MediaRange::parse)
}

impl<'h> MediaRange<'h> {
    /// Reads one; `None` if it is malformed in any part.
    pub(super) fn parse(member: &'h [u8]) -> Option<Self> {
        let (range, parameters) = list::split_once(member, b';').unwrap_or((member, b""));
        let (kind, subtype) = list::split_once(range.trim_ascii(), b'/')?;
        if !is_token(kind) || !is_token(subtype) || (kind == b"*" && subtype != b"*") {
            return None;
        }
        let mut weight = None;
        for parameter in split(parameters, b';') {
            let (name, value) = parse_parameter(parameter)?;
            if name.eq_ignore_ascii_case(b"q") && weight.replace(parse_quality(value)?).is_some() {
                return None;
            }
        }
        Some(Self { kind, subtype, parameters, quality: weight.unwrap_or(1_000) })
    }

    /// Names and values, the weight left out. A quoted value keeps its quotes: see [`unquoted`].
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&'h [u8], &'h [u8])> {
        split(self.parameters, b';').filter_map(parse_parameter).filter(|(name, _)| !name.eq_ignore_ascii_case(b"q"))
    }
}

/// Splits at `separator`, though not inside quoted strings, and leaves out what is empty (RFC 9110, 5.6.1, 5.6.6).
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    let members = text.split(move |&byte| {
        let literal = quoted || byte == b'"';
        (quoted, escaped) = match byte {
            _ if escaped => (quoted, false),
            b'\\' => (quoted, quoted),
            b'"' => (!quoted, false),
            _ => (quoted, false),
        };
        byte == separator && !literal
    });
    members.map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

/// Name and value of `name=value`, with no space around the `=` (5.6.6). A quoted value keeps its quotes.
fn parse_parameter(parameter: &[u8]) -> Option<(&[u8], &[u8])> {
    list::split_once(parameter, b'=').filter(|(name, value)| is_token(name) && (is_token(value) || is_quoted(value)))
}

/// A weight in thousandths: up to three decimals, and at most 1 (12.4.2).
pub(super) fn parse_quality(value: &[u8]) -> Option<u16> {
    let (whole, decimals) = match value {
        [whole] => (whole, &b""[..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let mut thousandths = 0;
    for (digit, weight) in decimals.iter().zip([100, 10, 1]) {
        thousandths += u16::from(digit.checked_sub(b'0').filter(|&digit| digit <= 9)?) * weight;
    }
    match whole {
        b'0' => Some(thousandths),
        b'1' if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

/// A value as its characters: without quotes and escapes, and in lower case. Values that tell forms apart, such as
/// versions and charsets, do not differ in case alone.
pub(super) fn unquoted(value: &[u8]) -> impl Iterator<Item = u8> {
    let quoted = value.first() == Some(&b'"');
    let inner = if quoted { value.get(1..value.len() - 1).unwrap_or_default() } else { value };
    let mut escaped = false;
    let characters = inner.iter().filter(move |&&byte| {
        escaped = quoted && !escaped && byte == b'\\';
        !escaped
    });
    characters.map(u8::to_ascii_lowercase)
}

/// Whether `value` is one quoted string, whole (5.6.4). Control bytes were refused with the head.
fn is_quoted(value: &[u8]) -> bool {
    let [b'"', inner @ .., b'"'] = value else { return false };
    let mut escaped = false;
    for &byte in inner {
        if byte == b'"' && !escaped {
            return false;
        }
        escaped = byte == b'\\' && !escaped;
    }
    !escaped
}

/// Whether `text` is a token (5.6.2).
fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}
