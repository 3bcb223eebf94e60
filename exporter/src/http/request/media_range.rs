//! The members of an `Accept` list (RFC 9110, 12.5.1): `text/*`, `text/plain;version=0.0.4;q=0.5`. Not for choosing by
//! them: see `accept` and `formats`.
//!
//! Every scrape brings such a list, several hundred bytes long: a member that is well formed is looked at once.

/// The most parameters of a member that is read. No form of anything here has more than three.
const MAX_PARAMETERS: usize = 6;

/// One member of the list: `text/*`, `text/plain;version=0.0.4;q=0.5`. An offer is one too, without wildcards.
#[derive(Clone, Copy)]
pub(super) struct MediaRange<'h> {
    /// What is before the slash, or `*`.
    pub(super) kind: &'h [u8],
    /// What is behind it, or `*`.
    pub(super) subtype: &'h [u8],
    /// How much the client likes it, in thousandths.
    pub(super) quality: u16,
    parameters: [Parameter<'h>; MAX_PARAMETERS],
    count: usize,
}

/// `name=value`.
#[derive(Clone, Copy)]
pub(super) struct Parameter<'h> {
    name: &'h [u8],
    /// A token, or a quoted string with its quotes.
    value: &'h [u8],
}

/// The members of a list that are well formed. `fields` are the values of all its fields, which count as one list.
pub(super) fn ranges<'h>(fields: impl Iterator<Item = &'h [u8]>) -> impl Iterator<Item = MediaRange<'h>> {
    fields.flat_map(|field| {
        let mut rest = field;
        core::iter::from_fn(move || {
            while !rest.is_empty() {
                let member = rest;
                let range = MediaRange::take(&mut rest);
                if range.is_none() {
                    rest = member.get(member_len(member)..).unwrap_or_default();
                }
                rest = rest.get(1..).unwrap_or_default();
                if range.is_some() {
                    return range;
                }
            }
            None
        })
    })
}

/// The length of what is before the first comma, though not one inside a quoted string (RFC 9110, 5.6.1).
fn member_len(text: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    let end = text.iter().position(|&byte| {
        let ends = byte == b',' && !quoted;
        (quoted, escaped) = match byte {
            _ if escaped => (quoted, false),
            b'"' => (!quoted, false),
            _ => (quoted, quoted && byte == b'\\'),
        };
        ends
    });
    end.unwrap_or(text.len())
}

impl<'h> MediaRange<'h> {
    /// Reads one that nothing follows, as [`take`](Self::take) does.
    pub(super) fn parse(mut member: &'h [u8]) -> Option<Self> {
        Self::take(&mut member).filter(|_| member.is_empty())
    }

    /// Takes one off `rest`, up to the comma behind it. `None` if it is malformed in any part, or has too many
    /// parameters.
    fn take(rest: &mut &'h [u8]) -> Option<Self> {
        *rest = rest.trim_ascii_start();
        let kind = take_token(rest)?;
        *rest = rest.strip_prefix(b"/")?;
        let subtype = take_token(rest)?;
        if kind == b"*" && subtype != b"*" {
            return None;
        }
        let mut parameters = [Parameter { name: b"", value: b"" }; MAX_PARAMETERS];
        let (mut count, mut weight) = (0, None);
        loop {
            *rest = rest.trim_ascii_start();
            let Some((b';', behind)) = rest.split_first() else { break };
            *rest = behind.trim_ascii_start();
            if matches!(rest.first(), None | Some(b';' | b',')) {
                continue;
            }
            let parameter = Parameter::take(rest)?;
            if parameter.is_named("q") {
                if weight.replace(parse_quality(parameter.value)?).is_some() {
                    return None;
                }
            } else {
                *parameters.get_mut(count)? = parameter;
                count += 1;
            }
        }
        let is_whole = matches!(rest.first(), None | Some(b','));
        is_whole.then_some(Self { kind, subtype, quality: weight.unwrap_or(1_000), parameters, count })
    }

    /// The parameters, the weight left out.
    pub(super) fn parameters(&self) -> &[Parameter<'h>] {
        self.parameters.get(..self.count).unwrap_or_default()
    }
}

impl<'h> Parameter<'h> {
    /// Takes one off `rest`. There is no space around the `=` (5.6.6).
    fn take(rest: &mut &'h [u8]) -> Option<Self> {
        let name = take_token(rest)?;
        *rest = rest.strip_prefix(b"=")?;
        let value = match quoted_len(rest) {
            Some(len) => rest.split_off(..len)?,
            None => take_token(rest)?,
        };
        Some(Self { name, value })
    }

    /// Whether it is called so.
    pub(super) fn is_named(&self, name: &str) -> bool {
        is_same(self.name, name)
    }

    /// Whether it has this value. Values that tell forms apart, such as versions and charsets, do not differ in case
    /// alone.
    pub(super) fn is_valued(&self, value: &str) -> bool {
        match self.value {
            [b'"', ..] => unquoted(self.value).eq(value.bytes().map(|byte| byte.to_ascii_lowercase())),
            token => is_same(token, value),
        }
    }

    /// Whether both say the same.
    pub(super) fn equals(&self, other: &Parameter<'_>) -> bool {
        self.name.eq_ignore_ascii_case(other.name) && unquoted(self.value).eq(unquoted(other.value))
    }
}

/// Whether a token is this one, in whatever case. As it stands is how nearly all are sent.
pub(super) fn is_same(token: &[u8], expected: &str) -> bool {
    token == expected.as_bytes() || token.eq_ignore_ascii_case(expected.as_bytes())
}

/// A value as its characters: without quotes and escapes, and in lower case.
fn unquoted(value: &[u8]) -> impl Iterator<Item = u8> {
    let quoted = value.first() == Some(&b'"');
    let inner = if quoted { value.get(1..value.len() - 1).unwrap_or_default() } else { value };
    let mut escaped = false;
    let characters = inner.iter().filter(move |&&byte| {
        escaped = quoted && !escaped && byte == b'\\';
        !escaped
    });
    characters.map(u8::to_ascii_lowercase)
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

/// The length of the quoted string that `text` begins with, its quotes included, if it does and the string ends
/// (5.6.4). Control bytes were refused with the head.
fn quoted_len(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let end = text.strip_prefix(b"\"")?.iter().position(|&byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some(end + 2)
}

/// Takes the token off `rest` that it begins with (5.6.2).
fn take_token<'h>(rest: &mut &'h [u8]) -> Option<&'h [u8]> {
    let len = rest.iter().position(|&byte| !IN_TOKEN[usize::from(byte)]).unwrap_or(rest.len());
    rest.split_off(..len).filter(|token| !token.is_empty())
}

/// Which bytes tokens are made of (5.6.2).
static IN_TOKEN: [bool; 256] = {
    let mut is_in = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        is_in[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut index = 0;
    while index < others.len() {
        is_in[others[index] as usize] = true;
        index += 1;
    }
    is_in
};
