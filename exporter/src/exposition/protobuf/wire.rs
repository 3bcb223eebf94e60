//! One message as protobuf's wire format has it (<https://protobuf.dev/programming-guides/encoding/>), written front to
//! back. Not for what the fields mean: see the other files.

use crate::MAX_LINE;

/// Room for the length that stands before a message.
const PREFIX: usize = 2;

// Every length takes one byte or two.
const _: () = assert!(MAX_LINE < 1 << 14);

/// A field's number. All of this schema's are below 16, so number and wire type take one byte.
pub(super) type Field = u8;

/// The types on the wire, in the low three bits of a field's tag.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const DELIMITED: u8 = 2;

/// A message in the making. With its length it has at most [`MAX_LINE`] bytes; what does not fit is left out and sets
/// [`overflowed`](Self::overflowed), as it does in a [`Window`](crate::Window).
///
/// It is made here and not in the window because lengths are known last and stand first: so a window holds whole
/// messages only.
pub(super) struct Message {
    bytes: [u8; MAX_LINE],
    end: usize,
    overflowed: bool,
}

impl Message {
    /// An empty message.
    pub(super) const fn new() -> Self {
        Self { bytes: [0; MAX_LINE], end: PREFIX, overflowed: false }
    }

    /// Where it ends now: what [`rewind`](Self::rewind) takes.
    pub(super) fn mark(&self) -> usize {
        self.end
    }

    /// Takes back everything after `mark`, and forgets the overflow.
    pub(super) fn rewind(&mut self, mark: usize) {
        self.end = self.end.min(mark);
        self.overflowed = false;
    }

    /// Makes it empty.
    pub(super) fn clear(&mut self) {
        self.rewind(PREFIX);
    }

    /// Whether something did not fit.
    pub(super) fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// The message behind its length.
    pub(super) fn delimited(&mut self) -> &[u8] {
        let (bytes, len) = length(self.end - PREFIX);
        let start = PREFIX - len;
        if let (Some(room), Some(length)) = (self.bytes.get_mut(start..PREFIX), bytes.get(..len)) {
            room.copy_from_slice(length);
        }
        self.bytes.get(start..self.end).unwrap_or_default()
    }

    /// A whole number without a sign, or one of a schema's names for numbers.
    pub(super) fn unsigned(&mut self, field: Field, value: u64) {
        self.tag(field, VARINT);
        self.varint(value);
    }

    /// A whole number, small in either direction (`sint32`, `sint64`).
    pub(super) fn signed(&mut self, field: Field, value: i64) {
        self.tag(field, VARINT);
        self.packed(value);
    }

    /// The same without its field, as one of several in a nested field.
    pub(super) fn packed(&mut self, value: i64) {
        self.varint((value << 1 ^ value >> 63).cast_unsigned());
    }

    /// A float.
    #[inline]
    pub(super) fn double(&mut self, field: Field, value: f64) {
        self.tag(field, FIXED64);
        self.put(&value.to_le_bytes());
    }

    /// A text.
    #[inline]
    pub(super) fn text(&mut self, field: Field, text: &str) {
        self.tag(field, DELIMITED);
        // No text of more than `MAX_LINE` bytes fits, whatever its length is said to be.
        let (bytes, len) = length(text.len().min(MAX_LINE));
        match bytes {
            [short, _] if len == 1 => self.put(&[short]),
            long => self.put(&long),
        }
        self.put(text.as_bytes());
    }

    /// A message within this one, or whatever else has its length in front.
    #[inline]
    pub(super) fn nested(&mut self, field: Field, put: impl FnOnce(&mut Self)) {
        self.tag(field, DELIMITED);
        let at = self.end;
        // Most are shorter than 128 bytes, and so their lengths than two.
        self.put(&[0]);
        let start = self.end;
        put(self);
        let (bytes, len) = length(self.end - start);
        if len > 1 {
            self.put(&[0]);
            if self.overflowed {
                return;
            }
            self.bytes.copy_within(start..self.end - 1, start + 1);
        }
        for (byte, length) in self.bytes.iter_mut().skip(at).zip(bytes).take(len) {
            *byte = length;
        }
    }

