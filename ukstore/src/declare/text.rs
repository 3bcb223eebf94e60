//! Constant strings put together by the compiler, for the macros. Nothing here runs in the machine.

use crate::LabelValue;

/// Writes as far as its room reaches and counts on: once without room for the length, once with exactly enough.
pub(crate) struct Pen<'a> {
    pub(crate) room: &'a mut [u8],
    pub(crate) len: usize,
}

impl Pen<'_> {
    const fn byte(&mut self, byte: u8) {
        if self.len < self.room.len() {
            self.room[self.len] = byte;
        }
        self.len += 1;
    }

    pub(crate) const fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) const fn bytes(&mut self, bytes: &[u8]) {
        let mut index = 0;
        while index < bytes.len() {
            self.byte(bytes[index]);
            index += 1;
        }
    }
}

/// The bytes `joined` needs for these parts.
#[must_use]
pub const fn joined_len(parts: &[&str]) -> usize {
    join(parts, &mut [])
}

/// The parts, one after the other. `N` is their `joined_len`.
#[must_use]
pub const fn joined<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut bytes = [0; N];
    assert!(join(parts, &mut bytes) == N);
    bytes
}

pub(super) const fn join(parts: &[&str], room: &mut [u8]) -> usize {
    let mut pen = Pen { room, len: 0 };
    let mut part = 0;
    while part < parts.len() {
        pen.text(parts[part]);
        part += 1;
    }
    pen.len
}

/// The bytes `info_prefix` needs.
#[must_use]
pub const fn info_prefix_len(name: &str, labels: &[(&str, LabelValue)]) -> usize {
    join_labels(name, labels, &mut [])
}

/// `name{label="value",…}`, or nothing if a value is only known when read. `N` is its `info_prefix_len`.
#[must_use]
pub const fn info_prefix<const N: usize>(name: &str, labels: &[(&str, LabelValue)]) -> [u8; N] {
    let mut bytes = [0; N];
    assert!(join_labels(name, labels, &mut bytes) == N);
    bytes
}

const fn join_labels(name: &str, labels: &[(&str, LabelValue)], room: &mut [u8]) -> usize {
    let mut pen = Pen { room, len: 0 };
    pen.text(name);
    let mut index = 0;
    while index < labels.len() {
        let LabelValue::Fixed(value) = labels[index].1 else { return 0 };
        pen.text(if index == 0 { "{" } else { "," });
        pen.text(labels[index].0);
        pen.text("=\"");
        pen.text(value);
        pen.text("\"");
        index += 1;
    }
    pen.text("}");
    pen.len
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

/// Copies words, one space between them, up to the first empty line after a word.
const fn fold_paragraph(doc: &str, room: &mut [u8]) -> usize {
    let doc = doc.as_bytes();
    let mut pen = Pen { room, len: 0 };
    let mut index = 0;
    let mut line_is_empty = true;
    let mut space_is_due = false;
    while index < doc.len() {
        let byte = doc[index];
        index += 1;
        if byte == b'\n' {
            if line_is_empty && pen.len > 0 {
                break;
            }
            line_is_empty = true;
        }
        if byte.is_ascii_whitespace() {
            space_is_due = pen.len > 0;
            continue;
        }
        line_is_empty = false;
        if space_is_due {
            space_is_due = false;
            pen.byte(b' ');
        }
        pen.byte(byte);
    }
    pen.len
}

/// What stands around each of a label's values where the texts of all of them are joined.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    before: [&'a str; 4],
    after: &'a str,
}

impl<'a> Frame<'a> {
    /// `name{label="value"}`: a series.
    #[must_use]
    pub const fn series(name: &'a str, label: &'a str) -> Self {
        Self { before: [name, "{", label, "=\""], after: "\"}" }
    }

    /// `",label="value"} `: how the labels of an object's series end.
    #[must_use]
    pub const fn ending(label: &'a str) -> Self {
        Self { before: ["\",", label, "=\"", ""], after: "\"} " }
    }

    /// The bytes the values take with it, one behind the other.
    #[must_use]
    pub const fn joined_len(self, values: &[&str]) -> usize {
        self.join(values, &mut [])
    }

    /// The values with it, one behind the other. `N` is their `joined_len`.
    #[must_use]
    pub const fn joined<const N: usize>(self, values: &[&str]) -> [u8; N] {
        let mut bytes = [0; N];
        assert!(self.join(values, &mut bytes) == N);
        bytes
    }

    const fn join(self, values: &[&str], room: &mut [u8]) -> usize {
        let mut pen = Pen { room, len: 0 };
        let mut index = 0;
        while index < values.len() {
            let mut part = 0;
            while part < self.before.len() {
                pen.text(self.before[part]);
                part += 1;
            }
            pen.text(values[index]);
            pen.text(self.after);
            index += 1;
        }
        pen.len
    }

    /// Cuts what was joined into the text of each value.
    #[must_use]
    pub const fn cut<const N: usize>(self, joined: &'static str, values: &[&str]) -> [&'static str; N] {
        let mut cut = [""; N];
        let mut rest = joined;
        let mut index = 0;
        while index < N {
            let (one, more) = rest.split_at(self.joined_len(&[values[index]]));
            (cut[index], rest) = (one, more);
            index += 1;
        }
        cut
    }
}

pub(crate) const fn equal(left: &str, right: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn first_paragraph(doc: &str) -> std::string::String {
        let mut room = [0; 256];
        let len = fold_paragraph(doc, &mut room);
        assert_eq!(len, paragraph_len(doc));
        std::str::from_utf8(&room[..len]).unwrap().into()
    }

    #[test]
    fn help_is_the_first_paragraph_on_one_line() {
        assert_eq!(first_paragraph(" One line.\n"), "One line.");
        assert_eq!(first_paragraph(" Two\n  lines.\n"), "Two lines.");
        assert_eq!(first_paragraph("\n\n First.\n\n Second.\n"), "First.");
        assert_eq!(first_paragraph(" First.\n \t\n Second.\n"), "First.");
        assert_eq!(first_paragraph(" Größe\tin µs \n"), "Größe in µs");
        assert_eq!(first_paragraph("\n \n"), "");
    }

    #[test]
    fn an_info_is_joined_only_if_all_of_it_is_known() {
        const KNOWN: &[(&str, LabelValue)] = &[("a", LabelValue::Fixed("1")), ("b", LabelValue::Fixed("2"))];
        const UNKNOWN: &[(&str, LabelValue)] = &[KNOWN[0], ("b", LabelValue::Computed(|| "2"))];
        assert_eq!(&info_prefix::<{ info_prefix_len("x_info", KNOWN) }>("x_info", KNOWN), b"x_info{a=\"1\",b=\"2\"}");
        assert_eq!(info_prefix_len("x_info", UNKNOWN), 0);
    }

    #[test]
    fn values_are_joined_and_cut() {
        const VALUES: &[&str] = &["a", "bc"];
        const SERIES: Frame<'_> = Frame::series("x", "l");
        const JOINED: &[u8] = &SERIES.joined::<{ SERIES.joined_len(VALUES) }>(VALUES);
        assert_eq!(SERIES.cut::<2>(text(JOINED), VALUES), ["x{l=\"a\"}", "x{l=\"bc\"}"]);
        const ENDING: Frame<'_> = Frame::ending("l");
        const ENDINGS: &[u8] = &ENDING.joined::<{ ENDING.joined_len(VALUES) }>(VALUES);
        assert_eq!(ENDING.cut::<2>(text(ENDINGS), VALUES), ["\",l=\"a\"} ", "\",l=\"bc\"} "]);
    }
}
