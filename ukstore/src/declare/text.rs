//! Constant strings put together by the compiler, for the macros. Nothing here runs in the machine.

/// The bytes `joined` needs for these parts.
#[must_use]
pub const fn joined_len(parts: &[&str]) -> usize {
    let mut len = 0;
    let mut part = 0;
    while part < parts.len() {
        len += parts[part].len();
        part += 1;
    }
    len
}

/// The parts, one after the other. `N` is their `joined_len`.
#[must_use]
pub const fn joined<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut bytes = [0; N];
    let mut at = 0;
    let mut part = 0;
    while part < parts.len() {
        let text = parts[part].as_bytes();
        let mut index = 0;
        while index < text.len() {
            bytes[at] = text[index];
            at += 1;
            index += 1;
        }
        part += 1;
    }
    assert!(at == N);
    bytes
}

/// The bytes as text. They come from the functions of this file, which only ever cut at ASCII.
#[must_use]
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("ukstore: texts are joined whole"),
    }
}

/// The length of a doc comment's first paragraph as one line. `doc` is its lines, each followed by `\n`.
#[must_use]
pub const fn paragraph_len(doc: &str) -> usize {
    fold_paragraph(doc, &mut [])
}

/// The first paragraph of a doc comment as one line. `N` is its `paragraph_len`.
#[must_use]
pub const fn paragraph<const N: usize>(doc: &str) -> [u8; N] {
    let mut bytes = [0; N];
    assert!(fold_paragraph(doc, &mut bytes) == N);
    bytes
}

/// Copies words to `out` as far as it reaches, one space between them, up to the first empty line after a word.
const fn fold_paragraph(doc: &str, out: &mut [u8]) -> usize {
    let doc = doc.as_bytes();
    let mut len = 0;
    let mut index = 0;
    let mut line_is_empty = true;
    let mut space_is_due = false;
    while index < doc.len() {
        let byte = doc[index];
        index += 1;
        if byte == b'\n' {
            if line_is_empty && len > 0 {
                break;
            }
            line_is_empty = true;
        }
        if byte.is_ascii_whitespace() {
            space_is_due = len > 0;
            continue;
        }
        line_is_empty = false;
        if space_is_due {
            space_is_due = false;
            if len < out.len() {
                out[len] = b' ';
            }
            len += 1;
        }
        if len < out.len() {
            out[len] = byte;
        }
        len += 1;
    }
    len
}

/// The bytes `seconds` needs for this many nanoseconds.
#[must_use]
pub const fn bound_len(bound: u64, nanos: bool) -> usize {
    fold_bound(bound, nanos, &mut [])
}

/// A histogram's bound as its `le` label has it: seconds with all their decimals, or a whole number.
#[must_use]
pub const fn bound<const N: usize>(bound: u64, nanos: bool) -> [u8; N] {
    let mut bytes = [0; N];
    assert!(fold_bound(bound, nanos, &mut bytes) == N);
    bytes
}

const fn fold_bound(bound: u64, nanos: bool, out: &mut [u8]) -> usize {
    let mut len = 0;
    let mut whole = if nanos { bound / 1_000_000_000 } else { bound };
    let mut fraction = if nanos { bound % 1_000_000_000 } else { 0 };
    let mut power = 1;
    while whole / power >= 10 {
        power *= 10;
    }
    while power > 0 {
        len = push_digit(whole / power, len, out);
        whole %= power;
        power /= 10;
    }
    if fraction > 0 {
        if len < out.len() {
            out[len] = b'.';
        }
        len += 1;
    }
    let mut power = 100_000_000;
    while fraction > 0 {
        len = push_digit(fraction / power, len, out);
        fraction %= power;
        power /= 10;
    }
    len
}

const fn push_digit(digit: u64, len: usize, out: &mut [u8]) -> usize {
    if len < out.len() {
        out[len] = b'0' + digit as u8;
    }
    len + 1
}

/// Where `name` is in `names`, for the macros, which cannot count.
///
/// # Panics
/// If it is there twice: two fields or label values of one declaration have the same name.
#[must_use]
pub const fn position(names: &[&str], name: &str) -> u8 {
    assert!(names.len() <= 255, "ukstore: at most 255 fields or label values in one declaration");
    let mut found = names.len();
    let mut index = 0;
    while index < names.len() {
        if equal(names[index], name) {
            assert!(found == names.len(), "ukstore: the same name twice in one declaration");
            found = index;
        }
        index += 1;
    }
    found as u8
}

pub(super) const fn equal(left: &str, right: &str) -> bool {
    left.len() == right.len() && ends_with(left, right)
}

pub(super) const fn ends_with(text: &str, end: &str) -> bool {
    let (text, end) = (text.as_bytes(), end.as_bytes());
    if end.len() > text.len() {
        return false;
    }
    let start = text.len() - end.len();
    let mut index = 0;
    while index < end.len() {
        if text[start + index] != end[index] {
            return false;
        }
        index += 1;
    }
    true
}