    #[inline]
    fn tag(&mut self, field: Field, wire_type: u8) {
        self.put(&[field << 3 | wire_type]);
    }

    fn varint(&mut self, mut value: u64) {
        let mut bytes = [0; 10];
        let mut len = 0;
        for byte in &mut bytes {
            len += 1;
            *byte = value as u8 | 0x80;
            value >>= 7;
            if value == 0 {
                *byte &= 0x7f;
                break;
            }
        }
        self.put(bytes.get(..len).unwrap_or_default());
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.end + bytes.len();
        match self.bytes.get_mut(self.end..end) {
            Some(room) if !self.overflowed => {
                room.copy_from_slice(bytes);
                self.end = end;
            }
            _ => self.overflowed = true,
        }
    }
}

/// A length of this message or of a part of it, and how many of the bytes it takes.
fn length(len: usize) -> ([u8; PREFIX], usize) {
    if len < 0x80 { ([len as u8, 0], 1) } else { ([len as u8 | 0x80, (len >> 7) as u8], 2) }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    fn made(put: impl FnOnce(&mut Message)) -> std::vec::Vec<u8> {
        let mut message = Message::new();
        put(&mut message);
        assert!(!message.overflowed());
        message.delimited().to_vec()
    }

    #[test]
    fn numbers() {
        assert_eq!(made(|message| message.unsigned(1, 0)), [2, 0x08, 0]);
        assert_eq!(made(|message| message.unsigned(2, 300)), [3, 0x10, 0xac, 0x02]);
        let most = [11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(made(|message| message.unsigned(1, u64::MAX)), most);
        assert_eq!(made(|message| message.signed(1, i64::MIN)), most);
        for (value, byte) in [(0, 0), (-1, 1), (1, 2), (-64, 127)] {
            assert_eq!(made(|message| message.signed(5, value)), [2, 0x28, byte]);
        }
        assert_eq!(made(|message| message.double(1, -2.0)), [9, 0x09, 0, 0, 0, 0, 0, 0, 0, 0xc0]);
        assert_eq!(
            made(|message| message.nested(13, |message| [1, -1].into_iter().for_each(|delta| message.packed(delta)))),
            [4, 0x6a, 2, 2, 1]
        );
    }

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        let text = "x".repeat(16_000);
        for len in [0, 1, 127, 128, 129, 300, 4_000] {
            let text = &text[..len];
            let mut expected = std::vec![0x0a];
            expected.extend(if len < 128 {
                std::vec![len as u8]
            } else {
                std::vec![len as u8 | 0x80, (len >> 7) as u8]
            });
            expected.extend(text.bytes());
            let bytes = made(|message| message.text(1, text));
            let prefix = if expected.len() < 128 { 1 } else { 2 };
            assert_eq!(bytes[prefix..], expected);
            assert_eq!(bytes.len(), prefix + expected.len());
        }
    }

    #[test]
    fn the_longest_message_and_one_longer() {
        let mut message = Message::new();
        // The message's length, a tag and the text's length.
        let longest = "x".repeat(MAX_LINE - 5);
        message.text(1, &longest);
        assert!(!message.overflowed());
        assert_eq!(message.delimited().len(), MAX_LINE);
        message.clear();
        message.text(1, &(longest + "x"));
        assert!(message.overflowed());
    }

    #[test]
    fn overflow_lasts_until_it_is_taken_back() {
        let mut message = Message::new();
        message.unsigned(1, 7);
        let mark = message.mark();
        message.nested(2, |message| message.put(&[0; MAX_LINE]));
        message.unsigned(1, 8);
        assert!(message.overflowed());
        message.rewind(mark);
        assert!(!message.overflowed());
        assert_eq!(message.delimited(), [2, 0x08, 7]);
    }
}
